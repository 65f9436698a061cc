//! The stage "fit" of models that forecast: rounds over the histories of a shard's customers.

use super::{
    budget::Reservation,
    memory::{Held, Slot},
    worker::Worker,
};
use crate::{
    features::LifetimePreset,
    lifetime::{answer_calibration, answer_lifetime, outcomes},
    segmentation::transform::{FeatureColumn, column_statistics},
};
use arrow::array::{Float64Array, RecordBatch};
use segmenter_proto::{
    Error, Result,
    models::LifetimeFit,
    v1::{LifetimeRequest, fit_answer::Round, lifetime_request::Asked},
};
use std::sync::Arc;

/// A shard's features, and what is taken out of them.
const WITH_TAKEN_OUT: u64 = 2;

impl Worker {
    /// Answers about the histories of a shard's customers.
    pub(super) fn lifetime(&self, shard: u32, request: &LifetimeRequest) -> Result<Round> {
        let presets = self.plan.lifetimes().presets();
        let preset = presets.get(request.preset as usize).ok_or_else(|| Error::bug("no such preset forecasts"))?;
        match &request.asked {
            Some(Asked::Forecasts(asked)) => {
                let (_held, rows) = self.for_histories(shard)?;
                let outcomes = outcomes(&preset.lifetime, &fit_of(&asked.fit)?, &preset.judged(&rows)?);
                let columns: Vec<FeatureColumn> = (0..2)
                    .map(|at| outcomes.iter().map(|outcome| Some(outcome[at]?.0)).collect::<Float64Array>())
                    .map(FeatureColumn::Number)
                    .collect();
                let statistics = asked.statistics.as_ref();
                let statistics = statistics.ok_or_else(|| Error::bug("a round of forecasts asks nothing"))?;
                Ok(Round::Statistics(column_statistics(statistics, &columns)?))
            }
            Some(Asked::Calibration(asked)) => {
                let (_held, rows) = self.for_histories(shard)?;
                let outcomes = outcomes(&preset.lifetime, &fit_of(&asked.fit)?, &preset.judged(&rows)?);
                Ok(Round::Lifetime(answer_calibration(&outcomes, &asked.cuts)?))
            }
            _ => self.likelihood(shard, preset, request),
        }
    }

    fn likelihood(&self, shard: u32, preset: &LifetimePreset, request: &LifetimeRequest) -> Result<Round> {
        let slot = Slot::Lifetime(request.preset * 2 + u32::from(request.held_out));
        if let Some(kept) = self.memory.get(shard, slot)
            && let Held::Histories(histories) = &*kept
            && histories.are_up_to(request.up_to)
        {
            return answer_lifetime(&preset.lifetime, request, histories).map(Round::Lifetime);
        }
        let (held, rows) = self.for_histories(shard)?;
        let histories = preset.sample(&rows, request.held_out, self.spec.job.seed, request.up_to)?;
        drop(rows);
        let answer = answer_lifetime(&preset.lifetime, request, &histories)?;
        drop(held);
        // Who there is is asked once, and of all.
        if !matches!(request.asked, Some(Asked::Counts(_))) {
            let bytes = histories.bytes();
            self.memory.keep_if_free(shard, slot, &Arc::new(Held::Histories(histories)), bytes);
        }
        Ok(Round::Lifetime(answer))
    }

    /// Gives a shard's features as they are stored, with the memory that they and what is taken out of them take held.
    fn for_histories(&self, shard: u32) -> Result<(Reservation<'_>, RecordBatch)> {
        let needed = WITH_TAKEN_OUT * self.size_of_features(shard)?;
        self.memory.note_work(needed);
        let held = self.memory.reserve(needed, &format!("the customers of shard {shard}"))?;
        Ok((held, self.read_features(shard)?))
    }
}

fn fit_of(json: &str) -> Result<LifetimeFit> {
    serde_json::from_str(json).map_err(|error| Error::bug("models could not be read from a task").caused_by(error))
}
