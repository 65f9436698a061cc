//! What a run takes of the cache, and what it keeps there.

use super::{
    choose::{Chosen, Usable, choose},
    entry::{at_source, decode, encode, entry, keys_of, name_of},
    open::Cache,
    pieces::{PieceKey, Wanted, WantedPiece, is_kept},
};
use crate::{
    partitioned::{Totals, chunks_of},
    plan::{PiecesOfFile, Size, SourceInputs, Tasks},
};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use segmenter_proto::{
    Error, Result,
    v1::{Chunk, KeptTask, PartitionAnswer, PartitionDone},
};
use segmenter_worker::{failpoint::failpoint, spec::RunSpec, storage::Folder};
use std::sync::atomic::{AtomicBool, Ordering};

/// Entries that are read at the same time.
const AT_ONCE: usize = 16;

/// The tasks of the partition of a run that keeps rows, by their numbers.
#[derive(Debug)]
pub struct CachedRun {
    cache: Cache,
    tasks: Vec<CachedTask>,
    /// Seconds since 1970 UTC.
    now: u64,
    /// Files of the run, and those of which nothing is read.
    files: u64,
    taken: u64,
}

#[derive(Debug)]
struct CachedTask {
    /// Of the entry that it makes, or is.
    name: String,
    pieces: Vec<PieceKey>,
    source: u32,
    origin: Origin,
    /// Whether what it would take or merge is gone or damaged, so that it reads its inputs.
    is_lost: AtomicBool,
}

impl CachedTask {
    /// The entries that it makes one.
    fn merged(&self) -> &[Bytes] {
        match &self.origin {
            Origin::Merged(all) if !self.is_lost.load(Ordering::Relaxed) => all,
            _ => &[],
        }
    }
}

/// An entry that is to be written.
#[derive(Debug)]
pub struct NewEntry {
    folder: Folder,
    key: String,
    bytes: Vec<u8>,
}

impl NewEntry {
    /// Writes it, in the place of one that is damaged or whose chunks are.
    ///
    /// # Errors
    /// The store fails.
    pub async fn write(self) -> Result<()> {
        failpoint("cache.chunks")?;
        self.folder.put(&self.key, self.bytes).await?;
        failpoint("cache.entry")
    }
}

/// Where the rows of a task come from.
#[derive(Debug)]
pub enum Origin {
    /// From the inputs.
    Inputs,
    /// From an entry, as it is.
    Kept(Bytes),
    /// From several entries, which become one.
    Merged(Vec<Bytes>),
}

/// An entry with its name, as it was read.
struct Found {
    bytes: Bytes,
    usable: Usable,
}

impl CachedRun {
    /// Finds out what the cache has of a run's inputs; gives the tasks of the partition that follow from it. Entries that were made before `since`
    /// are none.
    ///
    /// # Errors
    /// The store fails.
    pub async fn recall(
        cache: Cache,
        spec: &RunSpec,
        inputs: &[SourceInputs],
        (since, now): (u64, u64),
    ) -> Result<(Self, Tasks)> {
        let wanted = Wanted::of(spec, inputs)?;
        let index = cache.folder.folder(INDEX)?;
        let names = index.list("").await?.into_iter().map(|object| object.key);
        let found: Vec<Option<Found>> = stream::iter(names)
            .map(|name| {
                let (index, wanted) = (&index, &wanted);
                async move {
                    let bytes = index.get(&name).await?;
                    Ok::<_, Error>(bytes.and_then(|bytes| usable(name, bytes, wanted, since)))
                }
            })
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        let (bytes, usable): (Vec<Bytes>, Vec<Usable>) =
            found.into_iter().flatten().map(|found| (found.bytes, found.usable)).unzip();
        let chosen = choose(&wanted.pieces, &usable, Size::of_task(spec.shards));
        let mut own = Self { cache, tasks: Vec::new(), now, files: 0, taken: 0 };
        let mut tasks = Vec::new();
        let mut read: Vec<(u32, usize)> = Vec::new();
        for chosen in chosen {
            let (positions, origin) = match chosen {
                Chosen::Kept(at) => (usable[at].pieces.clone(), Origin::Kept(bytes[at].clone())),
                Chosen::Merged(all) => (
                    all.iter().flat_map(|at| usable[*at].pieces.clone()).collect(),
                    Origin::Merged(all.iter().map(|at| bytes[*at].clone()).collect()),
                ),
                Chosen::Read(positions) => (positions, Origin::Inputs),
            };
            let mut pieces: Vec<WantedPiece> = positions.into_iter().map(|at| wanted.pieces[at]).collect();
            pieces.sort_unstable_by_key(|piece| (piece.source, piece.file, piece.piece));
            if let Origin::Inputs = origin {
                read.extend(pieces.iter().map(|piece| (piece.source, piece.file)));
            }
            tasks.push(pieces.iter().map(WantedPiece::place).collect());
            own.push(&pieces, origin);
        }
        read.sort_unstable();
        read.dedup();
        own.files = inputs.iter().filter(|inputs| is_kept(inputs)).map(|inputs| inputs.files.len() as u64).sum();
        own.taken = own.files.saturating_sub(read.len() as u64);
        // What is not kept is read as ever.
        let others = Tasks::among(inputs, spec.shards, |inputs| !is_kept(inputs))?;
        Ok((own, Tasks::of_places(tasks).and(others)))
    }

