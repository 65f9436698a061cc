//! A whole fit in memory: the sample's.

use segmenter_proto::Result;

use super::{
    centroids::Centroids,
    fit::{Ask, KmeansFit, KmeansResult, Stop},
    matrix::Matrix,
    shard::{Labeller, farthest},
};

/// Fits from given centroids; gives the result and the labels that belong to it.
///
/// Rows have no names here: a row's number stands for its customer, so rows must come in an order of their own.
pub(super) fn lloyd(matrix: &Matrix, start: Centroids, cap: u32) -> Result<(KmeansResult, Vec<u16>)> {
    let mut fit = KmeansFit::new(start, cap);
    let mut labeller = Labeller::new(matrix);
    let name = |row: usize| format!("{row:012}");
    while let Some(ask) = fit.ask() {
        match ask {
            Ask::Round(centroids) => fit.absorb_round(labeller.round(matrix, &centroids, name))?,
            Ask::Farthest(centroids, rows) => fit.absorb_farthest(farthest(matrix, &centroids, rows, name))?,
        }
    }
    let result = fit.finish()?;
    if result.stop == Stop::InertiaNoLongerFalls {
        // The result is the labelling before the last.
        labeller.round(matrix, &result.centroids, name);
    }
    Ok((result, labeller.into_labels()))
}

/// Gives the labels by these centroids.
pub(super) fn labels_of(matrix: &Matrix, centroids: &Centroids) -> Vec<u16> {
    let mut labeller = Labeller::new(matrix);
    labeller.round(matrix, centroids, |row| row.to_string());
    labeller.into_labels()
}
