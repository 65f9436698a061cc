//! What goes with the segments and with the outcome window, found in rounds over all customers.

use super::{
    inputs_of::inputs_of,
    measure::Measured,
    personas::Persona,
    rounds::{StageRounds, unexpected},
};
use crate::rounds::drive;
use arrow::datatypes::{DataType, Field};
use segmenter_proto::{
    Result,
    jobs::{Job, SourceKind},
    methods::{Method, SegmentationModel},
    v1::{AssignDone, DriversRequest, MeasureTask, SegmentCounts, Stage, answer, task},
};
use segmenter_worker::{
    frame::score_names,
    measure::{
        Basis, DriversFound, DriversScope, DriversSolver, FEWEST_CLAIMED, FeatureScope, NamedFeature,
        OutcomeDriversScope, RankedDrivers, RulesScope, SegmentDriversScope, TreeScope, outcome_drivers, rule_rows,
        segment_drivers,
    },
    results::{DriverRow, RuleRow},
};

/// What is known of a run when drivers are looked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) job: &'a Job,
    /// Columns of `features/` behind the id.
    pub(super) columns: &'a [Field],
    /// Positions of those that profiles tell about.
    pub(super) profiled: &'a [usize],
    pub(super) models: &'a [SegmentationModel],
    /// What judges the segments; none of a job without an outcome window.
    pub(super) outcome: Option<Basis>,
    pub(super) assigned: &'a AssignDone,
}

/// What goes with the segments, and with the outcome.
#[derive(Debug)]
pub struct AllDrivers {
    /// One a segmentation.
    pub(super) ranked: Vec<RankedDrivers>,
    pub(super) personas: Vec<Persona>,
    pub(super) found: DriversFound,
}

