//! `docs/operations.md` has every metric of both programs.

use super::pages::{Page, rows};
use segmenter::{metrics::RunMetrics, tally::StageTally};
use segmenter_proto::v1::Stage;
use segmenter_worker::metrics::{Metrics, Outcome, WorkerMetrics};
use std::collections::BTreeSet;

#[test]
fn every_metric_is_told() {
    let mut metrics = Metrics::new();
    let (worker, run) = (WorkerMetrics::register(&mut metrics), RunMetrics::register(&mut metrics));
    // A metric that has not counted yet is not written.
    worker.begin(Stage::Fit).done(1);
    run.attempt(Stage::Fit, Outcome::Done);
    run.stage("fit", 1.0, 1, 1, &StageTally::default());
    let text = metrics.text().unwrap();
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    let registered: BTreeSet<String> =
        types.map(|(name, kind)| format!("{name}{}", if kind == "counter" { "_total" } else { "" })).collect();
    assert!(registered.len() >= 14, "{registered:?}");
    let page = Page::read("docs/operations.md");
    let name = |cell: &str| cell.split('{').next().unwrap_or_default().to_owned();
    let told: BTreeSet<String> = rows(&page.below("## Watching it").unwrap()).iter().map(|row| name(&row[0])).collect();
    assert_eq!(told, registered, "metrics of docs/operations.md, and of the programs");
}
