//! Ids of runs as OpenLineage wants them: UUIDs.

use sha2::{Digest, Sha256};

/// Makes a UUID of text: the same of the same. It is of version 8, which is for hashes of one's own (RFC 9562).
pub(super) fn uuid_of(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    let mut bytes: Vec<u8> = hash.iter().copied().take(16).collect();
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_uuid_and_the_same_of_the_same() {
        let id = uuid_of("2026-11-21-0123456789ab 1");
        assert!(id.split('-').map(str::len).eq([8, 4, 4, 4, 12]), "{id}");
        assert_eq!(&id[14..15], "8", "the version of {id}");
        assert!("89ab".contains(&id[19..20]), "the variant of {id}");
        assert_eq!(id, uuid_of("2026-11-21-0123456789ab 1"));
        assert_ne!(id, uuid_of("2026-11-21-0123456789ab 2"));
    }
}