impl Known<'_> {
    /// Gives the names of the features that profiles tell about.
    pub(super) fn names(&self) -> Vec<String> {
        self.profiled.iter().map(|at| self.columns[*at].name().clone()).collect()
    }

    pub(super) fn fewest(&self) -> u64 {
        self.job.privacy.min_cell.max(FEWEST_CLAIMED)
    }

    pub(super) fn has_purchases(&self) -> bool {
        self.job.sources.iter().any(|source| source.kind == SourceKind::Transactions)
    }

    fn ranked(&self, measured: &[Measured]) -> Result<Vec<RankedDrivers>> {
        let names = self.names();
        let ranked = self.models.iter().zip(measured).map(|(model, measured)| {
            let keys: Vec<String> = model.segments().into_iter().map(|segment| segment.key).collect();
            let features: Vec<(String, bool)> =
                names.iter().cloned().zip(inputs_of(self.job, model.segmentation(), &names)?).collect();
            let scope = SegmentDriversScope {
                segmentation: model.segmentation(),
                segment_keys: &keys,
                overlapping: model.model().overlapping(),
                features: &features,
                min_cell: self.job.privacy.min_cell,
            };
            segment_drivers(&scope, &measured.profile)
        });
        ranked.collect()
    }

    /// Gives the names of scores, which are no features that a person knows.
    pub(super) fn scores(&self) -> Vec<String> {
        let segmentations = self.job.segmentations.iter().enumerate();
        let scored = segmentations.filter(|(_, own)| matches!(own.method, Method::Rfm(_)));
        scored.flat_map(|(at, _)| score_names(self.job, at)).collect()
    }

    /// Gives which features trees look at, the strongest first, without scores.
    fn trees(&self, ranked: &[RankedDrivers]) -> Vec<TreeScope> {
        let names = self.names();
        let scores = self.scores();
        let tree = |((model, ranked), counts): ((&SegmentationModel, &RankedDrivers), &SegmentCounts)| {
            let unranked = (0..names.len()).filter(|at| !ranked.ranked.contains(at));
            let all = ranked.ranked.iter().copied().chain(unranked);
            let wanted: Vec<usize> = all.filter(|at| !scores.contains(&names[*at])).collect();
            let ranked = if model.model().overlapping() { Vec::new() } else { wanted };
            TreeScope { customers: counts.customers.clone(), ranked }
        };
        self.models.iter().zip(ranked).zip(&self.assigned.segmentations).map(tree).collect()
    }

    /// Looks for them.
    ///
    /// # Errors
    /// See the workers' stage.
    pub(super) async fn drivers(
        &self,
        rounds: &StageRounds<'_>,
        models_json: &str,
        measured: &[Measured],
    ) -> Result<AllDrivers> {
        let (ranked, personas) = (self.ranked(measured)?, self.personas(measured));
        let fewest = self.fewest();
        let first = self.models.first().zip(measured.first()).zip(self.assigned.segmentations.first());
        let (features, customers) = match first {
            Some(((model, measured), counts)) => (
                FeatureScope::of(&measured.profile, model.model().overlapping(), self.profiled, fewest),
                counts.customers.iter().sum(),
            ),
            None => (Vec::new(), 0),
        };
        let is_known = self.has_purchases() && self.outcome.is_some_and(|outcome| outcome.not_over().is_none());
        let solver = DriversSolver::new(DriversScope {
            features,
            columns: self.columns.len() as u32,
            trees: self.trees(&ranked),
            personas: personas.iter().map(|persona| persona.group.clone()).collect(),
            outcome: is_known.then_some(customers),
            fewest,
        })?;
        let ask = async |request: DriversRequest| {
            let drivers = Some(request);
            let work = MeasureTask { models: models_json.to_owned(), drivers, ..MeasureTask::default() };
            match rounds.over_shards(Stage::Measure, task::Work::Measure(work), |_| {}).await? {
                answer::Result::Measure(answer) => answer.drivers.ok_or_else(|| unexpected("drivers")),
                _ => Err(unexpected("measure")),
            }
        };
        let (found, _) = drive(rounds.compute(), solver, ask).await?;
        Ok(AllDrivers { ranked, personas, found })
    }

    /// Gives the rows of `drivers.parquet`.
    pub(super) fn driver_rows(&self, drivers: &AllDrivers) -> Vec<DriverRow> {
        let mut rows: Vec<DriverRow> = drivers.ranked.iter().flat_map(|ranked| ranked.rows.iter().cloned()).collect();
        if let Some(outcome) = self.outcome.filter(|_| self.has_purchases()) {
            let keys = |model: &SegmentationModel| model.segments().into_iter().map(|segment| segment.key).collect();
            let segmentations: Vec<(&str, Vec<String>)> =
                self.models.iter().map(|model| (model.segmentation(), keys(model))).collect();
            let scope = OutcomeDriversScope {
                features: &self.names(),
                segmentations: &segmentations,
                outcome,
                min_cell: self.job.privacy.min_cell,
            };
            rows.extend(outcome_drivers(&scope, &drivers.found));
        }
        rows
    }

    /// Gives the rows of `rules.parquet`.
    pub(super) fn rule_rows(&self, drivers: &AllDrivers) -> Vec<RuleRow> {
        let found = &drivers.found;
        let columns = self.profiled.iter().map(|at| &self.columns[*at]);
        let bins = found.features.iter().zip(found.bins.first().into_iter().flatten());
        let named = columns.zip(bins).map(|(column, (feature, bins))| NamedFeature {
            name: column.name(),
            is_boolean: column.data_type() == &DataType::Boolean,
            has_nulls: bins.get(feature.values()).is_some_and(|nulls| *nulls > 0),
        });
        let named: Vec<NamedFeature<'_>> = named.collect();
        let of_tree = self.models.iter().zip(&found.trees).flat_map(|(model, tree)| {
            let keys: Vec<String> = model.segments().into_iter().map(|segment| segment.key).collect();
            let scope = RulesScope {
                segmentation: model.segmentation(),
                segment_keys: &keys,
                overlapping: model.model().overlapping(),
                features: &found.features,
                named: &named,
                fewest: self.fewest(),
            };
            rule_rows(&scope, tree)
        });
        of_tree.collect()
    }
}
