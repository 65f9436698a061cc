//! The stage "keys": rounds over links between ids until they are persons, and the map by which rows go to them.
//!
//! ```text
//!  pairs ─┐
//!         ├─► links of every shard ─► connect, again and again ─► members ─► apart ─► resolve ─► identity/ and the key map
//!  earlier┘                             until nothing changes
//! ```
//!
//! What lies between two rounds is deleted once the next is done. Where it is lost, or a part of the map is, all rounds are made again: they are a
//! small part of a run, and give the same bytes.

use super::{
    driver::Driver,
    rounds::{StageRounds, unexpected},
};
use crate::{
    partitioned::{Gathered, of_shard},
    protocol::stage,
};
use segmenter_proto::{
    Error, Result,
    v1::{
        Chunk, IdentityCounts, KeyMapPart, KeysAnswer, KeysDone, KeysStep, KeysTask, PartitionDone, ResultFile, Stage,
        answer, task,
    },
};
use segmenter_worker::{
    engine::is_of_keys,
    identity::{IDENTITY, LINKS},
    keymap::{key_map_object, part_of_key_map},
};
use std::collections::BTreeMap;

/// Where rows between rounds lie.
const FOLDER: &str = "keys";
/// More rounds than the longest chain of ids that there can be takes.
const MOST_ROUNDS: u32 = 200;

/// What a round came to.
#[derive(Debug, Default)]
struct Round {
    /// The rows that it wrote, as the partition lists them.
    written: PartitionDone,
    unsettled: u64,
    counts: IdentityCounts,
    parts: BTreeMap<u32, KeyMapPart>,
    files: Vec<ResultFile>,
}

impl Round {
    /// Gives the rows of a shard.
    fn of_shard(&self, shard: u32) -> Result<Vec<Chunk>> {
        match self.written.chunks {
            Some(_) => of_shard(&self.written, shard),
            None => Ok(Vec::new()),
        }
    }
}

impl Driver<'_> {
    /// Finds out by which keys rows go; nothing where the job links no ids.
    pub(super) async fn keys(&mut self) -> Result<(KeysDone, Option<String>)> {
        if self.prepared.spec.job.identity.is_none() {
            return Ok((KeysDone::default(), None));
        }
        let (run, earlier) = self.earlier().await?;
        self.rounds.files().set_earlier(earlier);
        if let Some(done) = self.checkpoints.done::<KeysDone>(stage::KEYS)?
            && self.rounds.are_there(&done.identity).await?
        {
            self.checkpoints.resumed(stage::KEYS);
            self.rounds.files().set_identity(done.identity.clone());
            return Ok((done, run));
        }
        let progress = self.checkpoints.begin(stage::KEYS, 0)?;
        let done = self.rounds.keys(|rows| progress.add(0, rows, 0)).await?;
        self.rounds.files().set_identity(done.identity.clone());
        self.checkpoints.end(stage::KEYS, progress, &self.rounds, &done).await?;
        Ok((done, run))
    }
}

