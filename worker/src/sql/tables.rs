//! The rows of a shard as the tables of its queries.

use super::{
    catalogue::{Rows, SOURCE},
    failure::through_engine,
    parts::divided,
    rates::{Rates, currencies_of},
    references::References,
};
use crate::{
    expression::{Settings, prepare},
    partition::{StoredRows, tells_subsidiaries},
    shard::{Attribute, Rows as SourceRows, Shard, SourceRows as RowsOfSource},
    spec::{RunSpec, is_converted},
};
use arrow::{
    array::{
        Array, ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, RecordBatchOptions, StringArray, UInt32Array,
        new_null_array,
    },
    compute::{and, cast, filter_record_batch, not, nullif},
    datatypes::{DataType, SchemaRef, TimestampMicrosecondType},
};
use datafusion_common::{Result, internal_err};
use futures::{Stream, StreamExt, TryStreamExt, stream};
use segmenter_proto::{Error, jobs::Unit};
use std::{ops::Range, sync::Arc};

/// Rows of a batch: what fits a cache, and the engine's own default.
pub(super) const BATCH: usize = 8192;

/// How many companies belong to each, in the table of companies.
pub(super) const SUBSIDIARIES_OF: &str = "subsidiaries";

/// The tables of a shard.
#[derive(Debug)]
pub(crate) struct ShardTables<'a> {
    spec: &'a RunSpec,
    shard: &'a Shard,
    sources: Vec<&'a RowsOfSource>,
    /// Only rows in this time, microseconds since 1970 UTC, of sources that have times; none: all.
    within: Option<Range<i64>>,
    ids: Arc<StringArray>,
    settings: Settings,
}

impl<'a> ShardTables<'a> {
    /// Looks at a shard.
    ///
    /// # Errors
    /// Bug only.
    pub(crate) fn new(spec: &'a RunSpec, shard: &'a Shard) -> segmenter_proto::Result<Self> {
        Self::over(spec, shard, shard.sources.iter().collect())
    }

    /// Looks at the rows of a shard's outcome window, and the same customers.
    ///
    /// # Errors
    /// Bug only.
    pub(crate) fn of_outcome(spec: &'a RunSpec, shard: &'a Shard) -> segmenter_proto::Result<Self> {
        Self::over(spec, shard, shard.outcome.iter().collect())
    }

    /// Looks at all rows of a shard, before and after `as_of`.
    ///
    /// # Errors
    /// Bug only.
    pub(crate) fn of_all(spec: &'a RunSpec, shard: &'a Shard) -> segmenter_proto::Result<Self> {
        Self::over(spec, shard, shard.sources.iter().chain(&shard.outcome).collect())
    }

    /// Looks at no other rows than those in a time, microseconds since 1970 UTC; sources without times stay whole.
    pub(crate) fn within(self, time: Range<i64>) -> Self {
        Self { within: Some(time), ..self }
    }

    fn over(spec: &'a RunSpec, shard: &'a Shard, sources: Vec<&'a RowsOfSource>) -> segmenter_proto::Result<Self> {
        let settings = Settings::of(&spec.job)?;
        Ok(Self { spec, shard, sources, within: None, ids: Arc::new(shard.customers.clone()), settings })
    }

    /// Says who is segmented.
    pub(crate) fn unit(&self) -> Unit {
        self.spec.job.unit
    }

    /// Gives how many customers there are.
    pub(crate) fn customers(&self) -> usize {
        self.ids.len()
    }

    /// Gives the ids of the customers by their numbers.
    pub(super) fn ids(&self) -> &Arc<StringArray> {
        &self.ids
    }

    /// Gives customers in parts of at most so many rows; one who has more alone is a part.
    pub(super) fn parts_of(&self, rows: usize) -> Vec<Range<u32>> {
        let mut own = vec![0_usize; self.ids.len()];
        for number in self.sources.iter().flat_map(|rows| rows.ordinals.values()) {
            // Rows that are not used have no customer's number.
            if let Some(own) = own.get_mut(*number as usize) {
                *own += 1;
            }
        }
        let (mut parts, mut start, mut taken) = (Vec::new(), 0, 0);
        for (customer, own) in (0_u32..).zip(&own) {
            if taken + own > rows && customer > start {
                parts.push(start..customer);
                (start, taken) = (customer, 0);
            }
            taken += own;
        }
        parts.push(start..own.len() as u32);
        parts
    }

