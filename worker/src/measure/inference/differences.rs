//! Differences of two groups, absolute and relative, with their intervals.

use super::{
    distributions::{normal_quantile, student_quantile},
    means::Estimate,
    proportions::wilson_interval,
};

/// Gives a − b with the interval of Welch's t at `level`; none where neither varies.
pub(in super::super) fn means_difference(a: &Estimate, b: &Estimate, level: f64) -> Option<(f64, (f64, f64))> {
    let (difference, variance) = (a.value - b.value, a.variance + b.variance);
    let df = welch_df(a, b)?;
    let half = student_quantile(level, df) * variance.sqrt();
    Some((difference, (difference - half, difference + half)))
}

/// Gives the degrees of freedom of Welch and Satterthwaite; none where neither varies.
pub(super) fn welch_df(a: &Estimate, b: &Estimate) -> Option<f64> {
    let variance = a.variance + b.variance;
    if variance <= 0.0 {
        return None;
    }
    // As shares of the sum, so that nothing overflows.
    let (share_a, share_b) = (a.variance / variance, b.variance / variance);
    Some(1.0 / (share_a * share_a / a.df + share_b * share_b / b.df))
}

/// Gives Fieller's interval (1954, Journal of the Royal Statistical Society B 16, 175–185) of a / b − 1 of two independent estimates, with
/// Welch's degrees of freedom; none where b is not clearly different from 0, and the interval has no end.
pub(in super::super) fn fieller_interval(a: &Estimate, b: &Estimate, level: f64) -> Option<(f64, f64)> {
    let t = student_quantile(level, welch_df(a, b)?);
    let (t2, product) = (t * t, a.value * b.value);
    let below = b.value * b.value - t2 * b.variance;
    if below <= 0.0 {
        return None;
    }
    let root = (product * product - (a.value * a.value - t2 * a.variance) * below).max(0.0).sqrt();
    Some(((product - root) / below - 1.0, (product + root) / below - 1.0))
}

/// Gives Newcombe's interval of the difference of two shares, each so many of so many, from Wilson's of each (Newcombe 1998, Statistics in
/// Medicine 17, 873–890, method 10).
pub(in super::super) fn shares_difference(a: (u64, u64), b: (u64, u64), level: f64) -> (f64, (f64, f64)) {
    let share = |(count, of): (u64, u64)| count as f64 / of as f64;
    let (p, q) = (share(a), share(b));
    let ((low_a, high_a), (low_b, high_b)) = (wilson_interval(a.0, a.1, level), wilson_interval(b.0, b.1, level));
    let off = |left: f64, right: f64| (left * left + right * right).sqrt();
    let difference = p - q;
    (difference, (difference - off(p - low_a, high_b - q), difference + off(high_a - p, q - low_b)))
}

/// Gives the interval of the ratio of two shares less 1, on the log scale (Katz and others 1978, Biometrics 34, 469–474); none where nobody
/// or everybody of one of the groups counts.
pub(in super::super) fn shares_relative(a: (u64, u64), b: (u64, u64), level: f64) -> Option<(f64, f64)> {
    if [a, b].into_iter().any(|(count, of)| count == 0 || count == of) {
        return None;
    }
    let [count_a, n_a, count_b, n_b] = [a.0, a.1, b.0, b.1].map(|count| count as f64);
    let ratio = (count_a / n_a) / (count_b / n_b);
    let half = normal_quantile(level) * ((1.0 / count_a - 1.0 / n_a) + (1.0 / count_b - 1.0 / n_b)).sqrt();
    Some((ratio * libm::exp(-half) - 1.0, ratio * libm::exp(half) - 1.0))
}

