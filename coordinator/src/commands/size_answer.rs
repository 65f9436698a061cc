//! What `segmenter size` prints.

use crate::run::{LeftOut, SizedSegment, SizedSegmentation, Sizes};
use segmenter_proto::jobs::Unit;
use segmenter_worker::{
    notes::grouped,
    program::{json_line, printable},
    results::OverlapRow,
};
use serde_json::{Map, Value, json};

/// What was found.
#[derive(Debug)]
pub(super) struct SizeAnswer<'a> {
    pub(super) job: &'a str,
    /// Who is segmented.
    pub(super) unit: Unit,
    pub(super) as_of: String,
    pub(super) sizes: &'a Sizes,
    pub(super) left_out: &'a [LeftOut],
    /// None where the job has no consents.
    pub(super) channels: Option<&'a [String]>,
    pub(super) warnings: &'a [String],
}

impl SizeAnswer<'_> {
    /// Gives it for programs.
    pub(super) fn to_json(&self) -> String {
        let segmentations: Vec<Value> =
            self.sizes.segmentations.iter().map(|segmentation| self.segmentation_json(segmentation)).collect();
        let left_out = self.left_out.iter();
        let left_out: Vec<Value> = left_out
            .map(|LeftOut { segmentation, reason }| json!({ "segmentation": segmentation, "reason": reason }))
            .collect();
        let mut answer = json!({
            "format_version": 1,
            "job": self.job,
            "as_of": self.as_of,
            "customers": self.sizes.customers,
            "segmentations": segmentations,
            "left_out": left_out,
            "warnings": self.warnings,
        });
        if let Some(reached) = self.reached(&self.sizes.reached) {
            answer["reached"] = reached;
        }
        json_line(&answer)
    }

    fn segmentation_json(&self, segmentation: &SizedSegmentation) -> Value {
        let segments = segmentation.segments.iter().map(|SizedSegment { row, undecided, reached }| {
            let mut segment = json!({
                "segment_key": row.segment_key,
                "segment_name": row.segment_name,
                "customers": row.customers,
                "share": row.share,
            });
            if let Some(undecided) = undecided {
                segment["undecided"] = json!(undecided);
            }
            if let Some(reached) = self.reached(reached) {
                segment["reached"] = reached;
            }
            segment
        });
        let mut told = json!({
            "segmentation": segmentation.name,
            "method": segmentation.method,
            "segments": segments.collect::<Vec<_>>(),
        });
        if segmentation.overlapping {
            told["match"] = json!("all");
            let pairs = segmentation.overlaps.iter().map(|row| {
                json!({
                    "segment_key": row.segment_key,
                    "other_segment_key": row.other_segment_key,
                    "customers": row.customers,
                    "share": row.share,
                    "other_share": row.other_share,
                    "jaccard": row.jaccard,
                })
            });
            told["overlaps"] = pairs.collect();
        }
        told
    }

    fn reached(&self, customers: &[u64]) -> Option<Value> {
        let channels = self.channels?.iter().zip(customers);
        Some(Value::Object(
            channels.map(|(channel, customers)| (channel.clone(), json!(customers))).collect::<Map<_, _>>(),
        ))
    }

    /// Gives it for people.
    pub(super) fn to_text(&self) -> String {
        let mut parts = vec![self.all()];
        for segmentation in &self.sizes.segmentations {
            let overlapping = if segmentation.overlapping { ", match = \"all\"" } else { "" };
            let title = format!("{} ({}{overlapping})\n", segmentation.name, segmentation.method);
            parts.push(title + &self.segments(segmentation));
            let in_both: Vec<&OverlapRow> = segmentation.overlaps.iter().filter(|row| row.customers > 0).collect();
            if !in_both.is_empty() {
                let pairs = segmentation.overlaps.len();
                let title =
                    format!("{} overlaps: {} of {} pairs\n", segmentation.name, in_both.len(), grouped(pairs as u64));
                parts.push(title + &overlaps(&in_both, self.unit));
            }
        }
        if !self.left_out.is_empty() {
            let lines = self.left_out.iter().map(|out| format!("  {}: {}\n", out.segmentation, out.reason));
            parts.push(format!("not sized\n{}", lines.collect::<String>()));
        }
        parts.join("\n")
    }

    fn all(&self) -> String {
        let mut text =
            format!("{} at {}: {} {}\n", self.job, self.as_of, grouped(self.sizes.customers), self.unit.many());
        for (channel, customers) in self.channels.into_iter().flatten().zip(&self.sizes.reached) {
            text += &format!("  reached by {}: {}\n", printable(channel), grouped(*customers));
        }
        text
    }

    fn segments(&self, segmentation: &SizedSegmentation) -> String {
        let channels: Vec<String> =
            self.channels.into_iter().flatten().map(|channel| printable(channel).into_owned()).collect();
        let has_undecided = segmentation.segments.iter().any(|segment| segment.undecided.is_some());
        let mut header = vec!["segment".to_owned(), self.unit.many().to_owned(), "share".to_owned()];
        header.extend(has_undecided.then(|| "undecided".to_owned()));
        header.extend(channels);
        let rows = segmentation.segments.iter().map(|SizedSegment { row, undecided, reached }| {
            let mut cells =
                vec![row.segment_key.clone(), grouped(row.customers.unsigned_abs()), share(Some(row.share))];
            cells.extend(has_undecided.then(|| undecided.map_or_else(String::new, grouped)));
            cells.extend(reached.iter().map(|customers| grouped(*customers)));
            cells
        });
        aligned(std::iter::once(header).chain(rows).collect(), 1)
    }
}

