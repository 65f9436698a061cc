//! One stage's progress, counted by many threads.

use super::{
    format::{bytes_for_people, grouped},
    live::Live,
    reporter::event_of,
    sink::Sink,
    throttle::Throttle,
};
use crate::tally::StageTally;
use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// A stage that lasts says so this often, where events are lines.
const INTERVAL: Duration = Duration::from_secs(2);

/// How far a stage is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The stage's name in the log.
    pub stage: String,
    /// Pieces of work that are done.
    pub done: u64,
    /// Pieces of work in all; 0: not known.
    pub total: u64,
    /// Rows gone through.
    pub rows: u64,
    /// Bytes read or written.
    pub bytes: u64,
}

/// What a stage took in all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StageTotals {
    /// Wall time.
    pub seconds: f64,
    /// Rows gone through.
    pub rows: u64,
    /// Bytes read or written.
    pub bytes: u64,
}

/// What is counted of a stage.
#[derive(Debug)]
pub(super) struct Counts {
    stage: String,
    total: u64,
    began: Instant,
    done: AtomicU64,
    rows: AtomicU64,
    bytes: AtomicU64,
}

impl Counts {
    pub(super) fn progress(&self) -> Progress {
        Progress {
            stage: self.stage.clone(),
            done: self.done.load(Ordering::Relaxed),
            total: self.total,
            rows: self.rows.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
        }
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }
}

/// A stage that is under way; threads count on it through `&self`. Dropped without [`StageProgress::finish`], it says nothing more.
#[derive(Debug)]
pub struct StageProgress {
    sink: Arc<Sink>,
    counts: Arc<Counts>,
    throttle: Throttle,
    bar: Option<ProgressBar>,
}

impl StageProgress {
    pub(super) fn begin(sink: Arc<Sink>, live: &Live, stage: &str, total: u64) -> Self {
        let bar = match &*sink {
            Sink::Terminal(bars) => Some(bars.add(bar(stage, total))),
            _ => None,
        };
        let counts = Arc::new(Counts {
            stage: stage.to_owned(),
            total,
            began: Instant::now(),
            done: AtomicU64::new(0),
            rows: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
        });
        live.begins(&counts);
        Self { sink, counts, throttle: Throttle::new(INTERVAL), bar }
    }

    /// Counts pieces of work, rows and bytes.
    pub fn add(&self, done: u64, rows: u64, bytes: u64) {
        self.counts.done.fetch_add(done, Ordering::Relaxed);
        self.counts.rows.fetch_add(rows, Ordering::Relaxed);
        self.counts.bytes.fetch_add(bytes, Ordering::Relaxed);
        if let Some(bar) = &self.bar {
            bar.inc(done);
            if rows > 0 {
                let rows = self.counts.rows.load(Ordering::Relaxed);
                bar.set_message(told_rows(rows, self.counts.elapsed()));
            }
        } else if matches!(&*self.sink, Sink::Lines(_)) && self.throttle.permits(self.counts.elapsed()) {
            let Progress { stage, done, total, rows, bytes } = self.progress();
            self.sink.event(&event_of(
                "progress",
                [
                    ("stage", stage.into()),
                    ("done", done.into()),
                    ("total", total.into()),
                    ("rows", rows.into()),
                    ("bytes", bytes.into()),
                ],
            ));
        }
    }

    /// Says how far the stage is.
    pub fn progress(&self) -> Progress {
        self.counts.progress()
    }

    /// Ends the stage with one line.
    pub fn finish(self, tally: &StageTally) -> StageTotals {
        let seconds = (self.counts.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
        let Progress { stage, rows, bytes, .. } = self.progress();
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
            self.sink.text(&summary(&stage, seconds, rows, bytes, tally));
        }
        let fields = [
            ("stage", stage.into()),
            ("seconds", seconds.into()),
            ("rows", rows.into()),
            ("bytes", bytes.into()),
            ("workers", tally.workers().into()),
            ("retries", tally.retries.into()),
            ("copies", tally.copies.into()),
            ("skew", tally.skew().into()),
            ("sent_bytes", tally.sent_bytes.into()),
            ("received_bytes", tally.received_bytes.into()),
        ];
        self.sink.event(&event_of("stage", fields));
        StageTotals { seconds, rows, bytes }
    }
}

