//! What one customer did with one thing, and the bytes in which all that a customer did waits until customers have segments.

use super::figures::{COUNTS, Figures, SUMS};
use crate::measure::leb128;
use segmenter_proto::{Error, Result};
use std::collections::BTreeSet;

/// What figures are about; each with the label that tells which one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum About {
    /// All messages whose time and answer are known.
    Everything,
    /// A channel.
    Channel,
    /// A promotion.
    Offer,
    /// A campaign.
    Campaign,
    /// A number of messages.
    Contacts,
    /// A day of the week, from 1, Monday.
    Weekday,
    /// An hour of the day.
    Hour,
}

impl About {
    const ALL: [Self; 7] =
        [Self::Everything, Self::Channel, Self::Offer, Self::Campaign, Self::Contacts, Self::Weekday, Self::Hour];

    /// Gives the number by which it travels.
    pub(super) fn number(self) -> u8 {
        self as u8
    }

    /// Reads the number.
    ///
    /// # Errors
    /// Bug only: there is none.
    pub(super) fn of_number(number: u32) -> Result<Self> {
        let known = Self::ALL.into_iter().find(|about| u32::from(about.number()) == number);
        known.ok_or_else(|| Error::bug(format!("figures are about {number}, which is nothing")))
    }
}

/// What one customer did with one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell<'a> {
    /// What it is about.
    pub about: About,
    /// Which one; none of messages that do not say it.
    pub label: Option<&'a str>,
    /// What the customer did with it.
    pub figures: Figures,
}

/// Packs the cells of a customer: a byte for what each is about, its label behind its length and one (0: none), then a bit for each figure that is not
/// 0, and those figures, signed ones in zigzag, all in groups of seven bits, the lowest first (LEB128).
pub fn packed_cells(cells: &[Cell<'_>]) -> Vec<u8> {
    let mut packed = Vec::new();
    for cell in cells {
        packed.push(cell.about.number());
        leb128::put(&mut packed, cell.label.map_or(0, |label| label.len() as u128 + 1));
        packed.extend_from_slice(cell.label.unwrap_or_default().as_bytes());
        let (counts, sums) = cell.figures.values();
        let numbers = counts.map(u128::from).into_iter().chain(sums.map(zigzag));
        let numbers: Vec<u128> = numbers.chain([cell.figures.fixed.map_or(0, |fixed| zigzag(fixed) + 1)]).collect();
        let present = numbers.iter().enumerate().filter(|(_, number)| **number != 0);
        leb128::put(&mut packed, present.map(|(at, _)| 1_u128 << at).sum::<u128>());
        numbers.into_iter().filter(|number| *number != 0).for_each(|number| leb128::put(&mut packed, number));
    }
    packed
}

/// Gives the cells that [`packed_cells`] packed.
///
/// # Errors
/// Bug only: other bytes.
pub fn unpacked_cells(packed: &[u8]) -> Result<Vec<Cell<'_>>> {
    let mut rest = packed;
    let mut cells = Vec::new();
    while let Some((about, behind)) = rest.split_first() {
        rest = behind;
        let about = About::of_number((*about).into())?;
        let length = take(&mut rest)?;
        let label = match length.checked_sub(1) {
            None => None,
            Some(length) => {
                let length = usize::try_from(length).map_err(|_| broken())?;
                let (label, behind) = rest.split_at_checked(length).ok_or_else(broken)?;
                rest = behind;
                Some(std::str::from_utf8(label).map_err(|_| broken())?)
            }
        };
        let present = take(&mut rest)?;
        let mut next = |at: usize| if present >> at & 1 == 1 { take(&mut rest) } else { Ok(0) };
        let mut figures = Figures::default();
        for (at, count) in figures.counts_mut().into_iter().enumerate() {
            *count = u64::try_from(next(at)?).map_err(|_| broken())?;
        }
        for (at, sum) in figures.sums_mut().into_iter().enumerate() {
            *sum = unzigzag(next(COUNTS + at)?);
        }
        figures.fixed = next(COUNTS + SUMS)?.checked_sub(1).map(unzigzag);
        cells.push(Cell { about, label, figures });
    }
    Ok(cells)
}

/// Gives the channels by which a customer may be written to, as the packed cells know them.
///
/// # Errors
/// Bug only: other bytes than cells.
pub fn granted_of(packed: &[u8]) -> Result<BTreeSet<&str>> {
    let granted = |cell: &Cell<'_>| cell.about == About::Channel && cell.figures.granted > 0;
    Ok(unpacked_cells(packed)?.into_iter().filter(granted).filter_map(|cell| cell.label).collect())
}

fn zigzag(number: i128) -> u128 {
    ((number << 1) ^ (number >> 127)) as u128
}

fn unzigzag(number: u128) -> i128 {
    (number >> 1) as i128 ^ -((number & 1) as i128)
}

fn take(rest: &mut &[u8]) -> Result<u128> {
    leb128::take(rest).ok_or_else(broken)
}

fn broken() -> Error {
    Error::bug("what a customer did with messages cannot be unpacked")
}
