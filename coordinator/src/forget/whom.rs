//! All ids of some persons, as a run links them.

use super::held::Files;
use crate::protocol::Commit;
use arrow::array::{Array, AsArray};
use segmenter_proto::{Error, Result};
use segmenter_worker::identity::IDENTITY;
use std::collections::BTreeSet;

impl Files<'_> {
    /// Gives these ids and all that the run links to them; of a run that links none, these.
    ///
    /// # Errors
    /// A part of `identity/` is gone or damaged: Dependency or Data.
    pub(super) fn linked(&self, commit: &Commit, ids: &BTreeSet<String>) -> Result<BTreeSet<String>> {
        let mut people = ids.clone();
        self.each_link(commit, |id, person| {
            if ids.contains(id) {
                people.insert(person.to_owned());
            }
        })?;
        let mut linked = people.clone();
        self.each_link(commit, |id, person| {
            if people.contains(person) {
                linked.insert(id.to_owned());
            }
        })?;
        Ok(linked)
    }

    /// Hears every id of a link with that of its person.
    fn each_link(&self, commit: &Commit, mut take: impl FnMut(&str, &str)) -> Result<()> {
        let folder = format!("{IDENTITY}/");
        for file in commit.files.iter().filter(|file| file.path.starts_with(&folder)) {
            let (mut part, _) = self.open(&file.path)?;
            while let Some(batches) = part.next_batches(Some(&[0, 1]))? {
                for rows in batches {
                    let rows = rows?;
                    let text = |at: usize| {
                        let column = rows.column(at).as_string_opt::<i32>();
                        column.ok_or_else(|| Error::data(format!("{} has no ids", file.path)))
                    };
                    let (ids, people) = (text(0)?, text(1)?);
                    for row in (0..rows.num_rows()).filter(|row| ids.is_valid(*row) && people.is_valid(*row)) {
                        take(ids.value(row), people.value(row));
                    }
                }
            }
        }
        Ok(())
    }
}
