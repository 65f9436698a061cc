use super::source::Checker;
use super::sources::Sources;
use crate::checks::Findings;
use crate::job::raw::{RawIdentity, RawSource};
use segmenter_proto::jobs::{Column, Identity, OWN_ID, Source, SourceKind, Unit};

/// Checks how ids become persons: by default where a source has pairs of them, and never where none has.
pub(super) fn identity(raw: Option<RawIdentity>, sources: &Sources, findings: &mut Findings) -> Option<Identity> {
    if sources.unit == Unit::Account {
        // Sources of pairs are refused where they stand.
        if raw.is_some() {
            findings
                .wrong("identity", "[identity] makes persons of the ids of customers, and the job segments accounts")
                .expect("no [identity] where unit = \"account\"")
                .help("map `account_id` to one id a company in the sources, or in the files before");
        }
        return None;
    }
    let has_pairs = !sources.of_kind(SourceKind::Identities.name()).is_empty();
    if raw.is_some() && !has_pairs && sources.kinds_known() {
        findings
            .wrong("identity", "there is no source of kind identities")
            .expect("one with pairs of ids, to make persons of them")
            .help("add a [[source]] of kind identities with `id` and `other_id`, or remove [identity]");
    }
    let raw = raw.unwrap_or_default();
    let default = Identity::default();
    has_pairs.then_some(Identity {
        max_ids: raw.max_ids.unwrap_or(default.max_ids),
        min_confidence: raw.min_confidence.unwrap_or(default.min_confidence),
    })
}

/// Lets the rows that are weighed by the id that they have carry it.
pub(super) fn carry_own_ids(sources: &mut [Option<Source>]) {
    for source in sources.iter_mut().flatten().filter(|source| source.kind.keeps_own_ids()) {
        if let Some(id) = source.column("customer_id").map(str::to_owned) {
            // Of one type, whatever files keep ids in; a comment at the end of the SQL ends with its line.
            source.columns.push(Column { name: OWN_ID.to_owned(), expression: format!("cast({id}\n as text)") });
        }
    }
}

/// Checks the keys that a source of pairs has not.
pub(super) fn check_pairs(checker: &mut Checker<'_>, raw: &RawSource) {
    if raw.kind.map(|kind| kind.0) != Some(SourceKind::Identities) {
        return;
    }
    for (key, stands) in [("key", raw.key.is_some()), ("duplicates", raw.duplicates.is_some())] {
        if stands {
            let path = checker.at(key);
            checker
                .findings
                .wrong_key(&path, format!("`{key}` is not for sources of kind identities"))
                .expect("no such key here")
                .help("a pair that comes twice says the same; of pairs that contradict each other, the one that keeps apart holds");
        }
    }
    if checker.columns.iter().any(|name| name == "customer_id") {
        let path = checker.at("columns.customer_id");
        checker
            .findings
            .wrong_key(&path, "a source of kind identities has no `customer_id`: its rows are pairs of ids")
            .expect("`id` and `other_id`");
    }
}
