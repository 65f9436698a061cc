//! Chance as a pure function of (seed, purpose, number, index): integers and `libm`, so that no platform changes a bit.

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// SplitMix64's increment (Steele, Lea and Flood 2014).
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The draws of one purpose for one customer: draw i is a hash of (seed, purpose, number, i).
#[derive(Debug, Clone)]
pub(super) struct Stream {
    state: u64,
}

impl Stream {
    /// Starts the draws of one purpose for one customer.
    pub(super) fn new(seed: u64, purpose: &str, number: u64) -> Self {
        Self { state: xxh3_64_with_seed(&number.to_le_bytes(), xxh3_64_with_seed(purpose.as_bytes(), seed)) }
    }

    /// Gives the next draw, uniform over all of u64.
    pub(super) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        let z = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in the open interval (0, 1), so that its logarithm is finite.
    pub(super) fn uniform(&mut self) -> f64 {
        ((self.next() >> 12) as f64 + 0.5) / (1u64 << 52) as f64
    }

    /// True with this probability.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// Uniform over `low..=high`; `low` where the range is empty.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = high.saturating_sub(low).max(0) as u64 + 1;
        low + ((u128::from(self.next()) * u128::from(width)) >> 64) as i64
    }

    /// Position in `weights`, which need not sum to 1.
    pub(super) fn choice(&mut self, weights: &[f64]) -> usize {
        let mut left = self.uniform() * weights.iter().sum::<f64>();
        for (position, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return position;
            }
        }
        weights.len().saturating_sub(1)
    }

    /// Exponential with mean 1.
    pub(super) fn exponential(&mut self) -> f64 {
        -libm::log(self.uniform())
    }

    /// Standard normal (Box and Muller 1958, the cosine branch).
    pub(super) fn normal(&mut self) -> f64 {
        let radius = libm::sqrt(2.0 * self.exponential());
        radius * libm::cos(core::f64::consts::TAU * self.uniform())
    }

    /// Gamma of this shape with scale 1 (Marsaglia and Tsang 2000).
    pub(super) fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            let boost = libm::pow(self.uniform(), 1.0 / shape);
            return boost * self.gamma(shape + 1.0);
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / libm::sqrt(9.0 * d);
        loop {
            let z = self.normal();
            let v = 1.0 + c * z;
            if v <= 0.0 {
                continue;
            }
            let v = v * v * v;
            if libm::log(self.uniform()) < 0.5 * z * z + d - d * v + d * libm::log(v) {
                return d * v;
            }
        }
    }

    /// Beta(a, b).
    pub(super) fn beta(&mut self, a: f64, b: f64) -> f64 {
        let x = self.gamma(a);
        x / (x + self.gamma(b))
    }

    /// Poisson of a small mean, by its waiting times.
    pub(super) fn poisson(&mut self, mean: f64) -> u32 {
        let mut count = 0;
        let mut waited = self.exponential();
        while waited < mean {
            count += 1;
            waited += self.exponential();
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::Stream;

    fn moments(mut draw: impl FnMut(&mut Stream) -> f64) -> (f64, f64) {
        let mut stream = Stream::new(7, "test", 1);
        let values: Vec<f64> = (0..40_000).map(|_| draw(&mut stream)).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / values.len() as f64;
        (mean, variance)
    }

    fn close(found: (f64, f64), mean: f64, variance: f64) {
        assert!((found.0 - mean).abs() < 0.03 * (1.0 + mean.abs()), "mean {} for {mean}", found.0);
        assert!((found.1 - variance).abs() < 0.06 * (0.1 + variance), "variance {} for {variance}", found.1);
    }

    #[test]
    fn every_distribution_has_its_mean_and_variance() {
        close(moments(Stream::uniform), 0.5, 1.0 / 12.0);
        close(moments(Stream::exponential), 1.0, 1.0);
        close(moments(Stream::normal), 0.0, 1.0);
        close(moments(|s| s.gamma(0.4)), 0.4, 0.4);
        close(moments(|s| s.gamma(6.0)), 6.0, 6.0);
        close(moments(|s| s.beta(2.0, 6.0)), 0.25, 12.0 / (64.0 * 9.0));
        close(moments(|s| f64::from(s.poisson(0.8))), 0.8, 0.8);
        close(moments(|s| s.between(-2, 3) as f64), 0.5, 35.0 / 12.0);
        close(moments(|s| s.choice(&[1.0, 0.0, 3.0]) as f64), 1.5, 0.75);
    }

    #[test]
    fn streams_depend_on_seed_purpose_and_number() {
        let first = |seed, purpose, number| Stream::new(seed, purpose, number).next();
        assert_eq!(first(1, "a", 2), first(1, "a", 2));
        assert_ne!(first(1, "a", 2), first(2, "a", 2));
        assert_ne!(first(1, "a", 2), first(1, "b", 2));
        assert_ne!(first(1, "a", 2), first(1, "a", 3));
    }
}
