//! A membership of a programme.

use super::{Kind, RowsOf, Unit, any, beginning, id};

pub(super) const KIND: Kind = Kind {
    name: "members",
    row: "a membership of a programme",
    rows: RowsOf::Many(Unit::Customer),
    columns: &[
        id("customer_id", "the customer", true),
        any("programme", "the programme", false),
        any("tier", "the tier", false),
        beginning("enrolled_at", "since when", false),
        any("enrolment_channel", "where the customer enrolled", false),
        any("points_account", "the account that points are booked on", false),
    ],
};
