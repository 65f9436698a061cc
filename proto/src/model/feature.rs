//! One number's way from original units to the integer grid.

use serde::{Deserialize, Serialize};

/// Grid units in 1: scaled values are integer multiples of 2⁻²⁰.
pub const GRID: f64 = 1_048_576.0;
/// The largest grid value: scaled values are clipped to ±8.
pub const MOST_UNITS: i32 = 8 << 20;

/// The transform before scaling, as it was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppliedTransform {
    /// x.
    #[default]
    None,
    /// ln(1 + x), −∞ from x = −1 downwards.
    Log,
    /// asinh(x).
    Asinh,
}

impl AppliedTransform {
    /// Gives the transformed value.
    #[inline]
    pub fn forward(self, value: f64) -> f64 {
        match self {
            Self::None => value,
            Self::Log if value <= -1.0 => f64::NEG_INFINITY,
            Self::Log => libm::log1p(value),
            Self::Asinh => libm::asinh(value),
        }
    }

    /// Gives the original value of a transformed one.
    pub fn inverse(self, value: f64) -> f64 {
        match self {
            Self::None => value,
            Self::Log => libm::expm1(value),
            Self::Asinh => libm::sinh(value),
        }
    }
}

/// The scaling after the transform, as it was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppliedScale {
    /// Centre 0, scale 1.
    #[default]
    None,
    /// Mean and standard deviation (n − 1).
    Zscore,
    /// Median and interquartile range.
    Robust,
    /// Every value is the same: all are 0.
    Constant,
}

/// How a numeric feature enters k-means, and why so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeatureTransform {
    /// The feature.
    pub name: String,
    /// The transform of the cut value.
    pub transform: AppliedTransform,
    /// Values below are raised to it, in original units.
    pub lower: Option<f64>,
    /// Values above are lowered to it, in original units.
    pub upper: Option<f64>,
    /// How `center` and `scale` were found.
    pub scaling: AppliedScale,
    /// Subtracted from the transformed value.
    pub center: f64,
    /// Divides the difference; 0: every scaled value is 0.
    pub scale: f64,
    /// Multiplies the scaled value after the clip; the largest of a segmentation is 1.
    pub weight: f64,
    /// Stands for null, in original units: the median of the scope. None: no value is known.
    pub imputed: Option<f64>,
    /// Nulls of the scope that were imputed.
    pub nulls: u64,
    /// Tells those whose value was imputed from the others; none where all values, or none, are known.
    pub indicator: Option<Indicator>,
    /// Share of the scope that the clip to ±8 changed.
    pub clipped_share: f64,
    /// Share of the scope that `lower` and `upper` changed.
    pub cut_share: f64,
    /// What was decided from which figures.
    pub reasons: Vec<String>,
}

/// Two levels, known and missing, beside a number that was imputed: those at the median because nothing is known of them are
/// not taken for typical.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Indicator {
    /// What the own level counts, in grid units of 2⁻²⁰.
    pub units: i32,
    /// Share of the scope without a value.
    pub missing_share: f64,
}

impl Default for FeatureTransform {
    fn default() -> Self {
        Self {
            name: String::new(),
            transform: AppliedTransform::None,
            lower: None,
            upper: None,
            scaling: AppliedScale::None,
            center: 0.0,
            scale: 0.0,
            weight: 1.0,
            imputed: None,
            nulls: 0,
            indicator: None,
            clipped_share: 0.0,
            cut_share: 0.0,
            reasons: vec![],
        }
    }
}

impl FeatureTransform {
    /// Gives the level of the indicator: 0 of a known value, 1 of null and of what is not finite.
    #[inline]
    pub fn missing_level(value: Option<f64>) -> usize {
        usize::from(!value.is_some_and(f64::is_finite))
    }

    /// Gives the scaled value before clip and weight; what is null or not finite counts as the imputed value.
    #[inline]
    pub fn scaled(&self, value: Option<f64>) -> f64 {
        let Some(value) = value.filter(|value| value.is_finite()).or(self.imputed) else { return 0.0 };
        if self.scale == 0.0 {
            return 0.0;
        }
        (self.transform.forward(self.cut(value)) - self.center) / self.scale
    }

