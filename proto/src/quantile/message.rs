//! The merge of answers, and 128-bit integers in messages.

use crate::{Error, Result, v1};

impl From<i128> for v1::Int128 {
    fn from(value: i128) -> Self {
        Self { high: (value >> 64) as i64, low: value as u64 }
    }
}

impl From<v1::Int128> for i128 {
    fn from(message: v1::Int128) -> Self {
        (Self::from(message.high) << 64) | Self::from(message.low)
    }
}

/// Adds one shard's answer to what other shards answered to the same request; order does not matter.
pub fn merge_quantile_answers(total: &mut v1::QuantileAnswer, answer: &v1::QuantileAnswer) -> Result<()> {
    if total.brackets.len() != answer.brackets.len() {
        return Err(Error::bug("answers to different quantile requests cannot be merged"));
    }
    for (total, answer) in total.brackets.iter_mut().zip(&answer.brackets) {
        if total.offsets.is_empty() && answer.offsets.is_empty() {
            merge_histograms(&mut total.counts, &answer.counts);
            total.smallest = outer(total.smallest, answer.smallest, i128::min);
            total.largest = outer(total.largest, answer.largest, i128::max);
        } else {
            *total = merge_values(total, answer)?;
        }
    }
    Ok(())
}

/// The outer of two keys, either of which may be missing.
fn outer(left: Option<v1::Int128>, right: Option<v1::Int128>, pick: fn(i128, i128) -> i128) -> Option<v1::Int128> {
    match (left, right) {
        (Some(left), Some(right)) => Some(pick(left.into(), right.into()).into()),
        (one, other) => one.or(other),
    }
}

/// Bins after the last that is not empty do not travel.
fn merge_histograms(total: &mut Vec<u64>, counts: &[u64]) {
    if total.len() < counts.len() {
        total.resize(counts.len(), 0);
    }
    for (total, count) in total.iter_mut().zip(counts) {
        *total += count;
    }
}

fn merge_values(left: &v1::QuantileCounts, right: &v1::QuantileCounts) -> Result<v1::QuantileCounts> {
    if left.offsets.len() != left.counts.len() || right.offsets.len() != right.counts.len() {
        return Err(Error::bug("a quantile answer holds other numbers of keys and counts"));
    }
    let mut merged = v1::QuantileCounts::default();
    let (mut i, mut j) = (0, 0);
    while i < left.offsets.len() || j < right.offsets.len() {
        let (l, r) = (left.offsets.get(i), right.offsets.get(j));
        let take_left = r.is_none_or(|r| l.is_some_and(|l| l <= r));
        let take_right = l.is_none_or(|l| r.is_some_and(|r| r <= l));
        let mut count = 0;
        if take_right {
            merged.offsets.push(right.offsets[j]);
            count += right.counts[j];
            j += 1;
        }
        if take_left {
            if !take_right {
                merged.offsets.push(left.offsets[i]);
            }
            count += left.counts[i];
            i += 1;
        }
        merged.counts.push(count);
    }
    Ok(merged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn integers_of_128_bits_travel(value in any::<i128>()) {
            prop_assert_eq!(i128::from(v1::Int128::from(value)), value);
        }
    }

    #[test]
    fn answers_to_other_requests_are_refused() {
        let one = v1::QuantileAnswer { brackets: vec![v1::QuantileCounts::default()] };
        assert!(merge_quantile_answers(&mut v1::QuantileAnswer::default(), &one).is_err());
    }
}
