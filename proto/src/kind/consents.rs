//! A consent given or withdrawn.

use super::{Kind, RowsOf, Unit, any, id, time, truth};

pub(super) const KIND: Kind = Kind {
    name: "consents",
    row: "a consent given or withdrawn",
    rows: RowsOf::Many(Unit::Customer),
    columns: &[
        id("customer_id", "the customer", true),
        any("channel", "what it is for, such as email or sms", true),
        truth("granted", "whether it was given", true),
        time("time", "when", false),
        any("purpose", "what for", false),
    ],
};
