//! The chi-squared distribution, and tests by it.

/// Gives P(X ≥ x) of a chi-squared X with `df` > 0 degrees of freedom: the regularised incomplete gamma function Q(df/2, x/2), by its series
/// or its continued fraction, whichever converges fast (Abramowitz and Stegun 6.5.29 and 6.5.31).
pub(in super::super) fn chi_squared_tail(x: f64, df: f64) -> f64 {
    const SMALLEST: f64 = 1e-300;
    const STEPS: u32 = 100_000;
    let (a, z) = (df / 2.0, x / 2.0);
    if z <= 0.0 {
        return 1.0;
    }
    if !z.is_finite() {
        return 0.0;
    }
    let front = libm::exp(a * libm::log(z) - z - libm::lgamma(a));
    if z < a + 1.0 {
        let (mut term, mut sum) = (1.0 / a, 1.0 / a);
        for step in 1..=STEPS {
            term *= z / (a + f64::from(step));
            sum += term;
            if term < sum * 1e-17 {
                break;
            }
        }
        return (1.0 - front * sum).clamp(0.0, 1.0);
    }
    let away_from_zero = |value: f64| if value.abs() < SMALLEST { SMALLEST } else { value };
    let mut b = z + 1.0 - a;
    let mut c = 1.0 / SMALLEST;
    let mut d = 1.0 / away_from_zero(b);
    let mut fraction = d;
    for step in 1..=STEPS {
        let n = f64::from(step);
        let next = -n * (n - a);
        b += 2.0;
        d = 1.0 / away_from_zero(next * d + b);
        c = away_from_zero(b + next / c);
        let change = c * d;
        fraction *= change;
        if (change - 1.0).abs() < 1e-16 {
            break;
        }
    }
    (front * fraction).clamp(0.0, 1.0)
}

/// Gives the p-value of Pearson's test (1900) that counts have these shares, which are above 0; none of fewer than
/// two counts, or where fewer than five are expected of one (Cochran 1954, Biometrics 10, 417–451).
pub(in super::super) fn shares_fit(counts: &[u64], shares: &[f64]) -> Option<f64> {
    let all: u64 = counts.iter().sum();
    if all == 0 || counts.len() < 2 || counts.len() != shares.len() {
        return None;
    }
    let total: f64 = shares.iter().sum();
    if shares.iter().any(|share| all as f64 * share / total < 5.0) {
        return None;
    }
    let off = counts.iter().zip(shares).map(|(count, share)| {
        let expected = all as f64 * share / total;
        let off = *count as f64 - expected;
        off * off / expected
    });
    Some(chi_squared_tail(off.sum(), (counts.len() - 1) as f64))
}

/// Gives Cochran's Q (1954, Biometrics 10, 101–129) of differences with their squared standard errors, above 0, with its degrees of freedom and
/// p-value: whether they differ by more than chance. None of fewer than two.
pub(in super::super) fn heterogeneity(differences: &[(f64, f64)]) -> Option<(f64, u64, f64)> {
    if differences.len() < 2 {
        return None;
    }
    let weights: f64 = differences.iter().map(|(_, variance)| 1.0 / variance).sum();
    let mean = differences.iter().map(|(difference, variance)| difference / variance).sum::<f64>() / weights;
    let q: f64 = differences.iter().map(|(difference, variance)| (difference - mean).powi(2) / variance).sum();
    let df = differences.len() as u64 - 1;
    Some((q, df, chi_squared_tail(q, df as f64)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{ChiSquared, ContinuousCDF};

    #[test]
    fn tails_are_those_of_the_printed_tables_and_of_another_implementation() {
        for (x, df, p) in [
            (3.841_458_821, 1.0, 0.05),
            (5.991_464_547, 2.0, 0.05),
            (18.307_038_05, 10.0, 0.05),
            (10.827_566_17, 1.0, 0.001),
        ] {
            assert!((chi_squared_tail(x, df) - p).abs() < 1e-10, "{x} {df}");
        }
        for df in [1.0, 2.0, 5.0, 33.0, 200.0] {
            let other = ChiSquared::new(df).unwrap();
            for x in [0.01, 0.7, 3.0, 12.0, 40.0, 190.0, 260.0] {
                let (ours, theirs) = (chi_squared_tail(x, df), other.sf(x));
                assert!((ours - theirs).abs() < 1e-11 * theirs.max(1e-3), "{x} {df}: {ours} and {theirs}");
            }
        }
    }

    #[test]
    fn sizes_of_arms_are_held_against_their_shares() {
        // (5100 − 5000)²/5000 + (4900 − 5000)²/5000 = 4, and P(χ² ≥ 4) = 0.0455.
        assert!((shares_fit(&[5_100, 4_900], &[0.5, 0.5]).unwrap() - 0.045_500_264).abs() < 1e-8);
        assert_eq!(shares_fit(&[10, 90], &[0.1, 0.9]), Some(1.0));
        assert_eq!(shares_fit(&[0, 0], &[0.5, 0.5]), None);
        assert_eq!(shares_fit(&[1, 49], &[0.001, 0.999]), None, "a twentieth of a customer is expected");
    }

    #[test]
    fn q_is_the_sum_by_hand() {
        // Weights 1, 1/4, 1: mean (1 + 0.5 + 3)/2.25 = 2; Q = 1 + 0 + 1.
        let (q, df, p) = heterogeneity(&[(1.0, 1.0), (2.0, 4.0), (3.0, 1.0)]).unwrap();
        assert!((q - 2.0).abs() < 1e-12 && df == 2 && (p - (-1.0_f64).exp()).abs() < 1e-12, "{q} {p}");
        assert_eq!(heterogeneity(&[(1.0, 1.0)]), None);
    }
}
