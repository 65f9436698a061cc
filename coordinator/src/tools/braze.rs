//! Braze: users and their attributes by CSV import. Blanks do not overwrite what is there.

use super::tool::{Form, Header, Limit, Tool};

const PAGE: &str = "https://www.braze.com/docs/user_guide/audience/manage_audience/import_users/csv_import";

pub(super) static TOOL: Tool = Tool {
    name: "braze",
    title: "Braze",
    source: PAGE,
    headers: &[Header { name: "external_id", form: Form::Any, default: Some("customer_id") }],
    // Headers are attributes: those that Braze does not have become custom ones.
    takes_others: true,
    together: &[],
    key: Some("external_id"),
    max_rows: None,
    // "Default Attributes … Custom Attributes … 500 MB"; a megabyte is read as 10^6 bytes, the smaller of the two.
    max_bytes: Some(Limit { most: 500_000_000, source: PAGE }),
};
