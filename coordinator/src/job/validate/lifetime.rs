//! What a preset that forecasts asks for.

use super::features::Checker;
use super::text::window_days;
use crate::job::raw::{RawOrderModel, RawPreset, RawSample, RawStep};
use segmenter_proto::jobs::{Lifetime, OrderModel, Step};
use segmenter_worker::families::{families, family};

const HORIZON_DAYS: u32 = 365;
const HOLDOUT_DAYS: u32 = 180;
const MARGIN: f64 = 1.0;
const DISCOUNT_RATE: f64 = 0.1;
const SAMPLE: u64 = 200_000;

impl Checker<'_> {
    /// Checks how a preset forecasts; none of presets that do not, to which such keys are unknown.
    pub(super) fn lifetime(&mut self, preset: &str, raw: &RawPreset, path: &str) -> Option<Lifetime> {
        if family(preset)?.fitted.is_empty() {
            self.keys_of_forecasts(preset, path);
            return None;
        }
        Some(Lifetime {
            model: match raw.model {
                Some(RawOrderModel::BgNbd) => OrderModel::BgNbd,
                // Most customers of most shops have come once: that all of them are certainly still there helps nobody.
                None | Some(RawOrderModel::MbgNbd) => OrderModel::MbgNbd,
            },
            step: match raw.step {
                Some(RawStep::Day) => Step::Day,
                None | Some(RawStep::Week) => Step::Week,
                Some(RawStep::Month) => Step::Month,
            },
            horizon_days: self.days("horizon", raw.horizon.as_deref(), HORIZON_DAYS, path),
            holdout_days: self.days("holdout", raw.holdout.as_deref(), HOLDOUT_DAYS, path),
            margin: raw.margin.unwrap_or(MARGIN),
            discount_rate: raw.discount_rate.unwrap_or(DISCOUNT_RATE),
            sample: match raw.sample {
                None => Some(SAMPLE),
                Some(RawSample::About(sample)) => Some(sample),
                Some(RawSample::All(_)) => None,
            },
        })
    }

    /// Reads a number of days; the default stands for what cannot be read.
    fn days(&mut self, key: &str, text: Option<&str>, default: u32, path: &str) -> u32 {
        let Some(text) = text else { return default };
        window_days(text).unwrap_or_else(|| {
            self.findings
                .wrong(&format!("{path}.{key}"), format!("`{key}` is \"{text}\""))
                .expect(format!("days such as \"{default}d\""));
            default
        })
    }

    /// Refuses keys of forecasts at another preset.
    fn keys_of_forecasts(&mut self, preset: &str, path: &str) {
        let forecasting = families().iter().filter(|family| !family.fitted.is_empty());
        let forecasting: Vec<String> = forecasting.map(|family| format!("`{}`", family.name)).collect();
        for key in ["model", "step", "horizon", "holdout", "margin", "discount_rate", "sample"] {
            let at = format!("{path}.{key}");
            if self.findings.places.value(&at).is_some() {
                self.findings
                    .wrong(&at, format!("the preset `{preset}` forecasts nothing, and `{key}` is of a forecast"))
                    .expect(format!("`{key}` at the preset {}", forecasting.join(" or ")));
            }
        }
    }
}
