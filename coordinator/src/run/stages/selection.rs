//! The rows of `selection.parquet`: what speaks for each number of clusters, from the evidence that the log has.

use segmenter_proto::{Error, Result};
use segmenter_worker::{
    results::SelectionRow,
    segmentation::{
        kmeans::{ClusterCountEvidence, Gap},
        mixture::MixtureEvidence,
    },
};
use serde::Deserialize;

/// What a fit that chooses among numbers of clusters leaves in the log, as far as it is needed here.
#[derive(Debug, Deserialize)]
struct Evidence {
    k: u32,
    sample_rows: u64,
    candidates: Vec<ClusterCountEvidence>,
    #[serde(default)]
    gaps: Vec<Gap>,
    #[serde(default)]
    segments: Vec<Segment>,
    /// Customers of the sample that the stability of the segments was measured on.
    jaccard_rows: u64,
    rows: u64,
    inertia: f64,
    explained: f64,
    calinski_harabasz: Option<f64>,
    davies_bouldin: Option<f64>,
    simplified_silhouette: Option<f64>,
    smallest_share: f64,
}

/// What a mixture leaves in the log, as far as it is needed here.
#[derive(Debug, Deserialize)]
struct MixtureChoiceEvidence {
    chosen: u32,
    compared_on_rows: u64,
    numbers_of_components: Vec<MixtureEvidence>,
}

/// A segment of the chosen number.
#[derive(Debug, Deserialize)]
struct Segment {
    key: String,
    customers: u64,
    jaccard: Option<f64>,
    simplified_silhouette: Option<f64>,
}

/// Why a figure of how clusters lie to each other is missing.
const NOT_APART: &str = "fewer than two clusters with different centres";
/// Why a figure of stability is missing.
const NOT_MET: &str = "no resample had a customer of it";

/// Gives the rows of one segmentation; none of a method that chooses no number of clusters.
///
/// # Errors
/// On evidence that is none: Bug.
pub fn selection_rows(segmentation: &str, evidence: &str) -> Result<Vec<SelectionRow>> {
    let bad = |error| Error::bug("evidence could not be read from the log").caused_by(error);
    let value: serde_json::Value = serde_json::from_str(evidence).map_err(bad)?;
    if value.get("numbers_of_components").is_some() {
        return Ok(of_components(segmentation, serde_json::from_value(value).map_err(bad)?));
    }
    if value.get("candidates").is_none() {
        return Ok(Vec::new());
    }
    let evidence: Evidence = serde_json::from_value(value).map_err(bad)?;
    let mut table = Table { segmentation, chosen: evidence.k, rows: Vec::new() };
    let mut counts: Vec<u32> = evidence.candidates.iter().map(|of| of.k).collect();
    counts.extend(evidence.gaps.iter().map(|gap| gap.k));
    counts.sort_unstable();
    counts.dedup();
    for k in counts {
        for candidate in evidence.candidates.iter().filter(|of| of.k == k) {
            of_sample(&mut table, candidate, evidence.sample_rows);
        }
        for gap in evidence.gaps.iter().filter(|gap| gap.k == k) {
            table.add(gap.k, "gap", Some(gap.gap), gap.rows, "");
            table.add(gap.k, "gap_error", Some(gap.error), gap.rows, "");
        }
        let stable = evidence.candidates.iter().filter(|of| of.k == k);
        if k == evidence.k {
            of_segments(&mut table, &evidence);
        } else {
            stable.for_each(|candidate| of_clusters(&mut table, candidate));
        }
    }
    Ok(table.rows)
}

/// Rows so far.
struct Table<'a> {
    segmentation: &'a str,
    chosen: u32,
    rows: Vec<SelectionRow>,
}

impl Table<'_> {
    /// Adds a figure of the sample; `why` says why it is missing, where it is. Gives the row for what is to be added.
    fn add(&mut self, k: u32, metric: &str, value: Option<f64>, n: u64, why: &str) -> Option<&mut SelectionRow> {
        self.rows.push(SelectionRow {
            segmentation: self.segmentation.to_owned(),
            k: k as i32,
            metric: metric.to_owned(),
            segment_key: None,
            value,
            ci_low: None,
            ci_high: None,
            n: n as i64,
            scope: "sample".to_owned(),
            chosen: k == self.chosen,
            reason: value.is_none().then(|| why.to_owned()),
        });
        self.rows.last_mut()
    }

    fn add_of_all(&mut self, metric: &str, key: Option<&str>, value: Option<f64>, n: u64) {
        if let Some(row) = self.add(self.chosen, metric, value, n, NOT_APART) {
            row.scope = "all".to_owned();
            row.segment_key = key.map(str::to_owned);
        }
    }
}

