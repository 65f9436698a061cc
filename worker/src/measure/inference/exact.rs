//! Shares of few: intervals and tests that count, where the normal distribution is no guide.

/// Gives the interval of Clopper and Pearson (1934) of `count` of `n` > 0: the shares under which what was seen, or more extreme, has
/// a chance of half of what `level` leaves out at each side. Fast where `count` or `n` - `count` is small.
pub(super) fn clopper_pearson(count: u64, n: u64, level: f64) -> (f64, f64) {
    if 2 * count > n {
        let (low, high) = clopper_pearson(n - count, n, level);
        return (1.0 - high, 1.0 - low);
    }
    let tail = (1.0 - level) / 2.0;
    // P(X >= count) grows with the share, P(X <= count) falls.
    let low = if count == 0 { 0.0 } else { bisect(|share| 1.0 - at_most(count - 1, n, share) >= tail) };
    let high = if count == n { 1.0 } else { bisect(|share| at_most(count, n, share) <= tail) };
    (low, high)
}

/// Gives the smallest share of which `is_reached` holds, which it does from some share on, by bisection to the last bit that tells.
fn bisect(is_reached: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            return middle;
        }
        if is_reached(middle) { high = middle } else { low = middle }
    }
}

/// Gives P(X <= `count`) of a binomial X of `n` draws.
fn at_most(count: u64, n: u64, share: f64) -> f64 {
    let odds = share / (1.0 - share);
    let mut term = libm::exp(n as f64 * libm::log1p(-share));
    let mut sum = term;
    for drawn in 0..count {
        term *= (n - drawn) as f64 / (drawn + 1) as f64 * odds;
        sum += term;
    }
    sum.min(1.0)
}

/// Gives the two-sided p-value of Fisher's exact test (1922) of two shares: the chance, given both margins, of all tables that are no more likely
/// than this one. A table counts as no more likely up to a relative 10⁻⁷, as in R, so that rounding does not lose its mirror image.
pub(super) fn fisher(a: (u64, u64), b: (u64, u64)) -> f64 {
    const EQUAL: f64 = 1.0 + 1e-7;
    let ((count_a, n_a), (count_b, n_b)) = (a, b);
    let (drawn, all) = (count_a + count_b, n_a + n_b);
    let least = drawn.saturating_sub(n_b);
    let most = drawn.min(n_a);
    // Weights relative to that of the most likely table, from which they fall to both sides.
    let mode = u128::from(n_a + 1) * u128::from(drawn + 1) / (u128::from(all) + 2);
    let mode = u64::try_from(mode).unwrap_or(most).clamp(least, most);
    let ratio = |x: u64| {
        let up = (n_a - x) as f64 * (drawn - x) as f64;
        let down = (x + 1) as f64 * (n_b + x + 1 - drawn) as f64;
        up / down
    };
    let mut weights = vec![(mode, 1.0)];
    let mut weight = 1.0;
    for x in mode..most {
        weight *= ratio(x);
        if weight == 0.0 {
            break;
        }
        weights.push((x + 1, weight));
    }
    weight = 1.0;
    for x in (least..mode).rev() {
        weight /= ratio(x);
        if weight == 0.0 {
            break;
        }
        weights.push((x, weight));
    }
    let own = weights.iter().find(|(x, _)| *x == count_a).map_or(0.0, |(_, weight)| *weight);
    // The small ones first, so that they are not lost in rounding.
    weights.sort_by(|(_, left), (_, right)| left.total_cmp(right));
    let sum = |most: f64| weights.iter().map(|(_, weight)| *weight).take_while(|weight| *weight <= most).sum::<f64>();
    (sum(own * EQUAL) / sum(f64::INFINITY)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use statrs::distribution::{Beta, ContinuousCDF, Discrete, Hypergeometric};

    #[test]
    fn fisher_gives_the_published_p_values() {
        // The lady tasting tea (Fisher 1935); scipy.stats.fisher_exact's example; sums of fractions by hand.
        for (a, b, expected) in [
            ((3, 4), (1, 4), 0.485_714_285_714_286),
            ((8, 10), (1, 6), 0.034_965_034_965_035),
            ((0, 5), (0, 7), 1.0),
            ((10, 15), (3, 15), 0.025_327_687_033_676),
        ] {
            assert!((fisher(a, b) - expected).abs() < 1e-12, "{a:?} {b:?}: {}", fisher(a, b));
        }
    }

    #[test]
    fn clopper_pearson_gives_the_published_intervals() {
        // Newcombe 1998, table I, method 5.
        for (count, n, low, high) in
            [(81, 263, 0.2527, 0.3676), (15, 148, 0.0578, 0.1617), (0, 20, 0.0, 0.1684), (1, 29, 0.0009, 0.1776)]
        {
            let (ours_low, ours_high) = clopper_pearson(count, n, 0.95);
            assert!((ours_low - low).abs() < 5.1e-5, "{count}/{n}: {ours_low}");
            assert!((ours_high - high).abs() < 5.1e-5, "{count}/{n}: {ours_high}");
        }
    }

    proptest! {
        #[test]
        fn intervals_are_quantiles_of_the_beta_distribution(n in 1_u64..4_000_000, few in 0_u64..6, is_high in any::<bool>()) {
            let count = if is_high { n - few.min(n) } else { few.min(n) };
            let (low, high) = clopper_pearson(count, n, 0.95);
            let (x, rest) = (count as f64, (n - count) as f64);
            if count > 0 {
                prop_assert!((Beta::new(x, rest + 1.0).unwrap().cdf(low) - 0.025).abs() < 1e-7);
            }
            if count < n {
                prop_assert!((Beta::new(x + 1.0, rest).unwrap().sf(high) - 0.025).abs() < 1e-7);
            }
        }

        #[test]
        fn p_values_are_sums_of_the_hypergeometric_distribution(n_a in 1_u64..60, n_b in 1_u64..60, part_a in 0.0..=1.0_f64, part_b in 0.0..=1.0_f64) {
            let (a, b) = ((n_a as f64 * part_a) as u64, (n_b as f64 * part_b) as u64);
            let table = Hypergeometric::new(n_a + n_b, a + b, n_a).unwrap();
            let own = table.pmf(a);
            let expected: f64 = (0..=n_a.min(a + b)).map(|x| table.pmf(x)).filter(|chance| *chance <= own * (1.0 + 1e-6)).sum();
            prop_assert!((fisher((a, n_a), (b, n_b)) - expected).abs() < 1e-9);
        }

        #[test]
        fn large_tables_have_an_end(n_b in 1_000_000_u64..4_000_000_000, n_a in 1_u64..2_000, count_a in 0_u64..5) {
            let p = fisher((count_a.min(n_a), n_a), (n_b / 1000, n_b));
            prop_assert!((0.0..=1.0).contains(&p) && !p.is_nan());
        }
    }
}
