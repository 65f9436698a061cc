//! Intervals and tests of proportions.

use super::distributions::{NORMAL_975, normal_two_sided};

/// Gives Wilson's score interval of `count` of `n` > 0 at 95 %.
pub(in super::super) fn wilson_interval(count: u64, n: u64) -> (f64, f64) {
    let size = n as f64;
    let p = count as f64 / size;
    let z2 = NORMAL_975 * NORMAL_975;
    let denominator = 1.0 + z2 / size;
    let centre = (p + z2 / (2.0 * size)) / denominator;
    let half = NORMAL_975 * (p * (1.0 - p) / size + z2 / (4.0 * size * size)).sqrt() / denominator;
    // The ends are exactly 0 and 1 there; rounding would leave them a bit off, on the wrong side.
    let low = if count == 0 { 0.0 } else { (centre - half).max(0.0) };
    let high = if count == n { 1.0 } else { (centre + half).min(1.0) };
    (low, high)
}

/// Gives the two-sided p-value of the z test of two proportions with the pooled share; none where nobody, or everybody,
/// of both counts.
pub(in super::super) fn proportions_p_value(count_a: u64, n_a: u64, count_b: u64, n_b: u64) -> Option<f64> {
    if n_a == 0 || n_b == 0 {
        return None;
    }
    let (size_a, size_b) = (n_a as f64, n_b as f64);
    let pooled = (count_a + count_b) as f64 / (size_a + size_b);
    let variance = pooled * (1.0 - pooled) * (1.0 / size_a + 1.0 / size_b);
    if variance <= 0.0 {
        return None;
    }
    Some(normal_two_sided((count_a as f64 / size_a - count_b as f64 / size_b) / variance.sqrt()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_gives_the_published_intervals() {
        // Newcombe 1998, Statistics in Medicine 17, 857–872, table I, method 3.
        for (count, n, low, high) in
            [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
        {
            let (ours_low, ours_high) = wilson_interval(count, n);
            assert!((ours_low - low).abs() < 5.1e-5, "{count}/{n}: {ours_low}");
            assert!((ours_high - high).abs() < 5.1e-5, "{count}/{n}: {ours_high}");
        }
    }

    #[test]
    fn wilson_ends_exactly_where_nobody_or_everybody_counts() {
        assert_eq!(wilson_interval(0, 7).0, 0.0);
        assert_eq!(wilson_interval(7, 7).1, 1.0);
        let (low, high) = wilson_interval(3, 10);
        let (other_low, other_high) = wilson_interval(7, 10);
        assert!((low - (1.0 - other_high)).abs() < 1e-15 && (high - (1.0 - other_low)).abs() < 1e-15);
    }

    #[test]
    fn the_pooled_test_is_the_hand_computed_one() {
        // 45/100 and 30/100: pooled 0.375, se = √(0.375·0.625·0.02) = 0.0684653, z = 2.19089, p = 0.0284597.
        let p = proportions_p_value(45, 100, 30, 100).unwrap();
        assert!((p - 0.028_459_7).abs() < 1e-6, "{p}");
    }

    #[test]
    fn proportions_without_variation_have_no_test() {
        assert_eq!(proportions_p_value(0, 10, 0, 20), None);
        assert_eq!(proportions_p_value(10, 10, 20, 20), None);
        assert_eq!(proportions_p_value(0, 0, 3, 20), None);
    }
}
