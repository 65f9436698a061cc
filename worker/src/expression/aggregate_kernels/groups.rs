//! Which rows belong to which group.

use arrow::array::{Array, BooleanArray};

/// The rows of each group, in the order of the batch.
#[derive(Debug)]
pub(crate) struct Groups {
    /// Rows of group g stand in `rows[starts[g]..starts[g + 1]]`.
    starts: Vec<usize>,
    rows: Vec<u32>,
}

impl Groups {
    /// Sorts rows by their group (a counting sort); rows that `keep` leaves out belong to none.
    ///
    /// `groups` has a number below `count` for each row; gives none if one is not, or if `keep` is of another length.
    pub(crate) fn new(groups: &[u32], count: usize, keep: Option<&BooleanArray>) -> Option<Self> {
        if keep.is_some_and(|keep| keep.len() != groups.len()) || u32::try_from(groups.len()).is_err() {
            return None;
        }
        let is_kept = |row: usize| keep.is_none_or(|keep| keep.is_valid(row) && keep.value(row));
        let mut starts = vec![0_usize; count + 1];
        for (row, group) in groups.iter().enumerate() {
            if *group as usize >= count {
                return None;
            }
            starts[*group as usize + 1] += usize::from(is_kept(row));
        }
        for group in 0..count {
            starts[group + 1] += starts[group];
        }
        let mut next = starts.clone();
        let mut rows = vec![0_u32; starts[count]];
        for (row, group) in groups.iter().enumerate() {
            if is_kept(row) {
                rows[next[*group as usize]] = row as u32;
                next[*group as usize] += 1;
            }
        }
        Some(Self { starts, rows })
    }

    /// Gives the rows of each group in turn.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u32]> {
        self.starts.windows(2).map(|range| &self.rows[range[0]..range[1]])
    }
}
