//! Nearest centroids of a tile in f32: proven labels, and which rows are not proven.

use super::{
    bound::{Bound, GAP_SLACK, square},
    simd::Simd,
};
use crate::segmentation::kmeans::rows::{
    centroids::Centroids,
    layout::{Layout, PACKED},
    matrix::{LANES, Lanes},
};

/// More than any score, and with a finite square root of its double.
const FAR: f32 = (1u128 << 100) as f32;

/// Centroids as the filter uses them.
#[derive(Debug)]
pub(super) struct Filter {
    bound: Bound,
    numbers: usize,
    categories: usize,
    blocks: Vec<Block>,
    /// Block by block: the labels of its centroids, their |c|²/2, then, for each number, their −c.
    factors: Vec<f32>,
    /// Block by block, for each category its centroids' −units·c, level by level.
    tables: Vec<Lanes>,
    /// What the categories add to |x|².
    squares_of_categories: f32,
}

/// Centroids that are compared together.
#[derive(Debug, Clone, Copy)]
struct Block {
    /// Centroids: a power of two, up to the instructions' block.
    width: usize,
    /// Where its factors begin.
    at: usize,
    /// Where its tables begin.
    tables_at: usize,
}

/// What the filter knows of the rows of a tile.
#[derive(Debug)]
pub(super) struct Filtered {
    /// The nearest centroid, where it is proven.
    pub labels: [u16; LANES],
    /// A bit a row whose label is proven.
    pub proven: u16,
    /// Every row is nearer to its label's centroid than to any other by at least this; below 0: unknown.
    pub gap: f32,
}

/// The smallest scores so far.
#[derive(Clone, Copy)]
struct Smallest<S: Simd> {
    first: S::Floats,
    second: S::Floats,
    label: S::Floats,
}

impl Filter {
    /// Prepares centroids for instructions that take up to `widest` at once.
    pub(super) fn new(centroids: &Centroids, layout: &Layout, widest: usize) -> Self {
        let (k, numbers) = (centroids.count(), layout.numbers());
        let (mut blocks, mut factors) = (vec![], Vec::with_capacity(k * (numbers + 2)));
        let mut tables = Vec::with_capacity(k * layout.categories().len());
        let mut first = 0;
        while first < k {
            let left = k - first;
            let width = widest.min(if left.is_power_of_two() { left } else { left.next_power_of_two() / 2 });
            blocks.push(Block { width, at: factors.len(), tables_at: tables.len() });
            let members = first..first + width;
            factors.extend(members.clone().map(|cluster| cluster as f32));
            factors.extend(members.clone().map(|cluster| (square(centroids.get(cluster)) as f64 / 2.0) as f32));
            for number in 0..numbers {
                factors.extend(members.clone().map(|cluster| -(centroids.get(cluster)[number] as f32)));
            }
            for (category, start) in layout.starts() {
                // An integer below 2⁴⁷ in f64, so that there is one rounding.
                let entry = |c: i32| (f64::from(c) * -f64::from(category.units)) as f32;
                let levels = |cluster: usize| &centroids.get(cluster)[start..][..category.levels];
                tables.extend(members.clone().map(|cluster| table(levels(cluster), entry)));
            }
            first += width;
        }
        let bound = Bound::new(centroids, layout.columns());
        let squares_of_categories = layout.squares_of_categories() as f64 as f32;
        Self { bound, numbers, categories: layout.categories().len(), blocks, factors, tables, squares_of_categories }
    }

