//! Intervals and tests of proportions.

use super::{
    distributions::{normal_quantile, normal_two_sided},
    exact::{clopper_pearson, fisher},
};

/// Below so many expected, the normal distribution is no guide to a count (Cochran 1954, Biometrics 10, 417–451).
const FEW: f64 = 5.0;

/// From so many seen on both sides on, Wilson's interval covers at least 93 % whatever the share; with five it came down to 92.8 %.
const ENOUGH_SEEN: u64 = 12;

/// Gives an interval of the share of `count` of `n` > 0 at a level such as 0.95: Wilson's, or where fewer than twelve are on one side, the exact one of Clopper
/// and Pearson.
pub(in super::super) fn share_interval(count: u64, n: u64, level: f64) -> (f64, f64) {
    match count.min(n - count) >= ENOUGH_SEEN {
        true => wilson_interval(count, n, level),
        false => clopper_pearson(count, n, level),
    }
}

/// Gives the two-sided p-value of two shares, each so many of so many: of the z test with the pooled share, or where fewer than five are
/// expected in a cell, of Fisher's exact test; none where nobody, or everybody, of both counts.
pub(in super::super) fn shares_p_value(a: (u64, u64), b: (u64, u64)) -> Option<f64> {
    let ((count_a, n_a), (count_b, n_b)) = (a, b);
    let z = proportions_p_value(count_a, n_a, count_b, n_b)?;
    let (counted, all) = (count_a + count_b, n_a + n_b);
    let smallest = counted.min(all - counted) as f64 * (n_a.min(n_b) as f64 / all as f64);
    Some(if smallest >= FEW { z } else { fisher(a, b) })
}

/// Gives Wilson's score interval of `count` of `n` > 0.
pub(super) fn wilson_interval(count: u64, n: u64, level: f64) -> (f64, f64) {
    let size = n as f64;
    let p = count as f64 / size;
    let z = normal_quantile(level);
    let z2 = z * z;
    let denominator = 1.0 + z2 / size;
    let centre = (p + z2 / (2.0 * size)) / denominator;
    let half = z * (p * (1.0 - p) / size + z2 / (4.0 * size * size)).sqrt() / denominator;
    // The ends are exactly 0 and 1 there; rounding would leave them a bit off, on the wrong side.
    let low = if count == 0 { 0.0 } else { (centre - half).max(0.0) };
    let high = if count == n { 1.0 } else { (centre + half).min(1.0) };
    (low, high)
}

/// Gives the two-sided p-value of the z test of two proportions with the pooled share; none where nobody, or everybody,
/// of both counts.
fn proportions_p_value(count_a: u64, n_a: u64, count_b: u64, n_b: u64) -> Option<f64> {
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
    use statrs::distribution::{Binomial, Discrete};

    #[test]
    fn wilson_gives_the_published_intervals() {
        // Newcombe 1998, Statistics in Medicine 17, 857–872, table I, method 3.
        for (count, n, low, high) in
            [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
        {
            let (ours_low, ours_high) = wilson_interval(count, n, 0.95);
            assert!((ours_low - low).abs() < 5.1e-5, "{count}/{n}: {ours_low}");
            assert!((ours_high - high).abs() < 5.1e-5, "{count}/{n}: {ours_high}");
        }
    }

    #[test]
    fn wilson_ends_exactly_where_nobody_or_everybody_counts() {
        assert_eq!(wilson_interval(0, 7, 0.95).0, 0.0);
        assert_eq!(wilson_interval(7, 7, 0.95).1, 1.0);
        let (low, high) = wilson_interval(3, 10, 0.95);
        let (other_low, other_high) = wilson_interval(7, 10, 0.95);
        assert!((low - (1.0 - other_high)).abs() < 1e-15 && (high - (1.0 - other_low)).abs() < 1e-15);
    }

    /// Not by draws: the chance of every count is known.
    #[test]
    fn intervals_of_shares_cover_what_they_say() {
        for n in [20_u64, 35, 60, 100, 200, 500, 1_000, 3_000, 10_000, 20_000] {
            let intervals: Vec<(f64, f64)> = (0..=n).map(|count| share_interval(count, n, 0.95)).collect();
            for step in 0..60 {
                let p = 0.001 * 500_f64.powf(f64::from(step) / 59.0);
                let chances = Binomial::new(p, n).unwrap();
                let covering = intervals.iter().zip(0..).filter(|((low, high), _)| *low <= p && p <= *high);
                let covered: f64 = covering.map(|(_, count)| chances.pmf(count)).sum();
                assert!(covered >= 0.93, "{n}, {p}: {covered}");
                assert!(n as f64 * p * (1.0 - p) < 100.0 || (0.94..=0.96).contains(&covered), "{n}, {p}: {covered}");
            }
        }
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
