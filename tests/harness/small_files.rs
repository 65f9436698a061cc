//! A file of two orders, written in whatever way a test wants, and a job over it.

use super::jobs::{ONLY_RFM, job};
use super::{CommittedRun, Workspace};
use flate2::{Compression, write::GzEncoder};
use std::collections::BTreeMap;
use std::io::Write;

/// Two orders as CSV.
pub const ROWS: &str = "id,order_no,day,total\nC1,O1,2025-12-01,10.00\nC2,O2,2025-12-02,20.50\n";

/// Gives a job over a file of [`ROWS`], with what else stands in the source.
pub fn job_over(file: &str, keys: &str) -> String {
    let source =
        format!("uri = \"@IN@/{file}\"\ntypes = {{ day = \"date(%Y-%m-%d)\", total = \"decimal(18,2)\" }}\n{keys}");
    with_columns(&job(&source, ONLY_RFM), ["id", "order_no", "day", "total"])
}

/// Gives a job with these expressions for customer, order, time and amount.
pub fn with_columns(job: &str, [id, order, time, amount]: [&str; 4]) -> String {
    let (before, after) = job.split_once("[source.columns]").unwrap();
    let columns = format!("customer_id = '{id}'\norder_id = '{order}'\ntime = '{time}'\namount = '{amount}'\n");
    format!("{before}[source.columns]\n{columns}\n{}", &after[after.find("[features]").unwrap()..])
}

/// Asserts that a run has the amounts of [`ROWS`].
#[track_caller]
pub fn assert_rows(workspace: &Workspace, job: &str, told: &str) -> CommittedRun {
    let run = workspace.committed(&workspace.job(job));
    let expected = [("C1", "10.0000"), ("C2", "20.5000")];
    let expected: BTreeMap<_, _> = expected.map(|(id, total)| (id.to_owned(), Some(total.to_owned()))).into();
    assert_eq!(run.feature("monetary"), expected, "{told}");
    run
}

/// Packs bytes with gzip.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

/// Writes text as UTF-16, little-endian, without a mark.
pub fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}