    #[inline(always)]
    pub(super) fn nearest<S: Simd, const MIXED: bool>(&self, simd: S, tile: &[Lanes]) -> Filtered {
        let far = simd.splat(FAR);
        let mut smallest = Smallest { first: far, second: far, label: simd.splat(0.0) };
        let (numbers, packed) = if MIXED { tile.split_at(self.numbers) } else { (tile, &[][..]) };
        for block in &self.blocks {
            let tables = match MIXED {
                true => &self.tables[block.tables_at..][..block.width.wrapping_mul(self.categories)],
                false => &[],
            };
            let factors = (&self.factors[block.at..], tables);
            // Conditions on S::BLOCK are known when this is compiled.
            smallest = match block.width {
                16 if S::BLOCK >= 16 => compare::<S, 16, MIXED>(simd, (numbers, packed), factors, smallest),
                8 if S::BLOCK >= 8 => compare::<S, 8, MIXED>(simd, (numbers, packed), factors, smallest),
                4 if S::BLOCK >= 4 => compare::<S, 4, MIXED>(simd, (numbers, packed), factors, smallest),
                2 => compare::<S, 2, MIXED>(simd, (numbers, packed), factors, smallest),
                _ => compare::<S, 1, MIXED>(simd, (numbers, packed), factors, smallest),
            };
        }
        let Smallest { first, second, label } = smallest;
        let mut squares = simd.splat(self.squares_of_categories);
        for lanes in numbers {
            let x = simd.load(lanes);
            squares = simd.multiply_add(x, x, squares);
        }
        let reach = simd.add(simd.splat(self.bound.longest), simd.square_root(squares));
        let tolerance = simd.multiply(simd.splat(self.bound.epsilon), simd.multiply(reach, reach));
        let proven = simd.greater(simd.subtract(second, first), tolerance);

        let (two, zero) = (simd.splat(2.0), simd.splat(0.0));
        let own = simd.add(simd.multiply_add(two, first, squares), tolerance);
        let other = simd.subtract(simd.multiply_add(two, second, squares), tolerance);
        let own = simd.square_root(simd.larger(own, zero));
        let other = simd.square_root(simd.larger(other, zero));
        let slack = simd.multiply(simd.add(own, other), simd.splat(GAP_SLACK));
        let gap = simd.smallest(simd.subtract(simd.subtract(other, own), slack));
        Filtered { labels: simd.labels(label), proven, gap }
    }
}

/// Compares with the centroids of a block: of a tile's numbers and categories, and of the block's factors and tables.
#[inline(always)]
fn compare<S: Simd, const WIDTH: usize, const MIXED: bool>(
    simd: S,
    (numbers, packed): (&[Lanes], &[Lanes]),
    (factors, tables): (&[f32], &[Lanes]),
    mut smallest: Smallest<S>,
) -> Smallest<S> {
    let (factors, _) = factors.as_chunks::<WIDTH>();
    let (tables, _) = tables.as_chunks::<WIDTH>();
    let [labels, halves, factors @ ..] = factors else { return smallest };
    // No closures here: a closure is a function of its own, which may end up compiled without the instructions.
    let mut scores = [simd.splat(0.0); WIDTH];
    for (score, half) in scores.iter_mut().zip(halves) {
        *score = simd.splat(*half);
    }
    for (lanes, factors) in numbers.iter().zip(factors) {
        let x = simd.load(lanes);
        for (score, factor) in scores.iter_mut().zip(factors) {
            *score = simd.multiply_add(x, simd.splat(*factor), *score);
        }
    }
    for (lanes, tables) in packed.iter().zip(tables.chunks(PACKED)).take(if MIXED { usize::MAX } else { 0 }) {
        let mut levels = simd.load_levels(lanes);
        for tables in tables {
            for (score, table) in scores.iter_mut().zip(tables) {
                *score = simd.add(*score, simd.look_up(table, levels));
            }
            levels = simd.next_category(levels);
        }
    }
    for (score, label) in scores.into_iter().zip(labels) {
        smallest = Smallest {
            second: simd.smaller(smallest.second, simd.larger(score, smallest.first)),
            label: simd.where_less(score, smallest.first, simd.splat(*label), smallest.label),
            first: simd.smaller(score, smallest.first),
        };
    }
    smallest
}

/// Gives an entry a level of a category; what is behind the last is never looked up.
pub(super) fn table(levels: &[i32], entry: impl Fn(i32) -> f32) -> Lanes {
    let mut table = Lanes([0.0; LANES]);
    table.0.iter_mut().zip(levels).for_each(|(to, c)| *to = entry(*c));
    table
}
