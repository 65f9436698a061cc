//! Everything against exact integers by brute force, with every instruction set of the machine.

use super::{Instructions, Labelling, NearestTwo, Points, Spread, distances_to};
use crate::segmentation::kmeans::rows::{
    centroids::Centroids,
    layout::{Category, Layout, MOST_LEVELS},
    matrix::{LANES, Matrix},
};

const MOST: i32 = 8 << 20;

/// Numbers that look random, the same in every run (splitmix64).
pub(super) struct Chance(pub u64);

impl Chance {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn within(&mut self, most: i32) -> i32 {
        self.below(2 * most as usize + 1) as i32 - most
    }
}

/// A set of rows that is hard in one way.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// Small integers: many exact ties.
    Ties,
    /// Large values that differ by few units: ties up to the last bit, far beyond what f32 tells apart.
    NearTies,
    /// Ends of the grid.
    Ends,
    /// The whole grid.
    Anywhere,
    /// Clusters far apart: tiles are skipped.
    Apart,
}

const KINDS: [Kind; 5] = [Kind::Ties, Kind::NearTies, Kind::Ends, Kind::Anywhere, Kind::Apart];

fn unit(chance: &mut Chance, kind: Kind, group: usize, dimension: usize) -> i32 {
    match kind {
        Kind::Ties => chance.within(2),
        Kind::NearTies => [MOST - 3, 5_000_001, -MOST + 3][dimension % 3] + chance.within(3),
        Kind::Ends => [-MOST, MOST, 0][chance.below(3)],
        Kind::Anywhere => chance.within(MOST),
        Kind::Apart => ((group * (dimension + 3)) % 13) as i32 * 1_000_000 - 6_000_000 + chance.within(20_000),
    }
}

fn points(chance: &mut Chance, kind: Kind, count: usize, dimensions: usize) -> Vec<Vec<i32>> {
    (0..count).map(|i| (0..dimensions).map(|dimension| unit(chance, kind, i % 5, dimension)).collect()).collect()
}

/// Numbers only, categories only, or both.
fn layout(chance: &mut Chance, kind: Kind) -> Layout {
    let numbers = 1 + chance.below(70);
    let categories = 1 + chance.below(20);
    let (numbers, categories) = [(numbers, 0), (numbers, categories), (0, categories)][chance.below(3)];
    let mut category = |_| Category {
        levels: 1 + chance.below(MOST_LEVELS),
        units: match kind {
            Kind::Ties => chance.below(3) as i32,
            Kind::Ends => MOST,
            Kind::Apart => 3_000_000,
            Kind::NearTies | Kind::Anywhere => MOST - chance.below(5) as i32 * 1_000_003,
        },
    };
    Layout::new(numbers, (0..categories).map(&mut category).collect()).unwrap()
}

/// Rows of a matrix; rows of a group have the same levels if their clusters are to be apart.
fn cells(chance: &mut Chance, kind: Kind, count: usize, layout: &Layout) -> Vec<Vec<i32>> {
    let mut cells = points(chance, kind, count, layout.numbers());
    for (row, cells) in cells.iter_mut().enumerate() {
        for category in layout.categories() {
            let apart = matches!(kind, Kind::Apart);
            cells.push((if apart { row % 5 % category.levels } else { chance.below(category.levels) }) as i32);
        }
    }
    cells
}

fn matrix_of(layout: &Layout, cells: &[Vec<i32>]) -> Matrix {
    Matrix::from_rows(layout.clone(), cells.iter().map(Vec::as_slice))
}

fn places_of(layout: &Layout, cells: &[Vec<i32>]) -> Vec<Vec<i32>> {
    cells.iter().map(|cells| layout.place(cells)).collect()
}

fn centroids_of(points: &[Vec<i32>]) -> Centroids {
    Centroids::new(points[0].len(), points.concat()).unwrap()
}

fn distance(left: &[i32], right: &[i32]) -> u64 {
    left.iter().zip(right).map(|(l, r)| (i128::from(*l) - i128::from(*r)).pow(2)).sum::<i128>() as u64
}

