//! The result tables that the coordinator writes, from what was merged.

use super::{
    affinity::{affinity_records, affinity_table, affinity_warnings},
    drift::Drift,
    driver::json,
    drivers::{AllDrivers, Known},
    experiments::{experiment_table, experiment_warnings},
    exported::Exported,
    maps::map_tables,
    measure::{AllMeasured, Measured},
    message_tables::message_tables,
    recommend::Recommended,
    segments::{overlaps, segment_rows},
};
use crate::report::{SegmentationReport, segments_table};
use arrow::{array::RecordBatch, datatypes::Field};
use chrono::Days;
use segmenter_proto::{
    ALGORITHM_VERSION, Error, Result,
    jobs::{Job, SourceKind},
    methods::{FittedModels, ModelFile, SegmentationModel},
    models::CalibrationRow,
    v1::{AssignDone, Benefit, CohortCell, FitDone, MeasureDone, ResultFile, SelectionFigure},
};
use segmenter_worker::{
    measure::{
        Basis, CohortScope, Cohorts, CurveScope, EffectivenessScope, ProfileScope, ScorecardScope, Segment,
        cohort_rows, curve_rows, effectiveness_rows, is_profiled, predictive_power, profile_rows, scorecard_rows,
    },
    results::{
        CalibratedRow, CohortRow, EffectivenessRow, ProfileRow, QualityRow, RepeatCurveRow, ScorecardRow, SegmentRow,
        SelectionRow, affinity_batch, benefits_batch, calibration_batch, cohorts_batch, distributions_batch,
        drift_batch, drivers_batch, effectiveness_batch, experiments_batch, migration_batch, overlaps_batch,
        personas_batch, profiles_batch, quality_batch, repeat_curve_batch, rules_batch, scorecard_batch,
        segments_batch, selection_batch, write_table,
    },
    storage::Folder,
    words::Words,
};
use std::collections::BTreeMap;

/// What was found beside what was measured by segment.
#[derive(Debug)]
pub struct Found<'a> {
    /// What was recommended.
    pub recommended: Recommended,
    /// What was written for other tools.
    pub exported: Exported,
    /// What goes with the segments, and with the outcome.
    pub drivers: &'a AllDrivers,
    /// What changed since the run before; none where there is none.
    pub drift: Option<Drift>,
}

/// What the tables are made of.
#[derive(Debug)]
pub struct Tables<'a> {
    /// The job.
    pub job: &'a Job,
    /// Columns of `features/` behind the id.
    pub columns: &'a [Field],
    /// The models, in the order of the job, and what is known of the population.
    pub models: &'a FittedModels,
    /// What the log has of the fits, by segmentation; empty where nothing was fitted.
    pub fits: &'a [(String, FitDone)],
    /// What judges the segments; none of a job without an outcome window.
    pub outcome: Option<Basis>,
    /// Who comes back, by the month of the first order.
    pub cohorts: &'a [CohortCell],
    /// The table of benefits.
    pub benefits: &'a [Benefit],
    /// Columns of text that the end table takes.
    pub width: usize,
    /// The number of the next cluster of each segmentation that had clusters along the chain of runs before.
    pub next_keys: BTreeMap<String, u32>,
}

