//! Whole fits in memory: the sample's.

use segmenter_proto::{Error, Result, Rounds as _};

use crate::segmentation::kmeans::{
    kernel::Spread,
    rounds::{
        fit::{Ask, KmeansFit, KmeansResult, Stop},
        shard::{Labeller, farthest},
    },
    rows::{centroids::Centroids, matrix::Matrix},
};

/// A result and the labels that belong to it.
type Fitted = (KmeansResult, Vec<u16>);

/// Fits from given centroids; gives the result and the labels that belong to it.
///
/// Rows have no names here: a row's number stands for its customer, so rows must come in an order of their own.
pub(in crate::segmentation::kmeans) fn lloyd(matrix: &Matrix, start: Centroids, cap: u32) -> Result<Fitted> {
    lloyd_by(matrix, start, cap, Spread::Here)
}

/// [`lloyd`] by several threads: for few fits, since many are better spread whole.
pub(in crate::segmentation::kmeans) fn lloyd_by(
    matrix: &Matrix,
    start: Centroids,
    cap: u32,
    spread: Spread,
) -> Result<Fitted> {
    let mut fitted = lloyd_all(matrix, vec![start], cap, spread)?;
    fitted.pop().ok_or_else(|| Error::bug("a k-means fit without a result"))
}

/// Fits from each of the starts, which may be for different numbers of clusters; gives what [`lloyd`] gives of each.
///
/// The fits go in step: a pass reads the matrix once for all that are not done.
pub(in crate::segmentation::kmeans) fn lloyd_all(
    matrix: &Matrix,
    starts: Vec<Centroids>,
    cap: u32,
    spread: Spread,
) -> Result<Vec<Fitted>> {
    let new = |start| (KmeansFit::new(start, cap), Labeller::new(matrix));
    let mut fits: Vec<(KmeansFit, Labeller)> = starts.into_iter().map(new).collect();
    loop {
        let mut asked = vec![];
        for (fit, labeller) in &mut fits {
            if let Some(centroids) = next_round(fit, matrix)? {
                asked.push((fit, labeller, centroids));
            }
        }
        if asked.is_empty() {
            break;
        }
        let mut runs: Vec<_> =
            asked.iter_mut().map(|(_, labeller, centroids)| (&mut **labeller, &*centroids)).collect();
        let statistics = Labeller::rounds(&mut runs, matrix, spread, name);
        for ((fit, ..), statistics) in asked.into_iter().zip(statistics) {
            fit.absorb_round(statistics)?;
        }
    }
    fits.into_iter().map(|(fit, labeller)| finish(fit.finish()?, labeller, matrix, spread)).collect()
}

/// Gives the centroids of a fit's next round, if there is one.
fn next_round(fit: &mut KmeansFit, matrix: &Matrix) -> Result<Option<Centroids>> {
    loop {
        match fit.ask() {
            Some(Ask::Round(centroids)) => return Ok(Some(centroids)),
            Some(Ask::Farthest(centroids, rows)) => fit.absorb_farthest(farthest(matrix, &centroids, rows, name))?,
            None => return Ok(None),
        }
    }
}

fn finish(result: KmeansResult, mut labeller: Labeller, matrix: &Matrix, spread: Spread) -> Result<Fitted> {
    if result.stop == Stop::InertiaNoLongerFalls {
        // The result is the labelling before the last.
        labeller.round(matrix, &result.centroids, spread, name);
    }
    Ok((result, labeller.into_labels()))
}

/// Gives the labels by these centroids.
pub(in crate::segmentation::kmeans) fn labels_of(matrix: &Matrix, centroids: &Centroids) -> Vec<u16> {
    let mut labeller = Labeller::new(matrix);
    labeller.round(matrix, centroids, Spread::Here, name);
    labeller.into_labels()
}

fn name(row: usize) -> String {
    format!("{row:012}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segmentation::kmeans::{
        rounds::seeding::start::plus_plus,
        rows::layout::{Category, Layout},
    };

    #[test]
    fn fits_in_step_equal_fits_one_by_one() {
        let layout = Layout::new(2, vec![Category { levels: 3, units: 1 << 19 }]).unwrap();
        let row = |i: i32| vec![(i % 7) << 20, i * i % 1009 * 1000, i % 3];
        // Enough tiles for more than one part.
        let rows: Vec<_> = (0..40_000).map(row).collect();
        let matrix = Matrix::from_rows(layout, rows.iter().map(Vec::as_slice));
        let start = |k: usize| plus_plus(&matrix, k, k as u64, "start").unwrap();
        // The last has a cluster that nobody is near: empty ones are filled on the way.
        let far = Centroids::new(5, vec![0, 0, 0, 0, 0, -8 << 20, -8 << 20, 0, 0, 0]).unwrap();
        let starts = vec![start(2), start(7), start(4), far];
        let one_by_one: Vec<_> = starts.iter().map(|start| lloyd(&matrix, start.clone(), 20).unwrap()).collect();
        let iterations: Vec<u32> = one_by_one.iter().map(|(result, _)| result.iterations).collect();
        assert!(iterations.iter().any(|i| *i != iterations[0]), "no fit is done before another: {iterations:?}");
        for spread in [Spread::Here, Spread::Rayon, Spread::Threads(3)] {
            assert_eq!(lloyd_all(&matrix, starts.clone(), 20, spread).unwrap(), one_by_one, "{spread:?}");
        }
    }
}
