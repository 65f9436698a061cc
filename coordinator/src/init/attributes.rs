//! Which columns of customers tell them apart: those that have to do with others, and are not said twice.

use super::{
    association::Levels,
    shapes::Shape,
    table::Table,
    words::{is_outcome, is_personal, words},
};

/// Columns that are compared with each other.
const COMPARED: usize = 200;
/// Features that groups are made by: more of them tell less.
const FEATURES: usize = 6;
/// Association with a chosen column above which another says the same.
const THE_SAME: f64 = 0.75;
/// The same, as long as there are no more than so many.
const NEARLY_THE_SAME: f64 = 0.9;
const FEW: usize = 3;
/// Share of the rows of the most frequent value above which a column hardly tells anybody apart.
const ALIKE: f64 = 0.95;
/// Share of rows without a value above which a column tells too little.
const UNKNOWN: f64 = 0.5;
/// Values that a column of words may have to be one of groups.
const WORDS: usize = 30;

/// What a column of customers is as a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attribute {
    /// A number.
    Number,
    /// Words, or true and false.
    Words,
}

/// Says what a column is as a feature; none where no groups are made by it.
pub(super) fn attribute(table: &Table, position: usize) -> Option<Attribute> {
    let column = table.column(position);
    let (rows, filled) = (table.source.rows as f64, column.samples.len() as f64);
    let is_id =
        words(&column.name).last().is_some_and(|word| ["id", "no", "nr", "number", "key"].contains(&word.as_str()));
    if is_personal(&column.name) || is_id || filled < rows * (1.0 - UNKNOWN) {
        return None;
    }
    let distinct = table.distinct(position);
    let most = most_frequent(&column.samples) as f64;
    if distinct < 2 || most >= ALIKE * filled {
        return None;
    }
    match &table.shapes[position] {
        // Row numbers and codes are different in every row.
        Shape::Integer if distinct as f64 > 0.98 * filled && filled > 100.0 => None,
        Shape::Integer | Shape::Number if table.is_flag(position) => Some(Attribute::Words),
        Shape::Integer | Shape::Number => Some(Attribute::Number),
        Shape::Bool => Some(Attribute::Words),
        Shape::Text if distinct <= WORDS && distinct * 4 <= column.samples.len() => Some(Attribute::Words),
        _ => None,
    }
}

fn most_frequent(samples: &[String]) -> usize {
    let mut sorted: Vec<&str> = samples.iter().map(|sample| sample.trim()).collect();
    sorted.sort_unstable();
    sorted.chunk_by(|a, b| a == b).map(<[&str]>::len).max().unwrap_or_default()
}

/// Chooses among columns, each with its position: first the one that has most to do with the others, then those that have much to do with
/// others and little with what was chosen. One that has to do with no other divides customers at random.
pub(super) fn choose(table: &Table, columns: &[(usize, Attribute)]) -> Vec<usize> {
    let usable: Vec<(usize, Attribute)> = columns
        .iter()
        .copied()
        .filter(|(position, _)| !is_outcome(&table.column(*position).name))
        .take(COMPARED)
        .collect();
    let levels: Vec<Levels> = usable.iter().map(|(position, attribute)| levels(table, *position, *attribute)).collect();
    let associations: Vec<Vec<f64>> = levels
        .iter()
        .enumerate()
        .map(|(at, own)| {
            let of = |other: usize| if other == at { 0.0 } else { own.association(&levels[other]) };
            (0..levels.len()).map(of).collect()
        })
        .collect();
    let telling: Vec<f64> = associations
        .iter()
        // Copies of a column say nothing of others.
        .map(|of| of.iter().filter(|association| **association < 0.95).map(|association| association.powi(2)).sum())
        .collect();
    let mut chosen: Vec<usize> = Vec::new();
    while chosen.len() < FEATURES {
        // Rather two that say nearly the same than one alone.
        let the_same = if chosen.len() < FEW { NEARLY_THE_SAME } else { THE_SAME };
        let said = |at: usize| chosen.iter().map(|known| associations[at][*known]).fold(0.0, f64::max);
        let free = (0..usable.len()).filter(|at| !chosen.contains(at) && said(*at) < the_same);
        let gain = |at: usize| telling[at] * (1.0 - said(at));
        // Of equals the first column.
        let Some(best) = free.max_by(|a, b| gain(*a).total_cmp(&gain(*b)).then(b.cmp(a))) else { break };
        chosen.push(best);
    }
    chosen.into_iter().map(|at| usable[at].0).collect()
}

fn levels(table: &Table, position: usize, attribute: Attribute) -> Levels {
    let values = table.column(position).by_row(table.source.rows);
    match attribute {
        Attribute::Words => Levels::of_words(&values),
        Attribute::Number => {
            let comma = table.source.csv.decimal == ',';
            let number =
                |text: &str| if comma { text.replace(',', ".").trim().parse().ok() } else { text.trim().parse().ok() };
            Levels::of_numbers(&values.iter().map(|value| value.and_then(number)).collect::<Vec<Option<f64>>>())
        }
    }
}