impl Tables<'_> {
    /// Gives the positions of the columns that profiles tell about.
    pub fn profiled(&self) -> Vec<usize> {
        (0..self.columns.len()).filter(|&at| is_profiled(self.columns[at].data_type())).collect()
    }

    /// Gives what is known when drivers are looked for.
    pub(super) fn known<'a>(&'a self, profiled: &'a [usize], assigned: &'a AssignDone) -> Known<'a> {
        Known {
            job: self.job,
            columns: self.columns,
            profiled,
            models: &self.models.segmentations,
            outcome: self.outcome,
            assigned,
        }
    }

    /// Writes the tables and `model.json`.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn write(
        &self,
        results: &Folder,
        quality: &[QualityRow],
        assigned: &AssignDone,
        measured: &AllMeasured,
        found: Found<'_>,
    ) -> Result<MeasureDone> {
        let AllMeasured { segmentations: measured, experiments, affinities, maps } = measured;
        let Found { recommended, exported, drivers, drift } = found;
        let segments = segment_rows(self.models, assigned);
        let profiles = self.profiles(measured)?;
        let effectiveness = self.effectiveness(measured)?;
        let mut selection = Vec::new();
        for (name, fit) in self.fits {
            let figures = fit.evidence.iter().flat_map(|evidence| &evidence.selection);
            selection.extend(figures.map(|figure| selection_row(name, figure)));
        }
        let profiled = self.profiled();
        let known = self.known(&profiled, assigned);
        let distributions = known.distributions(drivers, measured.first().map(|of_first| &of_first.profile));
        let mut files = vec![
            write(results, "distributions.parquet", &distributions_batch(&distributions)?).await?,
            write(results, "drivers.parquet", &drivers_batch(&known.driver_rows(drivers))?).await?,
            write(results, "personas.parquet", &personas_batch(&known.persona_rows(drivers, measured)?)?).await?,
            write(results, "rules.parquet", &rules_batch(&known.rule_rows(drivers))?).await?,
            write(results, "segments.parquet", &segments_batch(&segments)?).await?,
            write(results, "profiles.parquet", &profiles_batch(&profiles)?).await?,
            write(results, "effectiveness.parquet", &effectiveness_batch(&effectiveness)?).await?,
            write(
                results,
                "scorecard.parquet",
                &scorecard_batch(&self.scorecard(assigned, measured, &segments, &profiles))?,
            )
            .await?,
            write(results, "selection.parquet", &selection_batch(&selection)?).await?,
            write(results, "quality.parquet", &quality_batch(quality)?).await?,
            self.model(results).await?,
        ];
        if let Some(drift) = &drift {
            files.push(write(results, "migration.parquet", &migration_batch(&drift.migration)?).await?);
            files.push(write(results, "drift.parquet", &drift_batch(&drift.rows)?).await?);
        }
        if self.models.segmentations.iter().any(|model| model.model().overlapping()) {
            files.push(write(results, "overlaps.parquet", &overlaps_batch(&overlaps(self.models, assigned))?).await?);
        }
        // A score forecasts by a model that was judged on others.
        let is_fitted = !self.fits.is_empty();
        if is_fitted && !self.models.population.lifetimes.is_empty() {
            files.push(write(results, "calibration.parquet", &calibration_batch(&self.calibration())?).await?);
        }
        if self.job.sources.iter().any(|source| source.kind == SourceKind::Transactions) {
            files.push(write(results, "cohorts.parquet", &cohorts_batch(&self.cohorts()?)?).await?);
            let curves = self.repeat_curves(measured)?;
            files.push(write(results, "repeat_curve.parquet", &repeat_curve_batch(&curves)?).await?);
        }
        if !self.job.effectiveness.experiments.is_empty() {
            let experiments = experiment_table(self.job, self.models, self.outcome, experiments)?;
            files.push(write(results, "experiments.parquet", &experiments_batch(&experiments)?).await?);
        }
        for (name, table) in message_tables(self.job, self.models, self.outcome, measured)? {
            files.push(write(results, &format!("{name}.parquet"), &table).await?);
        }
        for (name, table) in map_tables(self.job, &self.models.segmentations, maps)? {
            files.push(write(results, &format!("{name}.parquet"), &table).await?);
        }
        let mut affinity = String::new();
        if !self.job.affinities.is_empty() {
            let rows = affinity_table(self.job, &self.models.segmentations, affinities)?;
            files.push(write(results, "affinity.parquet", &affinity_batch(&rows)?).await?);
            affinity = json(&affinity_records(self.job, affinities))?;
        }
        files.extend(recommended.files);
        files.extend(exported.files);
        if self.job.benefits.is_some() {
            let benefits = known.benefit_rows(self.benefits, measured)?;
            files.push(write(results, "benefits.parquet", &benefits_batch(&benefits)?).await?);
        }
        files.sort_by(|left, right| left.path.cmp(&right.path));
        let drift = drift.unwrap_or_default();
        let table = self.table(&segments, &profiles, assigned) + &drift.told;
        let warnings = experiment_warnings(self.job, self.models, experiments)?.into_iter();
        let warnings = warnings.chain(affinity_warnings(self.job, affinities)).chain(recommended.warnings);
        let warnings = warnings.map(|warning| warning.text).chain(drift.warnings).collect();
        let recommendations = recommended.record.as_ref().map(json).transpose()?.unwrap_or_default();
        let exports = if exported.records.is_empty() { String::new() } else { json(&exported.records)? };
        let segments = segments_json(&segments);
        Ok(MeasureDone { files, table, segments, warnings, affinity, recommendations, exports, stop: drift.stop })
    }

    /// Gives what forecasts of a hold-out window were worth, preset by preset.
    fn calibration(&self) -> Vec<CalibratedRow> {
        let row = |holdout_days: u32, found: &CalibrationRow| {
            let is_money = found.feature.starts_with("expected_value");
            CalibratedRow {
                window_start: self.job.as_of.checked_sub_days(Days::new(holdout_days.into())).unwrap_or(self.job.as_of),
                window_end: self.job.as_of,
                unit: if is_money { "currency_per_customer" } else { "orders_per_customer" }.to_owned(),
                currency: self.job.currency.clone().filter(|_| is_money),
                found: found.clone(),
            }
        };
        let all = self.models.population.lifetimes.iter().map(|known| &known.calibration);
        all.flat_map(|of| of.rows.iter().map(|found| row(of.holdout_days, found))).collect()
    }

    fn table(&self, segments: &[SegmentRow], profiles: &[ProfileRow], assigned: &AssignDone) -> String {
        let evidence_of = |model: &SegmentationModel| {
            let fit = self.fits.iter().find(|(name, _)| name == model.segmentation());
            fit.and_then(|(_, fit)| fit.evidence.as_ref())
        };
        let quality = |model: &SegmentationModel| {
            let figures = evidence_of(model).map_or(&[][..], |evidence| &evidence.figures);
            figures.iter().map(|figure| (figure.name.clone(), figure.value)).collect()
        };
        let own = |model: &SegmentationModel, row: &SegmentRow| row.segmentation == model.segmentation();
        let of: Vec<Vec<SegmentRow>> = self
            .models
            .segmentations
            .iter()
            .map(|model| segments.iter().filter(|row| own(model, row)).cloned().collect())
            .collect();
        let reports: Vec<SegmentationReport<'_>> = self
            .models
            .segmentations
            .iter()
            .zip(&of)
            .zip(&assigned.segmentations)
            .map(|((model, segments), counts)| SegmentationReport {
                name: model.segmentation(),
                words: Words::of(&self.job.report.language),
                currency: self.job.currency.as_deref(),
                unit: self.job.unit,
                method: model.method(),
                customers: counts.customers.iter().sum(),
                overlapping: model.model().overlapping(),
                segments,
                profiles,
                min_cell: self.job.privacy.min_cell,
                quality: quality(model),
            })
            .collect();
        segments_table(&reports, self.width)
    }

    fn profiles(&self, measured: &[Measured]) -> Result<Vec<ProfileRow>> {
        let features: Vec<String> = self.profiled().into_iter().map(|at| self.columns[at].name().clone()).collect();
        let min_cell = self.job.privacy.min_cell;
        let mut rows = Vec::new();
        for (model, measured) in self.models.segmentations.iter().zip(measured) {
            let keys: Vec<String> = model.segments().into_iter().map(|segment| segment.key).collect();
            let scope = ProfileScope {
                segmentation: model.segmentation(),
                segment_keys: &keys,
                overlapping: model.model().overlapping(),
                features: &features,
                min_cell,
            };
            let quartiles = |segment: usize, feature: usize| {
                measured.quartiles.get(feature * keys.len() + segment).copied().unwrap_or_default()
            };
            rows.extend(profile_rows(&scope, &measured.profile, &quartiles)?);
        }
        Ok(rows)
    }

    fn effectiveness(&self, measured: &[Measured]) -> Result<Vec<EffectivenessRow>> {
        let mut rows = Vec::new();
        for (model, measured) in self.models.segmentations.iter().zip(measured) {
            let keys: Vec<String> = model.segments().into_iter().map(|segment| segment.key).collect();
            let scope = |basis| EffectivenessScope {
                segmentation: model.segmentation(),
                segment_keys: &keys,
                overlapping: model.model().overlapping(),
                basis,
                as_of: self.job.as_of,
                currency: self.job.currency.as_deref(),
                has_purchases: self.job.sources.iter().any(|source| source.kind == SourceKind::Transactions),
                own: &self.job.effectiveness.metrics,
                level: self.job.effectiveness.confidence.level(),
            };
            rows.extend(effectiveness_rows(&scope(Basis::InSample), &measured.effectiveness)?);
            if let (Some(basis), Some(outcome)) = (self.outcome, &measured.outcome) {
                rows.extend(effectiveness_rows(&scope(basis), outcome)?);
            }
        }
        Ok(rows)
    }

    fn cohorts(&self) -> Result<Vec<CohortRow>> {
        let scope = CohortScope {
            as_of: self.job.as_of,
            currency: self.job.currency.as_deref(),
            min_cell: self.job.privacy.min_cell,
        };
        cohort_rows(&scope, &Cohorts::from_message(self.cohorts)?)
    }

    fn repeat_curves(&self, measured: &[Measured]) -> Result<Vec<RepeatCurveRow>> {
        let mut rows = Vec::new();
        for (model, measured) in self.models.segmentations.iter().zip(measured) {
            let keys: Vec<String> = model.segments().into_iter().map(|segment| segment.key).collect();
            let scope = |basis| CurveScope {
                segmentation: model.segmentation(),
                segment_keys: &keys,
                overlapping: model.model().overlapping(),
                basis,
                min_cell: self.job.privacy.min_cell,
                level: self.job.effectiveness.confidence.level(),
            };
            if let Some(gaps) = &measured.gaps {
                rows.extend(curve_rows(&scope(Basis::InSample), gaps)?);
            }
            if let (Some(basis), Some(returns)) = (self.outcome, &measured.returns) {
                rows.extend(curve_rows(&scope(basis), returns)?);
            }
        }
        Ok(rows)
    }

    fn scorecard(
        &self,
        assigned: &AssignDone,
        measured: &[Measured],
        segments: &[SegmentRow],
        profiles: &[ProfileRow],
    ) -> Vec<ScorecardRow> {
        let has = |kind| self.job.sources.iter().any(|source| source.kind == kind);
        let level = self.job.effectiveness.confidence.level();
        let mut rows = Vec::new();
        for ((model, counts), measured) in self.models.segmentations.iter().zip(&assigned.segmentations).zip(measured) {
            let name = model.segmentation();
            let own = segments.iter().filter(|row| row.segmentation == name);
            let own = own.zip(&measured.effectiveness.by_segment).map(|(row, totals)| Segment {
                key: &row.segment_key,
                customers: u64::try_from(row.customers).unwrap_or_default(),
                reachable: totals.reachable,
            });
            let fit = self.fits.iter().find(|(fitted, _)| fitted == name).and_then(|(_, fit)| fit.evidence.as_ref());
            let power = |statistic| predictive_power(statistic, self.job.seed, name, level);
            rows.extend(scorecard_rows(&ScorecardScope {
                segmentation: name,
                segments: own.collect(),
                customers: counts.customers.iter().sum(),
                overlapping: model.model().overlapping(),
                profiles: profiles.iter().filter(|row| row.segmentation == name).collect(),
                selection: fit.map_or(&[], |evidence| &evidence.selection),
                figures: fit.map_or(&[], |evidence| &evidence.figures),
                is_clustered: model.model().fitted().is_some(),
                has_consents: has(SourceKind::Consents),
                has_purchases: has(SourceKind::Transactions),
                outcome: self.outcome,
                power: measured.prediction.as_ref().and_then(power),
                outcome_days: self.job.effectiveness.outcome_days.unwrap_or_default(),
                min_cell: self.job.privacy.min_cell,
                level,
                words: Words::of(&self.job.report.language),
            }));
        }
        rows
    }

    async fn model(&self, results: &Folder) -> Result<ResultFile> {
        let FittedModels { population, segmentations } = self.models.clone();
        let has_clusters = |name: &str| {
            let mut own = segmentations.iter().filter(|own| own.segmentation() == name);
            own.any(|own| own.model().next_key().is_some())
        };
        let mut next_keys = self.next_keys.clone();
        next_keys.retain(|name, _| !has_clusters(name));
        let (format_version, algorithm_version) = (1, ALGORITHM_VERSION);
        let file = ModelFile { format_version, algorithm_version, population, next_keys, segmentations };
        let text = crate::protocol::to_pretty_json(&file)
            .map_err(|error| Error::bug("model.json could not be written").caused_by(error))?;
        let described = crate::protocol::CommittedFile::of("model.json", None, &text);
        results.put("model.json", text).await?;
        Ok(ResultFile { path: described.path, rows: 0, bytes: described.bytes, sha256: described.sha256 })
    }
}