/// Distances and centroids of a row, the nearest first, the lowest on ties.
fn order(row: &[i32], centroids: &Centroids) -> Vec<(u64, u16)> {
    let mut order: Vec<_> = centroids.iter().enumerate().map(|(c, own)| (distance(row, own), c as u16)).collect();
    order.sort_unstable();
    order
}

/// Compares one pass with brute force: labels, sums, counts, inertia.
fn assert_exact(labelling: &Labelling, rows: &[Vec<i32>], matrix: &Matrix, centroids: &Centroids, what: &str) {
    let nearest: Vec<_> = rows.iter().map(|row| order(row, centroids)[0]).collect();
    assert_eq!(labelling.labels(), nearest.iter().map(|(_, label)| *label).collect::<Vec<_>>(), "{what}");
    let (d, k) = (centroids.dimensions(), centroids.count());
    let (mut sums, mut counts) = (vec![0i64; k * d], vec![0u64; k]);
    for (row, (_, label)) in rows.iter().zip(&nearest) {
        counts[usize::from(*label)] += 1;
        sums[usize::from(*label) * d..][..d].iter_mut().zip(row).for_each(|(sum, x)| *sum += i64::from(*x));
    }
    assert_eq!((labelling.sums(), labelling.counts()), (&*sums, &*counts), "{what}");
    let inertia: u128 = nearest.iter().map(|(distance, _)| u128::from(*distance)).sum();
    assert_eq!(labelling.inertia(matrix.squares(), centroids), inertia, "{what}");
}

/// The next centroids: means, a small step, a step of one of them, none, or elsewhere.
fn next(chance: &mut Chance, kind: Kind, labelling: &Labelling, centroids: &Centroids) -> Centroids {
    let (d, k) = (centroids.dimensions(), centroids.count());
    let mut points: Vec<Vec<i32>> = centroids.iter().map(<[i32]>::to_vec).collect();
    match chance.below(6) {
        0..3 => {
            for (cluster, count) in labelling.counts().iter().enumerate().filter(|(_, count)| **count > 0) {
                let sums = &labelling.sums()[cluster * d..][..d];
                points[cluster] = sums.iter().map(|sum| (sum / *count as i64) as i32).collect();
            }
        }
        3 => points.iter_mut().flatten().for_each(|unit| *unit = (*unit + chance.within(4)).clamp(-MOST, MOST)),
        4 => {
            let (from, to) = (chance.below(k), chance.below(k));
            points[to] = points[from].clone();
        }
        _ => points = self::points(chance, kind, k, d),
    }
    centroids_of(&points)
}

#[test]
fn passes_equal_brute_force_with_all_instructions() {
    let mut chance = Chance(1);
    let (mut unproven, mut skipped) = ([0; 2], [0; 2]);
    for case in 0..600 {
        let kind = KINDS[case % KINDS.len()];
        let layout = layout(&mut chance, kind);
        let (rows, k) = (1 + chance.below(150), 1 + chance.below(40));
        let cells = cells(&mut chance, kind, rows, &layout);
        let (matrix, rows) = (matrix_of(&layout, &cells), places_of(&layout, &cells));
        let (dimensions, mixed) = (layout.dimensions(), usize::from(!layout.categories().is_empty()));
        let start = match case % 3 {
            // Centroids that lie on rows, some of them equal.
            0 => (0..k).map(|_| rows[chance.below(rows.len())].clone()).collect(),
            _ => points(&mut chance, kind, k, dimensions),
        };
        let mut centroids = centroids_of(&start);
        let sets: Vec<_> = Instructions::available().collect();
        let mut labellings = vec![Labelling::new(&matrix); sets.len()];
        for pass in 0..6 {
            for (by, labelling) in sets.iter().zip(&mut labellings) {
                let passed = labelling.relabel(&matrix, &centroids, Spread::Here, *by);
                let what = format!("case {case} {kind:?}, pass {pass}, {by:?}, {layout:?}, k {k}");
                assert_exact(labelling, &rows, &matrix, &centroids, &what);
                unproven[mixed] += passed.unproven;
                skipped[mixed] += matrix.tiles() as u64 - passed.tiles;
            }
            centroids = next(&mut chance, kind, &labellings[0], &centroids);
        }
    }
    // The test sees what it is for: rows that f32 cannot decide, and tiles that are not looked at.
    let seen = unproven.iter().all(|rows| *rows > 10_000) && skipped.iter().all(|tiles| *tiles > 1_000);
    assert!(seen, "{unproven:?} rows in integers, {skipped:?} tiles skipped");
}

