//! What forecasts would have been worth: models that are fitted on what came before a hold-out window, beside what came to pass in it.

use super::{Forecaster, History};
use segmenter_proto::{
    Error, ExactSum, Result,
    jobs::Lifetime,
    models::{CalibrationRow, LifetimeFit},
    v1::{LifetimeAnswer, LifetimeCuts},
};

/// Customers are put in so many bins by what is forecast of them.
pub const DECILES: u32 = 10;
/// What is forecast: orders, and what they are worth.
pub const FORECASTS: usize = 2;
/// Sums of a bin: forecast, came to pass, and the distance between them.
const SUMS: usize = 3;

/// A customer as known before the window, and what came to pass in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeldOut {
    /// As known before.
    pub history: History,
    /// Days with an order in the window; none where that could not be computed.
    pub orders: Option<f64>,
    /// What they were worth; so too.
    pub value: Option<f64>,
}

/// What is forecast of a customer, and what came to pass: orders and their value; none where nothing is forecast.
pub type Outcome = [Option<(f64, f64)>; FORECASTS];

/// Forecasts the window for customers by models that were fitted on what came before.
pub fn outcomes(lifetime: &Lifetime, fit: &LifetimeFit, held: &[HeldOut]) -> Vec<Outcome> {
    let mut forecaster = Forecaster::undiscounted(lifetime, fit, lifetime.holdout_days);
    let outcome = |held: &HeldOut| {
        let forecast = forecaster.of(&held.history);
        [forecast.orders.zip(held.orders), forecast.value.zip(held.value)]
    };
    held.iter().map(outcome).collect()
}

/// Answers, for each forecast and bin between its cuts, how many customers there are and what was forecast of them and came to pass; and how
/// many have no forecast.
pub fn answer_calibration(outcomes: &[Outcome], cuts: &[LifetimeCuts]) -> Result<LifetimeAnswer> {
    if cuts.len() != FORECASTS {
        return Err(Error::bug("bins of other forecasts were asked for"));
    }
    let mut answer = LifetimeAnswer::default();
    for (at, cuts) in cuts.iter().enumerate() {
        let mut counts = vec![0; DECILES as usize + 1];
        let mut sums = vec![[(); SUMS].map(|()| ExactSum::default()); DECILES as usize];
        for outcome in outcomes {
            let Some((forecast, came)) = outcome[at] else {
                counts[DECILES as usize] += 1;
                continue;
            };
            let bin = cuts.values.partition_point(|cut| *cut < forecast).min(DECILES as usize - 1);
            counts[bin] += 1;
            for (sum, part) in sums[bin].iter_mut().zip([forecast, came, (forecast - came).abs()]) {
                if !sum.add(part) {
                    return Err(Error::bug("a forecast is no number"));
                }
            }
        }
        answer.counts.extend(counts);
        answer.sums.extend(sums.iter().flatten().map(ExactSum::to_message));
    }
    Ok(answer)
}

