//! What the figures decide; every decision says its reason.

use segmenter_proto::{
    Error, Result,
    methods::{Scale, Transform},
    models::{AppliedScale, AppliedTransform, FeatureTransform},
    statistics::{CentralSums, Summary},
};

/// Skewness beyond this asks for a transform.
const SKEWED: f64 = 1.0;
/// Kurtosis beyond this (3 is normal) asks for median and interquartile range.
const HEAVY_TAILED: f64 = 10.0;

/// The raw quantiles that decisions need; `None` where no value is known.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Quantiles {
    pub lower: Option<f64>,
    pub p25: Option<f64>,
    pub median: Option<f64>,
    pub p75: Option<f64>,
    pub upper: Option<f64>,
}

/// Decides transform and cuts of a feature from its raw values.
pub(super) fn decide_transform(
    name: &str,
    asked: Transform,
    summary: &Summary,
    shape: &CentralSums,
    quantiles: &Quantiles,
) -> Result<FeatureTransform> {
    let mut feature = FeatureTransform {
        name: name.to_owned(),
        lower: quantiles.lower,
        upper: quantiles.upper,
        imputed: quantiles.median,
        nulls: summary.nulls + summary.not_finite,
        ..FeatureTransform::default()
    };
    if summary.not_finite > 0 {
        feature.reasons.push(format!("{} values that are not finite count as null", summary.not_finite));
    }
    let Some(min) = summary.min else {
        feature.reasons.push("no value is known: every customer gets 0".to_owned());
        return Ok(feature);
    };
    let (transform, reason) = match asked {
        Transform::None => (AppliedTransform::None, "transform none: as the job says".to_owned()),
        Transform::Asinh => (AppliedTransform::Asinh, "transform asinh: as the job says".to_owned()),
        Transform::Log if min <= -1.0 => {
            return Err(Error::job(format!(
                "feature `{name}` cannot be transformed by \"log\": it has values of -1 and below, expected more than -1"
            ))
            .with_hint("use transform \"asinh\" or \"auto\""));
        }
        Transform::Log => (AppliedTransform::Log, "transform log: as the job says".to_owned()),
        Transform::Auto => automatic(min, shape.skewness()),
    };
    feature.transform = transform;
    feature.reasons.push(reason);
    Ok(feature)
}

fn automatic(min: f64, skewness: Option<f64>) -> (AppliedTransform, String) {
    match skewness {
        None => (AppliedTransform::None, "transform none: all values are equal".to_owned()),
        Some(skewness) if min >= 0.0 && skewness > SKEWED => {
            (AppliedTransform::Log, format!("transform log: no value below 0, skewness {skewness:.3} above {SKEWED}"))
        }
        Some(skewness) if min < 0.0 && skewness.abs() > SKEWED => (
            AppliedTransform::Asinh,
            format!("transform asinh: values below 0, skewness {skewness:.3} beyond ±{SKEWED}"),
        ),
        Some(skewness) => (AppliedTransform::None, format!("transform none: skewness {skewness:.3}")),
    }
}

/// Decides centre and scale from the cut and transformed values.
pub(super) fn decide_scale(
    feature: &mut FeatureTransform,
    asked: Scale,
    summary: &Summary,
    shape: &CentralSums,
    quantiles: &Quantiles,
) {
    let Some(mean) = summary.mean() else {
        feature.scaling = AppliedScale::Constant;
        return;
    };
    let deviation = shape.standard_deviation().unwrap_or(0.0);
    if summary.is_constant() || deviation == 0.0 {
        feature.scaling = AppliedScale::Constant;
        (feature.center, feature.scale) = (mean, 0.0);
        feature.reasons.push("constant: all values are equal after the cuts, so it separates nobody".to_owned());
        return;
    }
    let seen = |value: Option<f64>| value.map_or(mean, |value| feature.transform.forward(feature.cut(value)));
    let (median, range) = (seen(quantiles.median), seen(quantiles.p75) - seen(quantiles.p25));
    let (wanted, reason) = match asked {
        Scale::None => (AppliedScale::None, "scale none: as the job says".to_owned()),
        Scale::Zscore => (AppliedScale::Zscore, "scale zscore: as the job says".to_owned()),
        Scale::Robust => (AppliedScale::Robust, "scale robust: as the job says".to_owned()),
        Scale::Auto => match shape.kurtosis() {
            Some(kurtosis) if kurtosis > HEAVY_TAILED => {
                (AppliedScale::Robust, format!("scale robust: kurtosis {kurtosis:.3} above {HEAVY_TAILED}"))
            }
            Some(kurtosis) => (AppliedScale::Zscore, format!("scale zscore: kurtosis {kurtosis:.3}")),
            None => (AppliedScale::Zscore, "scale zscore: the kurtosis is not known".to_owned()),
        },
    };
    feature.reasons.push(reason);
    feature.scaling = wanted;
    if wanted == AppliedScale::Robust && range <= 0.0 {
        feature.scaling = AppliedScale::Zscore;
        feature.reasons.push("scale zscore: the interquartile range is 0".to_owned());
    }
    (feature.center, feature.scale) = match feature.scaling {
        AppliedScale::Robust => (median, range),
        AppliedScale::Zscore => (mean, deviation),
        AppliedScale::None | AppliedScale::Constant => (0.0, 1.0),
    };
}
