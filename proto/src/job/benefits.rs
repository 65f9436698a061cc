//! Which customers get what: by tier of a programme and by segment.

use serde::{Deserialize, Serialize};

/// Where benefits are written, and whose they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Benefits {
    /// The source of kind reference that has them: `tier`, `segment_key`, `benefit`, and `service_level` where it is mapped.
    pub source: String,
    /// The text feature that has the tier of a customer.
    pub tier: String,
    /// The segmentation whose segments they are by.
    pub segmentation: String,
}

/// Names of a source of benefits that are kept, where it maps them.
pub const BENEFIT_COLUMNS: [&str; 4] = ["tier", "segment_key", "benefit", "service_level"];
