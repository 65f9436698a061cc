//! Rows on the grid, laid out for the kernel.

use arrow::array::{Array, Float64Array};
use segmenter_proto::{Error, Result, models::FeatureTransform, v1};

use super::{
    layout::{Category, Layout},
    stored::Tiles,
};
use std::path::Path;

/// Rows of a tile.
pub(super) const LANES: usize = 16;

/// One column's cells of the rows of a tile: one cache line.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(super) struct Lanes(pub [f32; LANES]);

/// Rows of cells, in tiles of 16 rows: within a tile a column's 16 cells lie side by side.
///
/// Grid values are integers up to 2²³ and so exact in f32, at half the bytes of f64; levels are small integers.
#[derive(Debug, Clone)]
pub struct Matrix {
    rows: usize,
    layout: Layout,
    /// A tile has one a column; lanes beyond the last row are 0.
    lanes: Tiles,
}

impl Matrix {
    /// Makes a matrix of `rows` rows, all 0.
    pub fn zeros(rows: usize, layout: Layout) -> Self {
        let lanes = vec![Lanes([0.0; LANES]); rows.div_ceil(LANES) * layout.columns()];
        Self { rows, layout, lanes: Tiles::Memory(lanes) }
    }

    /// Makes a matrix of rows; all must have a cell a column.
    pub fn from_rows<'a>(layout: Layout, rows: impl ExactSizeIterator<Item = &'a [i32]>) -> Self {
        let mut matrix = Self::zeros(rows.len(), layout);
        for (index, row) in rows.enumerate() {
            for (column, cell) in row.iter().enumerate() {
                matrix.set(index, column, *cell);
            }
        }
        matrix
    }

    /// Gives the number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Gives what the columns are.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Gives the number of dimensions of the space in which the rows lie.
    pub fn dimensions(&self) -> usize {
        self.layout.dimensions()
    }

    /// Gives the bytes that a matrix of this shape takes.
    pub fn bytes(rows: usize, columns: usize) -> usize {
        rows.div_ceil(LANES) * columns * size_of::<Lanes>()
    }

    /// Gives the cells of one row.
    pub fn cells(&self, row: usize) -> Vec<i32> {
        let tile = self.tile(row / LANES);
        tile.iter().map(|lanes| lanes.0[row % LANES] as i32).collect()
    }

    /// Gives where one row lies in the space.
    pub fn place(&self, row: usize) -> Vec<i32> {
        self.layout.place(&self.cells(row))
    }

    /// Sets one cell: a grid value within ±2²³, or a level. A matrix that is stored is whole: nothing of it is set any more.
    pub fn set(&mut self, row: usize, column: usize, cell: i32) {
        let at = row / LANES * self.layout.columns() + column;
        if let Some(lanes) = self.lanes.in_memory().get_mut(at) {
            lanes.0[row % LANES] = cell as f32;
        }
    }

    /// Moves the cells to a file in `folder`, where they take no memory that others could need.
    ///
    /// # Errors
    /// The disk is full: Resources; the folder cannot be written to: Dependency.
    pub fn stored(self, folder: &Path) -> Result<Self> {
        Ok(Self { lanes: self.lanes.stored(folder)?, ..self })
    }

    /// Gives the exact sum of all squared values of all rows' places.
    pub(super) fn squares(&self) -> u128 {
        // Sixteen squares below 2⁴⁷ add up exactly in f64.
        let of_lanes = |lanes: &Lanes| lanes.0.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>() as u128;
        let tiles = self.lanes.chunks_exact(self.layout.columns().max(1));
        let numbers: u128 = tiles.flat_map(|tile| &tile[..self.layout.numbers()]).map(of_lanes).sum();
        let square = |category: &Category| u128::from(category.units.unsigned_abs()).pow(2);
        numbers + self.layout.categories().iter().map(square).sum::<u128>() * self.rows as u128
    }

    /// Gives the number of tiles.
    pub(super) fn tiles(&self) -> usize {
        self.rows.div_ceil(LANES)
    }

    /// Gives the lanes of one tile, one a column.
    pub(super) fn tile(&self, tile: usize) -> &[Lanes] {
        let columns = self.layout.columns();
        &self.lanes[tile * columns..][..columns]
    }

    /// Gives how many lanes of a tile are rows.
    pub(super) fn rows_of_tile(&self, tile: usize) -> usize {
        (self.rows - tile * LANES).min(LANES)
    }
}

