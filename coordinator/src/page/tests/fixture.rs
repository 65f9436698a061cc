//! Made-up runs.

use crate::{
    page::data::{Rows, RunData},
    protocol::RunRecord,
};
use chrono::NaiveDate;
use segmenter_proto::jobs::Language;
use segmenter_worker::{
    results::{
        CohortRow, DriftRow, EffectivenessRow, MapAxisRow, MapRow, MigrationRow, PersonaRow, ProfileRow, QualityAction,
        QualityRow, ScorecardRow, SegmentRow, SelectionRow, cohorts_batch, drift_batch, effectiveness_batch,
        map_axes_batch, map_batch, migration_batch, personas_batch, profiles_batch, quality_batch, scorecard_batch,
        segments_batch, selection_batch,
    },
    words::Words,
};
use serde_json::json;
use std::collections::BTreeMap;

/// The job file of the made-up runs.
pub(super) const JOB: &str = "name = \"club\"\ncurrency = \"EUR\"\n[[source]]\nname = \"orders\"\nkind = \"transactions\"\n\
    [[segmentation]]\nname = \"behaviour\"\nmethod = \"kmeans\"\nfeatures = [\"monetary\", \"city\"]\n";

/// A run with these tables.
pub(super) fn run(job_text: &str, tables: Vec<(&str, Rows)>) -> RunData {
    let record = json!({
        "format_version": 1, "job": "club", "run": "2026-02-01-00000000abcd", "as_of": "2026-02-01",
        "previous": null, "job_text": job_text, "versions": {"segmenter": "0.1.0", "algorithm": "1"}, "shards": 2, "generations": 1,
        "inputs": [], "rows": {"orders": {
            "read": 1000, "used": 950, "filtered": 0, "anonymous": 30, "not_before_as_of": 0, "unknown_customer": 0, "excluded": 0,
            "duplicate": 15, "quarantined": 5,
        }},
        "rejected": {"orders": [{"column": "amount", "reason_code": "not_a_number", "rows": 5}]},
        "stages": [], "clustering": {"behaviour": {"why_k": "3 has the best index among those that are stable"}},
        "warnings": ["orders: 5 rows were quarantined"],
    });
    let tables = tables.into_iter().map(|(name, rows)| (name.to_owned(), rows)).collect();
    RunData::new(serde_json::from_value(record).unwrap(), tables)
}

/// Gives the same run, told in another language.
pub(super) fn in_language(of: RunData, code: &str) -> RunData {
    let language = Language::new(code);
    RunData { words: Words::of(&language), record: RunRecord { language: Some(language), ..of.record.clone() }, ..of }
}

pub(super) fn segments(of: &[(&str, &str, &str, i64)]) -> Rows {
    let mut totals: BTreeMap<&str, i64> = BTreeMap::new();
    of.iter().for_each(|(segmentation, _, _, customers)| *totals.entry(*segmentation).or_default() += customers);
    let row = |(at, (segmentation, key, name, customers)): (usize, &(&str, &str, &str, i64))| SegmentRow {
        segmentation: (*segmentation).to_owned(),
        segment_id: at as i32,
        segment_key: (*key).to_owned(),
        segment_name: (*name).to_owned(),
        customers: *customers,
        share: *customers as f64 / totals[segmentation] as f64,
        parent: None,
        path: None,
    };
    Rows::of(segments_batch(&of.iter().enumerate().map(row).collect::<Vec<_>>()).unwrap())
}

/// Where a segment of a segmentation stands in a feature, or a level of it: mean, mean of all, distance.
pub(super) fn profile(
    segmentation: &str,
    key: &str,
    (feature, level): (&str, Option<&str>),
    n: i64,
    figures: [f64; 3],
) -> ProfileRow {
    let [mean, all, z] = figures;
    let of_number = |value: f64| level.is_none().then_some(value);
    ProfileRow {
        segmentation: segmentation.to_owned(),
        segment_key: key.to_owned(),
        feature: feature.to_owned(),
        level: level.map(str::to_owned),
        n,
        nulls: 0,
        mean: Some(mean),
        std: Some(1.0),
        p25: of_number(mean - 10.0),
        p50: of_number(mean),
        p75: of_number(mean + 10.0),
        population_mean: Some(all),
        z_score: Some(z),
        eta_squared: Some(z.abs() / 4.0),
    }
}

