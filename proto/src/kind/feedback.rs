//! What a customer said.

use super::{Kind, RowsOf, Unit, any, id, number, time};

pub(super) const KIND: Kind = Kind {
    name: "feedback",
    row: "what a customer said",
    rows: RowsOf::Many(Unit::Customer),
    columns: &[
        id("customer_id", "the customer", true),
        time("time", "when", true),
        any("feedback", "csat, nps, rating, review, complaint or ignore", true).of(&[
            "csat",
            "nps",
            "rating",
            "review",
            "complaint",
            "ignore",
        ]),
        number("score", "the score", false),
        any("channel", "where", false),
        any("product_id", "the product that it is about", false),
    ],
};
