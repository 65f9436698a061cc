//! The population stability index.

use segmenter_proto::pure_math::ln;

/// Gives Σ (p − q) · ln(p / q) over bins, with the shares p of now and q of then; none where either run has nobody.
///
/// An empty bin has no logarithm: a share counts as 1 / 2n at least, half a customer of the n of its run. (Lewis, An Introduction to Credit
/// Scoring, 1994; 0.1 and 0.25 are conventions and no tests.)
pub fn psi(then: &[u64], now: &[u64]) -> Option<f64> {
    let (n_then, n_now) = (then.iter().sum::<u64>(), now.iter().sum::<u64>());
    if n_then == 0 || n_now == 0 {
        return None;
    }
    let share = |customers: u64, n: u64| (customers as f64).max(0.5) / n as f64;
    let bins = then.iter().zip(now).filter(|(then, now)| **then > 0 || **now > 0);
    let terms = bins.map(|(then, now)| {
        let (q, p) = (share(*then, n_then), share(*now, n_now));
        (p - q) * ln(p / q)
    });
    Some(terms.sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_shares_have_no_drift_and_others_the_value_by_hand() {
        assert_eq!(psi(&[10, 30, 60], &[100, 300, 600]), Some(0.0));
        // (0.2 − 0.1) ln 2 + (0.3 − 0.3) ln 1 + (0.5 − 0.6) ln(5 / 6)
        let expected = 0.1 * 2.0_f64.ln() - 0.1 * (5.0_f64 / 6.0).ln();
        assert!((psi(&[10, 30, 60], &[20, 30, 50]).unwrap() - expected).abs() < 1e-15);
    }

    #[test]
    fn an_empty_bin_counts_as_half_a_customer() {
        // (0.005 − 0.5) ln(0.01) + (1 − 0.5) ln 2
        let expected = (0.005_f64 - 0.5) * 0.01_f64.ln() + 0.5 * 2.0_f64.ln();
        assert!((psi(&[50, 50], &[0, 100]).unwrap() - expected).abs() < 1e-15);
        assert_eq!(psi(&[50, 50, 0], &[50, 50, 0]), Some(0.0), "a bin that nobody was or is in tells nothing");
        assert_eq!((psi(&[], &[]), psi(&[1], &[0])), (None, None));
    }
}
