//! What metrics differ in.

use prometheus_client::encoding::EncodeLabelSet;
use segmenter_proto::v1::Stage;

/// Tells metrics of the stages apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, EncodeLabelSet)]
pub struct StageLabels {
    /// The stage's name, see [`stage_name`].
    pub stage: &'static str,
}

/// Tells metrics of the stages and of how attempts end apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, EncodeLabelSet)]
pub struct TaskLabels {
    /// The stage's name, see [`stage_name`].
    pub stage: &'static str,
    /// How the attempt ended, see [`Outcome`].
    pub outcome: &'static str,
}

/// How an attempt at a task ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// With an answer.
    Done,
    /// With an error.
    Failed,
    /// Nobody waits for it any more.
    Cancelled,
}

impl Outcome {
    /// Gives the label.
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Gives the name of a stage, as everywhere in what the programs say.
pub fn stage_name(stage: Stage) -> &'static str {
    match stage {
        Stage::Unspecified => "unspecified",
        Stage::Keys => "keys",
        Stage::Partition => "partition",
        Stage::Features => "features",
        Stage::Fit => "fit",
        Stage::Assign => "assign",
        Stage::Measure => "measure",
    }
}
