//! What became of a source's rows.

use serde_json::Value;

/// Rows by fate, in the contract's words; `read` is the sum of the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the contract's")]
pub struct Fates {
    pub read: u64,
    pub used: u64,
    pub filtered: u64,
    pub anonymous: u64,
    pub not_before_as_of: u64,
    pub unknown_customer: u64,
    pub excluded: u64,
    pub duplicate: u64,
    pub quarantined: u64,
}

impl Fates {
    /// Reads a source's fates from `run.json` and asserts that they add up.
    #[track_caller]
    pub fn of(run: &Value, source: &str) -> Self {
        let fates = &run["rows"][source];
        let get =
            |name: &str| fates[name].as_u64().unwrap_or_else(|| panic!("no {name} of {source} in {}", run["rows"]));
        let fates = Self {
            read: get("read"),
            used: get("used"),
            filtered: get("filtered"),
            anonymous: get("anonymous"),
            not_before_as_of: get("not_before_as_of"),
            unknown_customer: get("unknown_customer"),
            excluded: get("excluded"),
            duplicate: get("duplicate"),
            quarantined: get("quarantined"),
        };
        assert_eq!(fates.read, fates.sum(), "rows of {source} add up: {fates:?}");
        fates
    }

    fn sum(&self) -> u64 {
        let Self {
            used,
            filtered,
            anonymous,
            not_before_as_of,
            unknown_customer,
            excluded,
            duplicate,
            quarantined,
            ..
        } = self;
        used + filtered + anonymous + not_before_as_of + unknown_customer + excluded + duplicate + quarantined
    }
}

#[test]
#[should_panic(expected = "rows of orders add up")]
fn a_row_without_a_fate_is_found() {
    let fates = serde_json::json!({
        "read": 4, "used": 1, "filtered": 1, "anonymous": 0, "not_before_as_of": 0, "unknown_customer": 0,
        "excluded": 0, "duplicate": 0, "quarantined": 1
    });
    Fates::of(&serde_json::json!({ "rows": { "orders": fates } }), "orders");
}