    /// Finds the tasks of a run that goes on, as its log has them.
    ///
    /// # Errors
    /// Bug only.
    pub fn resumed(
        cache: Cache,
        spec: &RunSpec,
        inputs: &[SourceInputs],
        done: &PartitionDone,
        now: u64,
    ) -> Result<(Self, Tasks)> {
        let wanted = Wanted::of(spec, inputs)?;
        let mut own = Self { cache, tasks: Vec::new(), now, files: 0, taken: 0 };
        let mut tasks = Vec::new();
        for task in &done.kept {
            let places = places_of(task)?;
            own.push(&wanted.at(&places), Origin::Inputs);
            tasks.push(places);
        }
        let others = Tasks::among(inputs, spec.shards, |inputs| !is_kept(inputs))?;
        Ok((own, Tasks::of_places(tasks).and(others)))
    }

    fn push(&mut self, pieces: &[WantedPiece], origin: Origin) {
        let keys: Vec<PieceKey> = pieces.iter().map(|piece| piece.key).collect();
        let source = pieces.first().map(|piece| piece.source).unwrap_or_default();
        let is_lost = AtomicBool::new(false);
        self.tasks.push(CachedTask { name: name_of(&keys), pieces: keys, source, origin, is_lost });
    }

    /// Gives the folder of the cache.
    pub fn folder(&self) -> &Folder {
        &self.cache.folder
    }

    /// Gives how many files the run has whose rows are kept, and of how many nothing is read.
    pub fn files(&self) -> (u64, u64) {
        (self.files, self.taken)
    }

    /// Gives the number of tasks that are in the cache or go there; others follow them.
    pub fn count(&self) -> usize {
        self.tasks.len()
    }

    /// Gives the number of those of which nothing is to be done.
    pub fn done(&self) -> usize {
        self.tasks.iter().filter(|task| matches!(task.origin, Origin::Kept(_))).count()
    }

    /// Gives the name of the entry that a task makes; none of a task whose rows are not kept.
    pub fn entry(&self, task: u32) -> Option<&str> {
        self.tasks.get(task as usize).map(|task| task.name.as_str())
    }

    /// Gives what a task came to before, where it is not read and not merged.
    ///
    /// # Errors
    /// Bug only.
    pub fn taken(&self, task: u32) -> Result<Option<PartitionAnswer>> {
        match self.tasks.get(task as usize) {
            Some(CachedTask { origin: Origin::Kept(bytes), source, .. }) => Ok(Some(answer_of(bytes, *source)?.0)),
            _ => Ok(None),
        }
    }

    /// Gives the chunks that a task merges; none: it reads its inputs.
    ///
    /// # Errors
    /// Bug only.
    pub fn merges(&self, task: u32) -> Result<Vec<Chunk>> {
        let Some(task) = self.tasks.get(task as usize) else { return Ok(Vec::new()) };
        let mut chunks = Vec::new();
        for bytes in task.merged() {
            chunks.extend(answer_of(bytes, task.source)?.0.chunks);
        }
        Ok(chunks)
    }

    /// Gives the task that merges chunks of an object.
    ///
    /// # Errors
    /// Bug only.
    pub fn merging(&self, object: &str) -> Result<Option<u32>> {
        for number in 0..self.tasks.len() as u32 {
            if self.merges(number)?.iter().any(|chunk| chunk.object == object) {
                return Ok(Some(number));
            }
        }
        Ok(None)
    }

    /// Lets a task read its inputs: what it took or was to merge is gone or damaged.
    pub fn reads_inputs(&self, task: u32) {
        if let Some(task) = self.tasks.get(task as usize) {
            task.is_lost.store(true, Ordering::Relaxed);
        }
    }

