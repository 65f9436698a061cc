//! What became of the rows, a line a source.

use crate::{
    progress::{Reporter, grouped},
    protocol::ListedIds,
};
use segmenter_proto::{Fate, RowFates, jobs::Unit};
use serde_json::json;

/// Tells what became of the rows of every source, and what the list of excluded ids came to.
pub fn tell_rows(reporter: &Reporter, unit: Unit, rows: &[(String, RowFates)], listed: Option<ListedIds>) {
    for (source, fates) in rows {
        reporter.report(
            "rows",
            &rows_line(unit, source, fates),
            [("source", source.as_str().into()), ("rows", json!(fates))],
        );
    }
    if let Some(ListedIds { ids, matched }) = listed {
        let text = format!("ids of exclude_list: {} of {} are of a source", grouped(matched), grouped(ids));
        reporter.report("exclude_list", &text, [("ids", ids.into()), ("matched", matched.into())]);
    }
}

/// Gives `orders: 19 read = 3 used + 4 filtered + …`, without the figures that are 0.
fn rows_line(unit: Unit, source: &str, fates: &RowFates) -> String {
    let told = |(fate, rows): (Fate, u64)| format!("{} {}", grouped(rows), unit.told(fate.word()));
    let went: Vec<String> = fates.met().map(told).collect();
    match went.as_slice() {
        [] => format!("rows of {source}: 0 read"),
        went => format!("rows of {source}: {} read = {}", grouped(fates.read), went.join(" + ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_that_are_zero_are_left_out() {
        let fates = RowFates { read: 20_000, used: 1, quarantined: 19_999, ..RowFates::default() };
        assert_eq!(
            rows_line(Unit::Customer, "orders", &fates),
            "rows of orders: 20,000 read = 1 used + 19,999 quarantined"
        );
        assert_eq!(rows_line(Unit::Customer, "orders", &RowFates::default()), "rows of orders: 0 read");
    }
}
