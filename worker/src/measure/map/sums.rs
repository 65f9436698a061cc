//! Exact sums over the places of customers, from which their covariances follow; mergeable in any order.

use segmenter_proto::{Error, Result, models::GRID, v1};

/// Rows whose products are added up together: each is a whole number up to 2⁴⁶, so that so many stay below 2⁵³ and are exact in any order.
const BLOCK: usize = 64;
/// Numbers that are added up side by side.
const LANES: usize = 8;

/// Sums over places x on the grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MapSums {
    pub(super) customers: u64,
    /// Σ x, one a dimension.
    pub(super) sums: Vec<i128>,
    /// Σ x·y of each two dimensions: the upper triangle of a matrix, row by row.
    pub(super) products: Vec<i128>,
}

impl MapSums {
    /// Gives the sums over nobody.
    pub(super) fn empty(dimensions: usize) -> Self {
        Self { customers: 0, sums: vec![0; dimensions], products: vec![0; triangle(dimensions)] }
    }

    /// Gives the bytes that adding up takes.
    pub(super) fn bytes(dimensions: usize) -> usize {
        (dimensions + triangle(dimensions)) * size_of::<i128>() + dimensions * size_of::<[f64; BLOCK]>()
    }

    /// Adds places, each with a value a dimension.
    pub(super) fn add(&mut self, places: impl Iterator<Item = Vec<i32>>) {
        let mut block = vec![[0.0; BLOCK]; self.sums.len()];
        let mut filled = 0;
        for place in places {
            for (column, value) in block.iter_mut().zip(place) {
                column[filled] = f64::from(value);
            }
            filled += 1;
            if filled == BLOCK {
                self.add_block(&block, filled);
                filled = 0;
            }
        }
        if filled > 0 {
            // What an earlier block left behind.
            block.iter_mut().for_each(|column| column[filled..].fill(0.0));
            self.add_block(&block, filled);
        }
    }

    fn add_block(&mut self, block: &[[f64; BLOCK]], rows: usize) {
        self.customers += rows as u64;
        let mut products = self.products.iter_mut();
        for (at, (column, sum)) in block.iter().zip(&mut self.sums).enumerate() {
            *sum += i128::from(column.iter().sum::<f64>() as i64);
            for (other, product) in block[at..].iter().zip(products.by_ref()) {
                *product += i128::from(sum_of_products(column, other));
            }
        }
    }

    /// Adds the sums over other customers.
    ///
    /// # Errors
    /// On sums of another space: Bug.
    pub(super) fn merge(&mut self, other: &Self) -> Result<()> {
        if self.sums.len() != other.sums.len() || self.products.len() != other.products.len() {
            return Err(Error::bug("sums over places of another space cannot be added together"));
        }
        self.customers += other.customers;
        self.sums.iter_mut().zip(&other.sums).for_each(|(own, more)| *own += more);
        self.products.iter_mut().zip(&other.products).for_each(|(own, more)| *own += more);
        Ok(())
    }

    /// Gives the covariances of scaled places, row by row, each the nearest float of the exact quotient: of n customers
    /// (n·Σxy − Σx·Σy) / n².
    pub(super) fn covariances(&self) -> Vec<f64> {
        let dimensions = self.sums.len();
        let mut all = vec![0.0; dimensions * dimensions];
        let customers = self.customers as f64;
        let mut products = self.products.iter();
        for left in 0..dimensions {
            for (right, product) in (left..dimensions).zip(products.by_ref()) {
                // Below 2¹²⁷ up to 2⁴⁰ customers: |x| is at most 2²³.
                let exact = i128::from(self.customers) * product - self.sums[left] * self.sums[right];
                let value = exact as f64 / (customers * customers) / (GRID * GRID);
                all[left * dimensions + right] = value;
                all[right * dimensions + left] = value;
            }
        }
        all
    }

    pub(super) fn to_message(&self) -> v1::MapSums {
        let integers = |sums: &[i128]| sums.iter().map(|sum| (*sum).into()).collect();
        v1::MapSums { customers: self.customers, sums: integers(&self.sums), products: integers(&self.products) }
    }

    pub(super) fn from_message(message: &v1::MapSums) -> Result<Self> {
        if message.products.len() != triangle(message.sums.len()) {
            return Err(Error::bug("sums over places do not fit together"));
        }
        let integers = |sums: &[v1::Int128]| sums.iter().map(|sum| (*sum).into()).collect();
        Ok(Self { customers: message.customers, sums: integers(&message.sums), products: integers(&message.products) })
    }
}

/// Gives how many pairs there are of so many things, each with itself too.
fn triangle(dimensions: usize) -> usize {
    dimensions * (dimensions + 1) / 2
}

fn sum_of_products(left: &[f64; BLOCK], right: &[f64; BLOCK]) -> i64 {
    let mut lanes = [0.0; LANES];
    for (left, right) in left.chunks_exact(LANES).zip(right.chunks_exact(LANES)) {
        for ((lane, left), right) in lanes.iter_mut().zip(left).zip(right) {
            *lane += left * right;
        }
    }
    lanes.iter().sum::<f64>() as i64
}