    /// Divides some customers, at least two, into parts with as many rows as can be.
    pub(super) fn divided(&self, customers: &Range<u32>) -> Vec<Range<u32>> {
        let mut weights = vec![1_u64; customers.len()];
        // Rows that are not used have no customer's number.
        for number in self.sources.iter().flat_map(|rows| rows.ordinals.values()) {
            if customers.contains(number) {
                weights[(number - customers.start) as usize] += 1;
            }
        }
        divided(customers, &weights)
    }

    /// Gives the rows of some customers, of a table the columns `names` as `schema` has them.
    pub(super) fn scan(
        &self,
        rows: &Rows,
        names: &[&str],
        schema: &SchemaRef,
        customers: &Range<u32>,
        references: &References,
    ) -> Result<Scanned> {
        let is_all = customers.start == 0 && customers.end as usize == self.ids.len();
        let mut scanned = Scanned {
            parts: Vec::new(),
            id: self.spec.job.unit.key(),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            schema: Arc::clone(schema),
            settings: self.settings,
            customers: (!is_all).then(|| customers.clone()),
            start: None,
            end: None,
            rates: None,
        };
        match rows {
            Rows::Reference(source) => {
                // Nobody's, and so of every part.
                scanned.customers = None;
                if let Some(found) = references.rows(*source) {
                    let given = names.iter().map(|name| match found.column_by_name(name) {
                        Some(column) => Given::Column(Arc::clone(column)),
                        None => Given::Null,
                    });
                    let nobody = UInt32Array::from(vec![0; found.num_rows()]);
                    scanned.parts.push(Part::Ready(cut(given.collect(), &nobody, None)));
                }
            }
            Rows::Customers => {
                let given = names.iter().map(|name| self.attribute(name)).collect::<Result<Vec<_>>>()?;
                let numbers = UInt32Array::from_iter_values(0..self.ids.len() as u32);
                scanned.parts.push(Part::Ready(cut(given, &numbers, None)));
            }
            Rows::Opened(_) => return internal_err!("a shard has no opened tables"),
            Rows::Of { sources, start, is_view } => {
                let within = self.within.as_ref();
                scanned.start = (*start).max(within.map(|within| within.start));
                scanned.end = within.map(|within| within.end);
                scanned.rates = references.rates(self.spec).map_err(through_engine)?;
                for of_source in self.sources.iter().filter(|rows| sources.contains(&rows.source)) {
                    let name = &self.spec.sources[of_source.source].source.name;
                    let view = is_view.then(|| name.clone());
                    let converted = self.converted(of_source.source);
                    match &of_source.rows {
                        SourceRows::Held(batches) => {
                            let mut first = 0;
                            for found in batches {
                                let numbers = of_source.ordinals.slice(first, found.num_rows());
                                first += found.num_rows();
                                scanned.parts.push(Part::Ready(scanned.pieces(
                                    found,
                                    &numbers,
                                    view.as_deref(),
                                    &converted,
                                )));
                            }
                        }
                        SourceRows::Stored(rows) => {
                            // Rows that are not used stand among them.
                            scanned.customers = Some(customers.clone());
                            let (rows, numbers) = (Box::new(rows.clone()), of_source.ordinals.clone());
                            scanned.parts.push(Part::Stored { rows, numbers, view, converted });
                        }
                    }
                }
            }
        }
        Ok(scanned)
    }

    /// Gives the names of a source whose amounts are converted, with what they are called in messages.
    fn converted(&self, source: usize) -> Vec<(&'static str, Arc<str>)> {
        let source = &self.spec.sources[source].source;
        let names = source.kind.amounts().iter().filter(|_| is_converted(&self.spec.job, source));
        names.map(|name| (*name, format!("{name} of source {}", source.name).into())).collect()
    }

