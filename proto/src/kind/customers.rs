//! One customer.

use super::{Kind, RowsOf, Unit, any, any_beginning, id};

pub(super) const KIND: Kind = Kind {
    name: "customers",
    row: "one customer",
    rows: RowsOf::One(Unit::Customer),
    columns: &[
        id("customer_id", "the customer", true),
        any("birth_date", "day of birth", false).personal(),
        any("sex", "as the customer says", false).personal(),
        any("income", "income of a year, in the job's currency", false).personal(),
        any("education", "highest degree", false),
        any("occupation", "what the customer does", false),
        any("job_title", "title at work", false),
        any("buying_role", "part in buying, such as decides or uses", false),
        any("marital_status", "such as single or married", false),
        any("household_id", "the household", false),
        any("household_size", "people of the household", false),
        any("children", "children of the household", false),
        any("country", "code of ISO 3166", false),
        any("region", "region of the country", false),
        any("city", "city", false),
        any("postal_code", "postal code", false).personal(),
        any("settlement", "metropolis, town or rural", false),
        any("language", "code of ISO 639", false),
        any_beginning("signed_up", "when the customer signed up; at or after as_of nobody is a customer yet", false),
        any("signup_channel", "where the customer signed up", false),
        any("referred_by", "the customer who brought this one", false),
        any("preferred_channel", "such as email or sms", false),
        any("account_id", "the company that the customer buys for", false),
        any("email", "address of e-mail", false).personal(),
        any("phone", "number of a telephone", false).personal(),
        any("is_employee", "whether the customer works for the seller", false),
        any("updated_at", "when the row was last changed", false),
    ],
};
