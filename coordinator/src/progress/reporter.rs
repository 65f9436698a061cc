//! The one who speaks for a run.

use super::{live::Live, sink::Sink, stage::StageProgress};
use segmenter_worker::program::printable;
use serde_json::{Map, Value};
use std::{
    io::Write,
    sync::{Arc, Mutex},
};

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

/// Speaks for a run on stderr; clones speak through one mouth.
#[derive(Debug, Clone)]
pub struct Reporter {
    sink: Arc<Sink>,
    json_only: bool,
    live: Live,
}

impl Reporter {
    /// Speaks on stderr.
    pub fn on_stderr(style: Style) -> Self {
        match style {
            Style::Bars => Self { sink: Arc::new(Sink::terminal()), json_only: false, live: Live::default() },
            Style::Lines | Style::JsonOnly => Self::on(Box::new(std::io::stderr()), style == Style::JsonOnly),
        }
    }

    /// Says nothing.
    pub fn silent() -> Self {
        Self { sink: Arc::new(Sink::Silent), json_only: false, live: Live::default() }
    }

    /// Writes a JSON line an event.
    pub(super) fn on(writer: Box<dyn Write + Send>, json_only: bool) -> Self {
        Self { sink: Arc::new(Sink::Lines(Mutex::new(writer))), json_only, live: Live::default() }
    }

    /// Begins a stage of `total` pieces of work (tasks, shards); 0: not known.
    pub fn stage(&self, stage: &str, total: u64) -> StageProgress {
        StageProgress::begin(Arc::clone(&self.sink), &self.live, stage, total)
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
        match &*self.sink {
            Sink::Terminal(_) => self.sink.text(&printable(text)),
            sink => sink.event(&event_of(event, fields)),
        }
    }

    /// Warns of something that does not stop the run.
    pub fn warn(&self, message: &str) {
        self.live.warned(message);
        self.tell("warning", &format!("warning: {message}"), [("message", message.into())]);
    }

    /// Says what a person wants to read wherever stderr goes: as `text`, or as an event where JSON was asked for.
    pub fn report<const N: usize>(&self, event: &str, text: &str, fields: [(&str, Value); N]) {
        match self.json_only {
            true => self.sink.event(&event_of(event, fields)),
            false => self.sink.text(&printable(text)),
        }
    }

    /// Shows what a person wants to read wherever stderr goes, such as the table of segments; nothing where JSON was asked for.
    pub fn show(&self, text: &str) {
        if !self.json_only {
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
    fn who_asked_for_json_gets_nothing_else() {
        let written = Written::default();
        let reporter = Reporter::on(Box::new(written.clone()), true);
        reporter.show("value  | 12");
        reporter.resumed("fit/value");
        assert_eq!(written.lines(), [r#"{"event":"stage","stage":"fit/value","resumed":true}"#]);
    }
}
