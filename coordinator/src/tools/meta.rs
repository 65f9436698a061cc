//! Meta (Facebook, Instagram) Custom Audiences: the schema of `POST` and `DELETE /{audience}/users`.

use super::tool::{Form, Header, Limit, Tool};

const PAGE: &str =
    "https://developers.facebook.com/documentation/ads-commerce/marketing-api/audiences/guides/custom-audiences";

const fn hashed(name: &'static str, default: Option<&'static str>) -> Header {
    Header { name, form: Form::Hashed, default }
}

pub(super) static TOOL: Tool = Tool {
    name: "meta",
    title: "Meta Custom Audiences",
    source: PAGE,
    headers: &[
        hashed("EMAIL", Some("email_sha256(email)")),
        // Digits with the country code and without a plus sign.
        hashed("PHONE", Some("sha256_hex(phone_digits(phone))")),
        hashed("FN", None),
        hashed("LN", None),
        hashed("CT", None),
        hashed("ST", None),
        hashed("ZIP", None),
        hashed("COUNTRY", None),
        Header { name: "EXTERN_ID", form: Form::Any, default: None },
        Header { name: "MADID", form: Form::Plain, default: None },
    ],
    takes_others: false,
    together: &[],
    key: None,
    // "each request can take up to 10,000 users": a file is a request.
    max_rows: Some(Limit { most: 10_000, source: PAGE }),
    max_bytes: None,
};
