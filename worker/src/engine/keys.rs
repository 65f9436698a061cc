//! The stage "keys": from pairs of ids to persons, and the map by which the rows of the partition go.

use super::{
    memory::{Held, Slot},
    worker::Worker,
};
use crate::{
    identity::{
        Emit, IDENTITY, apart, connect, earlier, map, members, memory_of_apart, memory_of_links, memory_of_map,
        memory_of_members, memory_of_resolve, pairs, resolve,
    },
    keymap::{self, KeyMap, key_map_object},
    notes::NoteCounter,
    partition::{ChunkReader, Strictness, batch_rows, compile_source, decide},
    reading::{Piece, ReadSpec, read},
    results::write_part,
    spec::SourceSpec,
};
use arrow::array::{AsArray, RecordBatch};
use segmenter_proto::{
    Error, Result,
    jobs::Identity,
    object_keys::part_file,
    v1::{Chunk, IdentityCounts, KeyMapPart, KeysAnswer, KeysStep, KeysTask, SourceFates, SourcePiece, Stage, Task},
};
use std::sync::{Arc, PoisonError};

/// Gives the name of the work object that one attempt at a task of the keys writes.
fn rows_object(work: &KeysTask, task: &Task) -> String {
    let at = task.shards.first().copied().unwrap_or(task.index);
    format!("keys/{:03}-{at:06}-{:04}-{:04}-{:02}", work.number, task.generation, task.round, task.attempt)
}

/// Says whether a work object holds rows between two rounds of the keys.
pub fn is_of_keys(object: &str) -> bool {
    object.starts_with("keys/")
}

impl Worker {
    pub(super) fn keys(&self, task: &Task, shard: Option<u32>, work: &KeysTask) -> Result<KeysAnswer> {
        self.middle(Stage::Keys)?;
        let step = work.step();
        let over = || shard.ok_or_else(|| Error::bug("a round over ids names no shard"));
        if step == KeysStep::Map {
            return self.map_of_persons(over()?, &work.chunks);
        }
        // What waits for its shard is a part of what is held.
        let budget = self.share() / 4;
        let needed = match step {
            KeysStep::Connect => memory_of_links(&work.chunks),
            KeysStep::Members => memory_of_members(&work.chunks),
            KeysStep::Apart => memory_of_apart(&work.chunks),
            KeysStep::Resolve => memory_of_resolve(&work.chunks),
            // Rows as they are read.
            _ => self.share() - budget,
        };
        let _held = self.memory.reserve(needed + budget, "a shard of links between ids")?;
        let object = rows_object(work, task);
        let (folder, scratch) = (&self.work, &self.scratch);
        let budget_of_rows = usize::try_from(budget).unwrap_or(usize::MAX);
        let shards = [work.link_shards.max(1), self.spec.shards];
        let mut emit = Emit::new(folder, &self.runtime, &object, shards, budget_of_rows, scratch)?;
        let mut answer = KeysAnswer::default();
        let mut counts = IdentityCounts::default();
        let reader = ChunkReader::new(&self.chunks, &self.runtime);
        match step {
            KeysStep::Pairs => self.read_pairs(&work.pieces, &mut emit, &mut counts)?,
            KeysStep::Earlier => self.read_earlier(work, &mut emit)?,
            KeysStep::Connect => answer.unsettled = connect(&reader, &work.chunks, &mut emit)?,
            KeysStep::Members => members(&reader, &work.chunks, over()?, &mut emit)?,
            KeysStep::Apart => apart(&reader, &work.chunks, &mut emit)?,
            KeysStep::Resolve => resolve(&reader, &work.chunks, self.identity()?, &mut emit, &mut counts)?,
            KeysStep::Map | KeysStep::Unspecified => return Err(Error::bug("a task of the keys has no step")),
        }
        answer.chunks = emit.finish()?;
        answer.counts = Some(counts);
        Ok(answer)
    }

    fn identity(&self) -> Result<&Identity> {
        self.spec.job.identity.as_ref().ok_or_else(|| Error::bug("a job without pairs of ids has none to link"))
    }

    /// Reads pairs. What becomes of their rows is counted when the partition judges them too.
    fn read_pairs(&self, pieces: &[SourcePiece], emit: &mut Emit, counts: &mut IdentityCounts) -> Result<()> {
        for piece in pieces {
            let source = self.spec.sources.get(piece.source as usize);
            let source = source.ok_or_else(|| Error::bug(format!("the run has no source {}", piece.source)))?;
            let columns = compile_source(&self.spec, source)?;
            let strictness = Strictness::of(&self.spec, source, &columns)?;
            let (mut fates, mut notes) = (SourceFates::default(), NoteCounter::default());
            let file_columns = columns.file_columns();
            self.each_batch(piece, source, file_columns, |uri, rows| {
                let mut notes = notes.of_file(piece.source, uri);
                let decided = decide(&source.source, None, &columns, &strictness, rows, &mut fates, &mut notes)?;
                if let Some(row) = &decided.fatal {
                    return Err(row.error(source, uri));
                }
                pairs(&decided.kept, self.identity()?, emit, counts)
            })?;
        }
        Ok(())
    }

