//! Lifetime value: what the forecasts of the model were worth where they could be held against what came.

use crate::page::{
    data::{Row, RunData},
    drawing::{Pair, pairs},
    model::{Block, Cell, Form, Picture, Section, Table, figure},
    words::{capital, feature as called, in_unit, or_dash, percentage},
};
use segmenter_worker::words::Words;

/// Gives the section; none without the preset `clv`.
pub(super) fn value(data: &RunData) -> Option<Section> {
    let rows: Vec<Row<'_>> = data.rows("calibration").collect();
    let mut features: Vec<&str> = rows.iter().map(|row| row.name("feature")).collect();
    features.dedup();
    let blocks: Vec<Block> = features.iter().filter_map(|feature| block(data.words, &rows, feature)).collect();
    Section::of(data.words.word("value-title"), vec![data.words.word("value-lead")], blocks)
}

fn block(words: &Words, rows: &[Row<'_>], feature: &str) -> Option<Block> {
    let told = |row: Row<'_>, value: f64| in_unit(words, value, row.name("unit"), row.text("currency"));
    let of: Vec<Row<'_>> = rows.iter().filter(|row| row.is("feature", feature)).copied().collect();
    let known = |row: Row<'_>| Some((row.number("predicted")?, row.number("actual")?));
    let all = of.iter().find(|row| row.whole("decile").is_none())?;
    let name = capital(&called(words, feature));
    let Some((predicted, actual)) = known(*all) else {
        let reason = match all.text("reason") {
            Some(reason) => words.retold(reason).into_owned(),
            None => words.word("value-no-figures"),
        };
        return Some(Block::new(name, words.say("not-known", [("reason", reason.into())]), Vec::new()));
    };
    let share = predicted / actual - 1.0;
    let side = match actual {
        0.0 => "none",
        _ if share < 0.0 => "low",
        _ => "high",
    };
    let finding = words.say(
        "value-finding",
        [
            ("forecast", told(*all, predicted).into()),
            ("came", told(*all, actual).into()),
            ("side", side.into()),
            ("share", percentage(words, share.abs()).into()),
        ],
    );
    let deciles: Vec<(i64, Row<'_>, (f64, f64))> =
        of.iter().filter_map(|row| Some((row.whole("decile")?, *row, known(*row)?))).collect();
    let drawn: Vec<Pair> = deciles
        .iter()
        .map(|(decile, row, (predicted, actual))| Pair {
            name: words.say("value-tenth", [("tenth", decile.to_string().into())]),
            values: [*predicted, *actual],
            told: [
                words.say("value-forecast", [("value", told(*row, *predicted).into())]),
                words.say("value-came", [("value", told(*row, *actual).into())]),
            ],
        })
        .collect();
    let caption = words.say("value-table", [("feature", (&name).into())]);
    let mut table = Table::new(words, caption, &["head-tenth", "#head-forecast", "#head-came", "#head-of"]);
    table.rows.extend(of.iter().map(|row| {
        let tenth = row.whole("decile").map_or_else(|| words.word("head-all"), |decile| decile.to_string());
        let cell = |name: &str| Cell::number(or_dash(row.number(name).map(|value| told(*row, value))));
        let n = Cell::number(words.whole(row.whole("n").unwrap_or_default()));
        vec![Cell::text(tenth), cell("predicted"), cell("actual"), n]
    }));
    let parts = match drawn.is_empty() {
        true => vec![crate::page::model::Part::Folded(table)],
        false => figure(
            Picture::new(
                words.say("value-picture", [("feature", (&name).into())]),
                finding.as_str(),
                Form::Narrow,
                pairs(&drawn),
            )
            .read(words.word("value-caption")),
            table,
        )
        .into(),
    };
    Some(Block::new(name, finding, parts))
}