/// Gives the smallest difference that a test at 1 − `level` would have found in four of five such experiments: (z₁₋α/₂ + z₀.₈) · `error`.
pub(in super::super) fn smallest_difference(error: f64, level: f64) -> f64 {
    const POWER_BOTH_SIDES: f64 = 0.6;
    (normal_quantile(level) + normal_quantile(POWER_BOTH_SIDES)) * error
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(n: f64, mean: f64, variance: f64) -> Estimate {
        Estimate { value: mean, variance: variance / n, df: n - 1.0 }
    }

    #[test]
    fn newcombe_gives_the_published_intervals() {
        // Newcombe 1998, table II, method 10.
        for (a, b, low, high) in [
            ((56, 70), (48, 80), 0.0524, 0.3339),
            ((9, 10), (3, 10), 0.1705, 0.8090),
            ((6, 7), (2, 7), 0.0582, 0.8062),
            ((5, 56), (0, 29), -0.0381, 0.1926),
            ((0, 10), (0, 20), -0.1611, 0.2775),
        ] {
            let (difference, (ours_low, ours_high)) = shares_difference(a, b, 0.95);
            assert!((difference - (f64::from(a.0 as u32) / a.1 as f64 - b.0 as f64 / b.1 as f64)).abs() < 1e-15);
            assert!(
                (ours_low - low).abs() < 5.1e-5 && (ours_high - high).abs() < 5.1e-5,
                "{a:?} {b:?}: {ours_low} {ours_high}"
            );
        }
    }

    #[test]
    fn a_ratio_of_shares_has_the_textbook_interval() {
        // 15 of 100 against 30 of 100: ln 0.5 ± 1.959964·√(1/15 − 1/100 + 1/30 − 1/100) = ln 0.5 ± 0.554361.
        let (low, high) = shares_relative((15, 100), (30, 100), 0.95).unwrap();
        assert!((low - (0.5 * (-0.554_361_f64).exp() - 1.0)).abs() < 1e-6, "{low}");
        assert!((high - (0.5 * 0.554_361_f64.exp() - 1.0)).abs() < 1e-6, "{high}");
        assert_eq!(shares_relative((0, 10), (3, 10), 0.95), None);
        assert_eq!(shares_relative((25, 25), (25, 25), 0.95), None, "an interval without width would be a certainty");
    }

    #[test]
    fn fieller_holds_the_ratios_that_a_t_test_would_not_refuse() {
        let (a, b) = (sample(40.0, 12.0, 9.0), sample(50.0, 10.0, 16.0));
        let (low, high) = fieller_interval(&a, &b, 0.95).unwrap();
        let t = student_quantile(0.95, welch_df(&a, &b).unwrap());
        for end in [low, high] {
            // At its ends a − (1 + end)·b is just t standard errors from 0.
            let ratio = 1.0 + end;
            let off = (a.value - ratio * b.value).abs() / (a.variance + ratio * ratio * b.variance).sqrt();
            assert!((off - t).abs() < 1e-9, "{end}: {off} and {t}");
        }
        assert!(low < 0.2 && 0.2 < high);
        assert_eq!(fieller_interval(&a, &sample(50.0, 0.3, 16.0), 0.95), None, "the control may be 0");
    }

    #[test]
    fn a_difference_of_means_is_the_textbook_one() {
        let (a, b) = (sample(15.0, 20.8, 7.9), sample(15.0, 23.0, 3.8));
        let (difference, (low, high)) = means_difference(&a, &b, 0.95).unwrap();
        // Example 1 of "Welch's t-test" of Wikipedia: t −2.46 with 25 degrees of freedom, of which the quantile is 2.0595.
        assert!((difference + 2.2).abs() < 1e-12);
        let half = 2.0595 * ((7.9_f64 + 3.8) / 15.0).sqrt();
        assert!((high - low - 2.0 * half).abs() < 2e-3, "{low} {high}");
        assert_eq!(means_difference(&sample(5.0, 1.0, 0.0), &sample(5.0, 2.0, 0.0), 0.95), None);
    }

    #[test]
    fn the_smallest_difference_is_2_8_standard_errors() {
        assert!((smallest_difference(1.0, 0.95) - 2.801_585).abs() < 1e-6);
    }
}