    /// Completes the answer of a task that merged, which knows where the rows lie and not what became of the others; gives the entry that it makes.
    ///
    /// # Errors
    /// Bug only.
    pub fn completed(&self, number: u32, answer: PartitionAnswer) -> Result<(PartitionAnswer, Option<NewEntry>)> {
        let Some(task) = self.tasks.get(number as usize) else { return Ok((answer, None)) };
        let (mut made_at, mut totals) = (self.now, Totals::default());
        for bytes in task.merged() {
            let (of_entry, since) = answer_of(bytes, task.source)?;
            made_at = made_at.min(since);
            totals.add(PartitionAnswer { chunks: Vec::new(), ..of_entry })?;
        }
        let chunks = answer.chunks.clone();
        totals.add(answer)?;
        let rows = totals.into_done();
        let answer = PartitionAnswer {
            chunks,
            fates: rows.fates.clone(),
            rejected: rows.rejected.clone(),
            notes: rows.notes.clone(),
        };
        let bytes = encode(entry(&task.pieces, task.source, made_at, rows));
        let entry = NewEntry { folder: self.cache.folder.clone(), key: format!("{INDEX}/{}", task.name), bytes };
        Ok((answer, Some(entry)))
    }

    /// Lets go of the entries once their rows are known: what is lost of them from now on is read from the inputs.
    pub fn let_go(&mut self) {
        self.tasks.iter_mut().for_each(|task| task.origin = Origin::Inputs);
    }

    /// Gives what the log has to know of the tasks that are in the cache or go there; `objects` are those of their chunks, by number.
    pub fn logged(&self, tasks: &Tasks, mut objects: Vec<String>) -> Vec<KeptTask> {
        objects.resize(self.tasks.len(), String::new());
        (0..).zip(objects).map(|(number, object)| kept_task(tasks.places(number), object)).collect()
    }

    /// Notes which entries the run took, for [`super::find_unused`].
    ///
    /// # Errors
    /// The store fails.
    pub async fn note_used(&self, run: &str) -> Result<()> {
        let names: Vec<&str> = self.tasks.iter().map(|task| task.name.as_str()).collect();
        self.cache.folder.put(&format!("{USED}/{run}"), names.join("\n")).await
    }
}

/// The folders of a cache.
pub(super) const INDEX: &str = "index";
pub(super) const USED: &str = "used";
pub(super) const KEPT: &str = "kept";

/// Gives an entry where it is whole, young enough, and every piece of it is wanted.
fn usable(name: String, bytes: Bytes, wanted: &Wanted, since: u64) -> Option<Found> {
    let entry = decode(&bytes)?;
    if entry.made_at < since {
        return None;
    }
    let pieces: Option<Vec<usize>> = keys_of(&entry).into_iter().map(|key| wanted.position(key)).collect();
    let chunks = entry.rows.and_then(|rows| rows.chunks).map_or(0, |chunks| chunks.shard.len());
    Some(Found { bytes, usable: Usable { name, pieces: pieces?, chunks } })
}

/// Gives what an entry says for the source at its place now, and when it was made.
fn answer_of(bytes: &Bytes, source: u32) -> Result<(PartitionAnswer, u64)> {
    let entry = decode(bytes).ok_or_else(|| Error::bug("an entry of the cache is not what it was"))?;
    let rows = entry.rows.unwrap_or_default();
    let chunks = chunks_of(&rows)?;
    let answer = PartitionAnswer { chunks, fates: rows.fates, rejected: rows.rejected, notes: rows.notes };
    Ok((at_source(answer, entry.source, source)?, entry.made_at))
}

/// Gives what the log says of the tasks whose rows are kept: their pieces, and the object of each.
fn kept_task(places: &[PiecesOfFile], object: String) -> KeptTask {
    let mut task = KeptTask { object, ..KeptTask::default() };
    for place in places {
        task.source.push(place.source);
        task.file.push(place.file as u64);
        task.first.push(place.first as u64);
        task.count.push(place.count as u64);
    }
    task
}

fn places_of(task: &KeptTask) -> Result<Vec<PiecesOfFile>> {
    let damaged = || Error::bug("the log of stage partition is damaged");
    let number =
        |column: &[u64], at: usize| column.get(at).and_then(|number| usize::try_from(*number).ok()).ok_or_else(damaged);
    let places = task.source.iter().enumerate().map(|(at, source)| {
        Ok(PiecesOfFile {
            source: *source,
            file: number(&task.file, at)?,
            first: number(&task.first, at)?,
            count: number(&task.count, at)?,
        })
    });
    places.collect()
}
