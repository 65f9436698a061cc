//! Intervals and tests of means, and of ratios that are means once linearised.

use super::{
    differences::welch_df,
    distributions::{student_quantile, student_two_sided},
};

/// A mean-like estimate from one sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Its squared standard error.
    pub variance: f64,
    /// Degrees of freedom of that: the sample's size less one, above 0.
    pub df: f64,
}

/// Gives the interval value ± t·standard error at a level such as 0.95.
pub(in super::super) fn t_interval(estimate: &Estimate, level: f64) -> (f64, f64) {
    let half = student_quantile(level, estimate.df) * estimate.variance.sqrt();
    (estimate.value - half, estimate.value + half)
}

/// Gives the two-sided p-value of Welch's t test with the degrees of freedom of Welch and Satterthwaite; none where
/// neither sample varies.
pub(in super::super) fn welch_p_value(a: &Estimate, b: &Estimate) -> Option<f64> {
    let df = welch_df(a, b)?;
    Some(student_two_sided((a.value - b.value) / (a.variance + b.variance).sqrt(), df))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(n: f64, mean: f64, variance: f64) -> Estimate {
        Estimate { value: mean, variance: variance / n, df: n - 1.0 }
    }

    #[test]
    fn against_a_sample_that_does_not_vary_it_is_the_one_sample_test() {
        // t = 2.228138852 with 10 degrees of freedom, p = 0.05, however large the other sample is.
        let a = sample(11.0, 2.228_138_852, 11.0);
        let b = sample(1e6, 0.0, 0.0);
        assert!((welch_p_value(&a, &b).unwrap() - 0.05).abs() < 1e-9);
        assert_eq!(welch_p_value(&a, &b), welch_p_value(&b, &a));
    }

    #[test]
    fn welch_gives_the_published_p_value() {
        // Example 1 of the article "Welch's t-test" of Wikipedia, from its rounded means and variances.
        let p = welch_p_value(&sample(15.0, 20.8, 7.9), &sample(15.0, 23.0, 3.8)).unwrap();
        assert!((p - 0.021).abs() < 1.5e-3, "{p}");
    }

    #[test]
    fn equal_samples_give_the_pooled_degrees_of_freedom() {
        // Equal sizes and variances: df = 2(n − 1) = 10, t = 2.228138852, p = 0.05.
        let a = sample(6.0, 0.0, 3.0);
        let b = sample(6.0, 2.228_138_852, 3.0);
        assert!((welch_p_value(&a, &b).unwrap() - 0.05).abs() < 1e-9);
    }

    #[test]
    fn an_interval_of_a_mean_is_the_textbook_one() {
        // n 11, mean 50, s 4: 50 ± 2.228138852·4/√11 = 50 ± 2.68723.
        let (low, high) = t_interval(&sample(11.0, 50.0, 16.0), 0.95);
        assert!((low - 47.312_77).abs() < 1e-5 && (high - 52.687_23).abs() < 1e-5, "{low} {high}");
    }

    #[test]
    fn samples_that_do_not_vary_have_no_test() {
        assert_eq!(welch_p_value(&sample(5.0, 1.0, 0.0), &sample(5.0, 2.0, 0.0)), None);
    }
}
