//! The receipts of old tills: another system's CSV, with its own id, local time and decimal comma.

use super::output::cannot_write;
use super::world::SHOPS;
use chrono::{Datelike, NaiveDate};
use segmenter_proto::Result;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

const HEADER: &str = "receipt;card_no;ts;total;promo;gift;shop";

/// A receipt; money in cents.
#[derive(Debug, Clone)]
pub(super) struct Receipt {
    pub(super) receipt: i64,
    /// The client number; 0: no card.
    pub(super) card: i64,
    /// Local date.
    pub(super) date: NaiveDate,
    /// Local minute of the day.
    pub(super) minute: i64,
    pub(super) cents: i64,
    /// Discount in percent; 0: none.
    pub(super) percent: u8,
    pub(super) gift: bool,
    /// Position in `world::SHOPS`.
    pub(super) shop: usize,
    pub(super) blot: Blot,
}

/// What is wrong with a dirty receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blot {
    No,
    /// The total is not a number.
    Total,
    /// The date is not in any calendar.
    Time,
    /// There is no total.
    NoTotal,
}

impl Receipt {
    fn csv(&self) -> String {
        let card = if self.card == 0 { String::new() } else { format!("{:012}", self.card) };
        let (day, month) = if self.blot == Blot::Time { (31, 2) } else { (self.date.day(), self.date.month()) };
        let time = format!("{day:02}.{month:02}.{} {:02}:{:02}", self.date.year(), self.minute / 60, self.minute % 60);
        let sign = if self.cents < 0 { "-" } else { "" };
        let total = match self.blot {
            Blot::Total => format!("{},--", self.cents / 100),
            Blot::NoTotal => String::new(),
            _ => format!("{sign}{},{:02}", self.cents.abs() / 100, self.cents.abs() % 100),
        };
        let promo = if self.percent == 0 { String::new() } else { format!("RABATT{}", self.percent) };
        let gift = if self.gift { "J" } else { "N" };
        let shop = SHOPS[self.shop];
        let quote = if shop.contains(';') { "\"" } else { "" };
        format!("{};{card};{time};{total};{promo};{gift};{quote}{shop}{quote}", self.receipt)
    }
}

/// Writes a file a year.
#[derive(Debug)]
pub(super) struct Tills {
    folder: PathBuf,
    years: BTreeMap<i32, (PathBuf, BufWriter<File>)>,
    /// Receipts written.
    pub(super) rows: u64,
}

impl Tills {
    /// Writes into an existing folder.
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), years: BTreeMap::new(), rows: 0 }
    }

    /// Appends the receipts of a block, by time.
    ///
    /// # Errors
    /// A dependency error, naming the file that cannot be written.
    pub(super) fn append(&mut self, mut receipts: Vec<Receipt>) -> Result<()> {
        receipts.sort_unstable_by_key(|receipt| (receipt.date, receipt.minute, receipt.receipt));
        for receipt in receipts {
            let year = receipt.date.year();
            let (path, file) = match self.years.entry(year) {
                std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
                std::collections::btree_map::Entry::Vacant(entry) => {
                    let path = self.folder.join(format!("{year}.csv"));
                    let file = File::create_new(&path).map_err(|cause| cannot_write(&path, cause))?;
                    let mut file = BufWriter::new(file);
                    writeln!(file, "{HEADER}").map_err(|cause| cannot_write(&path, cause))?;
                    entry.insert((path, file))
                }
            };
            writeln!(file, "{}", receipt.csv()).map_err(|cause| cannot_write(path, cause))?;
            self.rows += 1;
        }
        Ok(())
    }

    /// Closes the files and gives how many there are, and their bytes.
    ///
    /// # Errors
    /// A dependency error, naming the file that cannot be written.
    pub(super) fn close(self) -> Result<(u64, u64)> {
        let mut bytes = 0;
        let files = self.years.len() as u64;
        for (path, mut file) in self.years.into_values() {
            file.flush().map_err(|cause| cannot_write(&path, cause))?;
            bytes += file.get_ref().metadata().map_err(|cause| cannot_write(&path, cause))?.len();
        }
        Ok((files, bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn receipts_are_written_as_another_system_would() {
        let receipt = Receipt {
            receipt: 17,
            card: 100_000_004,
            date: NaiveDate::from_ymd_opt(2024, 5, 3).unwrap(),
            minute: 9 * 60 + 7,
            cents: 1205,
            percent: 20,
            gift: true,
            shop: 0,
            blot: Blot::No,
        };
        assert_eq!(receipt.csv(), "17;000100000004;03.05.2024 09:07;12,05;RABATT20;J;\"Wien; Mariahilfer Straße\"");
        let refund = Receipt { card: 0, cents: -5, percent: 0, gift: false, shop: 2, ..receipt.clone() };
        assert_eq!(refund.csv(), "17;;03.05.2024 09:07;-0,05;;N;Graz Hauptplatz");
        let spoilt = |blot| Receipt { blot, ..receipt.clone() }.csv();
        assert!(spoilt(Blot::Total).contains(";12,--;"));
        assert!(spoilt(Blot::Time).contains(";31.02.2024 "));
        assert!(spoilt(Blot::NoTotal).contains(" 09:07;;RABATT20"));
    }
}
