//! Writes a data set block by block: memory is a block's, whatever the number of customers.

use super::calendar::Calendar;
use super::customer::Customer;
use super::job_file::{JobFile, job_text};
use super::line::{self, Shop};
use super::mover::Moves;
use super::options::{SynthOptions, SynthSummary};
use super::orders::{self, Drawn};
use super::output::{ParquetFile, cannot_write};
use super::product::Catalogue;
use super::readme::readme;
use super::tables;
use super::tills::Tills;
use rayon::prelude::*;
use segmenter_proto::{Error, Result};
use std::fs;
use std::path::Path;

/// Customers whose rows are in memory at once.
const BLOCK: u64 = 32_768;
/// Customers that one thread draws at a time.
const PIECE: u64 = 1024;
/// Customers that fill one file of `customers/`.
const CUSTOMERS_A_FILE: u64 = 125_000;
const MOST_CUSTOMERS: u64 = 1_000_000_000;

/// Writes tables, job file and description into `options.dir`.
///
/// `progress` is told the number of customers whose orders are written, after each block. The bytes depend on the
/// options only; work is spread over the current rayon pool.
///
/// # Errors
/// A job error for options out of range or where something of the same name exists (nothing is overwritten); a
/// dependency error for a file that cannot be written.
pub fn write(options: &SynthOptions, progress: impl Fn(u64)) -> Result<SynthSummary> {
    let job_file = options.dir.join("job.toml");
    let readme_file = options.dir.join("README.md");
    refuse_existing(&[&job_file, &readme_file])?;
    let summary = write_tables(options, progress)?;
    let [data, path, output] =
        [&options.dir, &job_file, &options.dir.join("segments")].map(|path| path.to_string_lossy().into_owned());
    let job = JobFile { name: "synth", path: &path, data: &data, output: &output };
    // The job file comes last: where it stands, the data set is whole.
    for (path, text) in [(&readme_file, readme(options, &summary)), (&job_file, job_text(&job))] {
        fs::write(path, text).map_err(|cause| cannot_write(path, cause))?;
    }
    Ok(SynthSummary { job_file, ..summary })
}

/// Writes `customers/`, `orders/`, `tills/` and `truth.parquet` into `options.dir`; the summary's `job_file` is empty.
///
/// # Errors
/// As [`write()`].
pub fn write_tables(options: &SynthOptions, progress: impl Fn(u64)) -> Result<SynthSummary> {
    check(options)?;
    let calendar = Calendar::new();
    let moves = options.movers.map(|movers| Moves::of(movers, &calendar)).transpose()?;
    let dir = &options.dir;
    let folders = [dir.join("customers"), dir.join("orders"), dir.join("tills")];
    let truth = dir.join("truth.parquet");
    refuse_existing(&[&folders[0], &folders[1], &folders[2], &truth])?;
    for folder in &folders {
        fs::create_dir_all(folder).map_err(|cause| cannot_write(folder, cause))?;
    }
    let shop = Shop {
        seed: options.seed,
        lines_per_order: options.lines_per_order,
        calendar,
        catalogue: Catalogue::new(),
        moves,
    };
    let mut summary = write_orders(options, &shop, &folders[1], &folders[2], progress)?;
    write_customers(options, &shop.calendar, &folders[0], &mut summary)?;
    write_truth(options, &shop, &truth, &mut summary)?;
    Ok(summary)
}

fn check(options: &SynthOptions) -> Result<()> {
    if !(1..=MOST_CUSTOMERS).contains(&options.customers) {
        return Err(Error::job(format!("customers is {}, expected 1 to {MOST_CUSTOMERS}", options.customers)));
    }
    if !(1.0..=20.0).contains(&options.lines_per_order) {
        return Err(Error::job(format!("lines an order is {}, expected 1 to 20", options.lines_per_order)));
    }
    if !(1..=1024).contains(&options.files) {
        return Err(Error::job(format!("number of files is {}, expected 1 to 1024", options.files)));
    }
    Ok(())
}

/// Refuses to write over anything.
///
/// # Errors
/// A job error that names all that exist.
pub(crate) fn refuse_existing(paths: &[&Path]) -> Result<()> {
    let existing: Vec<String> =
        paths.iter().filter(|path| path.symlink_metadata().is_ok()).map(|path| path.display().to_string()).collect();
    if existing.is_empty() {
        return Ok(());
    }
    Err(Error::job(format!("would overwrite {}", existing.join(", ")))
        .with_hint("give another folder, or remove these first"))
}

