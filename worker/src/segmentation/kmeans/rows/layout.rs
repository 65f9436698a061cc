//! What the columns of a matrix are, and the space in which distances are measured.

use segmenter_proto::{Error, Result, models::MOST_UNITS};

/// Most levels of a category: one a lane, so that a look-up is one instruction.
pub const MOST_LEVELS: usize = 16;
/// A level takes four bits, so that the levels of so many categories of a row fit in 32.
pub(in crate::segmentation::kmeans) const PACKED: usize = 8;

/// The columns of a matrix: numbers first, then categories.
///
/// A row's *cells* are its grid values, then its levels: one a column. The *space* of the distance has one dimension a number
/// and one a level: the row's own level has the category's units there, the others 0. So a centroid has a value a level, and
/// a row's squared distance to it is u² − 2·u·c(own level) + Σ c(level)² for a category of units u: one look-up a centroid.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layout {
    numbers: usize,
    categories: Vec<Category>,
}

/// A column of levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Category {
    /// Levels, 1 to [`MOST_LEVELS`].
    pub levels: usize,
    /// What a row has in the dimension of its own level, in grid units: 0 to [`MOST_UNITS`].
    pub units: i32,
}

impl Layout {
    /// Makes a layout; fails on categories that are out of bounds.
    pub fn new(numbers: usize, categories: Vec<Category>) -> Result<Self> {
        let fits = |category: &Category| {
            (1..=MOST_LEVELS).contains(&category.levels) && (0..=MOST_UNITS).contains(&category.units)
        };
        if !categories.iter().all(fits) {
            return Err(Error::bug("a category of a matrix has too many levels or too large a unit"));
        }
        Ok(Self { numbers, categories })
    }

    /// Makes a layout of numbers only.
    pub fn of_numbers(numbers: usize) -> Self {
        Self { numbers, categories: vec![] }
    }

    /// Gives how many columns are numbers.
    pub fn numbers(&self) -> usize {
        self.numbers
    }

    /// Gives the columns behind the numbers.
    pub fn categories(&self) -> &[Category] {
        &self.categories
    }

    /// Gives the number of columns.
    pub fn columns(&self) -> usize {
        self.numbers + self.categories.len()
    }

    /// Gives how many 32-bit values a row takes in a matrix: one a number and one for every eight categories.
    pub fn lanes(&self) -> usize {
        self.numbers + self.categories.len().div_ceil(PACKED)
    }

    /// Gives the number of dimensions of the space.
    pub fn dimensions(&self) -> usize {
        self.numbers + self.categories.iter().map(|category| category.levels).sum::<usize>()
    }

    /// Gives where a row lies in the space, of its cells.
    pub fn place(&self, cells: &[i32]) -> Vec<i32> {
        let mut place = cells[..self.numbers].to_vec();
        for (category, level) in self.categories.iter().zip(&cells[self.numbers..]) {
            let start = place.len();
            place.resize(start + category.levels, 0);
            place[start + *level as usize] = category.units;
        }
        place
    }

    /// Gives every category with where its levels begin in the space.
    pub(in crate::segmentation::kmeans) fn starts(&self) -> impl Iterator<Item = (&Category, usize)> {
        let mut next = self.numbers;
        self.categories.iter().map(move |category| {
            next += category.levels;
            (category, next - category.levels)
        })
    }

    /// Gives what the categories add to every row's squared length: the same for all rows, below 2⁶¹ up to 2¹⁵ dimensions.
    pub(in crate::segmentation::kmeans) fn squares_of_categories(&self) -> u64 {
        self.categories.iter().map(|category| u64::from(category.units.unsigned_abs()).pow(2)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_a_place_a_number_and_one_a_level() {
        let layout = Layout::new(2, vec![Category { levels: 3, units: 7 }, Category { levels: 1, units: 9 }]).unwrap();
        assert_eq!((layout.columns(), layout.dimensions(), layout.lanes()), (4, 6, 3));
        assert_eq!(layout.starts().map(|(_, start)| start).collect::<Vec<_>>(), [2, 5]);
        assert_eq!(layout.squares_of_categories(), 49 + 81);
        assert_eq!(layout.place(&[-5, 6, 1, 0]), [-5, 6, 0, 7, 0, 9]);
    }

    #[test]
    fn categories_out_of_bounds_are_refused() {
        for category in
            [Category { levels: 0, units: 1 }, Category { levels: 17, units: 1 }, Category { levels: 2, units: -1 }]
        {
            assert!(Layout::new(0, vec![category]).is_err());
        }
    }
}
