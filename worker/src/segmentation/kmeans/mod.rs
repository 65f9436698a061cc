//! Exact k-means: rows and centroids lie on one integer grid, so labels, sums and inertia are integers and no order of
//! rows, threads or shards can change them.
//!
//! The coordinator collects a [`SampleHeap`], lets [`choose`] find start and number of clusters on it, draws another start from
//! all rows by [`ParallelSeeding`], and drives a [`KmeansRace`] of both (or one [`KmeansFit`]) over all shards, which answer with
//! [`KmeansShard`]. A last pass gives the [`Separation`] of the clusters; [`assign_rows`] writes the result.

mod assign;
mod centroids;
mod choice;
mod decision;
mod densities;
mod evidence;
mod fit;
mod gap;
mod kernel;
mod layout;
mod lloyd;
mod matrix;
mod near;
mod pack;
mod part;
mod race;
mod restarts;
mod round;
mod sample;
mod seeding;
mod select;
mod separation;
mod shard;
mod stability;
mod start;
mod stored;

pub use assign::{RowAssignment, assign_rows};
pub use centroids::Centroids;
pub use choice::{Choice, ChoiceRequest, Stability, choose, stability_of};
pub use evidence::{ClusterCountEvidence, SampledSilhouette};
pub use fit::{KmeansFit, KmeansResult, Stop};
pub use gap::Gap;
pub use layout::{Category, Layout, MOST_LEVELS};
pub use matrix::Matrix;
pub use pack::{layout_of, matrix_of, merge_matrix_statistics};
pub use race::{KmeansRace, RaceResult};
pub use round::{FarRow, RoundStatistics, merge_kmeans_answers};
pub use sample::{SampleHeap, SampleRow, merge_samples, sample_rows, sample_size};
pub use seeding::ParallelSeeding;
pub use separation::{ClusterSpread, Separation};
pub use shard::KmeansShard;
pub use stability::STABLE;
pub use stored::Ids;

pub(super) use densities::{Moments, TILE, visit_densities};
pub(super) use fit::rounded_quotient;
pub(super) use gap::{gaps, one_is_enough};
pub(super) use near::visit_nearest;
pub(super) use part::stability_rows;
pub(super) use restarts::best_start;
pub(super) use stability::{Division, Resample, Resamples, mean_stability};
