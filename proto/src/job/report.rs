//! How a run is told to people.

use serde::{Deserialize, Serialize};

/// How a run is told to people.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Report {
    /// The language of names that are suggested, of sentences in tables, and of the page.
    pub language: Language,
}

impl Report {
    /// Says whether the job says nothing of it.
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// A language that people are told in, by its code of ISO 639; the worker has the words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Language(String);

impl Language {
    /// Gives the language of this code.
    pub fn new(code: impl Into<String>) -> Self {
        Self(code.into())
    }

    /// Gives its code.
    pub fn code(&self) -> &str {
        &self.0
    }
}

impl Default for Language {
    fn default() -> Self {
        Self::new("en")
    }
}
