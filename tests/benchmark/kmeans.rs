//! Our side of `kmeans.py`: Lloyd's iterations over a matrix in a file, done as a run does them.
//!
//! Reads rows of f32, row-major, whose values are multiples of 2⁻²⁰ within ±8. Packs them in shards, takes the first k rows as start, and
//! drives [`KmeansFit`] over all shards, which answer side by side and are merged. Prints a line of JSON a number of clusters.

use segmenter_proto::Rounds as _;
use std::{
    error::Error,
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

use arrow::array::StringArray;
use clap::Parser;
use rayon::prelude::*;
use segmenter_worker::segmentation::kmeans::{
    Centroids, KmeansFit, KmeansResult, KmeansShard, Layout, Matrix, merge_kmeans_answers,
};
use serde_json::json;
use tracing_subscriber::{Layer, layer::SubscriberExt};

/// Grid units in 1.
const GRID: f64 = 1_048_576.0;
/// Rows of a tile, as the kernel cuts them.
const TILE: usize = 16;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

#[derive(Parser)]
struct Options {
    /// Rows of f32, one after the other.
    matrix: PathBuf,
    #[arg(long)]
    dimensions: usize,
    /// Numbers of clusters to fit.
    #[arg(long, value_delimiter = ',', default_value = "8")]
    clusters: Vec<usize>,
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Rows a shard; a run has about as many.
    #[arg(long, default_value_t = 32_768)]
    rows_of_shard: usize,
    /// Moves of the centroids.
    #[arg(long, default_value_t = 20)]
    iterations: u32,
    /// Fits of each number of clusters; the fastest counts.
    #[arg(long, default_value_t = 2)]
    repeats: usize,
    // What `cargo bench` passes.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<()> {
    let options = Options::parse();
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(Passes))?;
    rayon::ThreadPoolBuilder::new().num_threads(options.threads).build_global()?;
    let values = std::fs::metadata(&options.matrix)?.len() as usize / size_of::<f32>();
    let rows = values / options.dimensions;
    let starts: Vec<usize> = (0..rows).step_by(options.rows_of_shard).collect();

    let started = Instant::now();
    let mut shards = starts
        .par_iter()
        .map(|first| {
            let units = units_of(&options.matrix, options.dimensions, *first, options.rows_of_shard.min(rows - first))?;
            let matrix =
                Matrix::from_rows(Layout::of_numbers(options.dimensions), units.chunks_exact(options.dimensions));
            let ids = ids_of(*first, matrix.rows());
            Ok(KmeansShard::new(matrix, ids)?)
        })
        .collect::<Result<Vec<_>>>()?;
    let packing = started.elapsed().as_secs_f64();
    let bandwidth = read_bandwidth(4 * rows * options.dimensions);

    for clusters in &options.clusters {
        let start = units_of(&options.matrix, options.dimensions, 0, *clusters)?;
        let mut best: Option<Fitted> = None;
        for _ in 0..options.repeats {
            // New shards remember nothing; one at a time, so that the matrix is in memory once.
            for (shard, first) in shards.iter_mut().zip(&starts) {
                let matrix = shard.matrix().clone();
                let ids = ids_of(*first, matrix.rows());
                *shard = KmeansShard::new(matrix, ids)?;
            }
            let fitted = fit(&mut shards, Centroids::new(options.dimensions, start.clone())?, options.iterations)?;
            best = Some(best.filter(|best| best.seconds() <= fitted.seconds()).unwrap_or(fitted));
        }
        let Some(Fitted { result, rounds }) = best else { continue };
        let (moves, inertia) = (result.iterations - 1, result.statistics.inertia as f64 / GRID / GRID);
        println!(
            "{}",
            json!({
                "rows": rows, "dimensions": options.dimensions, "clusters": clusters, "threads": options.threads,
                "shards": shards.len(), "packing_seconds": packing, "bandwidth": bandwidth,
                "moves": moves, "stop": result.stop, "inertia": inertia,
                "rounds": rounds.iter().map(|round| json!({
                    "seconds": round.seconds, "tiles": round.tiles, "changed": round.changed, "unproven": round.unproven,
                })).collect::<Vec<_>>(),
                "tiles": shards.iter().map(|shard| shard.matrix().rows().div_ceil(TILE)).sum::<usize>(),
                "centroids": result.centroids.iter()
                    .map(|centroid| centroid.iter().map(|unit| f64::from(*unit) / GRID).collect::<Vec<_>>())
                    .collect::<Vec<_>>(),
            })
        );
    }
    Ok(())
}

/// Names rows by their number.
fn ids_of(first: usize, rows: usize) -> StringArray {
    (first..first + rows).map(|row| Some(format!("{row:010}"))).collect()
}

