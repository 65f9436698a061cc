//! What speaks for each number of clusters: the rows of `selection.parquet`.

use segmenter_proto::v1::SelectionFigure;
use segmenter_worker::segmentation::{
    kmeans::{Choice, ClusterCountEvidence},
    mixture::MixtureChoice,
};

/// What is known of the segments of the chosen number, over all customers in scope where it does not say otherwise.
#[derive(Debug)]
pub(super) struct OfSegments {
    pub(super) segments: Vec<OfSegment>,
    /// Customers of the sample that the stability of the segments was measured on.
    pub(super) jaccard_rows: u64,
    pub(super) rows: u64,
    pub(super) inertia: f64,
    pub(super) explained: f64,
    pub(super) calinski_harabasz: Option<f64>,
    pub(super) davies_bouldin: Option<f64>,
    pub(super) simplified_silhouette: Option<f64>,
    pub(super) smallest_share: f64,
}

/// What is known of a segment.
#[derive(Debug)]
pub(super) struct OfSegment {
    pub(super) key: String,
    pub(super) customers: u64,
    pub(super) jaccard: Option<f64>,
    pub(super) simplified_silhouette: Option<f64>,
}

/// Why a figure of how clusters lie to each other is missing.
const NOT_APART: &str = "fewer than two clusters with different centres";
/// Why a figure of stability is missing.
const NOT_MET: &str = "no resample had a customer of it";

/// Gives the rows of a choice among numbers of clusters.
pub(super) fn of_choice(choice: &Choice, segments: &OfSegments) -> Vec<SelectionFigure> {
    let mut table = Table { chosen: choice.k, rows: Vec::new() };
    let mut counts: Vec<u32> = choice.evidence.iter().map(|of| of.k).collect();
    counts.extend(choice.gaps.iter().map(|gap| gap.k));
    counts.sort_unstable();
    counts.dedup();
    for k in counts {
        for candidate in choice.evidence.iter().filter(|of| of.k == k) {
            of_sample(&mut table, candidate, choice.sample_rows);
        }
        for gap in choice.gaps.iter().filter(|gap| gap.k == k) {
            table.add(gap.k, "gap", Some(gap.gap), gap.rows, "");
            table.add(gap.k, "gap_error", Some(gap.error), gap.rows, "");
        }
        match k == choice.k {
            true => of_segments(&mut table, segments),
            false => choice.evidence.iter().filter(|of| of.k == k).for_each(|of| of_clusters(&mut table, of)),
        }
    }
    table.rows
}

/// Gives the rows of a choice among numbers of components.
pub(super) fn of_components(choice: &MixtureChoice) -> Vec<SelectionFigure> {
    let mut table = Table { chosen: choice.k, rows: Vec::new() };
    for of in &choice.evidence {
        table.add(of.k, "bic", Some(of.bic), choice.rows, "");
        table.add(of.k, "log_likelihood", Some(of.log_likelihood), choice.rows, "");
        table.add(of.k, "smallest_weight", Some(of.smallest_weight), choice.rows, "");
    }
    table.rows
}

/// Rows so far.
struct Table {
    chosen: u32,
    rows: Vec<SelectionFigure>,
}

impl Table {
    /// Adds a figure of the sample; `why` says why it is missing, where it is. Gives the row for what is to be added.
    fn add(&mut self, k: u32, metric: &str, value: Option<f64>, n: u64, why: &str) -> Option<&mut SelectionFigure> {
        let value = value.filter(|value| value.is_finite());
        self.rows.push(SelectionFigure {
            k,
            metric: metric.to_owned(),
            value,
            n,
            chosen: k == self.chosen,
            reason: value.is_none().then(|| why.to_owned()),
            ..SelectionFigure::default()
        });
        self.rows.last_mut()
    }

    fn add_of_all(&mut self, metric: &str, key: Option<&str>, value: Option<f64>, n: u64) {
        if let Some(row) = self.add(self.chosen, metric, value, n, NOT_APART) {
            row.of_all = true;
            row.segment_key = key.map(str::to_owned);
        }
    }
}

/// What the sample tells of a number of clusters.
fn of_sample(table: &mut Table, of: &ClusterCountEvidence, rows: u64) {
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
fn of_clusters(table: &mut Table, of: &ClusterCountEvidence) {
    for (number, jaccard) in (1..).zip(&of.jaccard_by_cluster) {
        if let Some(row) = table.add(of.k, "jaccard", *jaccard, of.jaccard_rows, NOT_MET) {
            row.segment_key = Some(number.to_string());
        }
    }
}

/// What is known of the segments as they are written.
fn of_segments(table: &mut Table, of: &OfSegments) {
    let chosen = table.chosen;
    for segment in &of.segments {
        if let Some(row) = table.add(chosen, "jaccard", segment.jaccard, of.jaccard_rows, NOT_MET) {
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

    fn choice() -> Choice {
        let candidates = json!([candidate(2, &[Some(0.9), Some(0.7)]), candidate(3, &[None; 3])]);
        let gap = |k: u32, gap: f64| json!({"k": k, "gap": gap, "error": 0.02, "rows": 80});
        let choice = json!({
            "k": 2, "sample_rows": 100, "reason": "", "no_useful_groups": null, "gaps": [gap(1, 0.1), gap(2, 0.5)],
            "gap_k": 2, "evidence": candidates, "start": [],
        });
        serde_json::from_value(choice).unwrap()
    }

    fn segments() -> OfSegments {
        let segment = |key: &str, customers, jaccard, silhouette| OfSegment {
            key: key.to_owned(),
            customers,
            jaccard: Some(jaccard),
            simplified_silhouette: Some(silhouette),
        };
        OfSegments {
            segments: vec![segment("c01", 700, 0.7, 0.6), segment("c02", 300, 0.9, 0.5)],
            jaccard_rows: 50,
            rows: 1000,
            inertia: 95.5,
            explained: 0.51,
            calinski_harabasz: Some(12.5),
            davies_bouldin: Some(0.71),
            simplified_silhouette: Some(0.57),
            smallest_share: 0.3,
        }
    }

    #[test]
    fn every_number_has_its_figures_and_the_chosen_one_those_of_all() {
        let rows = of_choice(&choice(), &segments());
        let find = |k: u32, metric: &str, key: Option<&str>, scope: &str| {
            let mut found = rows.iter().filter(|row| {
                row.k == k
                    && row.metric == metric
                    && row.segment_key.as_deref() == key
                    && row.of_all == (scope == "all")
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
}
