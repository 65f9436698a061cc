//! Segments that overlap: who is in which of them, and how many are in both of two.

use crate::{
    frame::Labels,
    results::{AssignedSegment, membership_batch},
};
use arrow::{
    array::{Array, BooleanArray, RecordBatch, StringArray, UInt64Array},
    buffer::BooleanBuffer,
    compute::take,
};
use segmenter_proto::{Error, Result, methods::OTHER};

/// Rows that are made at a time, and those of one customer more.
const PIECE: usize = 1 << 16;

/// Gives the rows of `membership/`, by customer and segment, in pieces; of nobody one without rows. Who is in no segment has no row.
pub(super) fn members<'a>(
    id: &'a str,
    customers: &'a StringArray,
    members: &'a [BooleanBuffer],
    segments: &'a [AssignedSegment],
) -> impl Iterator<Item = Result<RecordBatch>> + 'a {
    let named: Vec<(u32, &BooleanBuffer)> = (0..)
        .zip(members)
        .zip(segments)
        .filter(|(_, segment)| segment.segment_key != OTHER)
        .map(|(who, _)| who)
        .collect();
    let (mut next, mut begun) = (0, false);
    std::iter::from_fn(move || {
        if begun && next >= customers.len() {
            return None;
        }
        begun = true;
        let (mut rows, mut labels) = (Vec::new(), Vec::new());
        while next < customers.len() && rows.len() < PIECE {
            for (segment, _) in named.iter().filter(|(_, who)| who.value(next)) {
                rows.push(next as u64);
                labels.push(*segment);
            }
            next += 1;
        }
        let ids = take(customers, &UInt64Array::from(rows), None)
            .map_err(|error| Error::bug("the ids of members could not be taken").caused_by(error));
        Some(ids.and_then(|ids| membership_batch(id, ids, &labels, segments)))
    })
}

/// Counts customers in both of each pair of segments, the smaller id first, in order; nothing where segments do not overlap.
pub(super) fn in_both(labels: &Labels) -> Vec<u64> {
    let members = labels.members.as_deref().unwrap_or_default();
    let after = |at: usize| members.iter().skip(at + 1);
    let pairs = members.iter().enumerate().flat_map(|(at, one)| after(at).map(move |other| one & other));
    pairs.map(|both| both.count_set_bits() as u64).collect()
}

/// Counts by segment, and last of all customers, of whom a feature is true.
pub(super) fn reached(labels: &Labels, truths: &BooleanArray) -> Vec<u64> {
    let is_true: BooleanBuffer = (0..truths.len()).map(|row| truths.is_valid(row) && truths.value(row)).collect();
    let mut counts: Vec<u64> = match &labels.members {
        Some(members) => members.iter().map(|who| (who & &is_true).count_set_bits() as u64).collect(),
        None => {
            let mut counts = vec![0; labels.segments.len()];
            for row in is_true.set_indices() {
                counts[labels.of[row] as usize] += 1;
            }
            counts
        }
    };
    counts.push(is_true.count_set_bits() as u64);
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::AsArray;
    use segmenter_proto::methods::SegmentName;

    fn labels(members: &[&[bool]]) -> Labels {
        let members = members.iter().map(|who| BooleanBuffer::from(*who)).collect();
        let segments = vec![SegmentName::new("a", "A"), SegmentName::reserved(OTHER), SegmentName::new("z", "Z")];
        let of = vec![0; 4];
        Labels {
            segments,
            of,
            memberships: None,
            noted: Vec::new(),
            holds: Vec::new(),
            members: Some(members),
            scores: Vec::new(),
        }
    }

    const WHO: [&[bool]; 3] = [&[true, false, true, false], &[false, false, false, true], &[true, true, false, false]];

    #[test]
    fn who_is_in_several_has_a_row_each_and_who_is_in_none_has_none() {
        let labels = labels(&WHO);
        let segments: Vec<AssignedSegment> = (0..)
            .zip(&labels.segments)
            .map(|(segment_id, segment)| AssignedSegment {
                segment_id,
                segment_key: segment.key.clone(),
                segment_name: segment.name.clone(),
            })
            .collect();
        let customers = StringArray::from(vec!["1", "2", "3", "4"]);
        let pieces: Vec<RecordBatch> = members("customer_id", &customers, labels.members.as_ref().unwrap(), &segments)
            .map(Result::unwrap)
            .collect();
        assert_eq!(pieces.len(), 1);
        let column = |at: usize| pieces[0].column(at).as_string::<i32>().iter().flatten().collect::<Vec<_>>();
        assert_eq!((column(0), column(2)), (vec!["1", "1", "2", "3"], vec!["a", "z", "z", "a"]));
        let nobody = StringArray::from(Vec::<&str>::new());
        let none = vec![BooleanBuffer::new_unset(0); 3];
        let pieces: Vec<_> = members("customer_id", &nobody, &none, &segments).map(Result::unwrap).collect();
        assert_eq!((pieces.len(), pieces[0].num_rows()), (1, 0));
    }

    #[test]
    fn pairs_and_those_whom_a_channel_reaches_are_counted() {
        let labels = labels(&WHO);
        assert_eq!(in_both(&labels), [0, 1, 0]);
        let by_mail = BooleanArray::from(vec![Some(true), None, Some(true), Some(false)]);
        assert_eq!(reached(&labels, &by_mail), [2, 0, 1, 2]);
        let apart = Labels { members: None, of: vec![0, 1, 2, 2], ..labels };
        assert_eq!((in_both(&apart), reached(&apart, &by_mail)), (Vec::new(), vec![1, 0, 1, 2]));
    }
}