/// Gives the rows of `calibration.parquet` of a preset: each bin, and all together; figures of fewer than `min_cell` customers are null.
pub fn calibration_rows(
    features: [String; FORECASTS],
    answer: &LifetimeAnswer,
    min_cell: u64,
) -> Result<Vec<CalibrationRow>> {
    let bins = DECILES as usize;
    if answer.counts.len() != FORECASTS * (bins + 1) || answer.sums.len() != FORECASTS * bins * SUMS {
        return Err(Error::bug("bins of other forecasts came back"));
    }
    let mut rows = Vec::new();
    for (at, feature) in features.into_iter().enumerate() {
        let counts = &answer.counts[at * (bins + 1)..][..=bins];
        let mut sums = Vec::new();
        for bin in answer.sums[at * bins * SUMS..][..bins * SUMS].chunks_exact(SUMS) {
            sums.push(bin.iter().map(ExactSum::from_message).collect::<Result<Vec<_>>>()?);
        }
        let mut all = vec![ExactSum::default(); SUMS];
        for bin in &sums {
            all.iter_mut().zip(bin).for_each(|(all, part)| all.merge(part));
        }
        let error = all[SUMS - 1].value();
        let row = |decile: Option<i32>, n: u64, sums: &[ExactSum]| {
            let reason = match n {
                0 if decile.is_some() => Some("nobody: equal forecasts share a decile".to_owned()),
                0 => Some("nobody of whom it is forecast and known what came to pass".to_owned()),
                n if n < min_cell => Some(format!("fewer than {min_cell} customers")),
                _ => None,
            };
            let known = reason.is_none();
            let mean = |sum: usize| sums.get(sum).filter(|_| known).map(|sum| sum.value() / n as f64);
            let share = sums.last().filter(|_| known && error > 0.0).map(|own| own.value() / error);
            CalibrationRow {
                feature: feature.clone(),
                decile,
                n,
                left_out: counts[bins],
                predicted: mean(0),
                actual: mean(1),
                mae: mean(2),
                error_share: share,
                reason,
            }
        };
        rows.extend((1..).zip(&sums).map(|(decile, sums)| row(Some(decile), counts[decile as usize - 1], sums)));
        rows.push(row(None, counts[..bins].iter().sum(), &all));
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_add_up_to_all() {
        // 40 customers with forecasts 1 to 4, of whom 30 each came to pass one more; of ten nothing is forecast of value.
        let outcomes: Vec<Outcome> = (0..40)
            .map(|number| {
                let forecast = f64::from(1 + number % 4);
                let orders = (forecast, forecast + f64::from(u8::from(number < 30)));
                [Some(orders), (number < 30).then_some((10.0 * forecast, 0.0))]
            })
            .collect();
        let cuts = |values: &[f64]| LifetimeCuts { values: values.to_vec() };
        // As nearest ranks cut them: equal forecasts share a bin.
        let cuts = [
            cuts(&[1.0, 1.0, 2.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0]),
            cuts(&[10.0, 10.0, 20.0, 20.0, 30.0, 30.0, 30.0, 40.0, 40.0]),
        ];
        let mut total = answer_calibration(&outcomes[..17], &cuts).unwrap();
        let rest = answer_calibration(&outcomes[17..], &cuts).unwrap();
        super::super::merge_lifetime_answers(&mut total, &rest).unwrap();
        assert_eq!(total, answer_calibration(&outcomes, &cuts).unwrap());
        let rows = calibration_rows(["orders".to_owned(), "value".to_owned()], &total, 8).unwrap();
        assert_eq!(rows.len(), 22);
        let (bins, all) = (&rows[..10], &rows[10]);
        assert_eq!(bins.iter().map(|row| row.n).collect::<Vec<_>>(), [10, 0, 10, 0, 0, 10, 0, 10, 0, 0]);
        assert_eq!((bins[0].predicted, bins[0].actual, bins[0].mae), (Some(1.0), Some(1.8), Some(0.8)));
        assert_eq!((all.decile, all.n, all.left_out), (None, 40, 0));
        assert_eq!(
            (all.predicted, all.actual, all.mae, all.error_share),
            (Some(2.5), Some(3.25), Some(0.75), Some(1.0))
        );
        let shares: f64 = bins.iter().filter_map(|row| row.error_share).sum();
        assert!((shares - 1.0).abs() < 1e-12);
        assert_eq!(bins[1].reason.as_deref(), Some("nobody: equal forecasts share a decile"));
        // Of the values of bins of seven nothing is shown.
        let (value, of_all) = (&rows[11..21], &rows[21]);
        assert_eq!((value[4].n, of_all.n, of_all.left_out), (7, 30, 10));
        assert!(
            value[7].n == 7 && value[7].mae.is_none() && value[7].reason.as_deref() == Some("fewer than 8 customers")
        );
        assert!(of_all.mae.is_some());
    }
}
