//! The rows of a shard that an export hands over, by key.

use super::{
    compiled::CompiledExport,
    contact::{Reach, has_value, reaches},
};
use crate::{
    expression::{RowError, Scalar},
    results::{arms_schema, exports_schema},
};
use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, Date32Array, RecordBatch, StringArray, UInt32Array},
    compute::{cast, filter_record_batch, take, take_record_batch},
    datatypes::{DataType, Date32Type, SchemaRef},
};
use chrono::NaiveDate;
use segmenter_proto::{Error, Result, draw, jobs::Export, v1::ExportCounts};
use std::sync::Arc;

/// The words of arms.
const ARMS: [&str; 2] = ["export", "holdout"];

/// What a shard hands over.
#[derive(Debug)]
pub struct ExportedShard {
    /// Id, key and columns, by key, then id.
    pub rows: RecordBatch,
    /// Who could be handed over with the arm, by id; none of an export that holds nobody back.
    pub arms: Option<RecordBatch>,
    /// What became of everybody.
    pub counts: ExportCounts,
}

/// Customers who are looked at.
#[derive(Debug)]
pub struct Selected<'a> {
    /// The job's seed.
    pub seed: u64,
    /// The day from which on whoever is held back is.
    pub as_of: NaiveDate,
    /// The name of the id.
    pub id: &'static str,
    /// What expressions may name, a row a customer, in the order of the ids.
    pub table: &'a RecordBatch,
    /// Who is in the segments.
    pub in_segments: &'a BooleanArray,
    /// Whom the channel reaches; none where no consent is needed.
    pub may_be_told: Option<&'a BooleanArray>,
}

/// Gives what a shard hands over.
///
/// Who is left out counts for the first reason that holds: no consent, nothing to reach the customer by, only what cannot be used, no key, held back.
///
/// # Errors
/// Bug only.
pub fn exported(export: &Export, compiled: &CompiledExport, customers: &Selected<'_>) -> Result<ExportedShard> {
    let mut counts = ExportCounts::default();
    let table = filtered(customers.table, customers.in_segments)?;
    let may_be_told = customers.may_be_told.map(|told| kept(told, customers.in_segments)).transpose()?;
    let is_meant = match &compiled.filter {
        None => BooleanArray::from(vec![true; table.num_rows()]),
        Some(filter) => {
            let (holds, failed) = filter.evaluate_condition(&table)?;
            counts.not_computed += failed.len() as u64;
            holds
        }
    };
    let (table, may_be_told) =
        (filtered(&table, &is_meant)?, may_be_told.map(|told| kept(&told, &is_meant)).transpose()?);
    counts.selected = table.num_rows() as u64;
    // What is not known is not granted.
    let is_told = |row: usize| may_be_told.as_ref().is_none_or(|told| told.is_valid(row) && told.value(row));
    let consenting: BooleanArray = (0..table.num_rows()).map(|row| Some(is_told(row))).collect();
    let table = filtered(&table, &consenting)?;
    counts.without_consent = counts.selected - table.num_rows() as u64;
    let mut values = Vec::with_capacity(compiled.columns.len());
    let mut failures = 0;
    let mut evaluate = |scalar: &Scalar| -> Result<ArrayRef> {
        let (values, failed): (ArrayRef, Vec<RowError>) = scalar.evaluate_rows(&table)?;
        failures += failed.len() as u64;
        Ok(values)
    };
    for column in &compiled.columns {
        values.push(evaluate(&column.value)?);
    }
    let keys = evaluate(&compiled.key)?;
    counts.not_computed += failures;
    let keys = cast(&keys, &DataType::Utf8).map_err(|error| Error::bug("a key is no text").caused_by(error))?;
    let (keys, ids): (&StringArray, &StringArray) = (keys.as_string(), ids(&table, customers.id)?);
    let (mut rows, mut arms) = (Vec::new(), Vec::new());
    for (row, reach) in (0_u32..).zip(reaches(compiled, &table, &values)) {
        match reach {
            Reach::Nothing => counts.without_contact += 1,
            Reach::Unusable => counts.unusable_contact += 1,
            Reach::Known if !has_value(&(Arc::new(keys.slice(row as usize, 1)) as ArrayRef), 0) => {
                counts.without_key += 1
            }
            Reach::Known => {
                let is_held_out = is_held_out(export, customers.seed, ids.value(row as usize));
                arms.push((row, is_held_out));
                match is_held_out {
                    true => counts.held_out += 1,
                    false => rows.push(row),
                }
            }
        }
    }
    let place = |row: &u32| (keys.value(*row as usize), ids.value(*row as usize));
    rows.sort_unstable_by(|left, right| place(left).cmp(&place(right)));
    counts.rows = rows.len() as u64;
    let mut columns: Vec<ArrayRef> = vec![Arc::new(ids.clone()), Arc::new(keys.clone())];
    columns.extend(values);
    let whole = batch(exports_schema(compiled.headers()), columns)?;
    let rows = take_record_batch(&whole, &UInt32Array::from(rows)).map_err(not_taken)?;
    let arms = match export.holdout {
        Some(_) => Some(arms_of(customers.id, ids, &arms, customers.as_of)?),
        None => None,
    };
    Ok(ExportedShard { rows, arms, counts })
}

/// Says whether a customer is held back: the same in every run, as long as the seed, the name and the share stay; with a larger share more are.
fn is_held_out(export: &Export, seed: u64, id: &str) -> bool {
    let Some(holdout) = &export.holdout else { return false };
    // A power of two changes no digit of a share.
    let of_all = (holdout.share * 2_f64.powi(64)) as u128;
    u128::from(draw(seed, &format!("holdout/{}", holdout.name), id)) < of_all
}

fn arms_of(id: &str, ids: &StringArray, arms: &[(u32, bool)], as_of: NaiveDate) -> Result<RecordBatch> {
    let who = take(ids, &UInt32Array::from_iter_values(arms.iter().map(|(row, _)| *row)), None).map_err(not_taken)?;
    let arm = StringArray::from_iter_values(arms.iter().map(|(_, is_held_out)| ARMS[usize::from(*is_held_out)]));
    let assigned_at = Date32Array::from_value(Date32Type::from_naive_date(as_of), arms.len());
    batch(arms_schema(id), vec![who, Arc::new(arm), Arc::new(assigned_at)])
}

fn batch(schema: SchemaRef, columns: Vec<ArrayRef>) -> Result<RecordBatch> {
    RecordBatch::try_new(schema, columns)
        .map_err(|error| Error::bug("the rows of an export do not fit their schema").caused_by(error))
}

fn ids<'a>(table: &'a RecordBatch, id: &str) -> Result<&'a StringArray> {
    let found = table.column_by_name(id).and_then(|ids| ids.as_string_opt::<i32>());
    found.ok_or_else(|| Error::bug("an export looks at nobody's rows"))
}

fn filtered(table: &RecordBatch, which: &BooleanArray) -> Result<RecordBatch> {
    filter_record_batch(table, which).map_err(not_taken)
}

fn kept(values: &BooleanArray, which: &BooleanArray) -> Result<BooleanArray> {
    let kept = arrow::compute::filter(values, which).map_err(not_taken)?;
    Ok(kept.as_boolean().clone())
}

fn not_taken(error: arrow::error::ArrowError) -> Error {
    Error::bug("the rows of an export could not be taken").caused_by(error)
}
