//! What holds for sources of kind reference alone.

use super::source::Checker;
use crate::job::raw::RawSource;
use segmenter_proto::jobs::SourceKind;

/// Most rows of a reference table unless said: what every worker can hold beside its shards.
const MOST_ROWS: u64 = 1_000_000;

/// Checks the keys that a source of kind reference has, or no other kind has; gives the most rows of a reference table.
pub(super) fn check_reference(checker: &mut Checker<'_>, raw: &RawSource) -> Option<u64> {
    let is_reference = raw.kind?.0 == SourceKind::Reference;
    if !is_reference {
        if raw.max_rows.is_some() {
            let path = checker.at("max_rows");
            checker
                .findings
                .wrong_key(&path, "`max_rows` is for sources of kind reference")
                .expect("no such key here")
                .help("to stop a run of too few or too many rows, write a gate in [quality]");
        }
        return None;
    }
    let key = checker.at("key");
    // What is wrong with a key that stands there was said.
    if raw.key.is_none() && checker.findings.places.value(&key).is_none() {
        let path = checker.at("kind");
        checker
            .findings
            .wrong(&path, "a source of kind reference needs `key`")
            .expect("key = the name of [source.columns] that makes a row unique, or a list of names");
    }
    if raw.duplicates.is_some() {
        let path = checker.at("duplicates");
        checker
            .findings
            .wrong_key(&path, "`duplicates` is not for sources of kind reference")
            .expect("no such key here")
            .help("two rows of one key stop the run; choose one of them with `where`, or name more columns in `key`");
    }
    if checker.columns.iter().any(|name| name == checker.unit.key()) {
        let id = checker.unit.key();
        let path = checker.at(&format!("columns.{id}"));
        checker
            .findings
            .wrong_key(&path, format!("a source of kind reference has no `{id}`: its rows belong to nobody"))
            .expect("no such name here")
            .help(
                "rows of customers are a source of another kind, such as transactions, from which opt-outs are taken",
            );
    }
    Some(raw.max_rows.unwrap_or(MOST_ROWS))
}
