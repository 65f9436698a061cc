//! From values to places.

/// A line of numbers on paper.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Scale {
    /// Gives a scale that has room for these values between the places `from` and `to`.
    pub(super) fn over(values: impl Iterator<Item = f64>, [from, to]: [f64; 2]) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.filter(|value| value.is_finite()) {
            low = low.min(value);
            high = high.max(value);
        }
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        // What begins near zero begins at zero.
        if low > 0.0 && low < 0.4 * high {
            low = 0.0;
        }
        if low == high {
            (low, high) = (low - low.abs().max(1.0) * 0.5, high + high.abs().max(1.0) * 0.5);
        }
        Self { low, high, from, to }
    }

    /// Gives the place of a value.
    pub(super) fn place(&self, value: f64) -> f64 {
        let share = (value - self.low) / (self.high - self.low);
        self.from + share.clamp(0.0, 1.0) * (self.to - self.from)
    }

    /// Gives round values on the scale, about `wanted` of them.
    pub(super) fn ticks(&self, wanted: u32) -> Vec<f64> {
        let span = self.high - self.low;
        if !span.is_finite() || span <= 0.0 {
            return Vec::new();
        }
        let mut decade = 1.0;
        while decade * 10.0 <= span {
            decade *= 10.0;
        }
        while decade > span {
            decade /= 10.0;
        }
        let fits = |step: &f64| span / step <= f64::from(wanted);
        let steps = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0].map(|part| part * decade);
        let Some(step) = steps.into_iter().find(fits) else { return Vec::new() };
        let first = (self.low / step).ceil();
        (0..=wanted + 1).map(|at| (first + f64::from(at)) * step).take_while(|tick| *tick <= self.high).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_places_and_round_ticks() {
        let scale = Scale::over([3.0, 97.0].into_iter(), [100.0, 200.0]);
        assert_eq!((scale.place(0.0), scale.place(97.0), scale.place(1e9)), (100.0, 200.0, 200.0));
        assert_eq!(scale.ticks(5), [0.0, 20.0, 40.0, 60.0, 80.0]);
        assert_eq!(Scale::over([900.0, 1000.0].into_iter(), [0.0, 1.0]).ticks(2), [900.0, 950.0, 1000.0]);
        assert_eq!(Scale::over([5.0].into_iter(), [0.0, 10.0]).place(5.0), 5.0);
        assert!(Scale::over([f64::NAN].into_iter(), [0.0, 10.0]).place(0.5).is_finite());
    }
}