fn write_orders(
    options: &SynthOptions,
    shop: &Shop,
    folder: &Path,
    tills: &Path,
    progress: impl Fn(u64),
) -> Result<SynthSummary> {
    let mut files = (0..options.files)
        .map(|file| ParquetFile::create(folder.join(part(file.into())), orders::schema()))
        .collect::<Result<Vec<_>>>()?;
    let mut tills = Tills::new(tills);
    let stride = stride(options.customers);
    for start in (0..options.customers).step_by(BLOCK as usize) {
        let end = options.customers.min(start + BLOCK);
        let pieces: Vec<u64> = (start..end).step_by(PIECE as usize).collect();
        let mut drawn: Vec<Drawn<'_>> = pieces
            .into_par_iter()
            .map(|piece| {
                let mut rows = Drawn::new(&shop.calendar, options.files);
                for place in piece..end.min(piece + PIECE) {
                    line::draw(shop, scattered(place, stride, options.customers), &mut rows);
                }
                rows
            })
            .collect();
        let receipts = drawn.iter_mut().flat_map(|rows| std::mem::take(&mut rows.receipts)).collect();
        tills.append(receipts)?;
        files.par_iter_mut().enumerate().try_for_each(|(file, output)| {
            let mut lines: Vec<_> = drawn.iter().flat_map(|rows| rows.files[file].iter().cloned()).collect();
            orders::sort(&mut lines);
            output.append(&orders::batch(&lines, &shop.catalogue)?)
        })?;
        progress(end);
    }
    let receipts = tills.rows;
    let (mut count, mut bytes) = tills.close()?;
    let mut rows = 0;
    for closed in files.into_par_iter().map(ParquetFile::close).collect::<Result<Vec<_>>>()? {
        count += 1;
        rows += closed.0;
        bytes += closed.1;
    }
    Ok(SynthSummary { customers: 0, orders: rows, receipts, files: count, bytes, job_file: Default::default() })
}

fn write_customers(
    options: &SynthOptions,
    calendar: &Calendar,
    folder: &Path,
    summary: &mut SynthSummary,
) -> Result<()> {
    let starts: Vec<u64> = (0..options.customers).step_by(CUSTOMERS_A_FILE as usize).collect();
    let closed = starts
        .into_par_iter()
        .map(|first| {
            let path = folder.join(part(first / CUSTOMERS_A_FILE));
            let mut file = ParquetFile::create(path, tables::customers_schema())?;
            let last = options.customers.min(first + CUSTOMERS_A_FILE);
            for start in (first..last).step_by(BLOCK as usize) {
                let customers: Vec<Customer> = (start..last.min(start + BLOCK))
                    .map(|number| Customer::draw(options.seed, number, calendar))
                    .collect();
                file.append(&tables::customers(&customers, calendar)?)?;
            }
            file.close()
        })
        .collect::<Result<Vec<_>>>()?;
    for (rows, bytes) in closed {
        summary.files += 1;
        summary.customers += rows;
        summary.bytes += bytes;
    }
    Ok(())
}

fn write_truth(options: &SynthOptions, shop: &Shop, path: &Path, summary: &mut SynthSummary) -> Result<()> {
    let mut file = ParquetFile::create(path.to_owned(), tables::truth_schema(shop.moves.is_some()))?;
    for start in (0..options.customers).step_by(BLOCK as usize) {
        let customers: Vec<Customer> = (start..options.customers.min(start + BLOCK))
            .into_par_iter()
            .map(|number| Customer::draw(options.seed, number, &shop.calendar))
            .collect();
        file.append(&tables::truth(&customers, shop.seed, shop.moves)?)?;
    }
    summary.files += 1;
    summary.bytes += file.close()?.1;
    Ok(())
}

fn part(file: u64) -> String {
    format!("part-{file:05}.parquet")
}

/// A step, coprime to the number of customers, that scatters neighbours: a block of orders is not a range of customers.
fn stride(customers: u64) -> u64 {
    let gcd = |mut a: u64, mut b: u64| {
        while b != 0 {
            (a, b) = (b, a % b);
        }
        a
    };
    let golden = (u128::from(customers) * 618_034 / 1_000_000) as u64;
    (golden.max(1)..).find(|step| gcd(*step, customers) == 1).unwrap_or(1)
}

/// The customer at a place of the order files: a permutation of 0 to `customers` − 1.
fn scattered(place: u64, stride: u64, customers: u64) -> u64 {
    (u128::from(place) * u128::from(stride) % u128::from(customers)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_customer_has_one_place() {
        for customers in [1, 2, 3, 4, 10, 97, 1000, 32_768] {
            let stride = stride(customers);
            let mut places: Vec<u64> = (0..customers).map(|place| scattered(place, stride, customers)).collect();
            places.sort_unstable();
            assert_eq!(places, (0..customers).collect::<Vec<_>>());
        }
    }
}
