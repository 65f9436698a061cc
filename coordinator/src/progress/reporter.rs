//! The one who speaks for a run.

use super::{
    live::Live,
    sink::{LogWriter, Sink},
    stage::{StageProgress, columns},
};
use segmenter_worker::program::printable;
use serde_json::{Map, Value};
#[cfg(test)]
use std::io::Write;
use std::sync::{Arc, Mutex};

/// How a run speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// A bar a stage, for a person at a terminal.
    Bars,
    /// A JSON line an event; what is meant for people alone (tables) stays text.
    Lines,
    /// A JSON line an event and nothing else (`--output json`).
    JsonOnly,
}

/// How much a run says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loudness {
    /// Warnings and errors.
    Quiet,
    /// What each stage took, and what came of it.
    Normal,
    /// What happens meanwhile too.
    Verbose,
    /// Each attempt at a task too.
    VeryVerbose,
}

impl Loudness {
    /// Gives the level of the log.
    pub const fn logged(self) -> &'static str {
        match self {
            Self::Quiet | Self::Normal => "warn",
            Self::Verbose => "segmenter=info,segmenter_worker=info,warn",
            Self::VeryVerbose => "segmenter=debug,segmenter_worker=debug,info",
        }
    }
}

/// Speaks for a run on stderr; clones speak through one mouth.
#[derive(Debug, Clone)]
pub struct Reporter {
    sink: Arc<Sink>,
    json_only: bool,
    quiet: bool,
    live: Live,
}

impl Reporter {
    /// Speaks on stderr.
    pub fn on_stderr(style: Style, loudness: Loudness) -> Self {
        let sink = match style {
            Style::Bars => Sink::terminal(),
            Style::Lines | Style::JsonOnly => Sink::Lines(Mutex::new(Box::new(std::io::stderr()))),
        };
        let quiet = loudness == Loudness::Quiet;
        Self { sink: Arc::new(sink), json_only: style == Style::JsonOnly, quiet, live: Live::default() }
    }

    /// Says nothing.
    pub fn silent() -> Self {
        Self { sink: Arc::new(Sink::Silent), json_only: false, quiet: false, live: Live::default() }
    }

    /// Writes a JSON line an event.
    #[cfg(test)]
    pub(super) fn on(writer: Box<dyn Write + Send>, json_only: bool) -> Self {
        Self { sink: Arc::new(Sink::Lines(Mutex::new(writer))), json_only, quiet: false, live: Live::default() }
    }

    /// Gives where a log is written, so that it stands above the bars.
    pub fn writer(&self) -> impl Fn() -> LogWriter + Send + Sync + 'static {
        let sink = Arc::clone(&self.sink);
        move || LogWriter(Arc::clone(&sink))
    }

    /// Gives how many columns a table for a person may take: those of the terminal, up to 160, behind which lines are hard to follow; 100
    /// where there is no terminal.
    pub fn columns(&self) -> usize {
        match &*self.sink {
            Sink::Terminal(_) => columns().min(160),
            _ => 100,
        }
    }

    /// Begins a stage of `total` pieces of work (tasks, shards); 0: not known.
    pub fn stage(&self, stage: &str, total: u64) -> StageProgress {
        let sink = if self.quiet { Arc::new(Sink::Silent) } else { Arc::clone(&self.sink) };
        StageProgress::begin(sink, &self.live, stage, total)
    }

    /// Gives what can be asked while it speaks.
    pub fn live(&self) -> &Live {
        &self.live
    }

    /// Says that an earlier coordinator did this stage.
    pub fn resumed(&self, stage: &str) {
        self.tell("stage", &format!("{stage:<12} done before"), [("stage", stage.into()), ("resumed", true.into())]);
    }

    /// Says one thing: `text` to a person, the fields to a program. Without a terminal only the fields are written.
    pub fn tell<const N: usize>(&self, event: &str, text: &str, fields: [(&str, Value); N]) {
        if !self.quiet {
            self.speak(event, text, fields);
        }
    }

    fn speak<const N: usize>(&self, event: &str, text: &str, fields: [(&str, Value); N]) {
        match &*self.sink {
            Sink::Terminal(_) => self.sink.text(&printable(text)),
            sink => sink.event(&event_of(event, fields)),
        }
    }

    /// Warns of something that does not stop the run.
    pub fn warn(&self, message: &str) {
        self.live.warned(message);
        self.speak("warning", &format!("warning: {message}"), [("message", message.into())]);
    }

    /// Says what a person wants to read wherever stderr goes: as `text`, or as an event where JSON was asked for.
    pub fn report<const N: usize>(&self, event: &str, text: &str, fields: [(&str, Value); N]) {
        match self.json_only {
            _ if self.quiet => {}
            true => self.sink.event(&event_of(event, fields)),
            false => self.sink.text(&printable(text)),
        }
    }

    /// Shows what a person wants to read wherever stderr goes, such as the table of segments; nothing where JSON was asked for.
    pub fn show(&self, text: &str) {
        if !self.json_only && !self.quiet {
            self.sink.text(text.trim_end_matches('\n'));
        }
    }
}

/// Makes the line of an event.
pub(super) fn event_of<const N: usize>(event: &str, fields: [(&str, Value); N]) -> Value {
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value));
    Value::Object(Map::from_iter([("event".to_owned(), event.into())].into_iter().chain(fields)))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::sync::PoisonError;

    /// A stderr that a test can read.
    #[derive(Debug, Clone, Default)]
    pub(in crate::progress) struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl Written {
        pub(in crate::progress) fn lines(&self) -> Vec<String> {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap().lines().map(str::to_owned).collect()
        }
    }

    #[test]
    fn a_line_an_event() {
        let written = Written::default();
        let reporter = Reporter::on(Box::new(written.clone()), false);
        reporter.resumed("partition");
        reporter.warn("2 rows are \"odd\"");
        reporter.show("value  | 12\n");
        assert_eq!(
            written.lines(),
            [
                r#"{"event":"stage","stage":"partition","resumed":true}"#,
                r#"{"event":"warning","message":"2 rows are \"odd\""}"#,
                "value  | 12",
            ]
        );
    }

    #[test]
    fn who_wants_quiet_hears_of_warnings_alone() {
        let written = Written::default();
        let quiet = Reporter { quiet: true, ..Reporter::on(Box::new(written.clone()), false) };
        quiet.resumed("partition");
        quiet.show("value  | 12");
        quiet.report("rows", "all were used", []);
        quiet.stage("features", 2).finish(&crate::tally::StageTally::default());
        quiet.warn("2 rows are odd");
        assert_eq!(written.lines(), [r#"{"event":"warning","message":"2 rows are odd"}"#]);
        assert_eq!(quiet.live().warnings(), ["2 rows are odd"]);
    }

    #[test]
    fn who_asked_for_json_gets_nothing_else() {
        let written = Written::default();
        let reporter = Reporter::on(Box::new(written.clone()), true);
        reporter.show("value  | 12");
        reporter.resumed("fit/value");
        assert_eq!(written.lines(), [r#"{"event":"stage","stage":"fit/value","resumed":true}"#]);
    }
}
