//! Keys of clusters: `c01`, `c02`, … by number.

use std::collections::BTreeMap;

/// Gives the key of a number.
pub fn written_key(number: u32) -> String {
    format!("c{number:02}")
}

/// Gives the number of a key; none of keys that are not of clusters.
pub fn number_of_key(key: &str) -> Option<u32> {
    let digits = key.strip_prefix('c').filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))?;
    // No digits are no number.
    digits.parse().ok()
}

/// Says whether a key is that of a cluster.
pub fn is_cluster_key(key: &str) -> bool {
    number_of_key(key).is_some()
}

/// A cluster of a model, which has a key and is called by it until it has a name.
pub(super) trait Cluster {
    /// Gives the key.
    fn key(&self) -> &String;
    /// Gives it this key.
    fn set_key(&mut self, key: &str);
}

/// Gives clusters the keys that `keys` has for theirs, and puts them in the order of these.
pub(super) fn give_keys(clusters: &mut [impl Cluster], keys: &BTreeMap<String, String>) {
    for cluster in clusters.iter_mut() {
        if let Some(key) = keys.get(cluster.key()) {
            cluster.set_key(key);
        }
    }
    clusters.sort_by(|left, right| left.key().cmp(right.key()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_numbers() {
        assert_eq!((written_key(3), written_key(120)), ("c03".to_owned(), "c120".to_owned()));
        assert_eq!((number_of_key("c03"), number_of_key("c120")), (Some(3), Some(120)));
        for key in ["other", "champions", "c", "c1x", "out_of_scope", "C01"] {
            assert!(!is_cluster_key(key), "{key}");
        }
    }
}
