//! How evenly rows are spread over different values.

use arrow::array::{ArrayRef, Float64Array};
use segmenter_proto::{Result, pure_math};
use std::sync::Arc;

use super::Groups;
use super::deviations::total;
use super::keys::keys;
use crate::expression::float_sum::FloatSum;

/// Gives the entropy (Shannon) of the shares of different values in bits; null without values, 0 of one. `counts` chooses
/// rows, where values are null nowhere; what is different is what `count_distinct` counts.
///
/// It is Σ c · log₂(n / c) / n over the counts c of n rows, as an exact sum of rounded terms: no order of values shows.
pub(crate) fn entropy(groups: &Groups, values: &ArrayRef, counts: impl Fn(usize) -> bool) -> Result<ArrayRef> {
    let key = keys(values)?;
    let (mut held, mut sum) = (Vec::new(), FloatSum::default());
    let found = groups.iter().map(|rows| {
        held.clear();
        held.extend(rows.iter().map(|row| *row as usize).filter(|row| counts(*row)).map(&key));
        if held.is_empty() {
            return None;
        }
        held.sort_unstable();
        entropy_of(held.chunk_by(|a, b| a == b).map(|equal| equal.len() as u64), &mut sum)
    });
    Ok(Arc::new(found.collect::<Float64Array>()))
}

/// Gives the same of one group by how many rows each of its different values has.
pub(crate) fn entropy_of(counts: impl Iterator<Item = u64> + Clone, sum: &mut FloatSum) -> Option<f64> {
    let rows: u64 = counts.clone().sum();
    if rows == 0 {
        return None;
    }
    let rows = rows as f64;
    let terms = counts.map(|count| count as f64).map(|count| count * pure_math::log2(rows / count));
    Some(total(terms, sum)? / rows)
}
