//! What is recommended to whom.

use serde::{Deserialize, Serialize};

/// What is recommended to customers by what goes together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recommendations {
    /// The affinity whose pairs lead to items.
    pub affinity: String,
    /// Items that are recommended to a customer at most.
    pub top: u32,
    /// The channel by which they are told, and which needs a consent; none: no consent is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// The share of an item's buyers who bought it on several days from which on it is recommended to those who have it too.
    pub again: f64,
    /// SQL that gives what each customer bought, wished for and ignored: the id, `what`, `item` and `days`.
    pub query: String,
}