pub(super) fn profiles(rows: &[ProfileRow]) -> Rows {
    Rows::of(profiles_batch(rows).unwrap())
}

/// A run of a club with most of what runs have.
pub(super) fn club() -> RunData {
    let named = [
        ("behaviour", "c01", "high monetary", 500),
        ("behaviour", "c02", "lapsed", 300),
        ("behaviour", "c03", "city Kraków", 150),
        ("behaviour", "c04", "new", 11),
        ("behaviour", "out_of_scope", "out_of_scope", 39),
    ];
    let of = |key, feature, n, figures| profile("behaviour", key, feature, n, figures);
    let all = [
        of("c01", ("monetary", None), 500, [812.4, 402.5, 1.2]),
        of("c02", ("monetary", None), 300, [31.0, 402.5, -0.9]),
        of("c03", ("monetary", None), 150, [410.0, 402.5, 0.02]),
        of("c04", ("monetary", None), 11, [77777.0, 402.5, 3.0]),
        of("c01", ("city", Some("Kraków")), 500, [0.1, 0.3, -0.4]),
        of("c03", ("city", Some("Kraków")), 150, [0.9, 0.3, 1.3]),
        // Three of thirty: a level of few.
        of("out_of_scope", ("city", Some("Radom")), 39, [0.08, 0.05, 0.3]),
        of("c02", ("city", Some("other levels")), 300, [0.5, 0.4, 0.2]),
    ];
    run(
        JOB,
        vec![
            ("segments", segments(&named)),
            ("profiles", profiles(&all)),
            ("quality", quality()),
            ("scorecard", scorecard()),
            ("effectiveness", effectiveness()),
            ("selection", selection()),
            ("map", map(&MAPPED, "behaviour")),
            ("map_axes", map_axes("behaviour")),
            ("migration", migration()),
            ("drift", drift()),
            ("cohorts", cohorts()),
            ("personas", personas()),
        ],
    )
}

/// Hexagons of a segment: along the row, the row, customers; none of those who are not shown.
pub(super) type Mapped<'a> = (&'a str, Option<[i32; 2]>, i64);

const MAPPED: [Mapped<'_>; 9] = [
    ("c01", Some([5, 0]), 300),
    ("c01", Some([6, 0]), 120),
    ("c01", Some([4, 1]), 80),
    ("c02", Some([-6, 0]), 200),
    ("c02", Some([-5, 0]), 60),
    ("c02", None, 40),
    ("c03", Some([-6, 0]), 30),
    ("c03", Some([-6, 3]), 120),
    ("c04", None, 11),
];

pub(super) fn map(of: &[Mapped<'_>], segmentation: &str) -> Rows {
    let row = |(key, at, customers): &Mapped<'_>| MapRow {
        segmentation: segmentation.to_owned(),
        segment_key: Some((*key).to_owned()),
        x: at.map(|[q, r]| (f64::from(q) + f64::from(r) / 2.0) * 0.2),
        y: at.map(|[_, r]| f64::from(r) * 0.866 * 0.2),
        customers: Some(*customers),
        reason: at.is_none().then(|| "few".to_owned()),
    };
    Rows::of(map_batch(&of.iter().map(row).collect::<Vec<_>>()).unwrap())
}

pub(super) fn map_axes(segmentation: &str) -> Rows {
    let row = |axis, feature: &str, level: Option<&str>, loading| MapAxisRow {
        segmentation: segmentation.to_owned(),
        axis,
        variance_share: if axis == 1 { 0.61 } else { 0.2 },
        deviation: 1.5,
        beyond: if axis == 1 { Some(25) } else { None },
        feature: feature.to_owned(),
        level: level.map(str::to_owned),
        loading,
    };
    let rows = [
        row(1, "monetary", None, 0.95),
        row(1, "city", Some("Kraków"), -0.2),
        row(2, "monetary", None, -0.25),
        row(2, "city", Some("Kraków"), 0.9),
    ];
    Rows::of(map_axes_batch(&rows).unwrap())
}