    /// Gives the grid value: round(scaled, clipped to ±8, · weight · 2²⁰), half away from zero.
    #[inline]
    pub fn apply(&self, value: Option<f64>) -> i32 {
        to_units(self.scaled(value), self.weight)
    }

    /// Gives a scaled and weighted value (a centroid's) in original units.
    pub fn original(&self, weighted: f64) -> f64 {
        if self.scale == 0.0 {
            return self.imputed.unwrap_or(0.0);
        }
        self.transform.inverse(self.center + weighted / self.weight * self.scale)
    }

    /// Says whether winsorising changes a value.
    #[inline]
    pub fn is_cut(&self, value: Option<f64>) -> bool {
        value.is_some_and(|value| value.is_finite() && self.cut(value) != value)
    }

    /// Gives the value after winsorising.
    #[inline]
    pub fn cut(&self, value: f64) -> f64 {
        let raised = self.lower.map_or(value, |lower| value.max(lower));
        self.upper.map_or(raised, |upper| raised.min(upper))
    }
}

/// Puts a scaled value on the grid.
#[inline]
fn to_units(scaled: f64, weight: f64) -> i32 {
    (scaled.clamp(-8.0, 8.0) * weight * GRID).round() as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log() -> FeatureTransform {
        FeatureTransform {
            transform: AppliedTransform::Log,
            lower: Some(1.0),
            upper: Some(1000.0),
            scaling: AppliedScale::Zscore,
            center: 2.0,
            scale: 0.5,
            imputed: Some(10.0),
            ..Default::default()
        }
    }

    #[test]
    fn a_value_is_cut_transformed_scaled_and_put_on_the_grid() {
        let feature = log();
        let expected = |x: f64| (((x.ln_1p() - 2.0) / 0.5) * GRID).round() as i32;
        assert_eq!(feature.apply(Some(50.0)), expected(50.0));
        assert_eq!(feature.apply(Some(-7.0)), expected(1.0));
        assert_eq!(feature.apply(Some(1e300)), MOST_UNITS);
        assert_eq!(feature.apply(None), expected(10.0));
        assert_eq!(feature.apply(Some(f64::NAN)), expected(10.0));
        let scaled = f64::from(feature.apply(Some(50.0))) / GRID;
        assert!((feature.original(scaled) - 50.0).abs() < 1e-3);
    }

    #[test]
    fn halves_go_away_from_zero() {
        assert_eq!(to_units(0.5 / GRID, 1.0), 1);
        assert_eq!(to_units(-0.5 / GRID, 1.0), -1);
        assert_eq!((to_units(1e9, 1.0), to_units(f64::NEG_INFINITY, 1.0)), (MOST_UNITS, -MOST_UNITS));
    }

    #[test]
    fn the_weight_comes_after_the_clip_and_goes_before_the_way_back() {
        let feature = FeatureTransform { weight: 0.25, ..log() };
        assert_eq!(feature.apply(Some(1e300)), MOST_UNITS / 4);
        assert!((f64::from(feature.apply(Some(50.0))) * 4.0 - f64::from(log().apply(Some(50.0)))).abs() <= 2.0);
        assert!((feature.original(f64::from(feature.apply(Some(50.0))) / GRID) - 50.0).abs() < 1e-2);
    }

    #[test]
    fn below_its_domain_the_logarithm_is_the_lowest_value() {
        let feature = FeatureTransform { lower: None, ..log() };
        assert_eq!(feature.apply(Some(-1.0)), -MOST_UNITS);
        assert_eq!(feature.apply(Some(-5.0)), -MOST_UNITS);
    }

    #[test]
    fn a_constant_is_zero_and_keeps_its_value() {
        let feature = FeatureTransform { scaling: AppliedScale::Constant, scale: 0.0, imputed: Some(4.0), ..log() };
        assert_eq!((feature.apply(Some(9.0)), feature.original(0.0)), (0, 4.0));
        assert_eq!(FeatureTransform::default().apply(None), 0);
    }
}
