//! What sets each segment apart: every feature's distribution a segment, against the population's.

mod accumulate;
mod levels;
mod message;
mod moments;
mod rows;
mod statistic;

pub use levels::LevelCounts;
pub use moments::Moments;
pub use rows::{OTHER_LEVELS, ProfileScope, profile_rows};
pub use statistic::{FeatureStatistic, ProfileStatistic, is_profiled};