fn quality() -> Rows {
    let row = |check: &str, rows_failed, action, value| QualityRow {
        source: "orders".to_owned(),
        check_name: check.to_owned(),
        column_name: None,
        rows_checked: 1000,
        rows_failed,
        failed_share: Some(rows_failed as f64 / 1000.0),
        action,
        value: Some(value),
        limit: None,
    };
    let rows = [
        row("freshness_hours", 0, QualityAction::Ok, 50.0),
        row("quarantined_share", 5, QualityAction::Warn, 0.005),
        row("duplicate_share", 15, QualityAction::Ok, 0.015),
    ];
    Rows::of(quality_batch(&rows).unwrap())
}

fn scorecard() -> Rows {
    let row =
        |measure: &str, comparison: Option<&str>, value, comparison_value, verdict: Option<&str>, sentence: &str| {
            ScorecardRow {
                segmentation: "behaviour".to_owned(),
                basis: "in_sample".to_owned(),
                criterion: "stability".to_owned(),
                measure: measure.to_owned(),
                comparison: comparison.map(str::to_owned),
                segment_key: Some("c02".to_owned()),
                value: Some(value),
                n: 1000,
                comparison_value,
                difference: None,
                ci_low: None,
                ci_high: None,
                ci_level: None,
                verdict: verdict.map(str::to_owned),
                sentence: sentence.to_owned(),
                reason: None,
            }
        };
    let rows = [
        row("jaccard", Some("convention"), 0.7, Some(0.75), None, "The least stable cluster, c02, comes back by 0.70."),
        row(
            "r_squared",
            Some("past_value"),
            0.4,
            Some(0.2),
            Some("better"),
            "They tell more than past spending alone.",
        ),
        row("segments", None, 4.0, None, None, "There are 4 segments."),
    ];
    Rows::of(scorecard_batch(&rows).unwrap())
}

fn effectiveness() -> Rows {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let row =
        |key: &str, metric: &str, basis: &str, unit: &str, value: f64, interval: Option<[f64; 2]>| EffectivenessRow {
            segmentation: "behaviour".to_owned(),
            segment_key: key.to_owned(),
            metric: metric.to_owned(),
            basis: basis.to_owned(),
            window_start: (basis == "outcome").then(|| day("2026-02-01")),
            window_end: day(if basis == "outcome" { "2026-05-02" } else { "2026-02-01" }),
            unit: unit.to_owned(),
            currency: unit.starts_with("currency").then(|| "EUR".to_owned()),
            value: Some(value),
            n: 100,
            ci_low: interval.map(|ends| ends[0]),
            ci_high: interval.map(|ends| ends[1]),
            ci_level: interval.map(|_| 0.95),
            rest_value: interval.map(|_| 20.0),
            population_value: interval.map(|_| 25.0),
            index: None,
            lift: None,
            p_value: interval.map(|_| 0.001),
            q_value: interval.map(|ends| if ends[0] > 25.0 { 0.002 } else { 0.4 }),
            tests: Some(3),
            reason: None,
        };
    let rows = [
        row("c01", "customers", "in_sample", "customers", 500.0, None),
        row("c01", "revenue", "in_sample", "currency", 9000.0, None),
        row("c02", "customers", "in_sample", "customers", 300.0, None),
        row("c02", "revenue", "in_sample", "currency", 1000.0, None),
        row("c01", "revenue_per_customer", "outcome", "currency_per_customer", 41.3, Some([37.5, 45.1])),
        row("c02", "revenue_per_customer", "outcome", "currency_per_customer", 18.0, Some([9.0, 27.0])),
        row("c04", "revenue_per_customer", "outcome", "currency_per_customer", 55555.0, Some([1.0, 99999.0])),
    ];
    Rows::of(effectiveness_batch(&rows).unwrap())
}

