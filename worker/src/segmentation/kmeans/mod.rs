//! Exact k-means: rows and centroids lie on one integer grid, so labels, sums and inertia are integers and no order of
//! rows, threads or shards can change them.
//!
//! The coordinator collects a [`SampleHeap`], lets [`choose`] find start and number of clusters on it, draws another start from
//! all rows by [`ParallelSeeding`], and drives a [`KmeansRace`] of both (or one [`KmeansFit`]) over all shards, which answer with
//! [`KmeansShard`]. A last pass gives the [`Separation`] of the clusters; [`assign_rows`] writes the result.
//!
//! `rows` is what lies in memory or scratch, `kernel` goes over it, `rounds` are passes over the rows of all shards, and `sample` is
//! what is found on the sample; each needs only those before it.

mod kernel;
mod rounds;
mod rows;
mod sample;

pub use rounds::assign::{RowAssignment, assign_rows};
pub use rounds::fit::{KmeansFit, KmeansResult, Stop};
pub use rounds::race::{KmeansRace, RaceResult};
pub use rounds::round::{FarRow, RoundStatistics, merge_kmeans_answers};
pub use rounds::seeding::ParallelSeeding;
pub use rounds::separation::{ClusterSpread, Separation};
pub use rounds::shard::KmeansShard;
pub use rows::centroids::Centroids;
pub use rows::layout::{Category, Layout, MOST_LEVELS};
pub use rows::matrix::Matrix;
pub use rows::pack::{layout_of, matrix_of, merge_matrix_statistics};
pub use rows::sample::{SampleHeap, SampleRow, merge_samples, sample_rows, sample_size};
pub use rows::stored::Ids;
pub use sample::choice::{Choice, ChoiceRequest, Stability, choose, stability_of};
pub use sample::evidence::{ClusterCountEvidence, SampledSilhouette};
pub use sample::gap::Gap;
pub use sample::stability::STABLE;

pub(super) use rounds::densities::{Moments, TILE, visit_densities};
pub(super) use rounds::fit::rounded_quotient;
pub(super) use rounds::near::visit_nearest;
pub(super) use sample::gap::{gaps, one_is_enough};
pub(super) use sample::part::stability_rows;
pub(super) use sample::restarts::best_start;
pub(super) use sample::stability::{Division, Resample, Resamples, mean_stability};