/// Workers are told of only where there are several, retries only where there were some.
fn summary(stage: &str, seconds: f64, rows: u64, bytes: u64, tally: &StageTally) -> String {
    let mut text = format!("{stage:<12} {seconds:>7.1} s");
    if rows > 0 {
        text.push_str(&format!("  {:>15} rows", grouped(rows)));
    }
    if bytes > 0 {
        text.push_str(&format!("  {:>7}", bytes_for_people(bytes)));
    }
    if tally.workers() > 1 {
        text.push_str(&format!("  {} workers", tally.workers()));
        text.push_str(&tally.skew().map(|skew| format!(", skew {skew:.2}")).unwrap_or_default());
    }
    match tally.retries {
        0 => {}
        1 => text.push_str("  1 retry"),
        retries => text.push_str(&format!("  {retries} retries")),
    }
    text
}

/// Gives the rows that were gone through, and how many a second.
fn told_rows(rows: u64, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64();
    match seconds >= 1.0 {
        true => format!("{} rows, {}/s", grouped(rows), grouped((rows as f64 / seconds) as u64)),
        false => format!("{} rows", grouped(rows)),
    }
}

fn bar(stage: &str, total: u64) -> ProgressBar {
    let template = if total > 0 {
        "{prefix:<12} {bar:32} {pos}/{len}  {elapsed}, {eta} left  {wide_msg}"
    } else {
        "{prefix:<12} {spinner} {elapsed}  {wide_msg}"
    };
    // A template that cannot be parsed would show the default bar: it is tested below.
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = if total > 0 { ProgressBar::new(total) } else { ProgressBar::no_length() };
    bar.with_style(style.progress_chars("=> ")).with_prefix(stage.to_owned()).with_finish(ProgressFinish::AndClear)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::{Reporter, reporter::tests::Written};

    #[test]
    fn threads_count_together_and_a_stage_ends_with_one_line() {
        let written = Written::default();
        let stage = Reporter::on(Box::new(written.clone()), false).stage("partition", 4);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..1000).for_each(|_| stage.add(0, 5, 7)));
            }
        });
        stage.add(4, 0, 0);
        let expected = Progress { stage: "partition".into(), done: 4, total: 4, rows: 20_000, bytes: 28_000 };
        assert_eq!(stage.progress(), expected);
        let totals = stage.finish(&StageTally::default());
        let lines = written.lines();
        assert_eq!(lines.len(), 1, "a short stage says only that it ended: {lines:?}");
        let line: serde_json::Value = serde_json::from_str(&lines[0]).unwrap();
        let expected = serde_json::json!(
            {"event": "stage", "stage": "partition", "seconds": totals.seconds, "rows": 20_000, "bytes": 28_000, "workers": 0,
             "retries": 0, "copies": 0, "skew": null, "sent_bytes": 0, "received_bytes": 0});
        assert_eq!(line, expected);
    }

    #[test]
    fn rows_are_told_with_their_rate_once_there_is_one() {
        assert_eq!(told_rows(1_500, Duration::from_millis(900)), "1,500 rows");
        assert_eq!(told_rows(3_000_000, Duration::from_secs(2)), "3,000,000 rows, 1,500,000/s");
    }

    #[test]
    fn templates_of_bars_can_be_parsed() {
        for total in [0, 8] {
            let bar = bar("fit/behaviour", total);
            assert_eq!((bar.length(), bar.prefix().as_str()), ((total > 0).then_some(total), "fit/behaviour"));
        }
        ProgressStyle::with_template("{prefix:<12} {bar:32} {pos}/{len}  {elapsed}, {eta} left  {wide_msg}").unwrap();
        ProgressStyle::with_template("{prefix:<12} {spinner} {elapsed}  {wide_msg}").unwrap();
    }

    #[test]
    fn the_line_for_a_person() {
        let alone = StageTally::default();
        let line = summary("partition", 1.84, 20_000_000, 412_000_000, &alone);
        assert_eq!(line, "partition        1.8 s       20,000,000 rows   412 MB");
        assert_eq!(summary("commit", 0.04, 0, 0, &alone), "commit           0.0 s");
        let busy = [(1, Duration::from_secs(3)), (4, Duration::from_secs(1))].into();
        let two = StageTally { busy, retries: 1, ..alone };
        assert_eq!(summary("assign", 0.04, 0, 0, &two), "assign           0.0 s  2 workers, skew 1.50  1 retry");
    }
}
