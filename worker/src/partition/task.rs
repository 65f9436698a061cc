//! One task of the partition: reads pieces, decides the fate of each row, and writes one object of chunks.

use super::{
    chunk_writer::ChunkWriter,
    columns::SourceColumns,
    currencies::{expected_currency, foreign_amount},
    fates::{RejectedRow, decide},
    folders::ChunkFolders,
    order_owners::{OrderOwners, contents, is_order_owners},
    places::with_places,
    scatter::{ReadyChunk, Scatter},
    strictness::Strictness,
    subsidiaries::{SUBSIDIARIES, parents, tells_subsidiaries},
    trimmed_ids::{TRIMMED_IDS, trimmed_ids},
};
use crate::{
    expression::Settings,
    failpoint::failpoint,
    keymap::KeyMap,
    notes::NoteCounter,
    reading::{Piece, ReadSpec, read},
    results::quarantine_schema,
    spec::{KeptColumn, RunSpec, SourceSpec, midnight},
    storage::Storage,
};
use arrow::{
    array::{ArrayRef, AsArray, Int64Array, RecordBatch, StringArray},
    datatypes::Schema,
};
use segmenter_proto::{
    Error, Result,
    jobs::{QuarantineDetail, SourceKind},
    v1::{PartitionAnswer, PartitionTask, RejectedCount, SourceFates},
};
use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
    sync::Arc,
};
use tokio::runtime::Handle;

/// Rows that are read and decided at a time, at most.
const MOST_BATCH_ROWS: usize = 65_536;
/// Fewer would spend the time on the batches and not on the rows.
const LEAST_BATCH_ROWS: usize = 8_192;
/// What a row in flight takes, at most of usual tables: as decoded, as evaluated, as sorted by shard, and as encoded.
const BYTES_A_ROW_IN_FLIGHT: usize = 1_024;

/// The source number of quarantined rows, which travel to the shards like any other.
pub const QUARANTINE: u32 = u32::MAX;

/// What a task of the partition works with.
#[derive(Debug)]
pub struct PartitionContext<'a> {
    /// The run.
    pub spec: &'a RunSpec,
    /// Where inputs are.
    pub storage: &'a Storage,
    /// Where chunks go.
    pub folders: &'a ChunkFolders,
    /// Runs the store's requests.
    pub runtime: &'a Handle,
    /// Bytes of rows that may wait in memory.
    pub budget: usize,
    /// Folder of this machine for rows that wait beyond it.
    pub scratch: &'a Path,
    /// From ids to those of their persons; none where no ids are linked.
    pub identity: Option<&'a KeyMap>,
}

