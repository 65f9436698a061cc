//! Models that forecast: fitted in the stage "population", before what derived features have to know.

use super::{
    driver::json,
    rounds::{StageRounds, unexpected},
};
use crate::{rounds::drive, warning::Warning};
use segmenter_proto::{
    Result,
    jobs::Lifetime,
    models::{Calibration, CalibrationRow, KnownLifetime, LifetimeFit, Population, PopulationValue},
    v1::{
        FitAnswer, FitTask, LifetimeCalibration, LifetimeCuts, LifetimeForecasts, LifetimeRequest, Stage, answer,
        fit_answer, fit_task, lifetime_request::Asked, task,
    },
};
use segmenter_worker::{
    expression::PopulationFunction,
    features::{LifetimePlan, LifetimePreset, PopulationSolver},
    lifetime::{DECILES, LifetimeSolver, calibration_rows},
    notes::Subject,
};

/// Fits the models of all presets that forecast, and judges such forecasts; figures of fewer than `min_cell` customers are not shown.
///
/// # Errors
/// See the workers' stage.
pub async fn lifetimes(rounds: &StageRounds<'_>, plan: &LifetimePlan, min_cell: u64) -> Result<Vec<KnownLifetime>> {
    let mut known = Vec::new();
    for (number, preset) in (0..).zip(plan.presets()) {
        let lifetime = &preset.lifetime;
        let fit = fit(rounds, number, false, lifetime).await?;
        let calibration = calibration(rounds, number, preset, min_cell).await?;
        let suffix = preset.suffix.clone();
        known.push(KnownLifetime { suffix, model: lifetime.model, step: lifetime.step, fit, calibration });
    }
    Ok(known)
}

async fn fit(rounds: &StageRounds<'_>, number: u32, held_out: bool, lifetime: &Lifetime) -> Result<LifetimeFit> {
    let solver = LifetimeSolver::new(number, held_out, lifetime.clone());
    let ask = async |request| match round(rounds, request).await? {
        fit_answer::Round::Lifetime(answer) => Ok(answer),
        _ => Err(unexpected("lifetime")),
    };
    Ok(drive(rounds.compute(), solver, ask).await?.0)
}

/// Fits on what came before the hold-out window, and holds the forecasts of it against what came to pass.
async fn calibration(
    rounds: &StageRounds<'_>,
    number: u32,
    preset: &LifetimePreset,
    min_cell: u64,
) -> Result<Calibration> {
    let holdout_days = preset.lifetime.holdout_days;
    let fit = fit(rounds, number, true, &preset.lifetime).await?;
    if let Some(reason) = &fit.orders.reason {
        let reason = format!("before the window, {reason}");
        let rows = preset.calibrated().map(|feature| not_calibrated(feature, fit.customers, &reason)).to_vec();
        return Ok(Calibration { holdout_days, fit, rows });
    }
    let json = json(&fit)?;
    let asking = |asked| LifetimeRequest { preset: number, up_to: u64::MAX, held_out: true, asked: Some(asked) };
    let ask = async |statistics| {
        let asked = LifetimeForecasts { fit: json.clone(), statistics: Some(statistics) };
        match round(rounds, asking(Asked::Forecasts(asked))).await? {
            fit_answer::Round::Statistics(answer) => Ok(answer),
            _ => Err(unexpected("lifetime")),
        }
    };
    let deciles = PopulationSolver::new(vec![PopulationFunction::Bin(DECILES); 2]);
    let (found, _) = drive(rounds.compute(), deciles, ask).await?;
    let cuts = found.into_iter().map(|(_, cuts)| match cuts {
        PopulationValue::Cuts(values) => Ok(LifetimeCuts { values }),
        _ => Err(unexpected("lifetime")),
    });
    let asked = LifetimeCalibration { fit: json.clone(), cuts: cuts.collect::<Result<_>>()? };
    match round(rounds, asking(Asked::Calibration(asked))).await? {
        fit_answer::Round::Lifetime(answer) => {
            let mut rows = calibration_rows(preset.calibrated(), &answer, min_cell)?;
            if let Some(reason) = &fit.order_value.reason {
                let [_, value] = preset.calibrated();
                rows.retain(|row| row.feature != value);
                rows.push(not_calibrated(value, fit.customers, &format!("before the window, {reason}")));
            }
            Ok(Calibration { holdout_days, fit, rows })
        }
        _ => Err(unexpected("lifetime")),
    }
}

/// Says of all customers that their forecasts cannot be judged.
fn not_calibrated(feature: String, left_out: u64, reason: &str) -> CalibrationRow {
    let (decile, n, reason) = (None, 0, Some(reason.to_owned()));
    CalibrationRow { feature, decile, n, left_out, predicted: None, actual: None, mae: None, error_share: None, reason }
}

async fn round(rounds: &StageRounds<'_>, request: LifetimeRequest) -> Result<fit_answer::Round> {
    let work = FitTask { round: Some(fit_task::Round::Lifetime(request)), ..FitTask::default() };
    match rounds.over_shards(Stage::Fit, task::Work::Fit(work), |_| {}).await? {
        answer::Result::Fit(FitAnswer { round: Some(answer) }) => Ok(answer),
        _ => Err(unexpected("lifetime")),
    }
}

/// Says which models are not known, or odd.
pub fn doubtful_lifetimes(population: &Population) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for known in &population.lifetimes {
        let preset = match known.suffix.as_str() {
            "" => "preset clv".to_owned(),
            suffix => format!("preset clv with the suffix {suffix}"),
        };
        let (orders, value) = (&known.fit.orders, &known.fit.order_value);
        let mut warn = |text: String| warnings.push(Warning::of(Subject::Features, format!("{preset}: {text}")));
        match (&orders.reason, &value.reason) {
            (Some(reason), _) => warn(format!("what it forecasts is null: {reason}")),
            (None, Some(reason)) => warn(format!("the value of orders, and with it clv, is null: {reason}")),
            (None, None) => {}
        }
        let held_out = &known.calibration;
        if let (None, Some(reason)) = (&orders.reason, &held_out.fit.orders.reason) {
            warn(format!(
                "what such forecasts are worth is not known: before the last {} days, {reason}; `holdout` may be shorter",
                held_out.holdout_days
            ));
        }
        let remarks = orders.remarks.iter().map(|remark| ("orders", remark));
        for (what, remark) in remarks.chain(value.remarks.iter().map(|remark| ("the value of an order", remark))) {
            warn(format!("in the model of {what}, {remark}"));
        }
    }
    warnings
}
