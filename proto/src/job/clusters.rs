//! What the methods that group customers by their place among others have in common, and those of them beside k-means.

use super::{ClusterCount, Method, Scale, Transform};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Bisecting k-means: nested clusters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BisectingMethod {
    /// SQL over features; the rest get `out_of_scope`.
    pub filter: Option<String>,
    /// Features and columns of the customers source.
    pub features: Vec<String>,
    /// Leaves at most.
    pub k: u32,
    /// Share of the scope that every leaf must have.
    pub min_share: f64,
    /// Transform a feature, in the order of `features`; of no meaning for a category.
    pub transforms: Vec<Transform>,
    /// Weight in the distance a feature, in the order of `features`.
    pub weights: Vec<f64>,
    /// Scaling of all features.
    pub scale: Scale,
    /// Share cut at each end; 0 is none.
    pub winsorise: f64,
    /// Starts of each split, of which the best is taken.
    pub restarts: u32,
    /// `segment_name` by key.
    pub names: BTreeMap<String, String>,
}

/// A mixture of Gaussians with diagonal covariances.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MixtureMethod {
    /// SQL over features; the rest get `out_of_scope`.
    pub filter: Option<String>,
    /// Features and columns of the customers source: numbers.
    pub features: Vec<String>,
    /// The number of components.
    pub k: ClusterCount,
    /// Transform a feature, in the order of `features`.
    pub transforms: Vec<Transform>,
    /// Scaling of all features.
    pub scale: Scale,
    /// Share cut at each end; 0 is none.
    pub winsorise: f64,
    /// Starts of which the best is taken.
    pub restarts: u32,
    /// `segment_name` by key.
    pub names: BTreeMap<String, String>,
}

/// The matrix that a method of clusters goes through: whose rows, which columns, and their way to the grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MatrixColumns<'a> {
    /// SQL over features that says who is in scope.
    pub filter: Option<&'a str>,
    /// Features and columns of the customers source.
    pub features: &'a [String],
    /// Transform a feature, in the order of `features`.
    pub transforms: &'a [Transform],
    /// Weight in the distance a feature, in the order of `features`; none of a method that knows no distance: its matrix has
    /// numbers only, without indicators of what was imputed.
    pub weights: Option<&'a [f64]>,
    /// Scaling of all features.
    pub scale: Scale,
    /// Share cut at each end; 0 is none.
    pub winsorise: f64,
}

impl Method {
    /// Gives the matrix of a method of clusters; none of the others.
    pub fn matrix(&self) -> Option<MatrixColumns<'_>> {
        Some(match self {
            Self::Rfm(_) | Self::Rules(_) => return None,
            Self::Kmeans(own) => MatrixColumns {
                filter: own.filter.as_deref(),
                features: &own.features,
                transforms: &own.transforms,
                weights: Some(&own.weights),
                scale: own.scale,
                winsorise: own.winsorise,
            },
            Self::Bisecting(own) => MatrixColumns {
                filter: own.filter.as_deref(),
                features: &own.features,
                transforms: &own.transforms,
                weights: Some(&own.weights),
                scale: own.scale,
                winsorise: own.winsorise,
            },
            Self::Mixture(own) => MatrixColumns {
                filter: own.filter.as_deref(),
                features: &own.features,
                transforms: &own.transforms,
                weights: None,
                scale: own.scale,
                winsorise: own.winsorise,
            },
        })
    }
}
