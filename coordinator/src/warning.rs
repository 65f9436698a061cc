//! One warning.

use segmenter_worker::{measure::QualityWarning, notes::Subject};
use std::fmt;

/// Something that does not stop a run and should be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Whose it is; none: the run's.
    pub subject: Option<Subject>,
    /// What it is, and where it helps what to do; holds no value of a customer.
    pub text: String,
}

impl Warning {
    /// Warns of the run as a whole.
    pub fn of_run(text: impl Into<String>) -> Self {
        Self { subject: None, text: text.into() }
    }

    /// Warns of something.
    pub fn of(subject: Subject, text: impl Into<String>) -> Self {
        Self { subject: Some(subject), text: text.into() }
    }
}

impl From<QualityWarning> for Warning {
    fn from(QualityWarning { subject, text }: QualityWarning) -> Self {
        Self { subject: Some(subject), text }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.subject {
            Some(subject) => write!(out, "{subject}: {}", self.text),
            None => out.write_str(&self.text),
        }
    }
}
