//! A deal of the pipeline.

use super::{Kind, RowsOf, Unit, any, beginning, id, known_time, money, truth};

pub(super) const KIND: Kind = Kind {
    name: "opportunities",
    row: "a deal of the pipeline",
    rows: RowsOf::Many(Unit::Account),
    columns: &[
        id("account_id", "the company", true),
        beginning("opened", "since when it is a deal", true),
        any("stage", "where it stands; null where it was closed at or after `as_of`", false).unless_after("closed"),
        truth("won", "whether it was won; null until it is closed", false).known_from("closed"),
        known_time("closed", "when it was won or lost; of an open deal null", false),
        money("amount", "its value, in the job's currency; null where it was closed at or after `as_of`", false)
            .unless_after("closed"),
        any("product_id", "the product", false),
    ],
};
