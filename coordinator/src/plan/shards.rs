//! How many shards a run has: from its pinned inputs alone, never from workers, threads or memory.

/// Rows at which a shard is full: its groups fit a processor's cache and its rows a small share of memory.
const ROWS_A_SHARD: u64 = 320_000;
/// Bytes of text that stand for a row where a format does not tell its rows.
const BYTES_A_ROW: u64 = 100;
/// More shards than this would be more files than anybody wants to read.
const MOST_SHARDS: u64 = 4_096;

/// Gives the number of shards for inputs of so many rows (where their format tells) and bytes (where it does not).
pub fn number_of_shards(rows: u64, bytes_of_text: u64) -> u32 {
    let rows = rows.saturating_add(bytes_of_text / BYTES_A_ROW);
    rows.div_ceil(ROWS_A_SHARD).clamp(1, MOST_SHARDS) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_grow_with_the_rows_and_stay_within_bounds() {
        assert_eq!(number_of_shards(0, 0), 1);
        assert_eq!(number_of_shards(320_000, 0), 1);
        assert_eq!(number_of_shards(320_000, 100), 2);
        assert_eq!(number_of_shards(20_000_000, 0), 63);
        assert_eq!(number_of_shards(u64::MAX, u64::MAX), 4_096);
    }
}
