//! What is shown of persons.

use super::{Job, Source};
use serde::{Deserialize, Serialize};

/// What is shown of persons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Privacy {
    /// Customers that a level, or a level within a segment, must have to be shown by name.
    pub min_cell: u64,
    /// Personal and sensitive names that may be used as they are.
    pub allow: Vec<String>,
}

impl Default for Privacy {
    fn default() -> Self {
        Self { min_cell: 20, allow: Vec::new() }
    }
}

impl Privacy {
    /// Says whether the job says nothing of it.
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Why a name of a source may not be used as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// It is a personal standard name of its kind.
    Personal,
    /// The source lists it.
    Sensitive,
}

impl Protection {
    /// Says it of a name.
    pub fn told(self) -> &'static str {
        match self {
            Self::Personal => "personal",
            Self::Sensitive => "sensitive",
        }
    }
}

impl Source {
    /// Says whether a name that it maps is personal or sensitive, whatever the job lets pass.
    pub fn protection(&self, name: &str) -> Option<Protection> {
        self.column(name)?;
        if self.sensitive.iter().any(|sensitive| sensitive == name) {
            return Some(Protection::Sensitive);
        }
        let standard = self.kind.kind().column(name)?;
        standard.personal.then_some(Protection::Personal)
    }
}

impl Job {
    /// Says why a name of a source may not be used as it is; none where it may.
    pub fn protects(&self, source: &Source, name: &str) -> Option<Protection> {
        let allowed = self.privacy.allow.iter().any(|allowed| allowed == name);
        source.protection(name).filter(|_| !allowed)
    }
}
