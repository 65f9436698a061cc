//! The result tables that the coordinator writes, from what was merged.

use super::{measure::Measured, selection::selection_rows};
use crate::report::{SegmentationReport, segments_table};
use arrow::{array::RecordBatch, datatypes::Field};
use segmenter_proto::{
    ALGORITHM_VERSION, Error, Result,
    jobs::Job,
    methods::{FittedModels, ModelFile, SegmentationModel},
    v1::{AssignDone, FitDone, MeasureDone, ResultFile},
};
use segmenter_worker::{
    measure::{EffectivenessScope, ProfileScope, effectiveness_rows, is_profiled, profile_rows},
    results::{
        EffectivenessRow, ProfileRow, QualityRow, SegmentRow, effectiveness_batch, profiles_batch, quality_batch,
        segments_batch, selection_batch, write_table,
    },
    storage::Folder,
};

/// Columns of text that the end table takes: the log keeps it, so it cannot depend on who looks.
const TABLE_WIDTH: usize = 100;

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
}

impl Tables<'_> {
    /// Gives the positions of the columns that profiles tell about.
    pub fn profiled(&self) -> Vec<usize> {
        (0..self.columns.len()).filter(|&at| is_profiled(self.columns[at].data_type())).collect()
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
        measured: &[Measured],
    ) -> Result<MeasureDone> {
        let segments = self.segments(assigned);
        let profiles = self.profiles(measured)?;
        let effectiveness = self.effectiveness(measured)?;
        let mut selection = Vec::new();
        for (name, fit) in self.fits {
            selection.extend(selection_rows(name, &fit.evidence)?);
        }
        let mut files = vec![
            write(results, "segments.parquet", &segments_batch(&segments)?).await?,
            write(results, "profiles.parquet", &profiles_batch(&profiles)?).await?,
            write(results, "effectiveness.parquet", &effectiveness_batch(&effectiveness)?).await?,
            write(results, "selection.parquet", &selection_batch(&selection)?).await?,
            write(results, "quality.parquet", &quality_batch(quality)?).await?,
            self.model(results).await?,
        ];
        files.sort_by(|left, right| left.path.cmp(&right.path));
        let table = self.table(&segments, &profiles);
        Ok(MeasureDone { files, table, segments: segments_json(&segments) })
    }

    fn table(&self, segments: &[SegmentRow], profiles: &[ProfileRow]) -> String {
        let fit_of = |model: &SegmentationModel| {
            self.fits.iter().find(|(name, _)| name == model.segmentation()).map(|(_, fit)| fit)
        };
        let evidence: Vec<(&str, Vec<(&str, f64)>)> = self
            .models
            .segmentations
            .iter()
            .map(|model| {
                let quality = fit_of(model).map(|fit| quality_of(&fit.evidence));
                (model.segmentation(), quality.unwrap_or_default())
            })
            .collect();
        let told = |model: &SegmentationModel, row: &SegmentRow| {
            (row.segmentation == model.segmentation()).then(|| {
                let told = match (fit_of(model), model) {
                    (Some(fit), _) => told_name(&fit.evidence, &row.segment_key),
                    // A name can hold a value of customers; only the fit knows what it is without.
                    (None, model) => model.model().fitted().map(|_| row.segment_key.clone()),
                };
                SegmentRow { segment_name: told.unwrap_or_else(|| row.segment_name.clone()), ..row.clone() }
            })
        };
        let of: Vec<Vec<SegmentRow>> = self
            .models
            .segmentations
            .iter()
            .map(|model| segments.iter().filter_map(|row| told(model, row)).collect())
            .collect();
        let reports: Vec<SegmentationReport<'_>> = self
            .models
            .segmentations
            .iter()
            .zip(&of)
            .zip(&evidence)
            .map(|((model, segments), (name, quality))| SegmentationReport {
                name,
                method: model.method(),
                segments,
                profiles,
                quality,
            })
            .collect();
        segments_table(&reports, TABLE_WIDTH)
    }

    fn segments(&self, assigned: &AssignDone) -> Vec<SegmentRow> {
        let mut rows = Vec::new();
        for (model, counts) in self.models.segmentations.iter().zip(&assigned.segmentations) {
            let total: u64 = counts.customers.iter().sum();
            for ((segment_id, segment), &customers) in (0..).zip(model.segments()).zip(&counts.customers) {
                let (parent, path) = model.model().nesting(&segment.key);
                rows.push(SegmentRow {
                    segmentation: model.segmentation().to_owned(),
                    segment_id,
                    segment_key: segment.key,
                    segment_name: segment.name,
                    customers: customers as i64,
                    share: if total == 0 { 0.0 } else { customers as f64 / total as f64 },
                    parent,
                    path,
                });
            }
        }
        rows
    }

    fn profiles(&self, measured: &[Measured]) -> Result<Vec<ProfileRow>> {
        let features: Vec<String> = self.profiled().into_iter().map(|at| self.columns[at].name().clone()).collect();
        let mut rows = Vec::new();
        for (model, measured) in self.models.segmentations.iter().zip(measured) {
            let keys: Vec<String> = model.segments().into_iter().map(|segment| segment.key).collect();
            let scope = ProfileScope { segmentation: model.segmentation(), segment_keys: &keys, features: &features };
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
            let scope = EffectivenessScope {
                segmentation: model.segmentation(),
                segment_keys: &keys,
                window_start: None,
                window_end: self.job.as_of,
                currency: &self.job.currency,
            };
            rows.extend(effectiveness_rows(&scope, &measured.effectiveness)?);
        }
        Ok(rows)
    }

    async fn model(&self, results: &Folder) -> Result<ResultFile> {
        let FittedModels { population, segmentations } = self.models.clone();
        let file = ModelFile { format_version: 1, algorithm_version: ALGORITHM_VERSION, population, segmentations };
        let text = crate::run::to_pretty_json(&file)
            .map_err(|error| Error::bug("model.json could not be written").caused_by(error))?;
        let described = crate::run::CommittedFile::of("model.json", None, &text);
        results.put("model.json", text).await?;
        Ok(ResultFile { path: described.path, rows: 0, bytes: described.bytes, sha256: described.sha256 })
    }
}

/// The figures of a clustering that are told at the end, from its evidence.
fn quality_of(evidence: &str) -> Vec<(&'static str, f64)> {
    let evidence: serde_json::Value = serde_json::from_str(evidence).unwrap_or_default();
    let k = &evidence["k"];
    // Without a choice of k there are the figures of all customers only.
    let candidates = evidence["candidates"].as_array();
    let sampled = candidates.and_then(|candidates| candidates.iter().find(|candidate| candidate["k"] == *k));
    // Of all customers where it is known, else of the sample.
    ["explained", "calinski_harabasz", "davies_bouldin", "jaccard", "simplified_silhouette", "mean_log_likelihood"]
        .into_iter()
        .filter_map(|name| Some((name, evidence[name].as_f64().or_else(|| sampled?[name].as_f64())?)))
        .collect()
}

/// What the table calls a cluster whose own name may hold a value of customers: the table is read wherever stderr goes.
fn told_name(evidence: &str, key: &str) -> Option<String> {
    let evidence: serde_json::Value = serde_json::from_str(evidence).ok()?;
    evidence["names"][key].as_str().map(str::to_owned)
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
