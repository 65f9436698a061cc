//! Elementary functions of f64 in pure Rust (the `libm` crate, a port of musl's).
//!
//! The standard library's `f64::ln` and the like call the platform's C library, whose last bit differs between systems;
//! everything that can reach a result uses these instead.

/// Gives the natural logarithm; −∞ at 0, NaN below.
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}

/// Gives ln(1 + x), exact to the last bits for small `x`.
pub fn ln_1p(x: f64) -> f64 {
    libm::log1p(x)
}

/// Gives the logarithm to base 10; −∞ at 0, NaN below.
pub fn log10(x: f64) -> f64 {
    libm::log10(x)
}

/// Gives the logarithm to base 2; −∞ at 0, NaN below.
pub fn log2(x: f64) -> f64 {
    libm::log2(x)
}

/// Gives e to the power of `x`.
pub fn exp(x: f64) -> f64 {
    libm::exp(x)
}

/// Gives exp(x) − 1, exact to the last bits for small `x`.
pub fn exp_m1(x: f64) -> f64 {
    libm::expm1(x)
}

/// Gives `x` to the power of `y`; NaN for a negative `x` with a fractional `y`.
pub fn powf(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}

/// Gives the square root, correctly rounded; NaN below 0.
pub fn sqrt(x: f64) -> f64 {
    libm::sqrt(x)
}

/// Gives the inverse hyperbolic sine, ln(x + √(x² + 1)).
pub fn asinh(x: f64) -> f64 {
    libm::asinh(x)
}

/// Gives the hyperbolic sine, the inverse of [`asinh`].
pub fn sinh(x: f64) -> f64 {
    libm::sinh(x)
}

/// Gives ln|Γ(x)|.
pub fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}

/// From here on the series of [`digamma`] and [`trigamma`] are exact to the last bits.
const FAR: f64 = 10.0;

/// Gives the derivative of ln Γ(x) for positive `x`: recurrence up to 10, then the asymptotic series (Abramowitz and Stegun 6.3.5, 6.3.18).
pub fn digamma(mut x: f64) -> f64 {
    let mut below = 0.0;
    while x < FAR {
        below += 1.0 / x;
        x += 1.0;
    }
    let y = 1.0 / (x * x);
    // B₂ₙ / 2n.
    let series = [1.0 / 12.0, -1.0 / 120.0, 1.0 / 252.0, -1.0 / 240.0, 1.0 / 132.0, -691.0 / 32760.0, 1.0 / 12.0];
    let tail = series.iter().rev().fold(0.0, |sum, factor| y * (factor + sum));
    ln(x) - 0.5 / x - tail - below
}

/// Gives the second derivative of ln Γ(x) for positive `x` (Abramowitz and Stegun 6.4.6, 6.4.12).
pub fn trigamma(mut x: f64) -> f64 {
    let mut below = 0.0;
    while x < FAR {
        below += 1.0 / (x * x);
        x += 1.0;
    }
    let y = 1.0 / (x * x);
    // B₂ₙ.
    let series = [1.0 / 6.0, -1.0 / 30.0, 1.0 / 42.0, -1.0 / 30.0, 5.0 / 66.0, -691.0 / 2730.0, 7.0 / 6.0];
    let tail = series.iter().rev().fold(0.0, |sum, factor| y * (factor + sum));
    (1.0 + 0.5 / x + tail) / x + below
}

/// Gives the error function, the integral of the normal density scaled to ±1.
pub fn erf(x: f64) -> f64 {
    libm::erf(x)
}

/// Gives 1 − erf(x) without cancellation for large `x`.
pub fn erfc(x: f64) -> f64 {
    libm::erfc(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_those_of_every_other_machine() {
        // Recorded once; a change here changes results, so it needs a new algorithm version.
        assert_eq!(ln(10.0).to_bits(), std::f64::consts::LN_10.to_bits());
        // One bit above the nearest.
        assert_eq!(exp(1.0).to_bits(), std::f64::consts::E.to_bits() + 1);
        assert!((ln_1p(1e-10) - 9.9999999995e-11).abs() < 1e-25);
        assert_eq!(powf(2.0, 0.5), std::f64::consts::SQRT_2);
        assert_eq!(sqrt(2.0), std::f64::consts::SQRT_2);
        assert_eq!(log10(1000.0), 3.0);
        assert_eq!(log2(8.0), 3.0);
    }

    #[test]
    fn inverses_meet() {
        for x in [-30.5, -1.0, -1e-9, 0.0, 0.25, 7.0, 300.0] {
            assert!((sinh(asinh(x)) - x).abs() <= 1e-12 * f64::abs(x).max(1.0));
            assert!((exp_m1(ln_1p(f64::abs(x))) - f64::abs(x)).abs() <= 1e-12 * f64::abs(x).max(1.0));
        }
        assert!((ln_gamma(5.0) - ln(24.0)).abs() < 1e-14);
        assert!((erf(0.5) + erfc(0.5) - 1.0).abs() < 1e-15);
    }

    #[test]
    fn derivatives_of_ln_gamma_are_those_of_tables() {
        // mpmath 1.3, 30 digits.
        for (x, first, second) in [
            (0.001, -1_000.575_571_931_810_3, 1_000_001.642_533_195_9),
            (0.25, -4.227_453_533_376_265, 17.197_329_154_507_11),
            (1.0, -0.577_215_664_901_532_9, 1.644_934_066_848_226_4),
            (3.75, 1.182_537_388_611_796_2, 0.305_339_852_690_253_1),
            (10.0, 2.251_752_589_066_721, 0.105_166_335_681_685_75),
            (123.5, 4.812_187_109_433_143, 0.008_130_036_519_855_761),
            (1e6, 13.815_510_057_964_191, 1.000_000_500_000_166_7e-6),
        ] {
            assert!((digamma(x) / first - 1.0).abs() < 4e-15, "{x}: {}", digamma(x));
            assert!((trigamma(x) / second - 1.0).abs() < 4e-15, "{x}: {}", trigamma(x));
        }
    }

    #[test]
    fn undefined_values_are_not_numbers() {
        assert!(ln(-1.0).is_nan() && sqrt(-1.0).is_nan() && powf(-1.0, 0.5).is_nan());
        assert_eq!(ln(0.0), f64::NEG_INFINITY);
    }
}
