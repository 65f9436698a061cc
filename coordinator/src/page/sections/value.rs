//! Lifetime value: what the forecasts of the model were worth where they could be held against what came.

use crate::{
    page::{
        data::{Row, RunData},
        drawing::{Pair, pairs},
        model::{Block, Cell, Form, Picture, Section, Table, figure},
        words::{capital, in_unit, or_dash, percentage, readable},
    },
    report::whole,
};

/// Gives the section; none without the preset `clv`.
pub(super) fn value(data: &RunData) -> Option<Section> {
    let rows: Vec<Row<'_>> = data.rows("calibration").collect();
    let mut features: Vec<&str> = rows.iter().map(|row| row.name("feature")).collect();
    features.dedup();
    let blocks: Vec<Block> = features.iter().filter_map(|feature| block(&rows, feature)).collect();
    let lead = "The model was fitted on the time before a window that was held back, and its forecasts of the window were compared with \
                what came to pass.";
    Section::of("Can the forecasts of value be relied on?", vec![lead.to_owned()], blocks)
}

fn block(rows: &[Row<'_>], feature: &str) -> Option<Block> {
    let told = |row: Row<'_>, value: f64| in_unit(value, row.name("unit"), row.text("currency"));
    let of: Vec<Row<'_>> = rows.iter().filter(|row| row.is("feature", feature)).copied().collect();
    let known = |row: Row<'_>| Some((row.number("predicted")?, row.number("actual")?));
    let all = of.iter().find(|row| row.whole("decile").is_none())?;
    let name = readable(feature);
    let Some((predicted, actual)) = known(*all) else {
        let reason = all.text("reason").unwrap_or("there are no figures");
        return Some(Block::new(capital(&name), format!("Not known: {reason}."), Vec::new()));
    };
    let off = if actual == 0.0 {
        String::new()
    } else {
        let share = predicted / actual - 1.0;
        let side = if share < 0.0 { "too low" } else { "too high" };
        format!(": {} {side} on the whole", percentage(share.abs()))
    };
    let finding =
        format!("Over all, {} was forecast for each and {} came{off}.", told(*all, predicted), told(*all, actual));
    let deciles: Vec<(i64, Row<'_>, (f64, f64))> =
        of.iter().filter_map(|row| Some((row.whole("decile")?, *row, known(*row)?))).collect();
    let drawn: Vec<Pair> = deciles
        .iter()
        .map(|(decile, row, (predicted, actual))| Pair {
            name: format!("tenth {decile} of 10"),
            values: [*predicted, *actual],
            told: [format!("forecast {}", told(*row, *predicted)), format!("came {}", told(*row, *actual))],
        })
        .collect();
    let mut table = Table::new(format!("{} and what came", capital(&name)), &["Tenth", "#forecast", "#came", "#of"]);
    table.rows.extend(of.iter().map(|row| {
        let tenth = row.whole("decile").map_or_else(|| "all".to_owned(), |decile| decile.to_string());
        let cell = |name: &str| Cell::number(or_dash(row.number(name).map(|value| told(*row, value))));
        let n = Cell::number(whole(row.whole("n").unwrap_or_default()));
        vec![Cell::text(tenth), cell("predicted"), cell("actual"), n]
    }));
    let parts = match drawn.is_empty() {
        true => vec![crate::page::model::Part::Folded(table)],
        false => figure(
            Picture::new(
                format!("{}, forecast and come", capital(&name)),
                finding.as_str(),
                Form::Narrow,
                pairs(&drawn),
            )
            .read("From the tenth with the smallest forecasts to that with the largest."),
            table,
        )
        .into(),
    };
    Some(Block::new(capital(&name), finding, parts))
}