#[test]
fn several_runs_and_threads_in_one_pass_equal_passes_of_their_own() {
    let mut chance = Chance(4);
    // Tiles for several parts, the last of them short.
    let rows = 2 * 16 * 1024 + 77;
    for case in 0..6 {
        let kind = KINDS[case % KINDS.len()];
        let layout = match case % 2 {
            0 => Layout::of_numbers(5),
            _ => Layout::new(2, vec![Category { levels: 6, units: 900_000 }; 9]).unwrap(),
        };
        let cells = cells(&mut chance, kind, rows, &layout);
        let matrix = matrix_of(&layout, &cells);
        let mut start = |k: usize| centroids_of(&places_of(&layout, &self::cells(&mut chance, kind, k, &layout)));
        let mut centroids = [start(3), start(20), start(9)];
        for by in Instructions::available() {
            let mut apart = vec![Labelling::new(&matrix); 3];
            let spreads = [Spread::Here, Spread::Rayon, Spread::Threads(2), Spread::Threads(5)];
            let mut together = vec![apart.clone(); spreads.len()];
            for _ in 0..4 {
                let each = apart.iter_mut().zip(&centroids);
                let passed: Vec<_> = each
                    .map(|(labelling, centroids)| labelling.relabel(&matrix, centroids, Spread::Here, by))
                    .collect();
                for (spread, together) in spreads.iter().zip(&mut together) {
                    let mut runs: Vec<_> = together.iter_mut().zip(&centroids).collect();
                    assert_eq!(Labelling::relabel_all(&mut runs, &matrix, *spread, by), passed, "{spread:?}");
                    for (one, other) in apart.iter().zip(together) {
                        assert!(one.labels() == other.labels(), "case {case} {kind:?}, {by:?}, {spread:?}");
                        assert_eq!((one.sums(), one.counts()), (other.sums(), other.counts()));
                    }
                }
                for (labelling, centroids) in apart.iter().zip(&mut centroids) {
                    *centroids = next(&mut Chance(case as u64), kind, labelling, centroids);
                }
            }
        }
    }
}

#[test]
fn two_nearest_and_distances_equal_brute_force() {
    let mut chance = Chance(2);
    for case in 0..60 {
        let kind = KINDS[case % KINDS.len()];
        let (layout, k) = (layout(&mut chance, kind), 1 + chance.below(20));
        let cells = cells(&mut chance, kind, 1 + case, &layout);
        let (matrix, rows) = (matrix_of(&layout, &cells), places_of(&layout, &cells));
        let centroids = centroids_of(&points(&mut chance, kind, k, layout.dimensions()));
        for tile in 0..matrix.tiles() {
            let distances = distances_to(&matrix, tile, centroids.get(0));
            let found: Vec<_> = Instructions::available()
                .map(|by| NearestTwo::among(&Points::of(matrix.layout(), &centroids), &matrix, tile, by))
                .collect();
            for lane in 0..matrix.rows_of_tile(tile) {
                let row = &rows[tile * LANES + lane];
                assert_eq!(distances[lane], distance(row, centroids.get(0)));
                let order = order(row, &centroids);
                let second = order.get(1).map_or(u64::MAX, |second| second.0);
                for found in &found {
                    let found = (found.first[lane], found.labels[lane], found.second[lane]);
                    assert_eq!(found, (order[0].0, order[0].1, second), "case {case} {kind:?}");
                }
            }
        }
    }
}

