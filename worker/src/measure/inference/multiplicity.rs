//! Correction for many tests at once.

/// Gives the q-value of each p-value by the step-up procedure of Benjamini and Hochberg (1995): the smallest false
/// discovery rate at which the test would be called.
pub fn benjamini_hochberg(p_values: &[f64]) -> Vec<f64> {
    let tests = p_values.len();
    let mut order: Vec<usize> = (0..tests).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let mut q_values = vec![1.0; tests];
    let mut smallest = 1.0_f64;
    for (index, test) in order.iter().enumerate().rev() {
        // The ratio first: it is at least 1, so that no rounding brings q below p.
        smallest = smallest.min(p_values[*test] * (tests as f64 / (index + 1) as f64));
        q_values[*test] = smallest;
    }
    q_values
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_example_of_benjamini_and_hochberg_rejects_four() {
        // Journal of the Royal Statistical Society B 57 (1995), section 4.1: 15 p-values, four rejected at 0.05.
        let p = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
            0.7590, 1.0,
        ];
        let q = benjamini_hochberg(&p);
        assert_eq!(q.iter().filter(|q| **q <= 0.05).count(), 4);
        // By hand: 0.0298·15/7 is below 0.0278·15/6 and 0.0201·15/5, so the three share it.
        for (index, expected) in
            [(0, 0.0015), (3, 0.035_625), (4, 0.0603), (5, 0.063_857_142_857), (6, 0.063_857_142_857)]
        {
            assert!((q[index] - expected).abs() < 1e-12, "{index}: {}", q[index]);
        }
        assert_eq!(q[14], 1.0);
    }

    #[test]
    fn no_tests_have_no_q_values() {
        assert!(benjamini_hochberg(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn q_values_follow_the_p_values_not_their_places(mut p in proptest::collection::vec(0.0..=1.0_f64, 1..40)) {
            let q = benjamini_hochberg(&p);
            for (p, q) in p.iter().zip(&q) {
                prop_assert!(q >= p && *q <= 1.0);
            }
            let mut sorted = q.clone();
            sorted.sort_by(f64::total_cmp);
            p.sort_by(f64::total_cmp);
            prop_assert_eq!(benjamini_hochberg(&p), sorted);
        }
    }
}