/// Reads the task's pieces and writes their rows, by shard, to the object `object`. Rows of reference tables, which are nobody's, lie
/// with shard 0.
///
/// # Errors
/// When a piece cannot be read or does not fit its source's expressions; see [`read`] and [`SourceColumns`].
pub fn partition(context: &PartitionContext, task: &PartitionTask, object: &str) -> Result<PartitionAnswer> {
    let mut fates: BTreeMap<u32, SourceFates> = BTreeMap::new();
    let mut rejected: BTreeMap<(u32, String, String), u64> = BTreeMap::new();
    let mut notes = NoteCounter::default();
    let mut scatter = Scatter::new(context.spec.shards, context.budget, context.scratch);
    let owners = OrderOwners::new(context.spec)?;
    let mut writer = ChunkWriter::create(context.folders.of(object), context.runtime, object)?;
    let mut write = |chunk: ReadyChunk| {
        let are_hashes = is_order_owners(chunk.source);
        writer.write(chunk, are_hashes)
    };
    for piece in &task.pieces {
        let source = context
            .spec
            .sources
            .get(piece.source as usize)
            .ok_or_else(|| Error::bug(format!("the run has no source {}", piece.source)))?;
        let counts =
            fates.entry(piece.source).or_insert_with(|| SourceFates { source: piece.source, ..SourceFates::default() });
        let piece_of_file: Piece = serde_json::from_str(&piece.piece)
            .map_err(|error| Error::bug("a piece could not be read from its task").caused_by(error))?;
        let mut quarantine = Quarantine::new(context, source, &piece_of_file.file.uri);
        let mut notes = notes.of_file(piece.source, &piece_of_file.file.uri);
        let columns = compile_source(context.spec, source)?;
        let strictness = Strictness::of(context.spec, source, &columns)?;
        let raw = context.spec.job.output.quarantine == QuarantineDetail::Full;
        let spec = ReadSpec::of(
            &source.source,
            columns.file_columns(),
            source.file_schema()?,
            &context.spec.job.timezone,
            raw,
        )?;
        let kept = positions(columns.schema(), &source.kept)?;
        for rows in read(context.storage, context.runtime, &piece_of_file, &spec, batch_rows(context.budget))? {
            failpoint("partition.middle")?;
            let currency = expected_currency(&context.spec.job, &source.source);
            let decided = decide(&source.source, currency, &columns, &strictness, rows?, counts, &mut notes)?;
            if let Some(row) = &decided.fatal {
                return Err(row.error(source, &piece_of_file.file.uri));
            }
            if let (Some(foreign), Some(currency)) = (&decided.foreign, currency) {
                return Err(foreign_amount(&source.source, &piece_of_file.file.uri, currency, foreign));
            }
            for row in &decided.rejected {
                let key = (piece.source, row.column.clone().unwrap_or_default(), row.code.clone());
                *rejected.entry(key).or_default() += 1;
            }
            if source.source.kind == SourceKind::Identities {
                // What they say is known by now: here their rows are judged and counted.
                if let Some((keys, rows)) = quarantine.rows(decided.rejected)? {
                    scatter.push(QUARANTINE, &keys, &rows, &mut write)?;
                }
                continue;
            }
            if source.source.kind == SourceKind::Reference {
                let rows = with_places(&decided.kept, &kept, &piece_of_file.file.uri)?;
                let nobodys = vec![0; rows.num_rows()];
                scatter.push_to(piece.source, &nobodys, &rows, &mut write)?;
                if let Some((keys, rows)) = quarantine.rows(decided.rejected)? {
                    scatter.push(QUARANTINE, &keys, &rows, &mut write)?;
                }
                continue;
            }
            let id = source.source.owner_id();
            let contents = contents(source, &decided.kept)?;
            let trimmed = strictness.is_list().then(|| ids_of(&decided.kept, id).map(trimmed_ids)).transpose()?;
            let kept = decided
                .kept
                .project(&kept)
                .map_err(|error| Error::bug("columns could not be kept").caused_by(error))?;
            let kept = by_person(context, kept, id)?;
            let ids = ids_of(&kept, id)?;
            owners.push(piece.source, source, &kept, &mut scatter, &mut write)?;
            if let Some(contents) = &contents {
                owners.push_contents(piece.source, (contents, ids), &mut scatter, &mut write)?;
            }
            scatter.push(piece.source, ids, &kept, &mut write)?;
            if tells_subsidiaries(source) {
                let parents = parents(&kept, ids)?;
                scatter.push(SUBSIDIARIES, &parents, &alone(id, &parents)?, &mut write)?;
            }
            if let Some(trimmed) = trimmed {
                let trimmed = persons(context, &trimmed)?;
                scatter.push(TRIMMED_IDS, &trimmed, &alone(id, &trimmed)?, &mut write)?;
            }
            if let Some((keys, rows)) = quarantine.rows(decided.rejected)? {
                scatter.push(QUARANTINE, &keys, &rows, &mut write)?;
            }
        }
    }
    scatter.finish(&mut write)?;
    let chunks = writer.finish()?;
    let rejected = rejected.into_iter().map(|((source, column, reason_code), count)| RejectedCount {
        source,
        column,
        reason_code,
        count,
    });
    Ok(PartitionAnswer {
        chunks,
        fates: fates.into_values().collect(),
        rejected: rejected.collect(),
        notes: notes.to_message(),
    })
}

fn ids_of<'a>(rows: &'a RecordBatch, name: &str) -> Result<&'a StringArray> {
    let ids = rows.column_by_name(name).and_then(|ids| ids.as_string_opt::<i32>());
    ids.ok_or_else(|| Error::bug(format!("rows have no {name}")))
}

