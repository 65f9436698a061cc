//! An entry of a wish list.

use super::{Kind, RowsOf, Unit, any, id, known_time, time};

pub(super) const KIND: Kind = Kind {
    name: "wishes",
    row: "an entry of a wish list",
    rows: RowsOf::Many(Unit::Customer),
    columns: &[
        id("customer_id", "the customer", true),
        time("time", "when it was put there", true),
        any("product_id", "the product", true),
        known_time("removed_at", "when it was taken away; of an entry that is still there null", false),
    ],
};
