//! What the segments are: profiles, effectiveness and quality, from mergeable statistics computed a shard at a time.
//!
//! A statistic is exact, so that merging it in any order, over any number of shards, gives the same bits; only the
//! finaliser, which runs once over the merged statistic, rounds.

mod effectiveness;
mod groups;
mod inference;
mod profile;
mod quality;

pub use effectiveness::{
    Basis, CustomerValues, EffectivenessScope, EffectivenessStatistic, METRICS, OwnValues, SegmentTotals,
    effectiveness_rows,
};
pub use groups::Groups;
pub use inference::benjamini_hochberg;
pub use profile::{
    FeatureStatistic, LevelCounts, Moments, OTHER_LEVELS, ProfileScope, ProfileStatistic, is_profiled, profile_rows,
};
pub use quality::{
    Check, CheckOf, Evaluated, OtherCounts, QualityWarning, RejectedRows, SourceCounts, checks, evaluate,
};
