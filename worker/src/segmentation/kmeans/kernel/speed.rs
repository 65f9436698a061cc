//! What the kernel does a second, beside what the memory could deliver: a measurement, not a test.
//!
//! `cargo test --release --workspace --lib kernel_speed -- --ignored --nocapture`, on a machine with nothing else to do.

use std::time::Instant;

use super::{
    Instructions, Labelling, Spread,
    simd::{Simd, Work},
    tests::Chance,
};
use crate::segmentation::kmeans::rows::{
    centroids::Centroids,
    layout::{Category, Layout},
    matrix::{Lanes, Matrix},
};

const ROWS: usize = 4_200_000;
const PASSES: usize = 20;

/// Reads a matrix and does next to nothing with it.
struct Read<'a>(&'a Matrix);

impl Work for Read<'_> {
    type Output = f32;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> f32 {
        let mut largest = [simd.splat(0.0); 8];
        for tile in 0..self.0.tiles() {
            for lanes in self.0.tile(tile).chunks(8) {
                read(simd, lanes, &mut largest);
            }
        }
        largest.into_iter().map(|lanes| simd.smallest(lanes)).sum()
    }
}

#[inline(always)]
fn read<S: Simd>(simd: S, lanes: &[Lanes], largest: &mut [S::Floats; 8]) {
    for (largest, lanes) in largest.iter_mut().zip(lanes) {
        *largest = simd.larger(*largest, simd.load(lanes));
    }
}

/// Twelve blobs that overlap; half of a blob's rows have its own level of a category, the others any.
fn blobs(layout: &Layout) -> Matrix {
    let mut chance = Chance(7);
    let mut bits = Chance(8);
    let mut normal = move || {
        let bits = chance.next();
        let sum: u64 = (0..4).map(|part| (bits >> (16 * part)) & 0xffff).sum();
        (sum as f32 / 65536.0 - 2.0) * 1.732
    };
    let numbers = layout.numbers();
    let centres: Vec<f32> = (0..12 * numbers).map(|_| normal() * 0.7).collect();
    let mut matrix = Matrix::zeros(ROWS, layout.clone());
    for row in 0..ROWS {
        let blob = row * 7919 % 12;
        for number in 0..numbers {
            let x = centres[blob * numbers + number] + normal() * 0.7;
            matrix.set(row, number, (x.clamp(-8.0, 8.0) * 1_048_576.0).round() as i32);
        }
        for (at, category) in layout.categories().iter().enumerate() {
            let bits = bits.next() as usize;
            let level = if bits & 1 == 0 { blob * (at + 1) } else { bits >> 1 };
            matrix.set(row, numbers + at, (level % category.levels) as i32);
        }
    }
    matrix
}

fn means(labelling: &Labelling, centroids: &Centroids) -> Centroids {
    let mut means = centroids.clone();
    for (cluster, count) in labelling.counts().iter().enumerate().filter(|(_, count)| **count > 0) {
        let sums = labelling.sums().chunks(centroids.dimensions()).nth(cluster).unwrap();
        means.set(cluster, &sums.iter().map(|sum| (sum / *count as i64) as i32).collect::<Vec<_>>());
    }
    means
}

fn least(times: usize, mut once: impl FnMut() -> f64) -> f64 {
    (0..times).map(|_| once()).fold(f64::INFINITY, f64::min)
}

/// Measures a fit of 20 passes, first passes, and full passes, which skip nothing; of the last two the fastest of five.
fn measure(layout: &Layout) {
    let matrix = blobs(layout);
    let bytes = Matrix::bytes(ROWS, layout.lanes()) as f64;
    let bandwidth = bytes
        / least(5, || {
            let start = Instant::now();
            std::hint::black_box(Instructions::best().run(Read(&matrix)));
            start.elapsed().as_secs_f64()
        });
    println!("{} numbers, {} categories: {:.1} GB/s", layout.numbers(), layout.categories().len(), bandwidth / 1e9);
    for k in [8, 32] {
        for by in Instructions::available() {
            let start =
                Centroids::new(layout.dimensions(), (0..k).flat_map(|row| matrix.place(row * 97)).collect()).unwrap();
            let first = least(5, || {
                let mut labelling = Labelling::new(&matrix);
                let clock = Instant::now();
                labelling.relabel(&matrix, &start, Spread::Here, by);
                clock.elapsed().as_secs_f64()
            });
            let mut labelling = Labelling::new(&matrix);
            let mut centroids = start;
            let (mut total, mut tiles, mut unproven) = (0.0, 0, 0);
            for _ in 0..PASSES {
                let clock = Instant::now();
                let passed = labelling.relabel(&matrix, &centroids, Spread::Here, by);
                centroids = means(&labelling, &centroids);
                total += clock.elapsed().as_secs_f64();
                (tiles, unproven) = (tiles + passed.tiles, unproven + passed.unproven);
            }
            labelling.relabel(&matrix, &centroids, Spread::Here, by);
            let full = least(5, || {
                labelling.forget_deadlines();
                let clock = Instant::now();
                labelling.relabel(&matrix, &centroids, Spread::Here, by);
                clock.elapsed().as_secs_f64()
            });
            println!(
                "  k {k:2} {by:?}: {:.1} ({:.0} M rows/s), first {:.1}, full {:.1} = {:.0} % of the bandwidth; \
                 {:.0} % of tiles looked at, {:.4} % of rows in integers",
                total / PASSES as f64 * 1e3,
                (ROWS * PASSES) as f64 / total / 1e6,
                first * 1e3,
                full * 1e3,
                bytes / full / bandwidth * 1e2,
                tiles as f64 / (matrix.tiles() * PASSES) as f64 * 1e2,
                unproven as f64 / (ROWS * PASSES) as f64 * 1e2,
            );
        }
    }
}

#[test]
#[ignore = "a measurement of a minute and 1.3 GB"]
fn kernel_speed() {
    println!("{ROWS} rows, {PASSES} passes, one thread; a pass in ms, the first and a full one that skips nothing");
    for numbers in [4, 16, 64] {
        measure(&Layout::of_numbers(numbers));
    }
}

#[test]
#[ignore = "a measurement of a minute and 0.3 GB"]
fn kernel_speed_of_categories() {
    println!("{ROWS} rows, {PASSES} passes, one thread; a pass in ms, the first and a full one that skips nothing");
    let category = |levels: usize| Category { levels, units: 741_455 };
    measure(&Layout::of_numbers(16));
    measure(&Layout::new(8, [2, 3, 4, 5, 6, 8, 12, 16].map(category).to_vec()).unwrap());
    measure(&Layout::new(0, [2, 3, 4, 5, 6, 8, 12, 16].repeat(2).into_iter().map(category).collect()).unwrap());
}