    /// Reads who was a person in an earlier run.
    fn read_earlier(&self, work: &KeysTask, emit: &mut Emit) -> Result<()> {
        let sources: Vec<SourceSpec> = serde_json::from_str(&work.sources)
            .map_err(|error| Error::bug("the sources of an earlier run could not be read").caused_by(error))?;
        for piece in &work.pieces {
            let source = sources.get(piece.source as usize);
            let source = source.ok_or_else(|| Error::bug("an earlier run has no such source"))?;
            let columns = compile_source(&self.spec, source)?;
            self.each_batch(piece, source, columns.file_columns(), |_, rows| {
                let (rows, _) = columns.evaluate(&rows.batch)?;
                earlier(ids_of(&rows)?, emit)
            })?;
        }
        Ok(())
    }

    fn each_batch(
        &self,
        piece: &SourcePiece,
        source: &SourceSpec,
        columns: Vec<String>,
        mut take: impl FnMut(&str, crate::reading::Rows) -> Result<()>,
    ) -> Result<()> {
        let piece: Piece = serde_json::from_str(&piece.piece)
            .map_err(|error| Error::bug("a piece could not be read from its task").caused_by(error))?;
        let spec = ReadSpec::of(&source.source, columns, source.file_schema()?, &self.spec.job.timezone, false)?;
        let budget = usize::try_from(self.share() / 2).unwrap_or(usize::MAX);
        for rows in read(&self.storage, &self.runtime, &piece, &spec, batch_rows(budget))? {
            take(&piece.file.uri, rows?)?;
        }
        Ok(())
    }

    /// Writes the shard's parts of `identity/` and of the key map. The first shard's is always there, so that the folder can be read.
    fn map_of_persons(&self, shard: u32, chunks: &[Chunk]) -> Result<KeysAnswer> {
        let _held = self.memory.reserve(memory_of_map(chunks), "a shard of ids and their persons")?;
        let (rows, part, bytes) = map(&ChunkReader::new(&self.chunks, &self.runtime), chunks)?;
        self.runtime.block_on(self.work.put(&key_map_object(IDENTITY, shard, part.checksum), bytes))?;
        let mut answer = KeysAnswer { part: Some(part), ..KeysAnswer::default() };
        if shard == 0 || rows.num_rows() > 0 {
            let path = format!("{IDENTITY}/{}", part_file(shard));
            answer.files.push(write_part(&self.results, &self.runtime, &path, [rows])?);
        }
        Ok(answer)
    }

    /// Gives a key map of these parts, which all tasks share: in memory where that leaves most of the budget to the rest, else in scratch.
    ///
    /// # Errors
    /// A part is gone or damaged: [`Error::lost_work`]. There is too little memory or scratch: Resources.
    pub(super) fn key_map(&self, name: &str, parts: &[KeyMapPart]) -> Result<Option<Arc<Held>>> {
        if parts.iter().all(|part| part.entries == 0) {
            return Ok(None);
        }
        let slot = Slot::KeyMap(name.as_bytes().first().copied().unwrap_or_default());
        // One thread loads it, and the others wait.
        let _one = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = self.memory.get(0, slot)
            && let Held::KeyMap(map) = &*held
            && map.is_of(parts)
        {
            return Ok(Some(held));
        }
        let load = |scratch| keymap::load(&self.work, &self.runtime, name, parts, scratch);
        let (claim, map) = match self.memory.claim_if_free(0, slot, KeyMap::memory_of(parts, false)) {
            Some(claim) => (claim, load(None)?),
            None => {
                let on_disk = KeyMap::memory_of(parts, true);
                (self.memory.claim(0, slot, on_disk, "the map of ids")?, load(Some(self.scratch.as_path()))?)
            }
        };
        let held = Arc::new(Held::KeyMap(map));
        claim.keep(&held);
        Ok(Some(held))
    }

    /// Gives the bytes of a thread's share.
    fn share(&self) -> u64 {
        self.memory.total() / self.threads.max(1) as u64
    }
}

fn ids_of(rows: &RecordBatch) -> Result<&arrow::array::StringArray> {
    let ids = rows.column_by_name("customer_id").and_then(|ids| ids.as_string_opt::<i32>());
    ids.ok_or_else(|| Error::bug("rows have no customer_id"))
}
