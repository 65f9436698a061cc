//! What changed since the run before, and whether that is more than the job allows.

use super::{
    drivers::{AllDrivers, Known},
    previous::Before,
    rounds::{StageRounds, unexpected},
};
use crate::report::{percentage, whole};
use segmenter_proto::{
    Error, Result,
    jobs::{DriftLimits, GateAction, Unit},
    v1::{DriversRequest, MeasureTask, SegmentChanges, Stage, TreeRequest, answer, task},
};
use segmenter_worker::{
    measure::{
        DistributedFeature, MovedShare, ProfileStatistic, compared_features, distribution_rows, feature_drift,
        migration_rows, moved_shares, segmentation_drift,
    },
    results::{DistributionRow, DriftRow, MigrationRow},
};

/// From here on a stability index is by convention worth a look (Siddiqi, Credit Risk Scorecards, 2006), and told where the job sets no limit.
const WORTH_A_LOOK: f64 = 0.25;
/// Features that are named in one sentence.
const MOST_NAMED: usize = 5;

/// What changed since the run before.
#[derive(Debug, Default)]
pub struct Drift {
    /// Rows of `migration.parquet`.
    pub migration: Vec<MigrationRow>,
    /// Rows of `drift.parquet`.
    pub rows: Vec<DriftRow>,
    /// Who moved, a line a segmentation, for people.
    pub told: String,
    /// What the run warns of.
    pub warnings: Vec<String>,
    /// Why the run stops; empty where it does not.
    pub stop: String,
}

impl Known<'_> {
    /// Gives the rows of `distributions.parquet`.
    pub(super) fn distributions(
        &self,
        drivers: &AllDrivers,
        profile: Option<&ProfileStatistic>,
    ) -> Vec<DistributionRow> {
        let (Some(profile), Some(everybody)) = (profile, drivers.found.bins.first()) else { return Vec::new() };
        let overlapping = self.models.first().is_some_and(|model| model.model().overlapping());
        let names = self.names();
        let features = names.iter().zip(&drivers.found.features).zip(everybody).zip(&profile.features);
        let features = features.map(|(((name, feature), customers), statistic)| DistributedFeature {
            name,
            feature,
            customers,
            std: statistic.standard_deviation(overlapping),
        });
        distribution_rows(&features.collect::<Vec<_>>(), self.fewest())
    }

    /// Compares features and segments with those of the run before, over all customers.
    ///
    /// # Errors
    /// See the workers' stage.
    pub(super) async fn drift(
        &self,
        rounds: &StageRounds<'_>,
        models_json: &str,
        before: &Before,
        drivers: &AllDrivers,
    ) -> Result<Drift> {
        let names = self.names();
        let features = names.iter().zip(&drivers.found.features);
        let features = features.map(|(name, own)| (name.as_str(), own.column, own.is_category()));
        let compared = compared_features(features, before.distributions());
        let mut now = Vec::new();
        if !compared.is_empty() {
            let request = DriversRequest {
                features: compared.iter().map(|own| own.feature.to_message()).collect(),
                bins: true,
                trees: vec![TreeRequest::default(); self.models.len()],
                ..DriversRequest::default()
            };
            let drivers = Some(request);
            let work = MeasureTask { models: models_json.to_owned(), drivers, ..MeasureTask::default() };
            let answer = match rounds.over_shards(Stage::Measure, task::Work::Measure(work), |_| {}).await? {
                answer::Result::Measure(answer) => answer.drivers.ok_or_else(|| unexpected("drivers"))?,
                _ => return Err(unexpected("measure")),
            };
            let mut counts = answer.personas.into_iter().next().unwrap_or_default().customers.into_iter();
            now.extend(compared.iter().map(|own| counts.by_ref().take(own.feature.bins()).collect::<Vec<u64>>()));
        }
        let mut rows = feature_drift(&names, &compared, &now);
        let changes = &self.assigned.changes;
        let overlapping = |own: &SegmentChanges| before.run.overlapping(&own.segmentation);
        let is_tier = |own: &SegmentChanges| before.run.tier.as_ref() == Some(&own.segmentation);
        let now: u64 = self.assigned.segmentations.first().map_or(0, |counts| counts.customers.iter().sum());
        let customers = [before.customers(), now];
        let mut migration = Vec::new();
        for own in changes {
            migration.extend(migration_rows(own, is_tier(own), self.job.privacy.min_cell));
            // Tiers are values of customers, whose shares are among the features.
            if !is_tier(own) {
                rows.extend(segmentation_drift(own, overlapping(own).then_some(customers)));
            }
        }
        let segmented = || changes.iter().filter(|own| !is_tier(own));
        let moved = moved_shares(segmented().map(|own| (own, overlapping(own))));
        let mut drift = Drift { migration, rows, ..Drift::default() };
        drift.told = told(&before.run.run, segmented(), overlapping);
        drift.judge(&self.job.quality.drift, self.job.unit, &before.run.run, &moved)?;
        Ok(drift)
    }
}