fn overlaps(rows: &[&OverlapRow], unit: Unit) -> String {
    let header = ["segment", "other", unit.many(), "share", "of other", "jaccard"].map(str::to_owned).to_vec();
    let rows = rows.iter().map(|row| {
        vec![
            row.segment_key.clone(),
            row.other_segment_key.clone(),
            grouped(row.customers.unsigned_abs()),
            share(row.share),
            share(row.other_share),
            share(row.jaccard),
        ]
    });
    aligned(std::iter::once(header).chain(rows).collect(), 2)
}

fn share(share: Option<f64>) -> String {
    share.map_or_else(String::new, |share| format!("{:.1} %", share * 100.0))
}

/// Puts cells below each other, the first `names` of a row to the left and the numbers to the right.
fn aligned(rows: Vec<Vec<String>>, names: usize) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width_of = |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|at| width_of(at).unwrap_or_default()).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate().map(|(at, (cell, width))| match at < names {
            true => format!("  {cell:<width$}"),
            false => format!("  {cell:>width$}"),
        });
        format!("{}\n", cells.collect::<String>().trim_end())
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use segmenter_worker::results::SegmentRow;

    #[test]
    fn names_stand_to_the_left_and_numbers_to_the_right() {
        let segment = |key: &str, customers, undecided| SizedSegment {
            row: SegmentRow {
                segmentation: "targets".to_owned(),
                segment_id: 0,
                segment_key: key.to_owned(),
                segment_name: key.to_owned(),
                customers,
                share: customers as f64 / 1500.0,
                parent: None,
                path: None,
            },
            undecided,
            reached: vec![7],
        };
        let pair = |other: &str, customers| OverlapRow {
            segmentation: "targets".to_owned(),
            segment_key: "big".to_owned(),
            other_segment_key: other.to_owned(),
            customers,
            share: Some(0.25),
            other_share: None,
            jaccard: Some(0.125),
        };
        let segmentations = vec![SizedSegmentation {
            name: "targets".to_owned(),
            method: "rules",
            overlapping: true,
            segments: vec![segment("big", 1200, Some(3)), segment("other", 300, None)],
            overlaps: vec![pair("new", 300), pair("never", 0)],
        }];
        let sizes = Sizes { customers: 1500, reached: vec![700], segmentations };
        let channels = ["e\u{1b}mail".to_owned()];
        let left_out =
            [LeftOut { segmentation: "groups".to_owned(), reason: "its clusters have to be fitted".to_owned() }];
        let answer = SizeAnswer {
            job: "club",
            unit: Unit::Customer,
            as_of: "2026-01-01".to_owned(),
            sizes: &sizes,
            left_out: &left_out,
            channels: Some(&channels),
            warnings: &[],
        };
        let expected = "club at 2026-01-01: 1,500 customers\n  reached by e\\u{1b}mail: 700\n\n\
            targets (rules, match = \"all\")\n\
            \x20 segment  customers   share  undecided  e\\u{1b}mail\n\
            \x20 big          1,200  80.0 %          3            7\n\
            \x20 other          300  20.0 %                       7\n\n\
            targets overlaps: 1 of 2 pairs\n\
            \x20 segment  other  customers   share  of other  jaccard\n\
            \x20 big      new          300  25.0 %             12.5 %\n\n\
            not sized\n  groups: its clusters have to be fitted\n";
        assert_eq!(answer.to_text(), expected);
    }
}
