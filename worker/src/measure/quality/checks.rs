//! All checks there are: what `quality.parquet` has rows of and gates may name.

use crate::notes::{Note, NoteOf};
use segmenter_proto::Fate;

/// The share of quarantined rows.
pub(super) const QUARANTINED: &str = "quarantined_share";
/// The share of rows without an id.
pub(super) const ANONYMOUS: &str = "anonymous_share";
/// Hours from the latest used row to `as_of`.
pub(super) const FRESHNESS: &str = "freshness_hours";
/// The number of used rows.
pub(super) const ROWS_USED: &str = "rows_used";
/// Another name of [`ROWS_USED`], for gates.
const ROWS_MIN: &str = "rows_min";

/// A check that is a share of the rows read.
pub(super) struct FateCheck {
    pub(super) name: &'static str,
    pub(super) fate: Fate,
    /// The run warns above this share, unless a gate says otherwise; none: it never does.
    pub(super) warns_above: Option<f64>,
    /// What the rows are, for a sentence.
    pub(super) are: &'static str,
}

/// The checks that are shares of the rows read, in the order of the table.
///
/// A hundredth of the rows is more than a few bad ones. Half of the rows at or after `as_of`, of unknown customers or without an id is
/// more often a wrong date, an id in another form or a wrong column than what was meant. Who writes a `where` means it.
pub(super) static FATES: [FateCheck; 7] = [
    FateCheck { name: QUARANTINED, fate: Fate::Quarantined, warns_above: Some(0.01), are: "are quarantined" },
    FateCheck { name: ANONYMOUS, fate: Fate::Anonymous, warns_above: Some(0.5), are: "have no customer_id" },
    FateCheck {
        name: "duplicate_share",
        fate: Fate::Duplicate,
        warns_above: Some(0.5),
        are: "repeat the key of another and are not used",
    },
    FateCheck {
        name: "unknown_customer_share",
        fate: Fate::UnknownCustomer,
        warns_above: Some(0.5),
        are: "are of customers that the population does not have; check that both write ids in the same form",
    },
    FateCheck { name: "filtered_share", fate: Fate::Filtered, warns_above: None, are: "are dropped by where" },
    FateCheck {
        name: "excluded_share",
        fate: Fate::Excluded,
        warns_above: Some(0.5),
        are: "are of excluded customers",
    },
    FateCheck {
        name: "not_before_as_of_share",
        fate: Fate::NotBeforeAsOf,
        warns_above: Some(0.5),
        are: "are not before as_of",
    },
];

/// What a check is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckOf {
    /// A source.
    Source,
    /// A source of many rows a customer, with times.
    Transactions,
    /// What a note is about.
    Note(NoteOf),
}

/// A check that a gate may name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Its name.
    pub name: String,
    /// The name that it has in `quality.parquet`.
    pub recorded_as: String,
    /// What it is about.
    pub of: CheckOf,
    /// Whether its limit is the smallest value, not the largest.
    pub is_least: bool,
}

/// Gives every check that a gate may name.
pub fn checks() -> Vec<Check> {
    let plain = |name: &str, recorded_as: &str, of, is_least| Check {
        name: name.to_owned(),
        recorded_as: recorded_as.to_owned(),
        of,
        is_least,
    };
    let mut all = vec![
        plain(FRESHNESS, FRESHNESS, CheckOf::Transactions, false),
        plain(ROWS_MIN, ROWS_USED, CheckOf::Source, true),
        plain(ROWS_USED, ROWS_USED, CheckOf::Source, true),
    ];
    all.extend(FATES.iter().map(|fate| plain(fate.name, fate.name, CheckOf::Source, false)));
    all.extend(Note::ALL.into_iter().map(|note| {
        let name = note.check();
        plain(&name, &name, CheckOf::Note(note.entry().of), note == Note::Reachable)
    }));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_checks_have_one_name() {
        let names: Vec<String> = checks().into_iter().map(|check| check.name).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
        assert!(names.iter().any(|name| name == "null_share"));
    }
}
