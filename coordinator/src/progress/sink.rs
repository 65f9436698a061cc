//! Where events go.

use indicatif::{MultiProgress, ProgressDrawTarget};
use segmenter_worker::program::json_line;
use serde_json::Value;
use std::{
    fmt,
    io::Write,
    sync::{Mutex, PoisonError},
};

/// Redraws a second, at most.
const REDRAWS: u8 = 5;

/// Where events go.
pub(super) enum Sink {
    /// Bars and lines for a person.
    Terminal(MultiProgress),
    /// A JSON line an event.
    Lines(Mutex<Box<dyn Write + Send>>),
    /// Nowhere.
    Silent,
}

impl fmt::Debug for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Terminal(_) => "Terminal",
            Self::Lines(_) => "Lines",
            Self::Silent => "Silent",
        })
    }
}

impl Sink {
    pub(super) fn terminal() -> Self {
        Self::Terminal(MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(REDRAWS)))
    }

    /// Writes an event as one JSON line, where events are lines. What cannot be written is dropped: a run does not fail because
    /// nobody reads along.
    pub(super) fn event(&self, event: &Value) {
        if let Self::Lines(writer) = self {
            let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = writeln!(writer, "{}", json_line(event)).and_then(|()| writer.flush());
        }
    }

    /// Writes text for a person, above the bars if there are some.
    pub(super) fn text(&self, text: &str) {
        match self {
            Self::Terminal(bars) => bars.suspend(|| {
                let _ = writeln!(std::io::stderr(), "{text}");
            }),
            Self::Lines(writer) => {
                let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
                let _ = writeln!(writer, "{text}").and_then(|()| writer.flush());
            }
            Self::Silent => {}
        }
    }
}

/// Writes a log where a run speaks: above its bars, where it has some.
#[derive(Debug)]
pub struct LogWriter(pub(super) std::sync::Arc<Sink>);

impl Write for LogWriter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match &*self.0 {
            Sink::Terminal(bars) => bars.suspend(|| std::io::stderr().write(bytes)),
            Sink::Lines(_) | Sink::Silent => std::io::stderr().write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        std::io::stderr().flush()
    }
}
