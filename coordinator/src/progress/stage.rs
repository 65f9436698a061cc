//! One stage's progress, counted by many threads.

use super::{
    format::{bytes_for_people, grouped},
    live::Live,
    reporter::event_of,
    sink::Sink,
    throttle::Throttle,
};
use crate::{report::number, tally::StageTally};
use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};
use segmenter_proto::Watched;
use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
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

/// What is counted of a stage, and where it is told.
pub(super) struct Counts {
    stage: String,
    total: u64,
    began: Instant,
    done: AtomicU64,
    rows: AtomicU64,
    bytes: AtomicU64,
    /// The last round, where the stage has a figure to watch.
    round: Mutex<Option<(u64, Watched)>>,
    sink: Arc<Sink>,
    throttle: Throttle,
    bar: Option<ProgressBar>,
}

impl Counts {
    fn begin(sink: Arc<Sink>, stage: &str, total: u64) -> Self {
        let bar = match &*sink {
            Sink::Terminal(bars) => Some(bars.add(bar(stage, total, columns()))),
            _ => None,
        };
        Self {
            stage: stage.to_owned(),
            total,
            began: Instant::now(),
            done: AtomicU64::new(0),
            rows: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            round: Mutex::new(None),
            sink,
            throttle: Throttle::new(INTERVAL),
            bar,
        }
    }

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

    /// Takes note of a round and of how far it brought the stage.
    pub(super) fn round(&self, round: u64, watched: Watched) {
        let before = self.last_round(|last| last.replace((round, watched)));
        match &self.bar {
            Some(bar) => bar.set_message(told_round(round, watched, before.map(|(_, before)| before))),
            None => self.tell(),
        }
    }

    /// Says how far the stage is, now and then, where events are lines.
    fn tell(&self) {
        if !matches!(&*self.sink, Sink::Lines(_)) || !self.throttle.permits(self.elapsed()) {
            return;
        }
        let Progress { stage, done, total, rows, bytes } = self.progress();
        let mut event = event_of(
            "progress",
            [
                ("stage", stage.into()),
                ("done", done.into()),
                ("total", total.into()),
                ("rows", rows.into()),
                ("bytes", bytes.into()),
            ],
        );
        if let Some((round, watched)) = self.last_round(|last| *last) {
            (event["round"], event["figure"], event["value"]) =
                (round.into(), watched.name.into(), watched.value.into());
        }
        self.sink.event(&event);
    }

    fn last_round<T>(&self, with: impl FnOnce(&mut Option<(u64, Watched)>) -> T) -> T {
        with(&mut self.round.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Counts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Counts").field(&self.progress()).finish()
    }
}

/// A stage that is under way; threads count on it through `&self`. Dropped without [`StageProgress::finish`], it says nothing more.
#[derive(Debug)]
pub struct StageProgress {
    counts: Arc<Counts>,
}

impl StageProgress {
    pub(super) fn begin(sink: Arc<Sink>, live: &Live, stage: &str, total: u64) -> Self {
        let counts = Arc::new(Counts::begin(sink, stage, total));
        live.begins(&counts);
        Self { counts }
    }

    /// Counts pieces of work, rows and bytes.
    pub fn add(&self, done: u64, rows: u64, bytes: u64) {
        let counts = &self.counts;
        counts.done.fetch_add(done, Ordering::Relaxed);
        counts.rows.fetch_add(rows, Ordering::Relaxed);
        counts.bytes.fetch_add(bytes, Ordering::Relaxed);
        match &counts.bar {
            Some(bar) => {
                bar.inc(done);
                if rows > 0 {
                    bar.set_message(told_rows(counts.rows.load(Ordering::Relaxed), counts.elapsed()));
                }
            }
            None => counts.tell(),
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
        let sink = &self.counts.sink;
        if let Some(bar) = &self.counts.bar {
            bar.finish_and_clear();
            sink.text(&summary(&stage, seconds, rows, bytes, tally));
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
        sink.event(&event_of("stage", fields));
        StageTotals { seconds, rows, bytes }
    }
}

fn summary(stage: &str, seconds: f64, rows: u64, bytes: u64, tally: &StageTally) -> String {
    let took = took(rows, bytes, tally.workers(), tally.skew(), tally.retries);
    format!("{stage:<12} {seconds:>7.1} s{took}")
}

/// Says what a stage took beside time: workers only where there are several, retries only where there were some.
pub fn took(rows: u64, bytes: u64, workers: u64, skew: Option<f64>, retries: u64) -> String {
    let mut text = String::new();
    if rows > 0 {
        text.push_str(&format!("  {:>15} rows", grouped(rows)));
    }
    if bytes > 0 {
        text.push_str(&format!("  {:>7}", bytes_for_people(bytes)));
    }
    if workers > 1 {
        text.push_str(&format!("  {workers} workers"));
        text.push_str(&skew.map(|skew| format!(", skew {skew:.2}")).unwrap_or_default());
    }
    match retries {
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

/// Gives a round and the figure that is watched, with how far it went since the round before.
fn told_round(round: u64, watched: Watched, before: Option<Watched>) -> String {
    let Watched { name, value } = watched;
    let change = before.filter(|before| before.name == name && before.value != 0.0);
    let change = change.map(|before| format!(" ({:+.2} %)", (value - before.value) / before.value.abs() * 100.0));
    format!("round {round}, {name} {}{}", number(value), change.unwrap_or_default())
}

/// Columns of the terminal; 80 where it does not say.
pub(super) fn columns() -> usize {
    console::Term::stderr().size_checked().map_or(80, |(_, columns)| usize::from(columns))
}

/// A bar is as wide as a terminal of so many columns leaves for it, beside what is told in numbers.
fn bar(stage: &str, total: u64, columns: usize) -> ProgressBar {
    const BESIDE: usize = 60;
    let width = columns.saturating_sub(BESIDE).clamp(8, 32);
    let template = match total {
        0 => "{prefix:<12} {spinner} {elapsed}  {wide_msg}".to_owned(),
        _ => format!("{{prefix:<12}} {{bar:{width}}} {{pos}}/{{len}}  {{elapsed}}, {{eta}} left  {{wide_msg}}"),
    };
    // A template that cannot be parsed would show the default bar: it is tested below.
    let style = ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
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
        for (total, columns) in [(0, 80), (8, 40), (8, 80), (8, 300)] {
            let bar = bar("fit/behaviour", total, columns);
            assert_eq!((bar.length(), bar.prefix().as_str()), ((total > 0).then_some(total), "fit/behaviour"));
        }
        ProgressStyle::with_template("{prefix:<12} {bar:8} {pos}/{len}  {elapsed}, {eta} left  {wide_msg}").unwrap();
        ProgressStyle::with_template("{prefix:<12} {spinner} {elapsed}  {wide_msg}").unwrap();
    }

    #[test]
    fn a_round_is_told_with_how_far_it_went() {
        let inertia = |value| Watched { name: "inertia", value };
        assert_eq!(told_round(1, inertia(1_234_567.0), None), "round 1, inertia 1,234,567");
        assert_eq!(told_round(2, inertia(1_000.0), Some(inertia(1_250.0))), "round 2, inertia 1,000 (-20.00 %)");
        let likelihood = |value| Watched { name: "log likelihood", value };
        assert_eq!(told_round(3, likelihood(-4.0), Some(likelihood(-5.0))), "round 3, log likelihood -4 (+20.00 %)");
        assert_eq!(told_round(1, likelihood(-4.0), Some(inertia(7.0))), "round 1, log likelihood -4");
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
