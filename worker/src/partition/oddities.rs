//! Notes of what is odd about rows that are used all the same.

use super::columns::IDS;
use super::odd_ids::{Odd, odd_ids};
use crate::notes::{Note, NotesOfFile};
use crate::reading::RowNumbers;
use crate::values::local_to_utc;
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::TimestampMicrosecondType;
use chrono_tz::Tz;

/// 1900-01-01 on a clock, in microseconds since 1970.
const YEAR_1900: i64 = -2_208_988_800_000_000;

/// Notes odd ids and times of the rows of a batch that go on.
pub(super) fn note_oddities(
    batch: &RecordBatch,
    goes_on: impl Fn(usize) -> bool,
    row_numbers: &RowNumbers,
    zone: Tz,
    notes: &mut NotesOfFile<'_>,
) {
    for name in IDS {
        let Some(ids) = batch.column_by_name(name).and_then(|ids| ids.as_string_opt::<i32>()) else { continue };
        for (row, odd) in odd_ids(ids).filter(|(row, _)| goes_on(*row)) {
            notes.row(note_of(odd), name, row_numbers.get(row));
        }
    }
    let times = batch.column_by_name("time").and_then(|times| times.as_primitive_opt::<TimestampMicrosecondType>());
    let Some(times) = times else { return };
    let year_1900 = local_to_utc(YEAR_1900, zone);
    for (row, _) in times.values().iter().enumerate().filter(|(_, time)| **time < year_1900) {
        // What stands where a value is null means nothing.
        if times.is_valid(row) && goes_on(row) {
            notes.row(Note::Before1900, "time", row_numbers.get(row));
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
