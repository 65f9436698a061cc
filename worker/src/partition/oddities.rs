//! Notes of what is odd about rows that are used all the same.

use super::columns::SourceColumns;
use super::odd_ids::{Odd, odd_ids};
use crate::notes::{Note, NotesOfFile};
use crate::reading::RowNumbers;
use crate::values::{DAY, local_to_utc};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, TimestampMicrosecondType};
use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::Tz;

/// 1900-01-01 on a clock, in microseconds since 1970.
const YEAR_1900: i64 = -2_208_988_800_000_000;

/// Notes odd ids, times and quantities of the rows of a batch that go on.
pub(super) fn note_oddities(
    batch: &RecordBatch,
    goes_on: impl Fn(usize) -> bool,
    row_numbers: &RowNumbers,
    columns: &SourceColumns,
    notes: &mut NotesOfFile<'_>,
) {
    let zone = columns.zone();
    for &name in columns.ids() {
        let Some(ids) = batch.column_by_name(name).and_then(|ids| ids.as_string_opt::<i32>()) else { continue };
        for (row, odd) in odd_ids(ids).filter(|(row, _)| goes_on(*row)) {
            notes.row(note_of(odd), name, row_numbers.get(row));
        }
    }
    note_negative_quantities(batch, &goes_on, row_numbers, notes);
    note_other_words(batch, &goes_on, row_numbers, columns, notes);
    let times = batch.column_by_name("time").and_then(|times| times.as_primitive_opt::<TimestampMicrosecondType>());
    let Some(times) = times else { return };
    let year_1900 = local_to_utc(YEAR_1900, zone);
    for (row, _) in times.values().iter().enumerate().filter(|(_, time)| **time < year_1900) {
        // What stands where a value is null means nothing.
        if times.is_valid(row) && goes_on(row) {
            notes.row(Note::Before1900, "time", row_numbers.get(row));
        }
    }
    if columns.has_clock() {
        let seen = (0..times.len()).filter(|&row| times.is_valid(row) && goes_on(row));
        let (mut midnights, mut all) = (0, 0);
        for row in seen {
            all += 1;
            midnights += u64::from(is_midnight(times.value(row), zone));
        }
        if all > 0 {
            notes.add(Note::Midnight, "", midnights, all);
        }
    }
}

/// 1973-01-01 in UTC, in microseconds: since then all clocks are whole quarters of an hour away from it.
const YEAR_1973: i64 = 94_694_400_000_000;
const QUARTER: i64 = 900_000_000;

/// Says whether a time is the beginning of a day on the clock.
fn is_midnight(time: i64, zone: Tz) -> bool {
    if time >= YEAR_1973 && time % QUARTER != 0 {
        return false;
    }
    let Some(utc) = DateTime::from_timestamp_micros(time) else { return false };
    let east = zone.offset_from_utc_datetime(&utc.naive_utc()).fix().local_minus_utc();
    (time + i64::from(east) * 1_000_000).rem_euclid(DAY) == 0
}

/// Notes rows of less than no pieces, unless they are refunds.
fn note_negative_quantities(
    batch: &RecordBatch,
    goes_on: impl Fn(usize) -> bool,
    row_numbers: &RowNumbers,
    notes: &mut NotesOfFile<'_>,
) {
    let quantity = batch.column_by_name("quantity").filter(|quantity| quantity.data_type().is_numeric());
    let amount = batch.column_by_name("amount").and_then(|amount| amount.as_primitive_opt::<Decimal128Type>());
    let quantity = quantity.and_then(|quantity| cast(quantity, &DataType::Float64).ok());
    let (Some(quantity), Some(amount)) = (quantity, amount) else { return };
    let quantity = quantity.as_primitive::<Float64Type>();
    let is_refund = batch.column_by_name("is_refund").and_then(|refund| refund.as_boolean_opt());
    let is_refund = |row: usize| match is_refund.filter(|refund| refund.is_valid(row)) {
        Some(refund) => refund.value(row),
        None => amount.is_valid(row) && amount.value(row) < 0,
    };
    for (row, _) in quantity.values().iter().enumerate().filter(|(_, quantity)| **quantity < 0.0) {
        if quantity.is_valid(row) && goes_on(row) && !is_refund(row) {
            notes.row(Note::NegativeQuantity, "", row_numbers.get(row));
        }
    }
}

/// Notes values that are none of the words which presets know of a name.
fn note_other_words(
    batch: &RecordBatch,
    goes_on: impl Fn(usize) -> bool,
    row_numbers: &RowNumbers,
    columns: &SourceColumns,
    notes: &mut NotesOfFile<'_>,
) {
    for (name, words) in columns.words() {
        let Some(values) = batch.column_by_name(name).and_then(|values| values.as_string_opt::<i32>()) else {
            continue;
        };
        let mut known = 0;
        for (row, value) in values.iter().enumerate().filter(|(row, _)| goes_on(*row)) {
            let Some(value) = value else { continue };
            known += 1;
            if !words.contains(&value) {
                notes.row(Note::OtherWord, name, row_numbers.get(row));
            }
        }
        if known > 0 {
            notes.add(Note::OtherWord, name, 0, known);
        }
    }
}

fn note_of(odd: Odd) -> Note {
    match odd {
        Odd::Unseen => Note::UnseenInId,
        Odd::WordForNull => Note::WordForNull,
        Odd::Rounded => Note::RoundedId,
        Odd::Zeros => Note::ZerosInId,
    }
}

/// Gives the note of a reason for quarantine that says what is wrong with the file as a whole.
pub(super) fn note_of_reason(code: &str) -> Option<Note> {
    match code {
        "other_day_month_order" => Some(Note::OtherOrder),
        "serial_date" => Some(Note::SerialDate),
        "epoch_number" => Some(Note::EpochNumber),
        _ => None,
    }
}
