//! Where each row goes: used, filtered, without an id, or quarantined; the rest is decided in the shard.

use super::{
    columns::{BadValue, Filtered, SourceColumns, WHERE},
    oddities::{note_oddities, note_of_reason},
    places::with_row_numbers,
    strictness::{FatalFault, FatalRow, Strictness},
};
use crate::{
    notes::{Note, NotesOfFile},
    reading::Rows,
};
use arrow::{
    array::{Array, AsArray, BooleanArray, RecordBatch, RecordBatchOptions},
    buffer::BooleanBuffer,
    compute::{cast, filter_record_batch, nullif},
    datatypes::DataType,
};
use segmenter_proto::{
    Error, Result,
    jobs::{OWN_ID, Source, SourceKind},
    v1::SourceFates,
};
use std::collections::{BTreeMap, BTreeSet};

/// A row that is not used, with the first thing that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedRow {
    /// 1-based row in the file.
    pub row_number: u64,
    /// The file's column of a declared type, else the standard or carried name, whose value is wrong.
    pub column: Option<String>,
    /// Why, as a word for machines.
    pub code: String,
    /// Why, for people; holds no value of the row.
    pub reason: String,
    /// The row as it stands in the file, where it was asked for.
    pub raw: Option<String>,
}

/// What became of a batch.
#[derive(Debug)]
pub struct JudgedBatch {
    /// The rows that go on, in standard and carried names; of a reference table with the number of each row behind them.
    pub kept: RecordBatch,
    /// Rows for quarantine.
    pub rejected: Vec<RejectedRow>,
    /// The first kept row whose `currency` is not the job's.
    pub foreign: Option<ForeignAmount>,
    /// The first row that stops the run.
    pub fatal: Option<FatalRow>,
}

/// A row whose amount is in another currency than the job's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignAmount {
    /// 1-based row in the file.
    pub row_number: u64,
    /// The code that stands there.
    pub currency: String,
}

