//! Rows on the grid, laid out for the kernel.

use crate::segmentation::kmeans::rows::{
    layout::{Layout, PACKED},
    stored::Tiles,
};
use segmenter_proto::Result;
use std::path::Path;

/// Rows of a tile.
pub(in crate::segmentation::kmeans) const LANES: usize = 16;

/// What a column says of the rows of a tile, 32 bits a row: one cache line.
///
/// Of a number the grid value. Of up to eight categories the levels, four bits each, the first in the lowest: then the bits
/// are all there is, and the number that they would be is nobody's.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(in crate::segmentation::kmeans) struct Lanes(pub [f32; LANES]);

impl Lanes {
    /// Gives the levels of up to eight categories of one row, four bits each.
    #[inline(always)]
    pub(in crate::segmentation::kmeans) fn levels(&self, lane: usize) -> u32 {
        self.0[lane].to_bits()
    }
}

/// Rows of cells, in tiles of 16 rows: within a tile a number's 16 grid values lie side by side, then the levels of eight
/// categories at a time.
///
/// Grid values are integers up to 2²³ and so exact in f32, at half the bytes of f64. A level takes half a byte.
#[derive(Debug, Clone)]
pub struct Matrix {
    rows: usize,
    layout: Layout,
    /// [`Layout::lanes`].
    stride: usize,
    /// A tile has `stride` of them; rows beyond the last are 0.
    lanes: Tiles,
}

impl Matrix {
    /// Makes a matrix of `rows` rows, all 0.
    pub fn zeros(rows: usize, layout: Layout) -> Self {
        let stride = layout.lanes();
        let lanes = vec![Lanes([0.0; LANES]); rows.div_ceil(LANES) * stride];
        Self { rows, layout, stride, lanes: Tiles::Memory(lanes) }
    }

    /// Lets go of the memory of rows that lie in a file, until they are looked at again.
    pub(in crate::segmentation::kmeans) fn let_pages_go(&self) {
        self.lanes.let_pages_go();
    }

    /// Says whether cells that lie in a file are what was written there.
    pub(in crate::segmentation::kmeans) fn is_whole(&self) -> bool {
        self.lanes.is_whole()
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

    /// Gives the bytes that a matrix of so many rows and [`Layout::lanes`] takes.
    pub fn bytes(rows: usize, lanes: usize) -> usize {
        rows.div_ceil(LANES) * lanes * size_of::<Lanes>()
    }

    /// Gives the cells of one row.
    pub fn cells(&self, row: usize) -> Vec<i32> {
        let (numbers, packed) = self.tile(row / LANES).split_at(self.layout.numbers());
        let numbers = numbers.iter().map(|lanes| lanes.0[row % LANES] as i32);
        let levels = |category: usize| {
            let bits = packed[category / PACKED].levels(row % LANES) >> (category % PACKED * 4);
            (bits & 15) as i32
        };
        numbers.chain((0..self.layout.categories().len()).map(levels)).collect()
    }

    /// Gives where one row lies in the space.
    pub fn place(&self, row: usize) -> Vec<i32> {
        self.layout.place(&self.cells(row))
    }

    /// Sets one cell: a grid value within ±2²³, or a level. A matrix that is stored is whole: nothing of it is set any more.
    pub fn set(&mut self, row: usize, column: usize, cell: i32) {
        let (start, numbers) = (row / LANES * self.stride, self.layout.numbers());
        let category = column.checked_sub(numbers);
        let at = start + category.map_or(column, |category| numbers + category / PACKED);
        let Some(lanes) = self.lanes.in_memory().get_mut(at) else { return };
        let value = &mut lanes.0[row % LANES];
        *value = match category {
            None => cell as f32,
            Some(category) => {
                let shift = category % PACKED * 4;
                f32::from_bits(value.to_bits() & !(15 << shift) | (cell as u32 & 15) << shift)
            }
        };
    }

    /// Moves the cells to a file in `folder`, where they take no memory that others could need.
    ///
    /// # Errors
    /// The disk is full: Resources; the folder cannot be written to: Dependency.
    pub fn stored(self, folder: &Path) -> Result<Self> {
        Ok(Self { lanes: self.lanes.stored(folder)?, ..self })
    }

    /// Gives the exact sum of all squared values of all rows' places.
    pub(in crate::segmentation::kmeans) fn squares(&self) -> u128 {
        // Sixteen squares below 2⁴⁷ add up exactly in f64.
        let of_lanes = |lanes: &Lanes| lanes.0.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>() as u128;
        let tiles = self.lanes.chunks_exact(self.stride.max(1));
        let numbers: u128 = tiles.flat_map(|tile| &tile[..self.layout.numbers()]).map(of_lanes).sum();
        numbers + u128::from(self.layout.squares_of_categories()) * self.rows as u128
    }

    /// Gives the number of tiles.
    pub(in crate::segmentation::kmeans) fn tiles(&self) -> usize {
        self.rows.div_ceil(LANES)
    }

    /// Gives the lanes of one tile: one a number, then one for every eight categories.
    pub(in crate::segmentation::kmeans) fn tile(&self, tile: usize) -> &[Lanes] {
        &self.lanes[tile * self.stride..][..self.stride]
    }

    /// Gives how many lanes of a tile are rows.
    pub(in crate::segmentation::kmeans) fn rows_of_tile(&self, tile: usize) -> usize {
        (self.rows - tile * LANES).min(LANES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segmentation::kmeans::rows::layout::Category;
    use segmenter_proto::models::MOST_UNITS;

    #[test]
    fn rows_come_back_as_they_went_in() {
        let rows: Vec<Vec<i32>> = (0..37).map(|i| vec![i, -i * 1000, MOST_UNITS - i]).collect();
        let matrix = Matrix::from_rows(Layout::of_numbers(3), rows.iter().map(Vec::as_slice));
        assert_eq!((0..37).map(|row| matrix.cells(row)).collect::<Vec<_>>(), rows);
        assert_eq!((matrix.tiles(), matrix.rows_of_tile(0), matrix.rows_of_tile(2)), (3, 16, 5));
    }

    #[test]
    fn levels_come_back_whatever_bits_they_make_together() {
        // Ten categories take two lanes; eight times the level 15 is a NaN.
        let layout = Layout::new(1, vec![Category { levels: 16, units: 3 }; 10]).unwrap();
        let row = |i: i32| std::iter::once(-i).chain((0..10).map(move |c| if i < 20 { 15 } else { (i + c) % 16 }));
        let rows: Vec<Vec<i32>> = (0..40).map(|i| row(i).collect()).collect();
        let mut matrix = Matrix::from_rows(layout, rows.iter().map(Vec::as_slice));
        assert_eq!((0..40).map(|row| matrix.cells(row)).collect::<Vec<_>>(), rows);
        assert_eq!(matrix.tile(0).len(), 3);
        matrix.set(39, 2, 9);
        let changed: Vec<i32> = rows[39].iter().enumerate().map(|(c, cell)| if c == 2 { 9 } else { *cell }).collect();
        assert_eq!((matrix.cells(39), matrix.cells(38)), (changed, rows[38].clone()));
        let expected: u128 = (0..40).map(|i| i * i).sum::<u128>() + 40 * 10 * 9;
        assert_eq!(matrix.squares(), expected);
    }
}
