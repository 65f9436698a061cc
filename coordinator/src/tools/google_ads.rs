//! Google Ads Customer Match: a customer list by file. The page names no limit of rows or bytes.

use super::tool::{Form, Header, Tool};

pub(super) static TOOL: Tool = Tool {
    name: "google_ads",
    title: "Google Ads",
    source: "https://support.google.com/google-ads/answer/7659867",
    headers: &[
        Header { name: "Email", form: Form::Hashed, default: Some("email_sha256(email)") },
        // "Phone numbers must be formatted as E.164 prior to hashing", so with the plus sign.
        Header { name: "Phone", form: Form::Hashed, default: Some("sha256_hex(phone_e164(phone))") },
        Header { name: "First Name", form: Form::Hashed, default: None },
        Header { name: "Last Name", form: Form::Hashed, default: None },
        Header { name: "Country", form: Form::Plain, default: None },
        Header { name: "Zip", form: Form::Plain, default: None },
    ],
    takes_others: false,
    together: &["First Name", "Last Name", "Country", "Zip"],
    key: None,
    max_rows: None,
    max_bytes: None,
};