/// Decides the fate of every row of a batch, counts it, and notes what is worth telling.
///
/// The first that applies: a wrong value, unless the source is lenient with it, or `where` that fails (quarantined), `where` false or null (filtered), a
/// needed value that is null (quarantined), a null id (anonymous). `where` comes before needed nulls so that it can drop
/// rows that are known to lack them. A kept row without a `currency` is in the job's, `currency`; none where no source has amounts.
///
/// # Errors
/// When the columns do not have the types that their names ask for: Data.
pub fn decide(
    source: &Source,
    currency: Option<&str>,
    columns: &SourceColumns,
    strictness: &Strictness,
    rows: Rows,
    counts: &mut SourceFates,
    notes: &mut NotesOfFile<'_>,
) -> Result<JudgedBatch> {
    let total = rows.batch.num_rows();
    let mut rejected: Vec<RejectedRow> = rows
        .broken
        .iter()
        .map(|broken| RejectedRow {
            row_number: broken.row_number,
            column: None,
            code: broken.reason_code.to_string(),
            reason: broken.reason.clone(),
            raw: broken.raw.clone(),
        })
        .collect();
    let (batch, mut bad) = columns.evaluate(&rows.batch)?;
    bad.extend(columns.ids_of_no_text(&batch, &rows.not_text));
    let mut wrong: Vec<BadValue> = Vec::new();
    let mut unread: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    let names = columns.schema().fields();
    for value in bad {
        match names.iter().find(|name| *name.name() == value.column && strictness.is_lenient(name.name())) {
            Some(name) => {
                unread.entry(name.name()).or_default().insert(value.row);
            }
            None => wrong.push(value),
        }
    }
    for error in &rows.errors {
        // A declared column that no used expression reads cannot spoil the row.
        let over: Vec<&str> = columns.names_over(&error.column).collect();
        if over.iter().all(|name| strictness.is_lenient(name)) {
            for name in over {
                unread.entry(name).or_default().insert(error.row);
            }
            continue;
        }
        wrong.push(BadValue {
            row: error.row,
            column: error.column.to_string(),
            code: error.reason_code,
            reason: error.reason.clone(),
        });
    }
    let batch = without(batch, &unread)?;
    let filter = columns.filter(&batch)?;
    if let Some(filter) = &filter {
        wrong.extend(filter.failed.iter().cloned());
    }
    let wrong = first_by_row(wrong);
    let needed: Vec<(&str, _)> = source
        .needed_values()
        .into_iter()
        .filter_map(|name| batch.column_by_name(name).map(|values| (name, values)))
        .filter(|(_, values)| values.null_count() > 0)
        .collect();
    let ids = match source.kind.owner() {
        None => None,
        Some(_) => Some(batch.column_by_name(source.owner_id()).ok_or_else(|| Error::bug("rows have no id"))?),
    };
    counts.read += (total + rows.broken.len()) as u64;
    let plain =
        wrong.is_empty() && needed.is_empty() && filter.is_none() && ids.is_none_or(|ids| ids.null_count() == 0);
    let mut keep: Vec<bool> = match plain {
        true => Vec::new(),
        false => {
            let valid = needed.iter().map(|(_, values)| *values).chain(ids).filter_map(Array::nulls);
            let kept = valid
                .fold(filter.as_ref().map_or(BooleanBuffer::new_set(total), Filtered::kept), |kept, valid| {
                    &kept & valid.inner()
                });
            kept.iter().collect()
        }
    };
    wrong.keys().for_each(|&row| keep[row] = false);
    let mut passed = keep.clone();
    let mut without_id: Vec<usize> = Vec::new();
    // Most rows are kept, and nothing is to be told of them.
    for row in (0..keep.len()).filter(|&row| !keep[row]) {
        let mut reject = |column: &str, code: &str, reason: &str| {
            rejected.push(RejectedRow {
                row_number: rows.row_numbers.get(row),
                column: Some(column.to_owned()),
                code: code.to_owned(),
                reason: reason.to_owned(),
                raw: rows.raw(row),
            });
        };
        if let Some(bad) = wrong.get(&row) {
            reject(&bad.column, bad.code, &bad.reason);
            if let Some(note) = note_of_reason(bad.code) {
                notes.row(note, &bad.column, rows.row_numbers.get(row));
            }
            if bad.column == WHERE {
                notes.row(Note::WhereFailed, "", rows.row_numbers.get(row));
            }
            continue;
        }
        if let Some(filter) = &filter
            && !filter.keeps(row)
        {
            counts.filtered += 1;
            if filter.is_null(row) {
                notes.row(Note::WhereNull, "", rows.row_numbers.get(row));
            }
            continue;
        }
        passed[row] = true;
        if let Some((name, _)) = needed.iter().find(|(_, values)| values.is_null(row)) {
            reject(name, "missing_value", "a needed value is missing");
            continue;
        }
        counts.anonymous += 1;
        without_id.push(row);
        if strictness.is_list() {
            notes.row(Note::NoId, "", rows.row_numbers.get(row));
        }
    }
    counts.quarantined += rejected.len() as u64;
    for (name, unread) in unread {
        let kept = unread.into_iter().filter(|&row| plain || passed[row]);
        notes.rows(Note::Unreadable, name, kept.map(|row| rows.row_numbers.get(row)));
    }
    let fatal = match strictness.is_closed() {
        true => {
            let nobodys = strictness.opt_out_of_nobody(&batch, &without_id)?.map(|row| rows.row_numbers.get(row));
            first_fatal(&rejected, source.kind == SourceKind::Identities, nobodys, |column| {
                strictness.excludes_by(column) || columns.names_over(column).any(|name| strictness.excludes_by(name))
            })
        }
        false => None,
    };
    note_nulls(&batch, (!plain).then_some(&passed), notes);
    columns.checks().note(&batch, (!plain).then_some(&passed), &rows.row_numbers, notes)?;
    let is_kept = |row: usize| plain || keep[row];
    note_oddities(&batch, is_kept, &rows.row_numbers, columns, notes);
    let foreign = match source.kind.owner() {
        None => None,
        Some(_) => foreign_currency(&batch, currency)?,
    };
    let foreign = foreign
        .and_then(|codes| codes.into_iter().find(|(row, _)| is_kept(*row)))
        .map(|(row, currency)| ForeignAmount { row_number: rows.row_numbers.get(row), currency });
    let batch = match source.kind {
        SourceKind::Reference => with_row_numbers(&batch, &rows.row_numbers)?,
        _ => batch,
    };
    let kept = if plain {
        batch
    } else {
        filter_record_batch(&batch, &BooleanArray::from(keep))
            .map_err(|error| Error::bug("rows could not be filtered").caused_by(error))?
    };
    Ok(JudgedBatch { kept, rejected, foreign, fatal })
}