#[test]
fn the_largest_distances_there_are_do_not_overflow() {
    let dimensions = 1 << 15;
    let (low, high) = (vec![-MOST; dimensions], vec![MOST; dimensions]);
    let matrix = Matrix::from_rows(Layout::of_numbers(dimensions), [low.as_slice(), &high].into_iter());
    let centroids = centroids_of(&[high.clone(), high, low]);
    for by in Instructions::available() {
        let mut labelling = Labelling::new(&matrix);
        labelling.relabel(&matrix, &centroids, Spread::Here, by);
        assert_eq!((labelling.labels(), labelling.counts()), (&[2, 0][..], &[1, 0, 1][..]));
        assert_eq!(labelling.inertia(matrix.squares(), &centroids), 0);
        let two = NearestTwo::among(&Points::of(matrix.layout(), &centroids), &matrix, 0, by);
        assert_eq!((two.first[0], two.second[0], two.second[1]), (0, 1 << 63, 0));
    }
}

#[test]
fn the_largest_distances_of_levels_do_not_overflow() {
    // Each category's farthest: the own level at the other end, all others at an end too.
    let layout = Layout::new(0, vec![Category { levels: MOST_LEVELS, units: MOST }; 1 << 11]).unwrap();
    let cells = [vec![0; 1 << 11], vec![15; 1 << 11]];
    let matrix = matrix_of(&layout, &cells);
    let places = places_of(&layout, &cells);
    let centroids = centroids_of(&[vec![-MOST; 1 << 15], vec![MOST; 1 << 15], places[1].clone()]);
    for by in Instructions::available() {
        let two = NearestTwo::among(&Points::of(matrix.layout(), &centroids), &matrix, 0, by);
        for (lane, place) in places.iter().enumerate() {
            let order = order(place, &centroids);
            assert_eq!((two.first[lane], two.second[lane]), (order[0].0, order[1].0));
        }
        let mut labelling = Labelling::new(&matrix);
        labelling.relabel(&matrix, &centroids, Spread::Here, by);
        assert_exact(&labelling, &places, &matrix, &centroids, "ends");
    }
}

#[test]
fn sums_of_many_extreme_rows_in_one_cluster_are_exact() {
    let rows = vec![vec![MOST, -MOST, MOST - 1]; 70_001];
    let matrix = Matrix::from_rows(Layout::of_numbers(3), rows.iter().map(Vec::as_slice));
    for by in Instructions::available() {
        let mut labelling = Labelling::new(&matrix);
        labelling.relabel(&matrix, &centroids_of(&[vec![0; 3], vec![MOST, 0, 0]]), Spread::Here, by);
        let expected = [MOST, -MOST, MOST - 1].map(|unit| i64::from(unit) * 70_001);
        assert_eq!((&labelling.sums()[3..], labelling.counts()), (&expected[..], &[0, 70_001][..]));
        // All move back.
        let passed =
            labelling.relabel(&matrix, &centroids_of(&[vec![MOST, -MOST, MOST], vec![0; 3]]), Spread::Here, by);
        assert_eq!((labelling.sums(), passed.changed), (&[&expected[..], &[0; 3]].concat()[..], 70_001));
    }
}

#[test]
fn rows_that_cannot_change_are_not_read_again() {
    let mut chance = Chance(3);
    let layout = Layout::new(8, vec![Category { levels: 5, units: 3_000_000 }; 3]).unwrap();
    let cells = cells(&mut chance, Kind::Apart, 1000, &layout);
    let (matrix, rows) = (matrix_of(&layout, &cells), places_of(&layout, &cells));
    let start = centroids_of(&rows[..5]);
    for by in Instructions::available() {
        let mut labelling = Labelling::new(&matrix);
        assert_eq!(labelling.relabel(&matrix, &start, Spread::Here, by).tiles, 63);
        let moved: Vec<Vec<i32>> = start.iter().map(|c| c.iter().map(|unit| unit + 5).collect()).collect();
        let moved = centroids_of(&moved);
        assert_eq!(labelling.relabel(&matrix, &moved, Spread::Here, by).tiles, 0);
        assert_exact(&labelling, &rows, &matrix, &moved, "skipped");
        // Another number of clusters is another labelling.
        let fewer = centroids_of(&rows[..4]);
        assert_eq!(labelling.relabel(&matrix, &fewer, Spread::Here, by).tiles, 63);
        assert_exact(&labelling, &rows, &matrix, &fewer, "fewer clusters");
    }
}