/// Gives rows that are ids and nothing else.
fn alone(name: &str, ids: &StringArray) -> Result<RecordBatch> {
    RecordBatch::try_from_iter([(name, Arc::new(ids.clone()) as ArrayRef)])
        .map_err(|error| Error::bug("ids do not fit their schema").caused_by(error))
}

/// Gives the ids of the persons that ids are linked to.
fn persons(context: &PartitionContext, ids: &StringArray) -> Result<StringArray> {
    context.identity.map_or_else(|| Ok(ids.clone()), |map| map.values_or_keys(ids))
}

/// Puts the ids of persons in the place of those of the rows.
fn by_person(context: &PartitionContext, rows: RecordBatch, id: &str) -> Result<RecordBatch> {
    if context.identity.is_none() {
        return Ok(rows);
    }
    let cannot = |error| Error::bug("ids of persons do not fit their rows").caused_by(error);
    let at = rows.schema().index_of(id).map_err(cannot)?;
    let mut columns = rows.columns().to_vec();
    columns[at] = Arc::new(persons(context, ids_of(&rows, id)?)?);
    RecordBatch::try_new(rows.schema(), columns).map_err(cannot)
}

/// Gives how many rows are read at a time where so many bytes may wait.
pub fn batch_rows(budget: usize) -> usize {
    (budget / BYTES_A_ROW_IN_FLIGHT).clamp(LEAST_BATCH_ROWS, MOST_BATCH_ROWS)
}

/// Compiles the expressions of a source for its rows to be judged.
///
/// # Errors
/// They do not fit its files; they were checked before.
pub fn compile_source(run: &RunSpec, source: &SourceSpec) -> Result<SourceColumns> {
    let settings = Settings::of(&run.job)?;
    let file = source.file_schema()?;
    let as_of = midnight(run.job.as_of, &run.job.timezone)?;
    let columns = SourceColumns::compile(&source.source, &source.wanted, &file, &settings)?;
    let checks = &run.job.quality.checks;
    columns.known_before(&source.source, as_of).checked(&source.source, checks, &settings)
}

/// Finds the columns that are kept.
fn positions(evaluated: &Schema, kept: &[KeptColumn]) -> Result<Vec<usize>> {
    let places: HashMap<&str, usize> =
        evaluated.fields().iter().enumerate().map(|(place, field)| (field.name().as_str(), place)).collect();
    let places = kept.iter().map(|column| places.get(column.name.as_str()).copied());
    places.collect::<Option<_>>().ok_or_else(|| Error::bug("a kept column was not evaluated"))
}

/// Turns rejected rows of one file into rows of `quarantine/`.
struct Quarantine<'a> {
    wanted: bool,
    source: &'a str,
    file: &'a str,
    schema: Arc<Schema>,
}

impl<'a> Quarantine<'a> {
    fn new(context: &PartitionContext<'a>, source: &'a SourceSpec, file: &'a str) -> Self {
        let wanted = context.spec.job.output.quarantine != QuarantineDetail::Counts;
        Self { wanted, source: &source.source.name, file, schema: quarantine_schema() }
    }

    /// Gives the rows with the keys that scatter them; none where nothing was rejected.
    fn rows(&mut self, rejected: Vec<RejectedRow>) -> Result<Option<(StringArray, RecordBatch)>> {
        if rejected.is_empty() || !self.wanted {
            return Ok(None);
        }
        let count = rejected.len();
        let keys: StringArray = rejected.iter().map(|row| Some(format!("{}#{}", self.file, row.row_number))).collect();
        let text = |of: fn(&RejectedRow) -> Option<&str>| -> ArrayRef {
            Arc::new(rejected.iter().map(of).collect::<StringArray>())
        };
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values(std::iter::repeat_n(self.source, count))),
            Arc::new(StringArray::from_iter_values(std::iter::repeat_n(self.file, count))),
            Arc::new(rejected.iter().map(|row| i64::try_from(row.row_number).ok()).collect::<Int64Array>()),
            text(|row| row.column.as_deref()),
            text(|row| Some(&row.code)),
            text(|row| Some(&row.reason)),
            text(|row| row.raw.as_deref()),
        ];
        let rows = RecordBatch::try_new(self.schema.clone(), columns)
            .map_err(|error| Error::bug("rejected rows do not fit their schema").caused_by(error))?;
        Ok(Some((keys, rows)))
    }
}
