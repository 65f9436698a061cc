//! An answer.

use super::{Kind, RowsOf, Unit, any, any_or_null, id, number, time};

pub(super) const KIND: Kind = Kind {
    name: "survey",
    row: "an answer",
    rows: RowsOf::Many(Unit::Customer),
    columns: &[
        id("customer_id", "the customer", true),
        any("question", "what was asked", true),
        any_or_null("answer", "what was answered; null where it was asked and not answered", true),
        time("time", "when", false),
        number("score", "the answer as a number", false),
        any("evidence", "declared or inferred", false).of(&["declared", "inferred"]),
    ],
};