/// Reads some rows as grid values.
fn units_of(file: &Path, dimensions: usize, first: usize, rows: usize) -> Result<Vec<i32>> {
    let mut file = File::open(file)?;
    file.seek(SeekFrom::Start((first * dimensions * size_of::<f32>()) as u64))?;
    let mut bytes = vec![0; rows * dimensions * size_of::<f32>()];
    file.read_exact(&mut bytes)?;
    let (values, _) = bytes.as_chunks::<4>();
    Ok(values.iter().map(|value| (f64::from(f32::from_le_bytes(*value)) * GRID) as i32).collect())
}

/// Gives the bytes a second that all threads read of that many bytes, each its own part: the best of some passes.
fn read_bandwidth(bytes: usize) -> f64 {
    let parts: Vec<Vec<u64>> = {
        let threads = rayon::current_num_threads();
        (0..threads).into_par_iter().map(|part| vec![part as u64 | 1; bytes / 8 / threads]).collect()
    };
    let bytes: usize = parts.iter().map(|part| part.len() * 8).sum();
    let pass = || {
        let started = Instant::now();
        std::hint::black_box(parts.par_iter().map(|part| any_of(part)).reduce(|| 0, |l, r| l | r));
        bytes as f64 / started.elapsed().as_secs_f64()
    };
    (0..9).map(|_| pass()).fold(0.0, f64::max)
}

/// Reads all and does next to nothing with it: sixteen words wait for nothing but memory.
fn any_of(words: &[u64]) -> u64 {
    let mut any = [0; 16];
    let (lines, _) = words.as_chunks::<16>();
    for line in lines {
        any.iter_mut().zip(line).for_each(|(any, word)| *any |= word);
    }
    any.into_iter().fold(0, |l, r| l | r)
}

/// One labelling of all rows, with the merge and the move of the centroids.
#[derive(Debug)]
struct Round {
    seconds: f64,
    tiles: u64,
    changed: u64,
    unproven: u64,
}

#[derive(Debug)]
struct Fitted {
    result: KmeansResult,
    rounds: Vec<Round>,
}

impl Fitted {
    fn seconds(&self) -> f64 {
        self.rounds.iter().map(|round| round.seconds).sum()
    }
}

/// Moves the centroids so many times and labels the rows once more by where they ended.
fn fit(shards: &mut [KmeansShard], start: Centroids, moves: u32) -> Result<Fitted> {
    let mut fit = KmeansFit::new(start, moves + 1);
    let mut rounds = vec![];
    Passes::take();
    let mut started = Instant::now();
    while let Some(request) = fit.next_request() {
        let answers = shards.par_iter_mut().map(|shard| shard.answer(&request, 1));
        let merged = answers.map(|answer| answer.map(Some)).try_reduce(
            || None,
            |l, r| match (l, r) {
                (Some(mut l), Some(r)) => merge_kmeans_answers(&request, &mut l, r).map(|()| Some(l)),
                (one, None) | (None, one) => Ok(one),
            },
        )?;
        fit.absorb(merged.ok_or("a matrix without rows")?)?;
        let [tiles, changed, unproven] = Passes::take();
        rounds.push(Round { seconds: started.elapsed().as_secs_f64(), tiles, changed, unproven });
        started = Instant::now();
    }
    Ok(Fitted { result: fit.finish()?, rounds })
}

/// Adds up what the kernel says of its passes.
struct Passes;

static PASSED: [(&str, AtomicU64); 3] = [
    ("passed.tiles", AtomicU64::new(0)),
    ("passed.changed", AtomicU64::new(0)),
    ("passed.unproven", AtomicU64::new(0)),
];

impl Passes {
    fn take() -> [u64; 3] {
        [0, 1, 2].map(|field| PASSED[field].1.swap(0, Ordering::Relaxed))
    }
}

impl<S: tracing::Subscriber> Layer<S> for Passes {
    fn enabled(&self, metadata: &tracing::Metadata<'_>, _: tracing_subscriber::layer::Context<'_, S>) -> bool {
        metadata.target().starts_with("segmenter_worker::segmentation::kmeans")
    }

    fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        event.record(&mut Fields);
    }
}

struct Fields;

impl tracing::field::Visit for Fields {
    fn record_u64(&mut self, field: &tracing::field::Field, value: u64) {
        if let Some((_, total)) = PASSED.iter().find(|(name, _)| *name == field.name()) {
            total.fetch_add(value, Ordering::Relaxed);
        }
    }

    fn record_debug(&mut self, _: &tracing::field::Field, _: &dyn std::fmt::Debug) {}
}
