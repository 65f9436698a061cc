//! A mixture of Gaussians with diagonal covariances, by expectation maximisation (Dempster, Laird and Rubin 1977).
//!
//! A row's probabilities are computed in f64 in a fixed order and rounded to integers; what crosses rows are sums of integers, so no
//! order of rows, threads or shards changes a bit. The coordinator lets [`choose_mixture`] find start and number of components on
//! the sample and drives [`MixtureFit`] over all shards, which answer with [`answer_mixture`]; [`assign_components`] writes the result.

mod assign;
mod choice;
mod components;
mod fit;
mod statistics;
#[cfg(test)]
mod tests;

pub use assign::assign_components;
pub use choice::{MixtureChoice, MixtureEvidence, MixtureRequest, choose_mixture};
pub use components::{Component, SMALLEST_VARIANCE, components_of};
pub use fit::{MixtureFit, MixtureResult, MixtureStop};
pub use statistics::{MixtureStatistics, answer_mixture, merge_mixture_answers};