impl Drift {
    /// Finds what is beyond the job's limits, or beyond what is usual where it sets none.
    fn judge(&mut self, limits: &DriftLimits, unit: Unit, run: &str, moved: &[MovedShare]) -> Result<()> {
        let mut missed: Vec<String> = Vec::new();
        if let Some(limit) = limits.max_moved_share {
            let more = moved.iter().filter(|own| own.share > limit);
            missed.extend(more.map(|own| {
                format!(
                    "of {} {} in segmentation {} in this run and in run {run}, {} moved, more than quality.max_moved_share = {limit} allows",
                    whole(own.customers as i64),
                    unit.many(),
                    own.segmentation,
                    percentage(own.share)
                )
            }));
        }
        // Where a key is new or gone, sizes are far from what they were, whatever the data do.
        let is_new_or_gone =
            |row: &&DriftRow| row.measure == "share" && [row.value, row.previous_value].contains(&Some(0.0));
        let changed: Vec<&str> = self.rows.iter().filter(is_new_or_gone).map(|row| row.name.as_str()).collect();
        let is_judged = |row: &&DriftRow| row.subject == "feature" || !changed.contains(&row.name.as_str());
        let limit = limits.max_psi.unwrap_or(WORTH_A_LOOK);
        let mut far: Vec<(&DriftRow, f64)> = self
            .rows
            .iter()
            .filter(|row| row.measure == "psi")
            .filter(is_judged)
            .filter_map(|row| row.value.filter(|value| *value > limit).map(|value| (row, value)))
            .collect();
        far.sort_by(|(a, psi_a), (b, psi_b)| psi_b.total_cmp(psi_a).then_with(|| a.name.cmp(&b.name)));
        if !far.is_empty() {
            let named = far.iter().take(MOST_NAMED);
            let named = named.map(|(row, psi)| format!("{} {} (PSI {psi:.2})", row.subject, row.name));
            let named = named.collect::<Vec<_>>().join(", ");
            let more =
                if far.len() > MOST_NAMED { format!(" and {} more", far.len() - MOST_NAMED) } else { String::new() };
            let text = match limits.max_psi {
                Some(limit) => {
                    format!("since run {run} drifted by more than quality.max_psi = {limit} allows: {named}{more}")
                }
                None => format!(
                    "since run {run} drifted: {named}{more}; a population stability index beyond {WORTH_A_LOOK} is by convention worth a look"
                ),
            };
            match limits.max_psi {
                Some(_) => missed.push(text),
                None => self.warnings.push(text),
            }
        }
        match limits.action {
            GateAction::Warn => self.warnings.append(&mut missed),
            GateAction::Stop => self.stop = missed.join("; "),
        }
        Ok(())
    }
}

/// Gives the error with which a run stops that changed too much.
pub(super) fn too_far(stop: &str) -> Error {
    Error::data(stop.to_owned()).with_hint(
        "see whether an input is incomplete; [quality] sets the limits, drift_action = \"warn\" goes on, and `previous` of [output] names another run to compare with, or \"none\", with which keys of clusters begin at c01 again",
    )
}

/// Says how many came, left and moved, a line a segmentation.
pub(super) fn told<'a>(
    run: &str,
    changes: impl Iterator<Item = &'a SegmentChanges>,
    overlapping: impl Fn(&SegmentChanges) -> bool,
) -> String {
    let line = |own: &SegmentChanges| {
        let sum = |is: &dyn Fn(Option<&String>, Option<&String>) -> bool| {
            let own = own.moves.iter().filter(|own| is(own.before.as_ref(), own.now.as_ref()));
            whole(own.map(|own| own.customers).sum::<u64>() as i64)
        };
        let (joined, left) = (sum(&|before, _| before.is_none()), sum(&|_, now| now.is_none()));
        let stayed = sum(&|before, now| before.is_some() && before == now);
        let moved = sum(&|before, now| before.is_some() && now.is_some() && before != now);
        let moved = if overlapping(own) { String::new() } else { format!("{moved} moved, ") };
        format!("  {}: {moved}{stayed} stayed, {joined} joined, {left} left\n", own.segmentation)
    };
    let lines: String = changes.map(line).collect();
    if lines.is_empty() { lines } else { format!("\nsince run {run}:\n{lines}") }
}
