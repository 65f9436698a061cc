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
    fn undefined_values_are_not_numbers() {
        assert!(ln(-1.0).is_nan() && sqrt(-1.0).is_nan() && powf(-1.0, 0.5).is_nan());
        assert_eq!(ln(0.0), f64::NEG_INFINITY);
    }
}