/// Puts columns on the grid and counts what was imputed and clipped; fails on columns of other number or length.
pub fn matrix_of(features: &[FeatureTransform], columns: &[Float64Array]) -> Result<(Matrix, v1::MatrixStatistics)> {
    let rows = columns.first().map_or(0, Array::len);
    if features.len() != columns.len() || columns.iter().any(|column| column.len() != rows) {
        return Err(Error::bug("the columns of a matrix do not fit its features"));
    }
    let mut matrix = Matrix::zeros(rows, Layout::of_numbers(features.len()));
    let mut statistics = v1::MatrixStatistics { rows: rows as u64, imputed: vec![], clipped: vec![] };
    for (dimension, (feature, column)) in features.iter().zip(columns).enumerate() {
        let (mut imputed, mut clipped) = (0, 0);
        for (row, value) in column.iter().enumerate() {
            imputed += u64::from(value.is_none_or(|value| !value.is_finite()));
            clipped += u64::from(feature.scaled(value).abs() > 8.0);
            matrix.set(row, dimension, feature.apply(value));
        }
        statistics.imputed.push(imputed);
        statistics.clipped.push(clipped);
    }
    Ok((matrix, statistics))
}

/// Adds one shard's counts to those of other shards.
pub fn merge_matrix_statistics(total: &mut v1::MatrixStatistics, other: &v1::MatrixStatistics) -> Result<()> {
    if total.imputed.len() != other.imputed.len() || total.clipped.len() != other.clipped.len() {
        return Err(Error::bug("statistics of matrices with other columns cannot be merged"));
    }
    total.rows += other.rows;
    total.imputed.iter_mut().zip(&other.imputed).for_each(|(total, other)| *total += other);
    total.clipped.iter_mut().zip(&other.clipped).for_each(|(total, other)| *total += other);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use segmenter_proto::models::{GRID, MOST_UNITS};

    #[test]
    fn rows_come_back_as_they_went_in() {
        let rows: Vec<Vec<i32>> = (0..37).map(|i| vec![i, -i * 1000, MOST_UNITS - i]).collect();
        let matrix = Matrix::from_rows(Layout::of_numbers(3), rows.iter().map(Vec::as_slice));
        assert_eq!((0..37).map(|row| matrix.cells(row)).collect::<Vec<_>>(), rows);
        assert_eq!((matrix.tiles(), matrix.rows_of_tile(0), matrix.rows_of_tile(2)), (3, 16, 5));
    }

    #[test]
    fn columns_are_scaled_imputed_and_clipped_with_counts() {
        let feature = FeatureTransform { scale: 1.0, imputed: Some(0.5), ..FeatureTransform::default() };
        let column = Float64Array::from(vec![Some(1.0), None, Some(9.0), Some(-8.0), Some(f64::NAN)]);
        let (matrix, mut statistics) = matrix_of(&[feature], &[column]).unwrap();
        let units: Vec<_> = (0..5).map(|row| matrix.cells(row)[0]).collect();
        let half = (GRID / 2.0) as i32;
        assert_eq!(units, [GRID as i32, half, MOST_UNITS, -MOST_UNITS, half]);
        merge_matrix_statistics(&mut statistics.clone(), &statistics).unwrap();
        let other = statistics.clone();
        merge_matrix_statistics(&mut statistics, &other).unwrap();
        assert_eq!((statistics.rows, statistics.imputed, statistics.clipped), (10, vec![4], vec![2]));
    }
}
