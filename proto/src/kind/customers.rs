//! One customer.

use super::{Kind, RowsOf, any, id};

pub(super) const KIND: Kind = Kind {
    name: "customers",
    row: "one customer",
    rows: RowsOf::OneACustomer,
    columns: &[
        id("customer_id", "the customer", true),
        any("birth_date", "day of birth", false),
        any("sex", "", false),
        any("country", "", false),
        any("region", "", false),
        any("city", "", false),
        any("language", "", false),
        any("signed_up", "when the customer signed up", false),
        any("signup_channel", "", false),
    ],
};
