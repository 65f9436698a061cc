//! What `segmenter compare` prints.

use crate::{
    report::{percentage, whole},
    run::Comparison,
};
use segmenter_proto::jobs::Unit;
use segmenter_worker::{
    program::{json_line, printable},
    results::{DriftRow, MigrationRow},
};
use serde_json::json;
use std::fmt::Write;

/// Moves that are told of a segmentation, and features.
const MOST: usize = 10;

/// What was found.
#[derive(Debug)]
pub(super) struct CompareAnswer<'a> {
    pub(super) job: &'a str,
    /// Who is segmented.
    pub(super) unit: Unit,
    /// Then and now.
    pub(super) runs: [&'a str; 2],
    pub(super) found: &'a Comparison,
}

impl CompareAnswer<'_> {
    /// Gives it for programs: the rows of both tables.
    pub(super) fn to_json(&self) -> String {
        let migration = self.found.migration.iter().map(|row| {
            json!({
                "segmentation": row.segmentation,
                "previous_segment_key": row.previous_segment_key,
                "segment_key": row.segment_key,
                "change": row.change,
                "customers": row.customers,
                "share_of_previous": row.share_of_previous,
                "share_of_segment": row.share_of_segment,
                "moved_most": row.moved_most,
            })
        });
        let drift = self.found.drift.iter().map(|row| {
            json!({
                "subject": row.subject,
                "name": row.name,
                "segment_key": row.segment_key,
                "measure": row.measure,
                "value": row.value,
                "previous_value": row.previous_value,
                "n": row.n,
                "reason": row.reason,
            })
        });
        json_line(&json!({
            "format_version": 1,
            "job": self.job,
            "previous": self.runs[0],
            "run": self.runs[1],
            "migration": migration.collect::<Vec<_>>(),
            "drift": drift.collect::<Vec<_>>(),
        }))
    }

    /// Gives it for people.
    pub(super) fn to_text(&self) -> String {
        let mut text = format!("{}: run {} beside run {}\n", self.job, self.runs[1], self.runs[0]);
        text.push_str(&self.found.told);
        let mut names: Vec<&str> = self.found.migration.iter().map(|row| row.segmentation.as_str()).collect();
        names.dedup();
        for name in names {
            self.segments(name, &mut text);
            self.moves(name, &mut text);
        }
        self.features(&mut text);
        text.trim_end().to_owned()
    }

    fn of<'r>(&'r self, name: &'r str, measure: &'r str) -> impl Iterator<Item = &'r DriftRow> {
        self.found
            .drift
            .iter()
            .filter(move |row| row.subject != "feature" && row.name == name && row.measure == measure)
    }

    fn segments(&self, name: &str, text: &mut String) {
        let shares: Vec<&DriftRow> = self.of(name, "share").collect();
        if shares.is_empty() {
            return;
        }
        let value = |measure| self.of(name, measure).find_map(|row| row.value);
        let figures =
            [("moved_share", "moved"), ("adjusted_rand_index", "adjusted Rand index"), ("psi", "psi of sizes")];
        let figures = figures.iter().filter_map(|(measure, told)| {
            let value = value(*measure)?;
            Some(if *measure == "moved_share" {
                format!("{told} {}", percentage(value))
            } else {
                format!("{told} {value:.3}")
            })
        });
        let _ = writeln!(text, "\n{name}: {}", figures.collect::<Vec<_>>().join(", "));
        let width =
            shares.iter().filter_map(|row| row.segment_key.as_ref()).map(|key| key.chars().count()).max().unwrap_or(0);
        for row in shares {
            let key = row.segment_key.as_deref().unwrap_or_default();
            let share = |value: Option<f64>| value.map_or_else(|| "none".to_owned(), percentage);
            let jaccard = self.of(name, "jaccard").find(|other| other.segment_key == row.segment_key);
            let same =
                jaccard.and_then(|row| row.value).map_or_else(String::new, |value| format!("  jaccard {value:.2}"));
            let _ = writeln!(text, "  {key:<width$}  {:>7} → {:>7}{same}", share(row.previous_value), share(row.value));
        }
    }

    fn moves(&self, name: &str, text: &mut String) {
        let own = self.found.migration.iter().filter(|row| row.segmentation == name && row.change != "stayed");
        let mut moves: Vec<&MigrationRow> = own.collect();
        if moves.is_empty() {
            return;
        }
        moves.sort_by_key(|row| std::cmp::Reverse(row.customers));
        let _ = writeln!(text, "  {} moves{}", moves.len(), if moves.len() > MOST { ", the largest" } else { "" });
        for row in moves.iter().take(MOST) {
            // Tiers are values of customers.
            let key = |key: &Option<String>| printable(key.as_deref().unwrap_or("(not there)")).into_owned();
            let most = row.moved_most.as_ref().map_or_else(String::new, |most| format!("  {most}"));
            let (from, to) = (key(&row.previous_segment_key), key(&row.segment_key));
            let _ = writeln!(text, "    {:>9} {} {from} → {to}{most}", whole(row.customers), self.unit.many());
        }
    }

    fn features(&self, text: &mut String) {
        let own = self.found.drift.iter().filter(|row| row.subject == "feature");
        let mut far: Vec<(&str, f64)> = own.filter_map(|row| Some((row.name.as_str(), row.value?))).collect();
        far.sort_by(|(a, psi_a), (b, psi_b)| psi_b.total_cmp(psi_a).then_with(|| a.cmp(b)));
        if far.is_empty() {
            return;
        }
        text.push_str("\nfeatures that drifted most (psi; 0.1 is little, 0.25 worth a look)\n");
        for (name, psi) in far.into_iter().take(MOST) {
            let _ = writeln!(text, "  {psi:>6.3}  {name}");
        }
    }
}
