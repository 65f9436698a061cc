//! The files of one source must agree on what is needed of them.

use super::facts::FileFacts;
use super::pinned::PinnedFile;
use arrow::datatypes::{Schema, SchemaRef};
use datafusion_common::utils::datafusion_strsim::levenshtein;
use segmenter_proto::jobs::FileFormat;
use segmenter_proto::{Error, Result};
use std::sync::Arc;

/// More names than this are too many for a hint.
const LISTED: usize = 20;

/// Gives the columns of a source: those of its files by name, in the order in which they first come.
///
/// # Errors
///
/// The data's fault, naming file and column, where a `needed` column is missing in a file or has another type than in
/// the first file. A line of NDJSON may lack keys, so there it is enough that one file has them.
pub fn agreed_schema(files: &[(PinnedFile, FileFacts)], needed: &[String]) -> Result<SchemaRef> {
    let mut fields: Vec<_> = Vec::new();
    for (_, facts) in files {
        for field in facts.schema.fields() {
            if !fields.iter().any(|known: &arrow::datatypes::FieldRef| known.name() == field.name()) {
                fields.push(Arc::clone(field));
            }
        }
    }
    let all = Schema::new(fields);
    let Some((first, first_facts)) = files.first() else { return Ok(Arc::new(all)) };
    let loose = first.format == FileFormat::Ndjson;
    for name in needed {
        if loose && all.field_with_name(name).is_err() {
            return Err(missing_column(first, name, names(&all)));
        }
        for (file, facts) in files.iter().filter(|_| !loose) {
            let field =
                facts.schema.field_with_name(name).map_err(|_| missing_column(file, name, names(&facts.schema)))?;
            let Ok(expected) = first_facts.schema.field_with_name(name) else { continue };
            if field.data_type() != expected.data_type() {
                return Err(Error::data(format!(
                    "column {name} is {} in {} and {} in {}",
                    expected.data_type(),
                    first.uri,
                    field.data_type(),
                    file.uri
                ))
                .with_hint("rewrite the files with one type, or read them as two sources"));
            }
        }
    }
    Ok(Arc::new(all))
}

fn names(schema: &Schema) -> impl Iterator<Item = &str> {
    schema.fields().iter().map(|field| field.name().as_str())
}

/// Gives the error of a column that a file lacks, with what may have been meant.
pub(super) fn missing_column<'a>(file: &PinnedFile, name: &str, known: impl Iterator<Item = &'a str>) -> Error {
    let known: Vec<&str> = known.collect();
    let hint = match nearest_name(name, known.iter().copied()) {
        Some(near) if near.to_lowercase() == name.to_lowercase() => {
            format!("there is {near}, only in another case; names match exactly as they are written")
        }
        Some(near) => format!("did you mean {near}?"),
        None if known.is_empty() => "it has no columns".to_owned(),
        None if known.len() <= LISTED => format!("its columns are {}", known.join(", ")),
        None => format!("its columns are {}, … ({} in all)", known[..LISTED].join(", "), known.len()),
    };
    file.broken(format!("there is no column {name}")).with_hint(hint)
}

/// Gives the name that is most like `name`: equal but for case, or a few letters away.
pub fn nearest_name<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let far = 1 + name.chars().count() / 4;
    let distances = known.into_iter().map(|known| (levenshtein(&lower, &known.to_lowercase()), known));
    distances.filter(|(distance, _)| *distance <= far).min().map(|(_, known)| known)
}
