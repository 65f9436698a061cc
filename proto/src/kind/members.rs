//! A membership of a programme.

use super::{Kind, RowsOf, any, id, known_time};

pub(super) const KIND: Kind = Kind {
    name: "members",
    row: "a membership of a programme",
    rows: RowsOf::Many,
    columns: &[
        id("customer_id", "the customer", true),
        any("programme", "the programme", false),
        any("tier", "the tier", false),
        known_time("enrolled_at", "since when", false),
        any("enrolment_channel", "where the customer enrolled", false),
        any("points_account", "the account that points are booked on", false),
    ],
};
