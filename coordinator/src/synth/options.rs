//! What is generated, and what came of it.

use super::mover::Movers;
use std::path::PathBuf;

/// Rows of orders that fill one file; large data sets get as many files as that makes, up to [`MOST_FILES`].
const ROWS_A_FILE: u64 = 1_250_000;
/// Order rows a customer, on average and with one line an order.
const ROWS_A_CUSTOMER: u64 = 10;
const MOST_FILES: u64 = 16;

/// What is generated.
///
/// The content depends on `customers`, `seed`, `lines_per_order`, `files` and `movers` only, never on threads. What a customer
/// looks like depends on the seed and its number only, so that a larger data set holds the smaller one's customers.
#[derive(Debug, Clone, PartialEq)]
pub struct SynthOptions {
    /// The folder that is filled; it is made where it is missing.
    pub dir: PathBuf,
    /// Number of customers, at least 1.
    pub customers: u64,
    /// Seed of all chance.
    pub seed: u64,
    /// Mean lines an order, at least 1.
    pub lines_per_order: f64,
    /// Files of `orders/`, at least 1; a file holds a slice of the calendar.
    pub files: u32,
    /// Customers who change their group; none: nobody does. Others have the same rows whether there are any or not.
    pub movers: Option<Movers>,
}

impl SynthOptions {
    /// Gives the plain data set: one line an order, about ten order rows a customer, 1 to 16 files by size.
    pub fn new(dir: impl Into<PathBuf>, customers: u64, seed: u64) -> Self {
        let files = (customers.saturating_mul(ROWS_A_CUSTOMER) / ROWS_A_FILE).clamp(1, MOST_FILES) as u32;
        Self { dir: dir.into(), customers, seed, lines_per_order: 1.0, files, movers: None }
    }
}

/// What was generated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SynthSummary {
    /// Rows of `customers/`.
    pub customers: u64,
    /// Rows of `orders/`: order lines, refunds, guests and dirty rows.
    pub orders: u64,
    /// Rows of `tills/`.
    pub receipts: u64,
    /// Data files.
    pub files: u64,
    /// Bytes of the data files.
    pub bytes: u64,
    /// The job file that runs over them.
    pub job_file: PathBuf,
}
