//! Checksums of work files: kept where a file is referred to, compared when it is read.

use xxhash_rust::xxh3::xxh3_64;

/// Gives the checksum of the bytes of a work file or of a part of one.
///
/// XXH3 with 64 bits: it is there to notice what disks, memory and networks do, of which it misses one in 2⁶⁴. It keeps nobody
/// from forging a file; who can write to the work folder is trusted.
pub fn checksum_of(bytes: &[u8]) -> u64 {
    xxh3_64(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flipped_bit_and_every_lost_byte_shows() {
        let whole: Vec<u8> = (0..=255).collect();
        let expected = checksum_of(&whole);
        for at in 0..whole.len() * 8 {
            let mut damaged = whole.clone();
            damaged[at / 8] ^= 1 << (at % 8);
            assert_ne!(checksum_of(&damaged), expected, "bit {at}");
        }
        assert!((0..whole.len()).all(|end| checksum_of(&whole[..end]) != expected));
    }
}
