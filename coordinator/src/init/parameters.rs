//! The keys of lists of keys and values, such as `event_params` of Google Analytics, each a column of its own.

use super::sample::SampledColumn;
use arrow::{
    array::{Array, AsArray, RecordBatch},
    datatypes::DataType,
};
use segmenter_proto::{Error, Result};
use segmenter_worker::{
    expression::{Scalar, Settings},
    values::parameters_type,
};
use std::collections::BTreeSet;

/// Keys of a list that become columns; most lists have a few dozen.
const KEYS: usize = 200;

/// Says whether a column can be looked at: one of plain values, or a list of keys and values.
pub(super) fn is_looked_at(data_type: &DataType) -> bool {
    !data_type.is_nested() || *data_type == parameters_type()
}

/// Puts the keys of such lists in the place of the lists among the columns of `batch`. A key that another column is called is named after
/// its list too.
///
/// # Errors
/// Bug only.
pub(super) fn with_keys(batch: &RecordBatch, columns: Vec<SampledColumn>) -> Result<Vec<SampledColumn>> {
    let mut taken: BTreeSet<String> = columns.iter().map(|column| column.name.clone()).collect();
    let mut found = Vec::with_capacity(columns.len());
    for column in columns {
        let list = batch.column_by_name(&column.name).filter(|list| *list.data_type() == parameters_type());
        let Some(list) = list.and_then(|list| list.as_list_opt::<i32>()) else {
            found.push(column);
            continue;
        };
        let keys = list.values().as_struct_opt().and_then(|entries| entries.column_by_name("key"));
        let keys = keys.and_then(|keys| keys.as_string_opt::<i32>()).into_iter().flatten().flatten();
        let keys: BTreeSet<&str> = keys.collect();
        for key in keys.into_iter().take(KEYS) {
            let name = match taken.insert(key.to_owned()) {
                true => key.to_owned(),
                false => format!("{}.{key}", column.name),
            };
            found.push(values_of(batch, &column.name, key, name)?);
        }
    }
    Ok(found)
}

/// Gives the values of a key as a column; where it has two, none.
fn values_of(batch: &RecordBatch, list: &str, key: &str, name: String) -> Result<SampledColumn> {
    let sql = format!("ga4_param({}, '{}')", super::text::sql_name(list), key.replace('\'', "''"));
    let settings = Settings::new("UTC")?;
    let (values, _) = Scalar::parse(&sql, batch.schema_ref(), &settings)?.evaluate_rows(batch)?;
    let texts = values.as_string_opt::<i32>().ok_or_else(|| Error::bug("a value of a key is no text"))?;
    let mut column = SampledColumn { cut: Some(sql), ..SampledColumn::new(name, None) };
    for (row, text) in texts.iter().enumerate() {
        text.into_iter().for_each(|text| column.push(row, text.to_owned()));
    }
    Ok(column)
}
