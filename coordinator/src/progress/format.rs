//! Numbers as people read them.

pub use segmenter_worker::notes::grouped;

/// Writes a size in decimal units with at most one decimal: `412 MB`, `1.4 GB`.
pub fn bytes_for_people(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["B", "kB", "MB", "GB", "TB", "PB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    // 999.5 would be written as 1000.
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    if unit == 0 || value >= 9.95 {
        format!("{value:.0} {}", UNITS[unit])
    } else {
        format!("{value:.1} {}", UNITS[unit])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_three() {
        let written: Vec<String> = [0, 999, 1000, 20_000_000].into_iter().map(grouped).collect();
        assert_eq!(written, ["0", "999", "1,000", "20,000,000"]);
    }

    #[test]
    fn sizes_keep_two_or_three_digits() {
        let written: Vec<String> = [0, 999, 1000, 9_940, 9_960, 999_400, 999_900, 1_400_000_000, u64::MAX]
            .into_iter()
            .map(bytes_for_people)
            .collect();
        assert_eq!(written, ["0 B", "999 B", "1.0 kB", "9.9 kB", "10 kB", "999 kB", "1.0 MB", "1.4 GB", "18447 PB"]);
    }
}