impl StageRounds<'_> {
    /// Makes persons of pairs; `rows` hears of pairs as they are read.
    ///
    /// # Errors
    /// See the workers' stage.
    pub(super) async fn keys(&self, mut rows: impl FnMut(u64)) -> Result<KeysDone> {
        loop {
            match self.keys_once(&mut rows).await {
                Err(error) if error.lost_work.as_deref().is_some_and(is_of_keys) => {
                    self.count("what lies between rounds over ids", error)?;
                }
                done => return done,
            }
        }
    }

    async fn keys_once(&self, rows: &mut impl FnMut(u64)) -> Result<KeysDone> {
        let shards = self.prepared.link_shards();
        let pairs = self.read_pairs(shards, rows).await?;
        let persons = self.read_earlier(shards, pairs.counts.linking > 0).await?;
        let (rounds, links) = self.connected(&pairs, shards).await?;
        // Work files are named by the round.
        let mut number = rounds + 1;
        let mut next = |step, chunks| {
            number += 1;
            KeysTask { number, ..over_links(step, shards, chunks) }
        };
        let of_members = next(KeysStep::Members, Vec::new());
        let members = |shard| {
            let mut chunks = pairs.of_shard(shard)?;
            if let Some(links) = &links {
                chunks.retain(|chunk| chunk.source != LINKS);
                chunks.extend(links.of_shard(shard)?);
            }
            chunks.extend(persons.of_shard(shard)?);
            Ok(KeysTask { chunks, ..of_members.clone() })
        };
        let members = self.round(shards, members).await?;
        let mut held = Round::default();
        if pairs.counts.apart > 0 {
            let of_apart = next(KeysStep::Apart, Vec::new());
            let apart = |shard| Ok(KeysTask { chunks: members.of_shard(shard)?, ..of_apart.clone() });
            held = self.round(shards, apart).await?;
        }
        let of_resolve = next(KeysStep::Resolve, Vec::new());
        let resolve = |shard| {
            let mut chunks = members.of_shard(shard)?;
            chunks.extend(held.of_shard(shard)?);
            Ok(KeysTask { chunks, ..of_resolve.clone() })
        };
        let resolved = self.round(shards, resolve).await?;
        let of_map = next(KeysStep::Map, Vec::new());
        let map = |shard| Ok(KeysTask { chunks: resolved.of_shard(shard)?, ..of_map.clone() });
        let mut written = self.round(self.shards(), map).await?;
        self.work.delete_prefix(FOLDER).await?;
        let lacks = || Error::bug("a map of ids lacks a part");
        let parts = (0..self.shards()).map(|shard| written.parts.remove(&shard).ok_or_else(lacks));
        let identity = parts.collect::<Result<_>>()?;
        let mut counts = pairs.counts;
        add(&mut counts, &resolved.counts);
        written.files.sort_by(|left, right| left.path.cmp(&right.path));
        Ok(KeysDone { identity, counts: Some(counts), rounds, files: written.files })
    }

    async fn read_pairs(&self, link_shards: u32, rows: &mut impl FnMut(u64)) -> Result<Round> {
        let task = |at| {
            let task = self.prepared.pairs_task(at)?;
            Ok(KeysTask { step: KeysStep::Pairs.into(), pieces: task.pieces, link_shards, ..KeysTask::default() })
        };
        let pairs = self.tasks_of_keys(vec![Vec::new(); self.prepared.pairs.count()], task).await?;
        let IdentityCounts { linking, apart, unsure, undecided, same_id, .. } = pairs.counts;
        rows(linking + apart + unsure + undecided + same_id);
        Ok(pairs)
    }

    /// Reads who was a person in the earlier run, where that matters.
    async fn read_earlier(&self, link_shards: u32, matters: bool) -> Result<Round> {
        let earlier = self.files.earlier();
        if !matters || earlier.tasks() == 0 {
            return Ok(Round::default());
        }
        let task = |at| Ok(KeysTask { number: 1, link_shards, ..earlier.task(at)? });
        self.tasks_of_keys(vec![Vec::new(); earlier.tasks()], task).await
    }

    /// Connects links until they are stars; gives how many rounds that took, and the links, where they are not those of the pairs.
    async fn connected(&self, pairs: &Round, shards: u32) -> Result<(u32, Option<Round>)> {
        let mut links: Option<Round> = None;
        for rounds in 1..=MOST_ROUNDS {
            let before = links.as_ref().unwrap_or(pairs);
            let task = |shard| {
                let mut chunks = before.of_shard(shard)?;
                chunks.retain(|chunk| chunk.source == LINKS);
                Ok(KeysTask { number: rounds + 1, ..over_links(KeysStep::Connect, shards, chunks) })
            };
            let next = self.round(shards, task).await?;
            // Where all links are stars already, what the round wrote is not needed.
            let are_stars = next.unsettled == 0;
            let (gone, kept) = if are_stars { (Some(next), links.take()) } else { (links.take(), Some(next)) };
            for object in gone.iter().flat_map(|round| &round.written.objects) {
                self.work.delete(object).await?;
            }
            links = kept;
            if are_stars {
                return Ok((rounds, links));
            }
        }
        Err(Error::bug(format!("links between ids were not settled after {MOST_ROUNDS} rounds")))
    }

    async fn round(&self, shards: u32, task: impl Fn(u32) -> Result<KeysTask>) -> Result<Round> {
        self.tasks_of_keys((0..shards).map(|shard| vec![shard]).collect(), task).await
    }

    async fn tasks_of_keys(&self, places: Vec<Vec<u32>>, task: impl Fn(u32) -> Result<KeysTask>) -> Result<Round> {
        let (mut gathered, mut round) = (Gathered::default(), Round::default());
        if places.is_empty() {
            return Ok(round);
        }
        let work = |at| Ok(task::Work::Keys(task(at)?));
        self.as_they_are(Stage::Keys, places, work, |at, result| {
            let answer::Result::Keys(answer) = result else { return Err(unexpected("keys")) };
            let KeysAnswer { chunks, unsettled, counts, part, files } = answer;
            gathered.add(chunks)?;
            round.unsettled += unsettled;
            add(&mut round.counts, &counts.unwrap_or_default());
            round.parts.extend(part.map(|part| (at, part)));
            round.files.extend(files);
            Ok(())
        })
        .await?;
        let (objects, chunks) = gathered.into_columns();
        round.written = PartitionDone { objects, chunks: Some(chunks), ..PartitionDone::default() };
        Ok(round)
    }

    /// Makes all parts of the key map again of which `error` says that one is lost.
    ///
    /// # Errors
    /// `error` itself where it is another one, or where the map was made again several times already.
    pub(super) async fn mend_keys(&self, error: Error) -> Result<()> {
        let part = error.lost_work.as_deref().and_then(part_of_key_map).filter(|(name, _)| *name == IDENTITY);
        let Some((_, part)) = part else { return Err(error) };
        self.count(&format!("part {part} of the map of ids"), error)?;
        self.keys_again().await
    }

    /// Makes the key map and `identity/` again.
    ///
    /// # Errors
    /// See [`Self::keys`]; a bug where they are not what they were.
    pub(super) async fn keys_again(&self) -> Result<()> {
        let done = self.keys(|_| {}).await?;
        match done.identity == self.files.identity() {
            true => Ok(()),
            false => Err(Error::bug("the map of ids is not what it was")),
        }
    }

    /// Says whether the parts of the key map still lie in the work folder.
    ///
    /// # Errors
    /// The store's failure.
    pub(super) async fn are_there(&self, parts: &[KeyMapPart]) -> Result<bool> {
        for (number, part) in (0..).zip(parts) {
            let found = self.work.head(&key_map_object(IDENTITY, number, part.checksum)).await?;
            if found.is_none_or(|found| found.size != part.bytes) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Adds counts of some shards or pieces to those of others.
fn add(total: &mut IdentityCounts, more: &IdentityCounts) {
    let largest = total.largest.max(more.largest);
    for (total, more) in [
        (&mut total.linking, more.linking),
        (&mut total.apart, more.apart),
        (&mut total.unsure, more.unsure),
        (&mut total.undecided, more.undecided),
        (&mut total.same_id, more.same_id),
        (&mut total.ids, more.ids),
        (&mut total.persons, more.persons),
        (&mut total.linked_ids, more.linked_ids),
        (&mut total.too_large, more.too_large),
        (&mut total.too_large_ids, more.too_large_ids),
        (&mut total.held_apart, more.held_apart),
        (&mut total.held_apart_ids, more.held_apart_ids),
        (&mut total.kept_ids, more.kept_ids),
        (&mut total.joined_persons, more.joined_persons),
    ] {
        *total += more;
    }
    total.largest = largest;
}

fn over_links(step: KeysStep, link_shards: u32, chunks: Vec<Chunk>) -> KeysTask {
    KeysTask { step: step.into(), chunks, link_shards, ..KeysTask::default() }
}
