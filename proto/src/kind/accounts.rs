//! One company.

use super::{Kind, RowsOf, Unit, any, id, number};

pub(super) const KIND: Kind = Kind {
    name: "accounts",
    row: "one company",
    rows: RowsOf::One(Unit::Account),
    columns: &[
        id("account_id", "the company", true),
        any("industry", "its industry", false),
        number("employees", "people who work there", false),
        number("revenue", "revenue of a year, in the job's currency and whatever unit the file has", false),
        number("founded", "the year in which it was founded", false),
        any("country", "code of ISO 3166", false),
        id("parent_id", "the company that it belongs to", false),
        number(
            "subsidiaries",
            "companies that belong to it; where it is not mapped, those that name it as their `parent_id`",
            false,
        ),
        any("owner", "who looks after it at the seller's", false),
    ],
};
