//! How far a run is from the one before: features, sizes of segments, and who moved.

mod agreement;
mod distribution;
mod features;
mod migration;
mod psi;

pub use agreement::{MovedShare, moved_shares, segmentation_drift};
pub use distribution::{DistributedFeature, distribution_rows};
pub use features::{ComparedFeature, compared_features, feature_drift};
pub use migration::migration_rows;
pub use psi::psi;
