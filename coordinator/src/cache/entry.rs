//! An entry of the cache, as bytes and for the sources of a run.

use super::pieces::PieceKey;
use prost::Message;
use segmenter_proto::{
    Error, Result, checksum_of,
    v1::{CacheEntry, PartitionAnswer, PartitionDone},
};
use segmenter_worker::partition::{ORDER_OWNERS, is_order_owners};
use xxhash_rust::xxh3::xxh3_128;

/// Gives the name of the entry of some pieces: the same whatever their order.
pub(super) fn name_of(pieces: &[PieceKey]) -> String {
    let mut sorted = pieces.to_vec();
    sorted.sort_unstable();
    let bytes: Vec<u8> = sorted.iter().flat_map(|key| key.to_be_bytes()).collect();
    format!("{:032x}", xxh3_128(&bytes))
}

/// Makes an entry.
pub(super) fn entry(pieces: &[PieceKey], source: u32, made_at: u64, rows: PartitionDone) -> CacheEntry {
    let mut sorted = pieces.to_vec();
    sorted.sort_unstable();
    let pieces = sorted.iter().map(|key| key.to_be_bytes().to_vec()).collect();
    CacheEntry { pieces, source, made_at, rows: Some(rows), checksum: 0 }
}

/// Gives the bytes of an entry, with their checksum.
pub(super) fn encode(mut entry: CacheEntry) -> Vec<u8> {
    entry.checksum = 0;
    entry.checksum = checksum_of(&entry.encode_to_vec());
    entry.encode_to_vec()
}

/// Reads an entry; none where its bytes are not those that were written.
pub(super) fn decode(bytes: &[u8]) -> Option<CacheEntry> {
    let entry = CacheEntry::decode(bytes).ok()?;
    let unsigned = CacheEntry { checksum: 0, ..entry.clone() };
    let is_whole = checksum_of(&unsigned.encode_to_vec()) == entry.checksum && entry.rows.is_some();
    is_whole.then_some(entry)
}

/// Gives the keys of an entry's pieces.
pub(super) fn keys_of(entry: &CacheEntry) -> Vec<PieceKey> {
    let key = |bytes: &Vec<u8>| bytes.as_slice().try_into().map(PieceKey::from_be_bytes).ok();
    entry.pieces.iter().filter_map(key).collect()
}

/// Puts the position that the source has in this run in the place of the one that it had.
pub(super) fn at_source(mut answer: PartitionAnswer, before: u32, now: u32) -> Result<PartitionAnswer> {
    let number = |of: u32| match of {
        own if own == before => Ok(now),
        owners if owners == ORDER_OWNERS + before => Ok(ORDER_OWNERS + now),
        other if is_order_owners(other) || other < ORDER_OWNERS => {
            Err(Error::bug("an entry of the cache has rows of several sources"))
        }
        beside => Ok(beside),
    };
    for chunk in &mut answer.chunks {
        chunk.source = number(chunk.source)?;
    }
    for fates in &mut answer.fates {
        fates.source = number(fates.source)?;
    }
    for rejected in &mut answer.rejected {
        rejected.source = number(rejected.source)?;
    }
    for note in &mut answer.notes {
        note.of = number(note.of)?;
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use segmenter_proto::v1::{Chunk, NoteCount, RejectedCount, SourceFates};

    #[test]
    fn every_flipped_bit_shows() {
        let made = entry(&[3, 1, 2], 1, 1_700_000_000, PartitionDone::default());
        assert_eq!(keys_of(&made), [1, 2, 3]);
        let bytes = encode(made.clone());
        let read = decode(&bytes).unwrap();
        assert_eq!((&read.pieces, read.source, read.made_at), (&made.pieces, 1, 1_700_000_000));
        for at in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[at / 8] ^= 1 << (at % 8);
            // A bit of the encoding itself may say the same in another way; what is read is then the same.
            let is_same = |read: CacheEntry| CacheEntry { checksum: 0, ..read } == made;
            assert!(decode(&damaged).is_none_or(is_same), "bit {at}");
        }
        assert!((0..bytes.len()).all(|end| decode(&bytes[..end]).is_none()));
        assert_eq!(name_of(&[3, 1, 2]), name_of(&[1, 2, 3]));
        assert_ne!(name_of(&[1, 2]), name_of(&[1, 2, 3]));
    }

    #[test]
    fn an_entry_goes_to_where_its_source_is_now() {
        let chunk = |source| Chunk { source, ..Chunk::default() };
        let answer = PartitionAnswer {
            chunks: vec![chunk(2), chunk(ORDER_OWNERS + 2), chunk(u32::MAX)],
            fates: vec![SourceFates { source: 2, ..SourceFates::default() }],
            rejected: vec![RejectedCount { source: 2, ..RejectedCount::default() }],
            notes: vec![NoteCount { of: 2, ..NoteCount::default() }],
        };
        let moved = at_source(answer.clone(), 2, 5).unwrap();
        let sources: Vec<u32> = moved.chunks.iter().map(|chunk| chunk.source).collect();
        assert_eq!(sources, [5, ORDER_OWNERS + 5, u32::MAX]);
        assert_eq!((moved.fates[0].source, moved.rejected[0].source, moved.notes[0].of), (5, 5, 5));
        assert!(at_source(answer, 1, 5).is_err(), "of another source");
    }
}
