//! Columns of the customers sources, one value a customer.
//!
//! Several sources may have a column of one name. Then the first of them in the job that knows a customer's value has it: tables of different
//! columns are joined by id, and tables of different customers stand one below the other.

use super::{Shard, SourceRows};
use crate::{
    notes::{Note, NoteCounter},
    spec::RunSpec,
};
use arrow::{
    array::{Array, ArrayRef, UInt32Array, new_null_array},
    compute::{
        and, is_not_null,
        kernels::{cmp::distinct, zip::zip},
        take,
    },
    datatypes::{DataType, Field},
    error::ArrowError,
};
use segmenter_proto::{Error, Result, jobs::Duplicates};

/// A column of customers sources that segmentations use.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// Those that have it, in the order of the job.
    sources: Vec<usize>,
    field: Field,
}

impl Attribute {
    /// Finds a column by its name; none where no customers source has it.
    ///
    /// # Errors
    /// Two of them have it with different types: Job, at the second.
    pub fn find(spec: &RunSpec, name: &str) -> Result<Option<Self>> {
        let mut found: Option<Self> = None;
        for (at, source) in spec.sources.iter().enumerate() {
            if !source.source.is_of_population() || name == source.source.owner_id() {
                continue;
            }
            let schema = source.schema()?;
            let Ok(field) = schema.field_with_name(name) else { continue };
            match &mut found {
                None => found = Some(Self { sources: vec![at], field: field.clone() }),
                Some(known) if known.field.data_type() == field.data_type() => known.sources.push(at),
                Some(known) => return Err(of_two_types(spec, known, at, field)),
            }
        }
        Ok(found)
    }

    /// Says whether it is personal or sensitive in one of its sources, and the job does not let it pass.
    pub fn is_protected(&self, spec: &RunSpec) -> bool {
        let mut sources = self.sources.iter().filter_map(|at| spec.sources.get(*at));
        sources.any(|source| spec.job.protects(&source.source, self.field.name()).is_some())
    }

    /// Gives its name and type.
    pub fn field(&self) -> &Field {
        &self.field
    }

    /// Gives one value a customer; null for those without one in any source.
    ///
    /// # Errors
    /// Bug only.
    pub fn compute(&self, shard: &Shard) -> Result<ArrayRef> {
        let customers = shard.customers.len();
        let mut all: Option<ArrayRef> = None;
        for source in &self.sources {
            let own = values(&shard.sources, *source, &self.field, customers)?;
            all = Some(match all {
                Some(before) => first_known(&before, &own).map_err(not_joined)?,
                None => own,
            });
        }
        Ok(all.unwrap_or_else(|| new_null_array(self.field.data_type(), customers)))
    }
}

fn of_two_types(spec: &RunSpec, known: &Attribute, at: usize, field: &Field) -> Error {
    let name = field.name();
    let source = |at: usize| spec.sources.get(at).map_or("", |source| source.source.name.as_str());
    let type_name = |kind: &DataType| crate::expression::type_name(kind);
    let (first, second) = (source(known.sources.first().copied().unwrap_or_default()), source(at));
    Error::job(format!(
        "{name} is {} in source {first} and {} in source {second}",
        type_name(known.field.data_type()),
        type_name(field.data_type())
    ))
    .with_hint("cast one of them, so that they are one column, or give it another name")
    .at_key(format!("source[{at}].columns.{name}"))
}

/// Gives a source's values of a column, one a customer.
fn values(sources: &[SourceRows], source: usize, field: &Field, customers: usize) -> Result<ArrayRef> {
    let of_source = sources.iter().find(|rows| rows.source == source);
    let Some((of_source, rows)) = of_source.and_then(|found| Some((found, found.whole()?))) else {
        return Ok(new_null_array(field.data_type(), customers));
    };
    let column = rows.column_by_name(field.name()).ok_or_else(|| Error::bug("an attribute was not kept"))?;
    let mut row_of: Vec<Option<u32>> = vec![None; customers];
    for (row, &ordinal) in (0_u32..).zip(of_source.ordinals.values()) {
        row_of[ordinal as usize] = Some(row);
    }
    take(column, &UInt32Array::from(row_of), None)
        .map_err(|error| Error::bug("an attribute could not be looked up").caused_by(error))
}

fn first_known(first: &ArrayRef, second: &ArrayRef) -> std::result::Result<ArrayRef, ArrowError> {
    if first.null_count() == 0 { Ok(first.clone()) } else { zip(&is_not_null(first)?, first, second) }
}

fn not_joined(error: ArrowError) -> Error {
    Error::bug("the columns of customers sources could not be joined").caused_by(error)
}

/// Counts the customers of whom a source has another value than one above it in the job, a column that several sources have.
///
/// # Errors
/// Bug only.
pub(super) fn note_differing(
    spec: &RunSpec,
    sources: &[SourceRows],
    customers: usize,
    notes: &mut NoteCounter,
) -> Result<()> {
    let of_people: Vec<usize> = (0..spec.job.sources.len())
        .filter(|at| spec.sources.get(*at).is_some_and(|source| source.source.is_of_population()))
        .collect();
    // Of what chooses among the rows of one customer tables differ as they please.
    let chooses = |at: usize, name: &str| {
        let by = spec.sources.get(at).map(|source| &source.source.duplicates);
        matches!(by, Some(Duplicates::KeepLast(by)) if by == name)
    };
    for (place, at) in of_people.iter().enumerate().skip(1) {
        for field in spec.sources[*at].schema()?.fields() {
            let mut above = Vec::new();
            for other in &of_people[..place] {
                let schema = spec.sources[*other].schema()?;
                // Two types are refused where the column is used; what is not used is compared with nothing.
                let same = schema.field_with_name(field.name()).is_ok_and(|of| of.data_type() == field.data_type());
                above.extend(same.then_some(*other));
            }
            let is_compared = field.name() != "customer_id" && !above.is_empty();
            if !is_compared || above.iter().chain([at]).any(|at| chooses(*at, field.name())) {
                continue;
            }
            let values = |at: usize| values(sources, at, field, customers);
            let mut before = values(above[0])?;
            for next in &above[1..] {
                before = first_known(&before, &values(*next)?).map_err(not_joined)?;
            }
            let (differing, both) = differing(&before, &values(*at)?).map_err(not_joined)?;
            if both > 0 {
                notes.add(
                    u32::try_from(*at).unwrap_or(u32::MAX),
                    Note::AttributeDiffers,
                    field.name(),
                    differing,
                    both,
                );
            }
        }
    }
    Ok(())
}

/// Counts where two columns differ, and where both are known.
fn differing(one: &ArrayRef, other: &ArrayRef) -> std::result::Result<(u64, u64), ArrowError> {
    let both = and(&is_not_null(one)?, &is_not_null(other)?)?;
    let differ = and(&both, &distinct(one, other)?)?;
    Ok((differ.true_count() as u64, both.true_count() as u64))
}
