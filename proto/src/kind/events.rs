//! Something done on a web site or in an app.

use super::{Kind, RowsOf, Unit, any, id, number, time};

pub(super) const KIND: Kind = Kind {
    name: "events",
    row: "something done on a web site or in an app",
    rows: RowsOf::Many(Unit::Customer),
    columns: &[
        id("customer_id", "the customer", true),
        time("time", "when", true),
        any("event", "what was done, such as page_view or add_to_cart", true),
        any("session_id", "the visit that it is of", false),
        any("page", "where", false),
        number("engagement_seconds", "seconds that the page was looked at", false),
        number("value", "what it is worth, in the job's currency", false),
        any("medium", "what brought the visitor, such as cpc or organic", false),
        any("device", "such as mobile or desktop", false),
        any("product_id", "the product that it is about", false),
    ],
};