fn selection() -> Rows {
    let row = |k, metric: &str, key: Option<&str>, value| SelectionRow {
        segmentation: "behaviour".to_owned(),
        k,
        metric: metric.to_owned(),
        segment_key: key.map(str::to_owned),
        value: Some(value),
        ci_low: None,
        ci_high: None,
        n: 1000,
        scope: "sample".to_owned(),
        chosen: k == 3,
        reason: None,
    };
    let rows = [
        row(2, "silhouette", None, 0.31),
        row(3, "silhouette", None, 0.44),
        row(4, "silhouette", None, 0.29),
        row(3, "jaccard", Some("c01"), 0.91),
        row(3, "jaccard", Some("c02"), 0.52),
    ];
    Rows::of(selection_batch(&rows).unwrap())
}

fn migration() -> Rows {
    let row = |from: Option<&str>, to: Option<&str>, change: &str, customers| MigrationRow {
        segmentation: "behaviour".to_owned(),
        previous_segment_key: from.map(str::to_owned),
        segment_key: to.map(str::to_owned),
        change: change.to_owned(),
        customers,
        share_of_previous: None,
        share_of_segment: None,
        moved_most: None,
    };
    let rows = [
        row(Some("c01"), Some("c01"), "stayed", 450),
        row(Some("c01"), Some("c02"), "moved", 50),
        row(Some("c02"), Some("c02"), "stayed", 250),
        row(None, Some("c03"), "joined", 150),
        row(Some("c02"), Some("c04"), "moved", 7),
    ];
    Rows::of(migration_batch(&rows).unwrap())
}

fn drift() -> Rows {
    let row = |subject: &str, name: &str, measure: &str, value| DriftRow {
        subject: subject.to_owned(),
        name: name.to_owned(),
        segment_key: None,
        measure: measure.to_owned(),
        value: Some(value),
        previous_value: None,
        n: Some(1000),
        reason: None,
    };
    let rows = [
        row("feature", "monetary", "psi", 0.31),
        row("feature", "city", "psi", 0.01),
        row("segmentation", "behaviour", "moved_share", 0.0754),
    ];
    Rows::of(drift_batch(&rows).unwrap())
}

fn cohorts() -> Rows {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let row = |cohort: &str, since, month: &str, active: i64| CohortRow {
        basis: "in_sample".to_owned(),
        cohort: day(cohort),
        months_since: since,
        month: day(month),
        customers: 200,
        active: Some(active),
        retention: Some(active as f64 / 200.0),
        revenue: None,
        currency: None,
        reason: None,
    };
    let rows = [
        row("2025-11-01", 0, "2025-11-01", 200),
        row("2025-11-01", 1, "2025-12-01", 60),
        row("2025-11-01", 2, "2026-01-01", 40),
        row("2025-12-01", 0, "2025-12-01", 200),
        row("2025-12-01", 1, "2026-01-01", 100),
    ];
    Rows::of(cohorts_batch(&rows).unwrap())
}

fn personas() -> Rows {
    let row = |persona_id, persona: &str, claim_id, sentence: &str| PersonaRow {
        persona_id,
        persona: persona.to_owned(),
        basis: "in_sample".to_owned(),
        segmentation: "behaviour".to_owned(),
        segment_keys: "c01".to_owned(),
        claim_id,
        claim: "size".to_owned(),
        feature: None,
        comparison: None,
        value: None,
        level: None,
        n: Some(500),
        known: Some(500),
        share: Some(0.5),
        baseline: None,
        lift: None,
        population_value: None,
        is_input: None,
        sentence: sentence.to_owned(),
        reason: None,
    };
    let rows = [
        row(1, "Big spenders", 1, "500 customers, 50.0 % of all."),
        row(1, "Big spenders", 2, "Typically monetary is about 810 (of all customers 400)."),
        row(2, "Gone", 1, "300 customers, 30.0 % of all."),
    ];
    Rows::of(personas_batch(&rows).unwrap())
}
