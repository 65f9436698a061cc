//! Ids of the list of excluded ones without what cannot be seen at their ends: whoever has such an id is left out too.

use super::odd_ids::without_unseen_ends;
use arrow::array::StringArray;

/// The source number of these ids, which travel to the shards of the customers who have them.
pub const TRIMMED_IDS: u32 = u32::MAX - 1;

/// Gives the ids of a list that have blanks or invisible characters at an end, without them.
pub(super) fn trimmed_ids(ids: &StringArray) -> StringArray {
    let trimmed =
        ids.iter().flatten().filter_map(|id| Some(without_unseen_ends(id)).filter(|trimmed| trimmed.len() < id.len()));
    StringArray::from_iter_values(trimmed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_with_something_unseen_at_an_end_have_another_form() {
        let ids = StringArray::from(vec![Some("C1 "), None, Some("C 2"), Some("\u{a0}\tC3\u{200b}"), Some("C4")]);
        assert_eq!(trimmed_ids(&ids), StringArray::from(vec!["C1", "C3"]));
    }
}
