//! The lists of a customer, read one after the other.

use crate::measure::affinity::Lists;
use segmenter_proto::Result;

/// What a customer bought, wished for and ignored.
#[derive(Debug)]
pub struct TasteLists<'a>(Lists<'a>);

impl<'a> TasteLists<'a> {
    /// Begins to read.
    ///
    /// # Errors
    /// Bug only: other bytes.
    pub fn of(packed: &'a [u8]) -> Result<Self> {
        Lists::of(packed).map(Self)
    }

    /// Calls `item` with each item that was bought, and on how many days.
    ///
    /// # Errors
    /// Bug only: other bytes.
    pub fn bought(&mut self, item: impl FnMut(&'a [u8], u64)) -> Result<()> {
        self.next(item)
    }

    /// Calls `item` with each item that was wished for, after [`Self::bought`].
    ///
    /// # Errors
    /// Bug only: other bytes.
    pub fn wished(&mut self, mut item: impl FnMut(&'a [u8])) -> Result<()> {
        self.next(|name, _| item(name))
    }

    /// Calls `item` with each item that is ignored, after [`Self::wished`].
    ///
    /// # Errors
    /// Bug only: other bytes.
    pub fn ignored(&mut self, mut item: impl FnMut(&'a [u8])) -> Result<()> {
        self.next(|name, _| item(name))
    }

    fn next(&mut self, mut item: impl FnMut(&'a [u8], u64)) -> Result<()> {
        self.0.next(|of| {
            item(of.name, of.lines);
            Ok(())
        })?;
        Ok(())
    }
}
