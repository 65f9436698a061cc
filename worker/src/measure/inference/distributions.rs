//! The normal and Student's t distribution.

use std::f64::consts::{PI, SQRT_2};

/// Gives P(|Z| ≥ |z|) of a standard normal Z.
pub(super) fn normal_two_sided(z: f64) -> f64 {
    libm::erfc(z.abs() / SQRT_2)
}

/// Gives P(|T| ≥ |t|) of Student's t with `df` > 0 degrees of freedom, which need not be whole.
///
/// It is the regularised incomplete beta function I_x(df/2, 1/2) at x = df / (df + t²) (Abramowitz and Stegun 26.7.1),
/// by its continued fraction (26.5.8), on the side where that converges fast. The relative error grows with the degrees
/// of freedom, to about 10⁻¹⁶·df: 10⁻⁸ at a hundred million customers.
pub(super) fn student_two_sided(t: f64, df: f64) -> f64 {
    let square = t * t;
    if square == 0.0 {
        return 1.0;
    }
    if !square.is_finite() {
        return 0.0;
    }
    let (a, b) = (df / 2.0, 0.5);
    let x = df / (df + square);
    let y = square / (df + square);
    let log_front = log_gamma_half_step(a) - 0.5 * libm::log(PI) - a * libm::log1p(square / df) + 0.5 * libm::log(y);
    let front = libm::exp(log_front);
    let tail = if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(a, b, x) / a
    } else {
        1.0 - front * beta_fraction(b, a, y) / b
    };
    tail.clamp(0.0, 1.0)
}

/// Gives the t > 0 with P(|T| ≥ t) = 1 − `level`.
pub(super) fn student_quantile(level: f64, df: f64) -> f64 {
    two_sided_quantile(level, |t| student_two_sided(t, df))
}

/// Gives the z > 0 with P(|Z| ≥ z) = 1 − `level`.
pub(in super::super) fn normal_quantile(level: f64) -> f64 {
    two_sided_quantile(level, normal_two_sided)
}

/// Gives where a chance of both sides, which falls, comes down to 1 − `level`, by bisection to the last bit that tells.
fn two_sided_quantile(level: f64, two_sided: impl Fn(f64) -> f64) -> f64 {
    let tail = 1.0 - level;
    let mut high = 2.0;
    while two_sided(high) > tail {
        high *= 2.0;
    }
    let mut low = 0.0;
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            return middle;
        }
        if two_sided(middle) > tail {
            low = middle;
        } else {
            high = middle;
        }
    }
}

/// Gives ln Γ(a + 1/2) − ln Γ(a): by its series where both terms are so large that their difference would lose digits.
fn log_gamma_half_step(a: f64) -> f64 {
    if a < 40.0 {
        return libm::lgamma(a + 0.5) - libm::lgamma(a);
    }
    let r = 1.0 / a;
    let r2 = r * r;
    0.5 * libm::log(a) - r * (1.0 / 8.0 - r2 * (1.0 / 192.0 - r2 * (1.0 / 640.0 - r2 * (17.0 / 14336.0))))
}

/// The continued fraction of the incomplete beta function, by Lentz's method.
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    const SMALLEST: f64 = 1e-300;
    const STEPS: u32 = 100_000;
    let away_from_zero = |value: f64| if value.abs() < SMALLEST { SMALLEST } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for step in 1..=STEPS {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away_from_zero(1.0 + even * d);
        c = away_from_zero(1.0 + even / c);
        fraction *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away_from_zero(1.0 + odd * d);
        c = away_from_zero(1.0 + odd / c);
        let change = d * c;
        fraction *= change;
        if (change - 1.0).abs() < 1e-16 {
            break;
        }
    }
    fraction
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{ContinuousCDF, StudentsT};

    /// The standard normal quantile at 0.975.
    const NORMAL_975: f64 = 1.959_963_984_540_054;

    #[test]
    fn student_quantiles_are_those_of_the_printed_tables() {
        // Two-sided 95 %: any table of Student's t, to the digits printed.
        for (df, expected) in [
            (1.0, 12.706_204_736),
            (2.0, 4.302_652_730),
            (5.0, 2.570_581_836),
            (10.0, 2.228_138_852),
            (30.0, 2.042_272_456),
            (120.0, 1.979_930_405),
        ] {
            assert!((student_quantile(0.95, df) - expected).abs() < 1e-8, "{df}");
        }
        assert!((student_quantile(0.95, 1e9) - NORMAL_975).abs() < 1e-8);
    }

    #[test]
    fn tails_with_one_and_two_degrees_have_a_closed_form() {
        for t in [1e-6_f64, 0.3, 1.0, 2.5, 40.0, 1e5] {
            let one = 1.0 - 2.0 / PI * t.atan();
            let two = 1.0 - t / (2.0 + t * t).sqrt();
            assert!((student_two_sided(t, 1.0) - one).abs() < 1e-13, "{t}");
            assert!((student_two_sided(t, 2.0) - two).abs() < 1e-13, "{t}");
        }
    }

    #[test]
    fn tails_agree_with_another_implementation() {
        for df in [0.7, 3.3, 24.5, 79.0, 81.0, 5_000.0] {
            let other = StudentsT::new(0.0, 1.0, df).unwrap();
            for t in [0.01, 0.5, 1.7, 2.4, 6.0, 20.0] {
                let (ours, theirs) = (student_two_sided(t, df), 2.0 * other.sf(t));
                assert!((ours - theirs).abs() <= 1e-8 * theirs.max(1e-30), "t {t}, df {df}: {ours} and {theirs}");
            }
        }
    }

    #[test]
    fn tails_with_many_degrees_follow_the_expansion_around_the_normal() {
        // Abramowitz and Stegun 26.7.8, first term: 2φ(z)·(z³ + z)/(4·df) above the normal tail.
        for (z, df) in [(0.1_f64, 1e6), (1.7, 2e6), (3.0, 1e8), (5.0, 1e9)] {
            let density = (-z * z / 2.0).exp() / (2.0 * PI).sqrt();
            let expected = normal_two_sided(z) + 2.0 * density * (z * z * z + z) / (4.0 * df);
            let ours = student_two_sided(z, df);
            assert!((ours / expected - 1.0).abs() < 1e-16 * df, "{z}: {ours} and {expected}");
        }
    }

    #[test]
    fn tails_are_the_published_ones() {
        // The three examples of the article "Welch's t-test" of Wikipedia: t, degrees of freedom, p.
        for (t, df, p) in [(-2.46, 25.0, 0.021), (-1.57, 9.9, 0.149), (-2.22, 24.5, 0.036)] {
            assert!((student_two_sided(t, df) - p).abs() < 1.5e-3, "{t}");
        }
    }

    #[test]
    fn the_series_meets_the_gamma_function_where_it_takes_over() {
        let exact = libm::lgamma(40.5) - libm::lgamma(40.0);
        assert!((log_gamma_half_step(40.0) - exact).abs() < 1e-13);
    }

    #[test]
    fn normal_quantiles_are_those_of_the_printed_tables() {
        for (level, expected) in [(0.8, 1.281_551_565_545), (0.95, NORMAL_975), (0.99, 2.575_829_303_549)] {
            assert!((normal_quantile(level) - expected).abs() < 1e-12, "{level}");
        }
    }

    #[test]
    fn normal_tails_are_those_of_the_printed_tables() {
        assert!((normal_two_sided(NORMAL_975) - 0.05).abs() < 1e-15);
        assert!((normal_two_sided(-2.575_829_303_548_901) - 0.01).abs() < 1e-15);
        assert_eq!(normal_two_sided(0.0), 1.0);
    }
}
