//! Hashes that decide where a customer lives and what chance gives it: of the id alone, never of a position or a clock.

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// Gives the hash that places a customer; `customer_id` is the canonical utf8 id.
pub fn customer_hash(customer_id: &str) -> u64 {
    xxh3_64(customer_id.as_bytes())
}

/// Gives the shard, from 0 to `shards` − 1, in which all rows of a customer land.
pub fn shard_of(customer_id: &str, shards: u32) -> u32 {
    // The high bits: `draw` and hash tables use the low ones.
    ((u128::from(customer_hash(customer_id)) * u128::from(shards)) >> 64) as u32
}

/// Gives the customer's random number for one purpose of one job: uniform over all of u64, equal wherever it is asked.
pub fn draw(seed: u64, purpose: &str, customer_id: &str) -> u64 {
    xxh3_64_with_seed(customer_id.as_bytes(), xxh3_64_with_seed(purpose.as_bytes(), seed))
}
