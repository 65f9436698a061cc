//! Two ids of one person, or of two.

use super::{Kind, RowsOf, any_or_null, id, number, truth};

pub(super) const KIND: Kind = Kind {
    name: "identities",
    row: "two ids of one person, or of two",
    rows: RowsOf::Nobody,
    columns: &[
        id("id", "an id, as in customer_id of other sources", true),
        id("other_id", "the other id", true),
        truth("same", "whether they are one person's; where it is not mapped, they are", false),
        any_or_null("reason", "why, as identity/ shows it", false),
        number(
            "confidence",
            "how sure that is, 0 to 1; with less than min_confidence of [identity], or null, the pair is left out",
            false,
        ),
    ],
};
