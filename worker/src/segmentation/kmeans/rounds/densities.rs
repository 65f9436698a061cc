//! Rows under the densities of a mixture, a tile at a time.

use std::ops::Range;

use segmenter_proto::models::{Density, Posterior, posterior};

use crate::segmentation::kmeans::{
    kernel::{Instructions, add_moments, weighted_squares},
    rows::matrix::{LANES, Matrix},
};

/// Rows of a tile: ranges of rows begin at multiples of it.
pub(in crate::segmentation) const TILE: usize = LANES;

/// What is said of one row.
#[derive(Debug)]
pub(in crate::segmentation) struct RowDensities<'a> {
    pub posterior: Posterior,
    /// Of the components, in units of 2⁻²⁴.
    pub shares: &'a [u32],
    /// Σ (x − μ)² / (2σ²) for the most probable component.
    pub half_square: f64,
}

/// Sums of the rows' moments: see [`add_moments`].
#[derive(Debug)]
pub(in crate::segmentation) struct Moments<'a> {
    pub sums: &'a mut [i128],
    pub squares: &'a mut [i128],
}

/// Shows every row of a range, in order, and adds the rows' moments where they are asked for. The matrix has numbers only.
pub(in crate::segmentation) fn visit_densities(
    matrix: &Matrix,
    rows: Range<usize>,
    densities: &[Density],
    mut moments: Option<Moments<'_>>,
    mut visit: impl FnMut(usize, RowDensities<'_>),
) {
    let by = Instructions::best();
    let mut squares = vec![[0.0; LANES]; densities.len()];
    let mut weights = vec![[0.0; LANES]; densities.len()];
    let (mut logs, mut shares) = (vec![0.0; densities.len()], vec![0; densities.len()]);
    for tile in rows.start / LANES..rows.end.div_ceil(LANES) {
        for (squares, density) in squares.iter_mut().zip(densities) {
            *squares = weighted_squares(matrix, tile, &density.means, &density.half_precisions, by);
        }
        // Lanes that are no rows count for nothing.
        weights.fill([0.0; LANES]);
        for lane in 0..matrix.rows_of_tile(tile) {
            for ((log, density), squares) in logs.iter_mut().zip(densities).zip(&squares) {
                *log = density.log_density(squares[lane]);
            }
            let posterior = posterior(&logs, &mut shares);
            for (weights, share) in weights.iter_mut().zip(&shares) {
                weights[lane] = f64::from(*share);
            }
            let half_square = squares[posterior.first][lane];
            visit(tile * LANES + lane, RowDensities { posterior, shares: &shares, half_square });
        }
        if let Some(Moments { sums, squares }) = &mut moments {
            add_moments(matrix, tile, &weights, sums, squares, by);
        }
    }
}
