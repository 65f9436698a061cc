//! Which ids are one person's.

use super::{Job, SourceKind};
use serde::{Deserialize, Serialize};

/// The name under which sources whose rows of several ids are weighed carry the id as it stands. Behind all other names in alphabetical order, so
/// that of several names over one wrong value another is told.
pub const OWN_ID: &str = "~own_id";

/// How ids become persons, by the pairs of the sources of kind identities.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// Ids that a person may have; a component with more is not merged.
    pub max_ids: u32,
    /// The confidence that a pair must have to link two ids.
    pub min_confidence: f64,
}

impl Default for Identity {
    fn default() -> Self {
        Self { max_ids: 50, min_confidence: 0.9 }
    }
}

impl SourceKind {
    /// Says whether rows of several ids of one person are weighed by the id that they have: attributes, of which the newest counts, and consents,
    /// of which one that is withdrawn does.
    pub fn keeps_own_ids(self) -> bool {
        matches!(self, Self::Customers | Self::Consents)
    }
}

impl Job {
    /// Says whether the rows of a kind carry the id as it stands in their source.
    pub fn keeps_own_ids(&self, kind: SourceKind) -> bool {
        self.identity.is_some() && kind.keeps_own_ids()
    }
}
