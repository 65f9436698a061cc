//! The requests in which a shard's chunks are read: what lies close together in one object comes in one.

use segmenter_proto::v1::Chunk;
use std::ops::Range;

/// Bytes between two chunks that are read and thrown away rather than asked for apart: a request takes as long as these.
const GAP: u64 = 64 << 10;
/// Bytes at which a request is full, unless one chunk has more.
const FULL: u64 = 8 << 20;

/// A range of an object, with the chunks in it.
#[derive(Debug, PartialEq)]
pub struct Request<'a> {
    /// The object.
    pub object: &'a str,
    /// Its bytes.
    pub range: Range<u64>,
    /// The chunks, by offset.
    pub chunks: Vec<&'a Chunk>,
}

/// Gives the requests for some chunks, by object and offset.
pub fn requests<'a>(chunks: impl IntoIterator<Item = &'a Chunk>) -> Vec<Request<'a>> {
    let mut chunks: Vec<&Chunk> = chunks.into_iter().collect();
    chunks.sort_by(|left, right| (&left.object, left.offset).cmp(&(&right.object, right.offset)));
    let mut requests: Vec<Request> = Vec::new();
    for chunk in chunks {
        let end = chunk.offset + chunk.length;
        if let Some(last) = requests.last_mut()
            && last.object == chunk.object
            && chunk.offset <= last.range.end + GAP
            && end - last.range.start <= FULL
        {
            last.range.end = last.range.end.max(end);
            last.chunks.push(chunk);
            continue;
        }
        requests.push(Request { object: &chunk.object, range: chunk.offset..end, chunks: vec![chunk] });
    }
    requests
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn chunk(object: u32, offset: u64, length: u64) -> Chunk {
        Chunk { object: format!("chunks/{object}"), offset, length, ..Chunk::default() }
    }

    #[test]
    fn neighbours_come_together_and_what_is_far_apart_does_not() {
        let chunks =
            [chunk(1, 100, 50), chunk(0, 0, 10), chunk(1, 150, 20), chunk(1, 170 + GAP + 1, 5), chunk(2, 0, 9)];
        let found = requests(&chunks);
        let ranges: Vec<_> = found.iter().map(|request| (request.object, request.range.clone())).collect();
        let far = 171 + GAP;
        let expected = [("chunks/0", 0..10), ("chunks/1", 100..170), ("chunks/1", far..far + 5), ("chunks/2", 0..9)];
        assert_eq!(ranges, expected);
    }

    proptest! {
        #[test]
        fn every_chunk_is_read_once_and_little_is_read_in_vain(
            mut chunks in proptest::collection::vec((0_u32..4, 0_u64..100, 1_u64..4 << 20), 0..60)
        ) {
            // Chunks of one object do not overlap.
            let mut ends = [0; 4];
            let chunks: Vec<Chunk> = chunks.drain(..).map(|(object, gap, length)| {
                let offset = ends[object as usize] + gap * 2_000;
                ends[object as usize] = offset + length;
                chunk(object, offset, length)
            }).collect();
            let requests = requests(&chunks);
            prop_assert_eq!(requests.iter().map(|request| request.chunks.len()).sum::<usize>(), chunks.len());
            for request in &requests {
                let useful: u64 = request.chunks.iter().map(|chunk| chunk.length).sum();
                let length = request.range.end - request.range.start;
                prop_assert!(length <= useful + GAP * (request.chunks.len() as u64 - 1));
                prop_assert!(length <= FULL || request.chunks.len() == 1);
                for chunk in &request.chunks {
                    prop_assert!(chunk.object == request.object && request.range.start <= chunk.offset);
                    prop_assert!(chunk.offset + chunk.length <= request.range.end);
                }
            }
        }
    }
}