    fn attribute(&self, name: &str) -> Result<Given> {
        if name == self.spec.job.unit.key() {
            return Ok(Given::Column(Arc::new(UInt32Array::from_iter_values(0..self.ids.len() as u32))));
        }
        let found = Attribute::find(self.spec, name).map_err(through_engine)?;
        if found.is_none() && name == SUBSIDIARIES_OF && self.spec.sources.iter().any(tells_subsidiaries) {
            return Ok(Given::Column(Arc::new(Int64Array::from(self.shard.subsidiaries.clone()))));
        }
        // What a preset may do without, and nobody maps.
        let Some(found) = found else { return Ok(Given::Null) };
        Ok(Given::Column(found.compute(self.shard).map_err(through_engine)?))
    }
}

/// The rows of a table, of which batches are made one at a time.
#[derive(Debug, Clone)]
pub(super) struct Scanned {
    parts: Vec<Part>,
    /// The name of whoever the rows are of.
    id: &'static str,
    names: Vec<String>,
    schema: SchemaRef,
    settings: Settings,
    /// None: all.
    customers: Option<Range<u32>>,
    /// Rows at and after this time, microseconds since 1970 UTC; none: all.
    start: Option<i64>,
    /// Rows before this time; none: all.
    end: Option<i64>,
    /// By which amounts are converted.
    rates: Option<Arc<Rates>>,
}