/// What is known of each number of components of a mixture.
fn of_components(segmentation: &str, evidence: MixtureChoiceEvidence) -> Vec<SelectionRow> {
    let mut table = Table { segmentation, chosen: evidence.chosen, rows: Vec::new() };
    for of in &evidence.numbers_of_components {
        table.add(of.k, "bic", Some(of.bic), evidence.compared_on_rows, "");
        table.add(of.k, "log_likelihood", Some(of.log_likelihood), evidence.compared_on_rows, "");
        table.add(of.k, "smallest_weight", Some(of.smallest_weight), evidence.compared_on_rows, "");
    }
    table.rows
}

/// What the sample tells of a number of clusters.
fn of_sample(table: &mut Table<'_>, of: &ClusterCountEvidence, rows: u64) {
    table.add(of.k, "inertia", Some(of.inertia), rows, "");
    table.add(of.k, "explained", Some(of.explained), rows, "");
    table.add(of.k, "calinski_harabasz", of.calinski_harabasz, rows, NOT_APART);
    table.add(of.k, "davies_bouldin", of.davies_bouldin, rows, NOT_APART);
    let measured = of.silhouette.map_or(0, |silhouette| silhouette.rows);
    let row = table.add(of.k, "silhouette", of.silhouette.map(|of| of.mean), measured, NOT_APART);
    if let (Some(row), Some(silhouette)) = (row, of.silhouette) {
        (row.ci_low, row.ci_high) = (finite(silhouette.ci_low), finite(silhouette.ci_high));
    }
    table.add(of.k, "simplified_silhouette", of.simplified_silhouette, rows, NOT_APART);
    table.add(of.k, "jaccard", of.jaccard, of.jaccard_rows, NOT_MET);
    table.add(of.k, "smallest_share", Some(of.smallest_share), rows, "");
}

/// How stable each cluster of a number is that was not chosen.
fn of_clusters(table: &mut Table<'_>, of: &ClusterCountEvidence) {
    for (number, jaccard) in (1..).zip(&of.jaccard_by_cluster) {
        if let Some(row) = table.add(of.k, "jaccard", *jaccard, of.jaccard_rows, NOT_MET) {
            row.segment_key = Some(number.to_string());
        }
    }
}

