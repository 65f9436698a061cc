//! In which files of the run before a shard's customers can be.

use segmenter_proto::object_keys::part_file;
use std::ops::Range;

/// Gives the shards of a run with `before` shards that can hold customers of shard `shard` of `shards`.
///
/// A shard of S is the hashes from shard / S up to (shard + 1) / S of their range, so that shards of another number overlap as fractions do: all
/// shards together look at no more than `before` + `shards` of them.
pub fn parts_of(shard: u32, shards: u32, before: u32) -> Range<u32> {
    let (shard, shards, before) = (u64::from(shard), u64::from(shards.max(1)), u64::from(before));
    let first = shard * before / shards;
    let end = ((shard + 1) * before).div_ceil(shards);
    first as u32..end as u32
}

/// Gives the path of a part of a result folder.
pub fn file_of(folder: &str, part: u32) -> String {
    format!("{folder}/{}", part_file(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use segmenter_proto::shard_of;

    #[test]
    fn whoever_is_in_a_shard_was_in_one_of_its_parts() {
        for (shards, before) in [(1, 1), (1, 7), (7, 1), (63, 64), (64, 63), (64, 64), (5, 13), (4096, 4095)] {
            for id in 0..2_000 {
                let id = format!("c{id}");
                let (now, then) = (shard_of(&id, shards), shard_of(&id, before));
                assert!(parts_of(now, shards, before).contains(&then), "{id}: {now} of {shards}, {then} of {before}");
            }
            let looked_at: usize = (0..shards).map(|shard| parts_of(shard, shards, before).len()).sum();
            assert!(looked_at <= (shards + before) as usize);
        }
        assert_eq!(parts_of(3, 64, 64), 3..4);
    }
}