/// Gives a row of `selection.parquet`.
fn selection_row(segmentation: &str, figure: &SelectionFigure) -> SelectionRow {
    let figure = figure.clone();
    SelectionRow {
        segmentation: segmentation.to_owned(),
        k: figure.k as i32,
        metric: figure.metric,
        segment_key: figure.segment_key,
        value: figure.value,
        ci_low: figure.ci_low,
        ci_high: figure.ci_high,
        n: figure.n as i64,
        scope: if figure.of_all { "all" } else { "sample" }.to_owned(),
        chosen: figure.chosen,
        reason: figure.reason,
    }
}

fn segments_json(segments: &[SegmentRow]) -> String {
    let rows = segments.iter().map(|row| {
        serde_json::json!({
            "segmentation": row.segmentation,
            "segment_id": row.segment_id,
            "segment_key": row.segment_key,
            "segment_name": row.segment_name,
            "customers": row.customers,
            "share": row.share,
        })
    });
    serde_json::Value::from_iter(rows).to_string()
}

async fn write(results: &Folder, path: &str, batch: &RecordBatch) -> Result<ResultFile> {
    let finished = write_table(batch)?;
    results.put(path, finished.tail).await?;
    Ok(ResultFile { path: path.to_owned(), rows: finished.rows, bytes: finished.bytes, sha256: finished.sha256 })
}
