//! The table of benefits: which customers get what.

use crate::{spec::RunSpec, sql::References};
use arrow::{
    array::{Array, AsArray, StringArray},
    compute::cast,
    datatypes::DataType,
};
use segmenter_proto::{Error, Result, v1};

/// Rows of benefits that a run tells of.
const MOST_BENEFITS: usize = 10_000;
/// A row with this in place of a tier, or of a segment, holds for all of them.
const ALL: &str = "*";

/// Gives the benefits of a job, sorted; none of a job without any.
///
/// # Errors
/// They are too many, or one is empty: Data.
pub fn benefits(spec: &RunSpec, references: &References) -> Result<Vec<v1::Benefit>> {
    let Some(benefits) = &spec.job.benefits else { return Ok(Vec::new()) };
    let position = spec.job.sources.iter().position(|source| source.name == benefits.source);
    let Some(table) = position.and_then(|position| references.rows(position)) else { return Ok(Vec::new()) };
    let rows = table.num_rows();
    if rows > MOST_BENEFITS {
        return Err(Error::data(format!(
            "source {} has {rows} rows, and benefits are {MOST_BENEFITS} at most",
            benefits.source
        ))
        .with_hint("leave out with where what is no benefit"));
    }
    let text = |name: &str| -> Result<Option<StringArray>> {
        let Some(column) = table.column_by_name(name) else { return Ok(None) };
        let text = cast(column, &DataType::Utf8).map_err(|error| {
            Error::data(format!("source {}: `{name}` cannot become text", benefits.source)).caused_by(error)
        })?;
        Ok(Some(text.as_string::<i32>().clone()))
    };
    let columns = [text("tier")?, text("segment_key")?, text("benefit")?, text("service_level")?];
    let mut found = Vec::with_capacity(rows);
    for row in 0..rows {
        let [tier, segment_key, benefit, service_level] = columns.each_ref().map(|column| {
            let value = column.as_ref().filter(|column| column.is_valid(row)).map(|column| column.value(row));
            value.filter(|value| !value.is_empty()).map(str::to_owned)
        });
        let of_some = |value: Option<String>| value.filter(|value| value != ALL);
        let benefit = benefit.ok_or_else(|| {
            Error::data(format!("source {}: a row has no benefit", benefits.source))
                .with_hint("leave such rows out with where = \"benefit is not null\" in that source")
        })?;
        found.push(v1::Benefit { tier: of_some(tier), segment_key: of_some(segment_key), benefit, service_level });
    }
    let key =
        |of: &v1::Benefit| (of.tier.clone(), of.segment_key.clone(), of.benefit.clone(), of.service_level.clone());
    found.sort_by_key(key);
    Ok(found)
}
