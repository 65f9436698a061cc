//! Which personal columns a question looks at.

use super::sources::PREFIX;
use segmenter_proto::jobs::{Job, QuarantineDetail};
use segmenter_worker::{expression::exposed_by_query, sql::prompt::named_tables};
use std::collections::BTreeSet;

/// The table of the run that has rows as they stand in the files, where the job wants them.
const QUARANTINE: &str = "quarantine";
const RAW: &str = "raw";

/// Gives the personal and sensitive columns that a query may show as they are, whatever the job lets pass: of sources, and those of the run's
/// own tables that came from them; in the order of their names. None of a text that is no query.
pub fn personal_columns(job: &Job, query: &str) -> BTreeSet<String> {
    let (Ok(exposed), Ok(tables)) = (exposed_by_query(query), named_tables(query)) else { return BTreeSet::new() };
    let mut found = BTreeSet::new();
    let named = |name: &str| exposed.every_column || exposed.names.iter().any(|known| known.name == name);
    let of_run = tables.iter().any(|table| !table.starts_with(PREFIX));
    for source in &job.sources {
        let table = format!("{PREFIX}{}", source.name);
        let is_asked = tables.contains(&table);
        for column in &source.columns {
            let name = &column.name;
            if source.protection(name).is_none() || !named(name) {
                continue;
            }
            if is_asked {
                found.insert(format!("{name} of {table}"));
            } else if of_run && job.privacy.allow.contains(name) {
                // A column of features has the name of the one that it is.
                found.insert(name.clone());
            }
        }
    }
    let has_raw = job.output.quarantine == QuarantineDetail::Full;
    if has_raw && tables.contains(QUARANTINE) && named(RAW) {
        found.insert(format!("{RAW} of {QUARANTINE}"));
    }
    found
}
