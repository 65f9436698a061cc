//! Which cells are shown: none of few customers, and nothing that the difference between two figures would tell of few.

use super::cells::Cell;

/// What of a map is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    /// In their order.
    pub(super) cells: Vec<Cell>,
    /// Customers of each segment who lie elsewhere.
    pub(super) elsewhere: Vec<u64>,
}

/// Gives what is shown of the cells of so many segments: those of at least `fewest` customers of one segment.
///
/// The size of a segment is known, so that what is not shown of it is known too. Where that would be some but fewer than `fewest`, its
/// smallest cell is not shown either, the last of equals. How many lie in a hexagon in all is not told.
pub(super) fn shown(cells: &[Cell], segments: usize, fewest: u64) -> Shown {
    let fewest = fewest.max(1);
    let mut elsewhere = vec![0; segments];
    let (mut kept, few): (Vec<Cell>, Vec<Cell>) = cells.iter().partition(|cell| cell.customers >= fewest);
    few.iter().for_each(|cell| elsewhere[cell.segment] += cell.customers);
    for (segment, hidden) in elsewhere.iter_mut().enumerate() {
        if *hidden == 0 || *hidden >= fewest {
            continue;
        }
        let own = kept.iter().enumerate().rev().filter(|(_, cell)| cell.segment == segment);
        if let Some(smallest) = own.min_by_key(|(_, cell)| cell.customers).map(|(at, _)| at) {
            *hidden += kept.remove(smallest).customers;
        }
    }
    Shown { cells: kept, elsewhere }
}
