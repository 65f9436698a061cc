//! Whether a budget can hold what a run needs, before anything is read.

use super::{Prepared, SourceInputs};
use arrow::datatypes::DataType;
use segmenter_proto::{Error, Result, jobs::SourceKind};
use segmenter_worker::{
    engine::LEAST_MEMORY_OF_QUERIES,
    partition::STORED_ROWS,
    program::DataBudget,
    shard::{Place, is_compared},
    spec::SourceSpec,
};

/// Bytes of a text as guessed, with its offset: ids and codes.
const TEXT: u64 = 12;
/// Bytes that a loaded row takes beside its values, by what was measured: numbers of its customer and order.
const NUMBERS: u64 = 24;
/// Bytes that tell whose an order is, of one line each at most.
const ORDER_OWNER: u64 = 16;
/// Rows that are compared with each other stand in memory twice while they are loaded: as chunks, and joined.
const COPIES: u64 = 2;
/// A reference table stands in memory beside a copy that is joined, and the hash table of that.
const COPIES_OF_REFERENCES: u64 = 3;

/// Gives the bytes that the rows of a mean shard take, as far as is known beforehand: of files that tell their rows, in sources that keep
/// all of them. What is really needed is more where a shard has more than its share.
pub fn shard_memory(prepared: &Prepared) -> u64 {
    let shards = u64::from(prepared.spec.shards.max(1));
    let sources = prepared.inputs.iter().zip(&prepared.spec.sources);
    let known = sources.filter(|(inputs, _)| {
        // Pairs of ids are gone by then.
        inputs.source.filter.is_none() && inputs.source.kind != SourceKind::Identities
    });
    let (references, others): (Vec<_>, Vec<_>) =
        known.map(|(inputs, spec)| (inputs.rows().unwrap_or(0), spec)).partition(|(_, spec)| is_reference(spec));
    let of = |place| -> u64 { others.iter().map(|(rows, spec)| rows / shards * bytes_a_row(spec, place)).sum() };
    let of_references = references.iter().map(|(rows, spec)| rows * bytes_of_values(spec) * COPIES_OF_REFERENCES);
    // As `segmenter_worker::shard::memory_needed` counts it: where memory is short, rows stay in the work folder.
    let of_rows = of(Place::Memory).min(of(Place::WorkFolder) + STORED_ROWS);
    of_rows + of_references.sum::<u64>() + LEAST_MEMORY_OF_QUERIES
}

/// Gives the bytes that what is known of the files takes while a run goes on.
pub fn files_memory(prepared: &Prepared) -> u64 {
    prepared.inputs.iter().map(SourceInputs::memory).sum()
}

/// Gives what is left to the data beside what is known of the files. Refuses a budget that cannot hold that, or not a mean shard beside it; so
/// many threads were asked for.
///
/// # Errors
/// Resources, saying how much is needed.
pub fn check_memory(prepared: &Prepared, data: DataBudget, threads: usize) -> Result<DataBudget> {
    let (needed, known) = (shard_memory(prepared), files_memory(prepared));
    if known > data.memory / 2 {
        let files: usize = prepared.inputs.iter().map(|inputs| inputs.files.len()).sum();
        return Err(Error::resources(format!(
            "what is known of {files} input files takes about {} MB of memory, and of {} MB for data half may go there",
            known.div_ceil(1 << 20),
            data.memory >> 20
        ))
        .with_hint(format!(
            "give --memory {}M, or fewer and larger files",
            DataBudget::whole_for(needed.max(known) + known, threads).div_ceil(1 << 20)
        )));
    }
    let data = DataBudget { memory: data.memory - known, ..data };
    match needed <= data.memory {
        true => Ok(data),
        false => Err(Error::resources(format!(
            "a shard of this run takes about {} MB of memory, and {} MB are there for data",
            needed.div_ceil(1 << 20),
            data.memory >> 20
        ))
        .with_hint(format!(
            "give --memory {}M, or more and so smaller shards: --shards {}",
            DataBudget::whole_for(needed + known, threads).div_ceil(1 << 20),
            u64::from(prepared.spec.shards).saturating_mul(needed.div_ceil(data.memory.max(1) / 2))
        ))),
    }
}

fn is_reference(spec: &SourceSpec) -> bool {
    spec.source.kind == SourceKind::Reference
}

fn bytes_a_row(spec: &SourceSpec, place: Place) -> u64 {
    let (values, owner) = (bytes_of_values(spec), bytes_of_owner(spec));
    let (rows, again) = match (is_compared(spec), place) {
        (true, _) => (values, values),
        (false, Place::Memory) => (values, 0),
        (false, Place::WorkFolder) => (0, 0),
    };
    rows + (owner * COPIES).max(again + NUMBERS)
}

/// Gives the bytes of a row's values.
pub fn bytes_of_values(spec: &SourceSpec) -> u64 {
    let values = spec.kept.iter().map(|column| match column.data_type.parse::<DataType>() {
        Ok(kind) => kind
            .primitive_width()
            .map_or_else(|| if kind == DataType::Boolean { 1 } else { TEXT }, |width| width as u64),
        Err(_) => TEXT,
    });
    values.sum()
}

/// Gives the bytes that tell whose a row's order is, or who says what a row of customers does.
pub fn bytes_of_owner(spec: &SourceSpec) -> u64 {
    let has_orders = spec.kept.iter().any(|column| column.name == "order_id");
    if has_orders || spec.source.is_of_population() { ORDER_OWNER } else { 0 }
}
