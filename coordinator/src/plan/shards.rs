//! How many shards a run has: from its pinned inputs alone, never from workers, threads or memory.

/// Rows at which a shard is full: its groups fit a processor's cache and its rows a small share of memory.
const ROWS_A_SHARD: u64 = 320_000;
/// More shards than this would be more files than anybody wants to read.
const MOST_SHARDS: u64 = 4_096;

/// Gives the number of shards for inputs of so many rows.
pub fn number_of_shards(rows: u64) -> u32 {
    rows.div_ceil(ROWS_A_SHARD).clamp(1, MOST_SHARDS) as u32
}

/// Pairs of ids at which a shard of links is full: with what comes of them on the way, some tens of MB.
const PAIRS_A_SHARD: u64 = 200_000;
/// Fewer would leave workers idle where customers have as many shards.
const LEAST_LINK_SHARDS: u64 = 4;
/// Every shard writes rows for every other in each round.
const MOST_LINK_SHARDS: u64 = 1_024;

/// Gives the number of shards of links for so many pairs of ids, where customers have as many.
pub fn number_of_link_shards(pairs: u64) -> u32 {
    pairs.div_ceil(PAIRS_A_SHARD).clamp(LEAST_LINK_SHARDS, MOST_LINK_SHARDS) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_grow_with_the_rows_and_stay_within_bounds() {
        assert_eq!(number_of_shards(0), 1);
        assert_eq!(number_of_shards(320_000), 1);
        assert_eq!(number_of_shards(320_001), 2);
        assert_eq!(number_of_shards(20_000_000), 63);
        assert_eq!(number_of_shards(u64::MAX), 4_096);
    }
}
