//! Aggregates that have to see all values of a frame: each frame is a group of the kernels that GROUP BY has.
//!
//! A frame that rows share is computed once, so over whole partitions this is linear. Where frames move, the work grows with
//! their length, and is limited a partition: a limit for all rows would depend on how customers are spread.

use arrow::array::{Array, ArrayRef, BooleanArray, UInt32Array};
use arrow::compute::{concat, take};
use datafusion_common::Result;
use segmenter_proto::Error;

use super::boundaries::Chunk;
use super::check::{bug, through};
use super::frames::Frames;
use super::plan::WindowCall;
use super::sliding::Counted;
use crate::expression::Kernel;
use crate::expression::aggregate_kernels::{Groups, corr, entropy, median, mode, quantile, skewness, spread};

/// Rows that the frames of one partition may have in all: running frames over 14,000 rows.
pub(super) const LIMIT: u64 = 100_000_000;

/// Rows of frames that are computed together.
const AT_ONCE: usize = 65_536;

/// Computes the median, the spread or the like of each frame; gives also where it cannot be known.
pub(super) fn recompute(
    chunk: &Chunk,
    frames: &Frames,
    counted: &Counted,
    (kernel, call): (Kernel, &WindowCall),
    limit: u64,
) -> Result<(ArrayRef, BooleanArray)> {
    let arguments = call.arguments.iter().map(|column| chunk.rows.column(*column)).collect();
    let mut pending = Pending { kernel, arguments, rows: Vec::new(), groups: Vec::new(), count: 0, done: Vec::new() };
    let mut lost = Vec::new();
    let mut partitions = chunk.partitions().map(|partition| partition.rows).peekable();
    let mut work = 0;
    for frame in frames.iter() {
        while partitions.next_if(|rows| rows.end < frame.end).is_some() {
            work = 0;
        }
        work += frame.len() as u64;
        if work > limit {
            return Err(too_much(kernel, call, partitions.peek().map_or(0, |rows| rows.len()), limit));
        }
        pending.rows.extend(frame.filter(|row| counted.has(*row)).map(|row| row as u32));
        pending.groups.resize(pending.rows.len(), pending.count);
        pending.count += 1;
        if pending.rows.len() >= AT_ONCE {
            pending.compute(&mut lost)?;
        }
    }
    pending.compute(&mut lost)?;
    let values = concat(&pending.done.iter().map(|done| done as &dyn Array).collect::<Vec<_>>())?;
    Ok((values, BooleanArray::from(lost)))
}

/// Frames that wait to be computed together.
struct Pending<'a> {
    kernel: Kernel,
    arguments: Vec<&'a ArrayRef>,
    /// Rows of all frames, and the frame of each.
    rows: Vec<u32>,
    groups: Vec<u32>,
    count: u32,
    done: Vec<ArrayRef>,
}

impl Pending<'_> {
    fn compute(&mut self, lost: &mut Vec<bool>) -> Result<()> {
        let rows = UInt32Array::from(std::mem::take(&mut self.rows));
        let taken = self.arguments.iter().map(|argument| take(*argument, &rows, None));
        let taken = taken.collect::<Result<Vec<_>, _>>()?;
        let groups = Groups::new(&self.groups, self.count as usize, None);
        let groups = groups.ok_or_else(|| bug("the frames of a window do not fit its rows"))?;
        let before = lost.len();
        lost.resize(before + self.count as usize, false);
        let mut told = |group: usize| lost[before + group] = true;
        let all = |_: usize| true;
        let done = match (self.kernel, taken.as_slice()) {
            (Kernel::Median, [x]) => median(&groups, x, all, &mut told),
            (Kernel::Quantile(share), [x]) => quantile(&groups, x, share, all, &mut told),
            (Kernel::Mode, [x]) => mode(&groups, x, all),
            (Kernel::Spread { of_sample, is_root }, [x]) => Ok(spread(&groups, x, all, of_sample, is_root, &mut told)),
            (Kernel::Skewness, [x]) => Ok(skewness(&groups, x, all, &mut told)),
            (Kernel::Correlation, [x, y]) => Ok(corr(&groups, x, y, all, &mut told)),
            (Kernel::Entropy, [x]) => entropy(&groups, x, all),
            (other, _) => Err(Error::bug(format!("{other:?} does not need all values of a frame"))),
        };
        self.done.push(done.map_err(through)?);
        self.groups.clear();
        self.count = 0;
        Ok(())
    }
}

fn too_much(kernel: Kernel, call: &WindowCall, rows: usize, limit: u64) -> datafusion_common::DataFusionError {
    let function = match kernel {
        Kernel::Median => "median",
        Kernel::Quantile(_) => "quantile",
        Kernel::Mode => "mode",
        Kernel::Skewness => "skewness",
        Kernel::Correlation => "corr",
        Kernel::Entropy => "entropy",
        Kernel::Spread { of_sample: true, is_root: true } => "stddev",
        Kernel::Spread { of_sample: false, is_root: true } => "stddev_pop",
        Kernel::Spread { of_sample: true, is_root: false } => "var_samp",
        Kernel::Spread { of_sample: false, is_root: false } => "var_pop",
        _ => &call.name,
    };
    let what =
        format!("{function} over frames that move would read more than {limit} rows for one partition of {rows}");
    through(Error::data(what).with_hint("give it all rows of the partition, or a frame of fewer rows"))
}