/// Rows of one source.
#[derive(Debug, Clone)]
enum Part {
    Ready(Vec<Piece>),
    /// With the ordinals of all rows; of a view the source's name.
    Stored {
        rows: Box<StoredRows>,
        numbers: UInt32Array,
        view: Option<String>,
        converted: Vec<(&'static str, Arc<str>)>,
    },
}

/// At most [`BATCH`] rows.
#[derive(Debug, Clone)]
struct Piece {
    given: Vec<Given>,
    numbers: UInt32Array,
    times: Option<ArrayRef>,
}

/// What a column is made of.
#[derive(Debug, Clone)]
enum Given {
    Column(ArrayRef),
    /// Amounts in the currencies of their rows, which become the job's a piece at a time.
    Amounts {
        values: ArrayRef,
        codes: ArrayRef,
        times: ArrayRef,
        what: Arc<str>,
    },
    /// The same text in every row.
    Text(String),
    Null,
}

/// Gives rows in pieces.
fn cut(given: Vec<Given>, numbers: &UInt32Array, times: Option<&ArrayRef>) -> Vec<Piece> {
    let starts = (0..numbers.len()).step_by(BATCH);
    let pieces = starts.map(|start| {
        let length = BATCH.min(numbers.len() - start);
        let given = given.iter().map(|given| match given {
            Given::Column(column) => Given::Column(column.slice(start, length)),
            Given::Amounts { values, codes, times, what } => Given::Amounts {
                values: values.slice(start, length),
                codes: codes.slice(start, length),
                times: times.slice(start, length),
                what: Arc::clone(what),
            },
            other => other.clone(),
        });
        let times = times.map(|times| times.slice(start, length));
        Piece { given: given.collect(), numbers: numbers.slice(start, length), times }
    });
    pieces.collect()
}

impl Scanned {
    /// Gives rows of a source in pieces, with the columns that are asked for; `view` is the source's name in a view, and `converted` are names
    /// of amounts.
    fn pieces(
        &self,
        found: &RecordBatch,
        numbers: &UInt32Array,
        view: Option<&str>,
        converted: &[(&'static str, Arc<str>)],
    ) -> Vec<Piece> {
        let amounts = |name: &str, values: &ArrayRef| {
            let (_, what) = converted.iter().find(|(converted, _)| *converted == name)?;
            let (codes, times) = currencies_of(found)?;
            let (values, codes, times) = (Arc::clone(values), Arc::clone(codes), Arc::clone(times));
            Some(Given::Amounts { values, codes, times, what: Arc::clone(what) })
        };
        let given = self.names.iter().map(|name| match (name.as_str(), view, found.column_by_name(name)) {
            (id, ..) if id == self.id => Given::Column(Arc::new(numbers.clone())),
            (SOURCE, Some(source), _) => Given::Text(source.to_owned()),
            (name, _, Some(column)) => amounts(name, column).unwrap_or_else(|| Given::Column(Arc::clone(column))),
            (_, _, None) => Given::Null,
        });
        let times = found.column_by_name("time").filter(|_| self.start.is_some() || self.end.is_some());
        cut(given.collect(), numbers, times)
    }

    /// Gives the batches.
    pub(super) fn batches(mut self) -> impl Stream<Item = Result<RecordBatch>> + Send + 'static {
        let parts = std::mem::take(&mut self.parts);
        let this = Arc::new(self);
        let pieces = parts.into_iter().map({
            let this = Arc::clone(&this);
            move |part| match part {
                Part::Ready(pieces) => stream::iter(pieces.into_iter().map(Ok)).boxed(),
                Part::Stored { rows, numbers, view, converted } => {
                    let (this, mut first) = (Arc::clone(&this), 0);
                    let pieces = rows.batches().map(move |found| {
                        let found = found.map_err(through_engine)?;
                        let own = numbers.slice(first, found.num_rows().min(numbers.len() - first));
                        first += own.len();
                        if own.len() != found.num_rows() {
                            return Err(through_engine(Error::bug("stored rows are more than they were")));
                        }
                        Ok(stream::iter(this.pieces(&found, &own, view.as_deref(), &converted).into_iter().map(Ok)))
                    });
                    pieces.try_flatten().boxed()
                }
            }
        });
        stream::iter(pieces).flatten().map(move |piece: Result<Piece>| this.batch(piece?))
    }

    fn batch(&self, Piece { given, numbers, times }: Piece) -> Result<RecordBatch> {
        let rows = numbers.len();
        let (start, end) = (self.start.unwrap_or(i64::MIN), self.end.unwrap_or(i64::MAX));
        let in_time = times.as_ref().map(|times| -> BooleanArray {
            let times = times.as_primitive::<TimestampMicrosecondType>();
            times.values().iter().map(|time| Some((start..end).contains(time))).collect()
        });
        let of_part = self.customers.as_ref().map(|customers| -> BooleanArray {
            numbers.values().iter().map(|number| Some(customers.contains(number))).collect()
        });
        let asked = match (of_part, in_time) {
            (None, None) => None,
            (Some(only), None) | (None, Some(only)) => Some(only),
            (Some(of_part), Some(in_time)) => Some(and(&of_part, &in_time)?),
        };
        let columns = given.into_iter().zip(self.schema.fields()).map(|(given, field)| -> Result<ArrayRef> {
            let given = match given {
                Given::Amounts { values, codes, times, what } => Given::Column(match &self.rates {
                    // Rows that nobody asks for need no rate.
                    Some(rates) => {
                        let values = match &asked {
                            Some(asked) => nullif(&values, &not(asked)?)?,
                            None => values,
                        };
                        rates.convert(&what, &values, &codes, &times).map_err(through_engine)?
                    }
                    None => return internal_err!("{what} has no rates to be converted by"),
                }),
                given => given,
            };
            Ok(match given {
                Given::Column(column) if *column.data_type() == DataType::UInt32 => column,
                Given::Column(column) => {
                    let seen = prepare(&column, self.settings.zone())?;
                    if seen.data_type() == field.data_type() { seen } else { cast(&seen, field.data_type())? }
                }
                Given::Text(text) => Arc::new(StringArray::from_iter_values(std::iter::repeat_n(text, rows))),
                Given::Amounts { .. } => return internal_err!("amounts are converted already"),
                Given::Null => new_null_array(field.data_type(), rows),
            })
        });
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let columns = columns.collect::<Result<_>>()?;
        let whole = RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?;
        match asked {
            None => Ok(whole),
            Some(asked) => Ok(filter_record_batch(&whole, &asked)?),
        }
    }
}