/// Gives the first row that stops the run, where quarantined rows and the opt-out of `nobodys` row do.
fn first_fatal(
    rejected: &[RejectedRow],
    are_pairs: bool,
    nobodys: Option<u64>,
    is_of_exclude: impl Fn(&str) -> bool,
) -> Option<FatalRow> {
    // The header again, as where files were put together, is nobody; a pair that lacks an id says nothing of anybody.
    let unread = rejected
        .iter()
        .filter(|row| row.code != "repeated_header" && !(are_pairs && row.code == "missing_value"))
        .min_by_key(|row| row.row_number);
    let unread = unread.map(|row| {
        let fault = match &row.column {
            Some(column) if is_of_exclude(column) => FatalFault::UnreadableExclude(column.clone(), row.reason.clone()),
            column => FatalFault::Unreadable(column.clone(), row.reason.clone()),
        };
        FatalRow { row_number: row.row_number, fault }
    });
    let nobodys = nobodys.map(|row_number| FatalRow { row_number, fault: FatalFault::OfNobody });
    unread.into_iter().chain(nobodys).min_by_key(|row| row.row_number)
}

/// Makes values null that could not be read: an expression over such a value would give one as if there was none.
fn without(batch: RecordBatch, unread: &BTreeMap<&str, BTreeSet<usize>>) -> Result<RecordBatch> {
    if unread.is_empty() {
        return Ok(batch);
    }
    let cannot = |error| Error::bug("values could not be made null").caused_by(error);
    let mut columns = batch.columns().to_vec();
    for (name, rows) in unread {
        let at = batch.schema().index_of(name).map_err(cannot)?;
        let mask: BooleanArray = (0..batch.num_rows()).map(|row| Some(rows.contains(&row))).collect();
        columns[at] = nullif(&columns[at], &mask).map_err(cannot)?;
    }
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(batch.schema(), columns, &options).map_err(cannot)
}

/// Counts the nulls of every name among the rows that `where` keeps; none: all of them.
fn note_nulls(batch: &RecordBatch, passed: Option<&Vec<bool>>, notes: &mut NotesOfFile<'_>) {
    let passed = passed.map(|passed| BooleanBuffer::from(passed.as_slice()));
    let checked = passed.as_ref().map_or(batch.num_rows(), BooleanBuffer::count_set_bits);
    for (field, values) in
        batch.schema().fields().iter().zip(batch.columns()).filter(|(field, _)| field.name() != OWN_ID)
    {
        let nulls = match (&passed, values.logical_nulls()) {
            (_, None) => 0,
            (None, Some(nulls)) => nulls.null_count(),
            (Some(passed), Some(nulls)) => (passed & &!nulls.inner()).count_set_bits(),
        };
        notes.add(Note::Null, field.name(), nulls as u64, checked as u64);
    }
}

/// Gives the rows whose `currency` is another than the job's, with what stands there; none where it is not mapped, or the job has no currency.
fn foreign_currency(batch: &RecordBatch, expected: Option<&str>) -> Result<Option<Vec<(usize, String)>>> {
    let (Some(values), Some(expected)) = (batch.column_by_name("currency"), expected) else { return Ok(None) };
    let values = cast(values, &DataType::Utf8)
        .map_err(|error| Error::data("currency could not be read as text").caused_by(error))?;
    let codes = values.as_string::<i32>().iter().enumerate();
    let foreign =
        codes.filter_map(|(row, code)| Some((row, code.filter(|code| !code.is_empty() && *code != expected)?)));
    Ok(Some(foreign.map(|(row, code)| (row, code.to_owned())).collect()))
}

/// One reason a row: of the first name in alphabetical order, whatever order the errors came in.
fn first_by_row(wrong: Vec<BadValue>) -> BTreeMap<usize, BadValue> {
    let mut first: BTreeMap<usize, BadValue> = BTreeMap::new();
    for bad in wrong {
        match first.get(&bad.row) {
            Some(known) if (&known.column, known.code) <= (&bad.column, bad.code) => {}
            _ => {
                first.insert(bad.row, bad);
            }
        }
    }
    first
}
