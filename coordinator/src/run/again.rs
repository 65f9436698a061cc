//! Which work writes a result file.

use crate::{page::REPORT, protocol::Damage};
use std::collections::BTreeSet;

/// The work that writes damaged files again.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Again {
    /// Shards whose features are computed again, since that writes `quarantine/`.
    pub quarantine: Vec<u32>,
    /// Shards that are assigned again, which writes `features/`, `assignments/` and `membership/`.
    pub assigned: BTreeSet<u32>,
    /// Whether ids become persons again, since that writes `identity/`.
    pub identity: bool,
    /// Whether the page of the run is made again.
    pub page: bool,
    /// Whether the tables, `model.json`, `recommendations/`, `exports/` and `arms/` are written again.
    pub tables: bool,
}

impl Again {
    /// Finds the work by the paths of the files.
    pub fn of(damaged: &[Damage]) -> Self {
        let mut again = Self::default();
        for Damage { path, .. } in damaged {
            if path == REPORT {
                again.page = true;
                continue;
            }
            if path.starts_with("identity/") {
                again.identity = true;
                continue;
            }
            if ["recommendations/", "exports/", "arms/"].iter().any(|folder| path.starts_with(folder)) {
                again.tables = true;
                continue;
            }
            match (shard_of_part(path), path.starts_with("quarantine/")) {
                (Some(shard), true) => again.quarantine.push(shard),
                (Some(shard), false) => drop(again.assigned.insert(shard)),
                (None, _) => again.tables = true,
            }
        }
        again
    }
}

fn shard_of_part(path: &str) -> Option<u32> {
    let (_, name) = path.rsplit_once('/')?;
    name.strip_prefix("part-")?.strip_suffix(".parquet")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Wrong;
    use segmenter_proto::object_keys::part_file;

    #[test]
    fn each_file_has_work_that_writes_it() {
        let damage = |path: String| Damage { path, what: Wrong::Missing };
        let part = |folder: &str, shard| damage(format!("{folder}/{}", part_file(shard)));
        let damaged = [
            part("assignments/value", 3),
            part("features", 70_000),
            part("identity", 2),
            part("membership/value", 3),
            part("quarantine", 0),
            damage("model.json".to_owned()),
            damage("report.html".to_owned()),
        ];
        let recommended = Again { tables: true, ..Again::default() };
        for folder in ["recommendations", "exports/mail", "arms/spring"] {
            assert_eq!(Again::of(&[part(folder, 1)]), recommended);
        }
        let all = Again {
            quarantine: vec![0],
            assigned: BTreeSet::from([3, 70_000]),
            identity: true,
            page: true,
            tables: true,
        };
        assert_eq!((Again::of(&damaged), Again::of(&[])), (all, Again::default()));
    }
}