/// What is known of the segments as they are written.
fn of_segments(table: &mut Table<'_>, of: &Evidence) {
    for segment in &of.segments {
        if let Some(row) = table.add(of.k, "jaccard", segment.jaccard, of.jaccard_rows, NOT_MET) {
            row.segment_key = Some(segment.key.clone());
        }
    }
    table.add_of_all("inertia", None, Some(of.inertia), of.rows);
    table.add_of_all("explained", None, Some(of.explained), of.rows);
    table.add_of_all("calinski_harabasz", None, of.calinski_harabasz, of.rows);
    table.add_of_all("davies_bouldin", None, of.davies_bouldin, of.rows);
    table.add_of_all("simplified_silhouette", None, of.simplified_silhouette, of.rows);
    table.add_of_all("smallest_share", None, Some(of.smallest_share), of.rows);
    for segment in &of.segments {
        table.add_of_all("simplified_silhouette", Some(&segment.key), segment.simplified_silhouette, segment.customers);
    }
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn candidate(k: u32, jaccards: &[Option<f64>]) -> serde_json::Value {
        json!({
            "k": k, "inertia": 9.5, "explained": 0.5, "calinski_harabasz": null, "davies_bouldin": 0.7,
            "simplified_silhouette": 0.4, "silhouette": {"mean": 0.3, "ci_low": 0.2, "ci_high": 0.4, "rows": 90},
            "smallest_share": 0.1, "jaccard": 0.8, "jaccard_by_cluster": jaccards, "jaccard_rows": 60, "restart": 0, "iterations": 3,
            "stop": "converged",
        })
    }

    fn evidence() -> String {
        json!({
            "k": 2, "sample_rows": 100, "candidates": [candidate(2, &[Some(0.9), Some(0.7)]), candidate(3, &[None; 3])],
            "gaps": [{"k": 1, "gap": 0.1, "error": 0.01, "rows": 80}, {"k": 2, "gap": 0.5, "error": 0.02, "rows": 80}],
            "segments": [
                {"key": "c01", "customers": 700, "jaccard": 0.7, "simplified_silhouette": 0.6},
                {"key": "c02", "customers": 300, "jaccard": 0.9, "simplified_silhouette": 0.5},
            ],
            "jaccard_rows": 50, "rows": 1000, "inertia": 95.5, "explained": 0.51, "calinski_harabasz": 12.5, "davies_bouldin": 0.71,
            "simplified_silhouette": 0.57, "smallest_share": 0.3,
        })
        .to_string()
    }

    #[test]
    fn every_number_has_its_figures_and_the_chosen_one_those_of_all() {
        let rows = selection_rows("s", &evidence()).unwrap();
        let find = |k: i32, metric: &str, key: Option<&str>, scope: &str| {
            let mut found = rows.iter().filter(|row| {
                row.k == k && row.metric == metric && row.segment_key.as_deref() == key && row.scope == scope
            });
            let row = found.next().unwrap_or_else(|| panic!("no {metric} of {k} {key:?} {scope}")).clone();
            assert!(found.next().is_none());
            row
        };
        assert_eq!((find(1, "gap", None, "sample").value, find(1, "gap", None, "sample").chosen), (Some(0.1), false));
        assert_eq!(find(2, "gap_error", None, "sample").n, 80);
        let silhouette = find(2, "silhouette", None, "sample");
        assert_eq!((silhouette.ci_low, silhouette.ci_high, silhouette.n), (Some(0.2), Some(0.4), 90));
        let missing = find(2, "calinski_harabasz", None, "sample");
        assert_eq!((missing.value, missing.reason.as_deref()), (None, Some(NOT_APART)));
        let all = find(2, "calinski_harabasz", None, "all");
        assert_eq!((all.value, all.n, all.chosen, all.reason), (Some(12.5), 1000, true, None));
        let (of_all, of_one) = (find(2, "jaccard", None, "sample"), find(2, "jaccard", Some("c02"), "sample"));
        assert_eq!((of_all.n, of_one.value, of_one.n), (60, Some(0.9), 50));
        assert_eq!(find(2, "simplified_silhouette", Some("c01"), "all").n, 700);
        assert_eq!(find(3, "jaccard", Some("3"), "sample").reason.as_deref(), Some(NOT_MET));
        assert!(rows.iter().all(|row| row.value.is_some() != row.reason.is_some()));
        assert!(rows.windows(2).all(|pair| pair[0].k <= pair[1].k));
    }

    #[test]
    fn a_mixture_has_its_criterion_by_number_of_components() {
        let of = |k: u32, bic: f64| {
            json!({
                "k": k, "bic": bic, "log_likelihood": -3.5, "parameters": 9, "smallest_weight": 0.25, "dropped": 0,
                "rounds": 4, "stop": "converged",
            })
        };
        let evidence =
            json!({ "chosen": 2, "compared_on_rows": 70, "numbers_of_components": [of(1, 9.0), of(2, 8.0)] });
        let rows = selection_rows("s", &evidence.to_string()).unwrap();
        assert_eq!(rows.len(), 6);
        let bic: Vec<_> =
            rows.iter().filter(|row| row.metric == "bic").map(|row| (row.k, row.value, row.chosen)).collect();
        assert_eq!(bic, [(1, Some(9.0), false), (2, Some(8.0), true)]);
        assert!(rows.iter().all(|row| row.n == 70 && row.scope == "sample"));
    }

    #[test]
    fn methods_without_a_choice_have_no_rows() {
        assert!(selection_rows("s", r#"{"method": "rules"}"#).unwrap().is_empty());
        assert!(selection_rows("s", r#"{"candidates": 3}"#).is_err() && selection_rows("s", "").is_err());
    }
}
