//! A value with its first and second derivatives by some variables: a likelihood is written once, as a formula, and Newton's method has
//! what it needs.

use segmenter_proto::pure_math::{digamma, exp, ln, ln_1p, ln_gamma, trigamma};
use std::ops::{Add, Mul, Sub};

/// A value, its slope and its bend (gradient and Hessian) by `N` variables.
#[derive(Debug, Clone, Copy)]
pub(super) struct Jet<const N: usize> {
    pub(super) value: f64,
    pub(super) slope: [f64; N],
    pub(super) bend: [[f64; N]; N],
}

/// Up to so many factors are multiplied one by one; the difference of two ln Γ is as good beyond, and faster.
const FEW_FACTORS: u32 = 64;

impl<const N: usize> Jet<N> {
    /// Gives a value that depends on nothing.
    pub(super) fn constant(value: f64) -> Self {
        Self { value, slope: [0.0; N], bend: [[0.0; N]; N] }
    }

    /// Gives constants by their logarithms, which are the variables: what is positive needs no bounds then.
    pub(super) fn of_logarithms(at: &[f64; N]) -> [Self; N] {
        std::array::from_fn(|number| {
            let value = exp(at[number]);
            let mut jet = Self::constant(value);
            jet.slope[number] = value;
            jet.bend[number][number] = value;
            jet
        })
    }

    /// Gives a function of it, from the function's value and its first and second derivative here.
    fn through(&self, value: f64, first: f64, second: f64) -> Self {
        let slope = self.slope.map(|slope| first * slope);
        let bend = std::array::from_fn(|row| {
            std::array::from_fn(|column| {
                first * self.bend[row][column] + second * (self.slope[row] * self.slope[column])
            })
        });
        Self { value, slope, bend }
    }

    pub(super) fn plus(mut self, number: f64) -> Self {
        self.value += number;
        self
    }

    pub(super) fn times(&self, number: f64) -> Self {
        self.through(self.value * number, number, 0.0)
    }

    pub(super) fn ln(&self) -> Self {
        let inverse = 1.0 / self.value;
        self.through(ln(self.value), inverse, -(inverse * inverse))
    }

    pub(super) fn ln_gamma(&self) -> Self {
        self.through(ln_gamma(self.value), digamma(self.value), trigamma(self.value))
    }

    /// Gives ln Γ(x + n) − ln Γ(x): of a few factors as the sum of their logarithms, in which nothing cancels.
    pub(super) fn ln_rising(&self, n: u32) -> Self {
        let x = self.value;
        if n > FEW_FACTORS {
            let far = x + f64::from(n);
            let value = ln_gamma(far) - ln_gamma(x);
            return self.through(value, digamma(far) - digamma(x), trigamma(far) - trigamma(x));
        }
        let (mut value, mut first, mut second) = (0.0, 0.0, 0.0);
        for factor in (0..n).map(|step| x + f64::from(step)) {
            value += ln(factor);
            first += 1.0 / factor;
            second -= 1.0 / (factor * factor);
        }
        self.through(value, first, second)
    }

    /// Gives ln(1 + t / x), without the cancellation of ln(x + t) − ln x.
    pub(super) fn ln_one_plus_part(&self, t: f64) -> Self {
        let x = self.value;
        let first = -t / (x * (x + t));
        self.through(ln_1p(t / x), first, -first * (1.0 / x + 1.0 / (x + t)))
    }

    /// Gives ln(eˣ + eʸ).
    pub(super) fn ln_add_exp(&self, other: &Self) -> Self {
        let (large, small) = if self.value >= other.value { (self, other) } else { (other, self) };
        let distance = *small - *large;
        let part = exp(distance.value);
        // Of eˣ / (1 + eˣ), and that times the rest of 1.
        let share = part / (1.0 + part);
        *large + distance.through(ln_1p(part), share, share / (1.0 + part))
    }
}

impl<const N: usize> Add for Jet<N> {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self.value += other.value;
        for row in 0..N {
            self.slope[row] += other.slope[row];
            for column in 0..N {
                self.bend[row][column] += other.bend[row][column];
            }
        }
        self
    }
}

impl<const N: usize> Sub for Jet<N> {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self + other.times(-1.0)
    }
}

impl<const N: usize> Mul for Jet<N> {
    type Output = Self;

    #[allow(clippy::suspicious_arithmetic_impl, reason = "the product rule adds")]
    fn mul(self, other: Self) -> Self {
        let cross =
            |row: usize, column: usize| self.slope[row] * other.slope[column] + other.slope[row] * self.slope[column];
        Self {
            value: self.value * other.value,
            slope: std::array::from_fn(|at| self.slope[at] * other.value + self.value * other.slope[at]),
            bend: std::array::from_fn(|row| {
                std::array::from_fn(|column| {
                    self.bend[row][column] * other.value + self.value * other.bend[row][column] + cross(row, column)
                })
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A formula in which every function stands.
    fn formula([x, y]: [Jet<2>; 2]) -> Jet<2> {
        let one = (x * y).plus(2.0).ln() + x.ln_gamma() - y.ln_rising(5).times(0.5) + x.ln_rising(100).times(0.01);
        one.ln_add_exp(&(y.ln_one_plus_part(3.0) * x)) + Jet::constant(1.0)
    }

    #[test]
    fn derivatives_are_those_of_differences() {
        let at = [0.3, -0.7];
        let value = |at: [f64; 2]| formula(Jet::of_logarithms(&at));
        let found = value(at);
        let step = 1e-5;
        for row in 0..2 {
            let moved = |by: f64| {
                let mut there = at;
                there[row] += by;
                value(there)
            };
            let (up, down) = (moved(step), moved(-step));
            assert!((found.slope[row] - (up.value - down.value) / (2.0 * step)).abs() < 1e-8);
            for column in 0..2 {
                let bend = (up.slope[column] - down.slope[column]) / (2.0 * step);
                assert!((found.bend[row][column] - bend).abs() < 1e-8, "{row} {column}");
            }
        }
    }

    #[test]
    fn many_factors_are_as_good_as_few() {
        let [x] = Jet::of_logarithms(&[1.2]);
        let few = x.ln_rising(FEW_FACTORS) + x.plus(f64::from(FEW_FACTORS)).ln();
        let many = x.ln_rising(FEW_FACTORS + 1);
        assert!((few.value - many.value).abs() < 1e-11 && (few.slope[0] - many.slope[0]).abs() < 1e-12);
        assert!((few.bend[0][0] - many.bend[0][0]).abs() < 1e-12);
    }
}
