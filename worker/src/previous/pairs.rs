//! Customers of two runs side by side.

use arrow::array::{Array, StringArray};
use std::cmp::Ordering;

/// A customer of one run or of both, by the row in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// Row then; none: was not there.
    pub before: Option<usize>,
    /// Row now; none: is not there.
    pub now: Option<usize>,
}

/// Gives the customers of both runs in the order of their ids, which are sorted in each.
pub fn pairs<'a>(before: &'a StringArray, now: &'a StringArray) -> impl Iterator<Item = Pair> + 'a {
    let (mut then, mut row) = (0, 0);
    std::iter::from_fn(move || {
        let order = match (then < before.len(), row < now.len()) {
            (false, false) => return None,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (true, true) => before.value(then).cmp(now.value(row)),
        };
        let pair = Pair {
            before: (order != Ordering::Greater).then_some(then),
            now: (order != Ordering::Less).then_some(row),
        };
        then += usize::from(pair.before.is_some());
        row += usize::from(pair.now.is_some());
        Some(pair)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_of_either_run_comes_once() {
        let (before, now) = (StringArray::from(vec!["a", "b", "d"]), StringArray::from(vec!["b", "c", "d", "e"]));
        let found: Vec<(Option<usize>, Option<usize>)> =
            pairs(&before, &now).map(|pair| (pair.before, pair.now)).collect();
        let (a, b, c) = ((Some(0), None), (Some(1), Some(0)), (None, Some(1)));
        assert_eq!(found, [a, b, c, (Some(2), Some(2)), (None, Some(3))]);
        assert_eq!(pairs(&before, &StringArray::from(Vec::<&str>::new())).count(), 3);
    }
}
