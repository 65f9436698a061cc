//! The checkpoint: a create-only numbered log, `_work/<run>/log/00000001`, …, read by GET from 1 until not found.
//!
//! - An entry's number is free only once; whoever creates it is the one coordinator that may go on.
//! - The generation counts takeovers. Every `StageDone` carries the generation of the takeover before it.
//! - A store's "exists" proves nothing: the entry is read back and its nonce compared.
//! - Every entry has a checksum, and that of the one before it. One that is damaged is refused with its name: what it said may
//!   have been a takeover or a commit, and nobody may guess at those.

use super::{
    commit::read_commit,
    create::{Creation, create_or_read},
    folder::ObjectFolder,
    nonce::Nonce,
};
use bytes::Bytes;
use prost::Message;
use segmenter_proto::{
    Error, Fault, Result, checksum_of,
    object_keys::RunKeys,
    v1::{EarlierChosen, LogEntry, StageDone, Takeover, log_entry::Event},
};
use segmenter_worker::failpoint::failpoint;
use std::collections::BTreeMap;

/// Names of stages as they stand in the log.
pub mod stage {
    /// Which run before this one it is compared with.
    pub const PREVIOUS: &str = "previous";
    /// Which earlier run's ids persons keep.
    pub const EARLIER: &str = "earlier";
    /// Ids to persons.
    pub const KEYS: &str = "keys";
    /// Rows to shards.
    pub const PARTITION: &str = "partition";
    /// The constants of the job.
    pub const CONSTANTS: &str = "constants";
    /// Features a customer.
    pub const FEATURES: &str = "features";
    /// What derived features know of the population.
    pub const POPULATION: &str = "population";
    /// Segments a customer.
    pub const ASSIGN: &str = "assign";
    /// Profiles, effectiveness and quality.
    pub const MEASURE: &str = "measure";
    /// What will be committed is decided.
    pub const COMMIT: &str = "commit";

    /// The fit of one segmentation.
    pub fn fit(segmentation: &str) -> String {
        format!("fit/{segmentation}")
    }
}

/// Entries of a log among which it is told what the run is compared with: it is chosen right after the first takeover.
const FIRST_ENTRIES: u64 = 8;

/// Gives the run that one which is under way was begun to be compared with; none: there is none, or it was not chosen yet.
///
/// # Errors
/// The store cannot be read.
pub async fn begun_with<F: ObjectFolder>(folder: &F, keys: &RunKeys) -> Result<Option<String>> {
    for number in 1..=FIRST_ENTRIES {
        let Some(bytes) = folder.get(&keys.log(number)).await? else { break };
        // What is damaged is told by whoever goes on with the run.
        let Ok(LogEntry { event: Some(Event::StageDone(done)), .. }) = LogEntry::decode(bytes) else { continue };
        if done.stage == stage::PREVIOUS {
            let chosen = EarlierChosen::decode(done.payload).unwrap_or_default();
            return Ok(Some(chosen.run).filter(|run| !run.is_empty()));
        }
    }
    Ok(None)
}

/// How many entries another coordinator may slip in front of one takeover.
const TAKEOVER_TRIES: u32 = 64;
/// Largest payload of an entry, in bytes. What grows are the chunks of the partition, by some 30 MB for a billion rows, and the record of the
/// run, by some 300 bytes for an input file.
const MAX_PAYLOAD: usize = 256 << 20;

/// What the entries say together.
#[derive(Debug, Clone, Default, PartialEq)]
struct History {
    entries: u64,
    /// Of the last entry.
    checksum: u64,
    generation: u64,
    shards: u32,
    stages: BTreeMap<String, Bytes>,
}

impl History {
    /// Adds the next entry; the order that the protocol promises is checked, since results rest on it.
    fn push(&mut self, entry: LogEntry, run: &str, keys: &RunKeys) -> Result<()> {
        let number = self.entries + 1;
        let checksum = entry.checksum;
        let expected_generation = match entry.event {
            Some(Event::Takeover(_)) => self.generation + 1,
            _ => self.generation,
        };
        if entry.number != number
            || entry.run != run
            || entry.previous != self.checksum
            || entry.generation != expected_generation
            || self.is_orphan(&entry)
        {
            return Err(unreadable(keys, number, "it does not continue the one before"));
        }
        match entry.event {
            Some(Event::Takeover(takeover)) => {
                if self.generation == 0 {
                    self.shards = takeover.shards;
                }
                self.generation = entry.generation;
            }
            Some(Event::StageDone(done)) => {
                self.stages.insert(done.stage, done.payload);
            }
            None => return Err(unreadable(keys, number, "it was written by a newer version")),
        }
        (self.entries, self.checksum) = (number, checksum);
        Ok(())
    }

    fn is_orphan(&self, entry: &LogEntry) -> bool {
        self.generation == 0 && !matches!(entry.event, Some(Event::Takeover(_)))
    }
}

/// Whose entry stands at the number that a coordinator could not create.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// One's own earlier write, whose answer was lost.
    Ours,
    /// Another coordinator's.
    Superseded,
}

fn verdict(found: &LogEntry, ours: &LogEntry) -> Verdict {
    let same_writer = found.nonce == ours.nonce && found.generation == ours.generation;
    if same_writer { Verdict::Ours } else { Verdict::Superseded }
}

/// The log of one run, held by the coordinator that took it over last.
#[derive(Debug)]
pub struct RunLog {
    run: String,
    keys: RunKeys,
    nonce: Nonce,
    history: History,
}

impl RunLog {
    /// Reads the log and appends a takeover; every coordinator before this one is superseded.
    ///
    /// `shards` is the number this coordinator would cut; see [`RunLog::shards`].
    pub(super) async fn take_over<F: ObjectFolder>(
        folder: &F,
        keys: &RunKeys,
        run: &str,
        nonce: Nonce,
        shards: u32,
    ) -> Result<Self> {
        let mut log = Self { run: run.to_owned(), keys: keys.clone(), nonce, history: History::default() };
        for _ in 0..TAKEOVER_TRIES {
            log.read_on(folder).await?;
            let takeover = Takeover { program_version: env!("CARGO_PKG_VERSION").to_owned(), shards };
            let entry = log.entry(log.history.generation + 1, Event::Takeover(takeover));
            match log.create(folder, &entry).await? {
                Verdict::Ours => {
                    log.history.push(entry, run, keys)?;
                    return Ok(log);
                }
                // Another coordinator was faster: what it wrote is read, and the next number tried.
                Verdict::Superseded => {}
            }
        }
        Err(Error::dependency(format!("run {run} could not be taken over: other coordinators keep writing its log"))
            .with_hint("stop the other coordinators of this run"))
    }

    /// Records that a stage is done; `payload` is what later stages need of it, at most 256 MB.
    ///
    /// # Errors
    /// Another coordinator took over (exit 5), or the store failed for good.
    pub async fn append<F: ObjectFolder>(&mut self, folder: &F, stage: &str, payload: Vec<u8>) -> Result<()> {
        if payload.len() > MAX_PAYLOAD {
            return Err(Error::bug(format!(
                "the payload of stage {stage} has {} bytes, at most {MAX_PAYLOAD} fit",
                payload.len()
            )));
        }
        let point = stage.split('/').next().unwrap_or(stage);
        failpoint(&format!("{point}.computed"))?;
        let done = StageDone { stage: stage.to_owned(), payload: payload.into() };
        let entry = self.entry(self.history.generation, Event::StageDone(done));
        if self.create(folder, &entry).await? != Verdict::Ours {
            return Err(self.fenced());
        }
        // A superseded coordinator could create an entry where a finished run's log has been deleted; the commit was there before.
        if read_commit(folder, &self.keys).await?.is_some() {
            folder.delete(&self.keys.log(entry.number)).await?;
            return Err(self.fenced());
        }
        self.history.push(entry, &self.run, &self.keys)?;
        failpoint(&format!("{point}.done"))
    }

    /// Says whether another coordinator took the run over or committed it, as far as this one has not decided the commit: what then
    /// fails here, such as a read of a work file that was deleted, is only a sign of that.
    ///
    /// # Errors
    /// The store fails.
    pub async fn is_superseded<F: ObjectFolder>(&self, folder: &F) -> Result<bool> {
        if self.history.stages.contains_key(stage::COMMIT) {
            return Ok(false);
        }
        let next = folder.get(&self.keys.log(self.history.entries + 1)).await?;
        let next = next.and_then(|bytes| LogEntry::decode(bytes).ok());
        if next.is_some_and(|entry| entry.nonce != *self.nonce.bytes()) {
            return Ok(true);
        }
        Ok(read_commit(folder, &self.keys).await?.is_some())
    }

    /// Gives the payload of a stage that is done.
    pub fn stage(&self, stage: &str) -> Option<&Bytes> {
        self.history.stages.get(stage)
    }

    /// Counts takeovers, this one included; workers refuse a lower one.
    pub fn generation(&self) -> u64 {
        self.history.generation
    }

    /// Gives the number of shards of the whole run: that of the coordinator which began it. A later one must cut alike, or a late
    /// write of the first would put another cut's rows into a file of the same name.
    pub fn shards(&self) -> u32 {
        self.history.shards
    }

    /// Gives the run's id.
    pub fn run(&self) -> &str {
        &self.run
    }

    /// Gives the run's keys.
    pub fn keys(&self) -> &RunKeys {
        &self.keys
    }

    /// The error of a coordinator that is not the run's last.
    pub fn fenced(&self) -> Error {
        fenced(&self.run)
    }

    fn entry(&self, generation: u64, event: Event) -> LogEntry {
        let entry = LogEntry {
            run: self.run.clone(),
            number: self.history.entries + 1,
            nonce: self.nonce.bytes().to_vec(),
            generation,
            event: Some(event),
            previous: self.history.checksum,
            checksum: 0,
        };
        LogEntry { checksum: checksum_of(&entry.encode_to_vec()), ..entry }
    }

    /// Reads the entries after those already read.
    async fn read_on<F: ObjectFolder>(&mut self, folder: &F) -> Result<()> {
        while let Some(entry) = self.read(folder, self.history.entries + 1).await? {
            self.history.push(entry, &self.run, &self.keys)?;
        }
        Ok(())
    }

    async fn read<F: ObjectFolder>(&self, folder: &F, number: u64) -> Result<Option<LogEntry>> {
        let Some(bytes) = folder.get(&self.keys.log(number)).await? else { return Ok(None) };
        self.decode(bytes, number).map(Some)
    }

    fn decode(&self, bytes: Bytes, number: u64) -> Result<LogEntry> {
        let read = LogEntry::decode(bytes);
        let entry = read.map_err(|cause| unreadable(&self.keys, number, "it is damaged").caused_by(cause))?;
        let checksum = entry.checksum;
        let bare = LogEntry { checksum: 0, ..entry };
        match checksum_of(&bare.encode_to_vec()) == checksum {
            true => Ok(LogEntry { checksum, ..bare }),
            false => Err(unreadable(&self.keys, number, "it is damaged")),
        }
    }

    /// Creates an entry and says whose entry stands there.
    async fn create<F: ObjectFolder>(&self, folder: &F, entry: &LogEntry) -> Result<Verdict> {
        let bytes = Bytes::from(entry.encode_to_vec());
        match create_or_read(folder, &self.keys.log(entry.number), &bytes).await? {
            Creation::Created => Ok(Verdict::Ours),
            Creation::Found(found) => Ok(verdict(&self.decode(found, entry.number)?, entry)),
        }
    }
}

/// Deletes the log, newest entry first, so that what a crash leaves is the beginning of a log.
pub(super) async fn delete_log<F: ObjectFolder>(folder: &F, keys: &RunKeys) -> Result<()> {
    let mut entries = folder.list(&format!("{}/log", keys.work_folder())).await?;
    entries.sort();
    for key in entries.iter().rev() {
        folder.delete(key).await?;
    }
    Ok(())
}

/// The error of a coordinator that another superseded.
pub(super) fn fenced(run: &str) -> Error {
    Error::new(Fault::Fenced, format!("another coordinator took over run {run}"))
        .with_hint("let the other one finish; this one has left nothing to clean up")
}

fn unreadable(keys: &RunKeys, number: u64, why: &str) -> Error {
    Error::data(format!("{} in the output, an entry of the run's log, cannot be read: {why}", keys.log(number)))
        .with_hint(format!("begin anew with --new-run; {} can be deleted then", keys.work_folder()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::create::TRIES;
    use crate::protocol::memory_folder::{Fault as Injected, MemoryFolder};

    fn keys() -> RunKeys {
        RunKeys::new("club", "r1")
    }

    async fn take_over(folder: &MemoryFolder, who: u8, shards: u32) -> RunLog {
        RunLog::take_over(folder, &keys(), "r1", Nonce::of(who), shards).await.unwrap()
    }

    #[tokio::test]
    async fn a_second_coordinator_sees_what_is_done_and_fences_the_first() {
        let folder = MemoryFolder::default();
        let mut first = take_over(&folder, 1, 8).await;
        first.append(&folder, stage::PARTITION, b"chunks".to_vec()).await.unwrap();

        let mut second = take_over(&folder, 2, 64).await;
        assert_eq!((second.generation(), second.stage(stage::PARTITION)), (2, Some(&Bytes::from("chunks"))));
        assert_eq!(second.shards(), 8, "the run keeps the cut it began with");

        let refused = first.append(&folder, stage::FEATURES, Vec::new()).await.unwrap_err();
        assert_eq!(refused.fault, Fault::Fenced);
        second.append(&folder, stage::FEATURES, Vec::new()).await.unwrap();
    }

    #[tokio::test]
    async fn a_lost_reply_is_recognised_as_ones_own_write() {
        for fault in [Injected::WrittenThenError, Injected::WrittenThenExists] {
            let folder = MemoryFolder::default();
            let mut log = take_over(&folder, 1, 1).await;
            folder.inject([fault]);
            log.append(&folder, stage::PARTITION, Vec::new()).await.unwrap();
            assert!(folder.all_injected(), "the fault must fire");
            assert_eq!(take_over(&folder, 2, 1).await.history.entries, 3, "the entry stands once");
        }
    }

    #[tokio::test]
    async fn a_conflict_where_nobody_wrote_is_tried_again() {
        let folder = MemoryFolder::default();
        let mut log = take_over(&folder, 1, 1).await;
        folder.inject([Injected::ExistsButNobodyWrote, Injected::Error, Injected::ExistsButNobodyWrote]);
        log.append(&folder, stage::PARTITION, Vec::new()).await.unwrap();
        assert!(folder.all_injected(), "the faults must fire");
    }

    #[tokio::test]
    async fn a_store_that_never_writes_is_given_up() {
        let folder = MemoryFolder::default();
        let mut log = take_over(&folder, 1, 1).await;
        folder.inject([Injected::ExistsButNobodyWrote; TRIES as usize]);
        let error = log.append(&folder, stage::PARTITION, Vec::new()).await.unwrap_err();
        assert_eq!(error.fault, Fault::Dependency);
    }

    #[tokio::test]
    async fn an_entry_of_a_deleted_log_is_not_a_checkpoint() {
        let folder = MemoryFolder::default();
        let mut first = take_over(&folder, 1, 1).await;
        // The second coordinator finished: the commit stands and the log is gone.
        folder
            .put(&keys().commit(), crate::protocol::commit::tests::small_commit("r1").to_bytes().unwrap())
            .await
            .unwrap();
        delete_log(&folder, &keys()).await.unwrap();
        let refused = first.append(&folder, stage::FEATURES, Vec::new()).await.unwrap_err();
        assert_eq!(refused.fault, Fault::Fenced);
        assert_eq!(folder.list(&keys().work_folder()).await.unwrap(), Vec::<String>::new());
    }

    #[tokio::test]
    async fn every_damage_of_an_entry_is_refused_with_its_name() {
        let folder = MemoryFolder::default();
        let mut log = take_over(&folder, 1, 8).await;
        log.append(&folder, stage::PARTITION, b"chunks".to_vec()).await.unwrap();
        log.append(&folder, stage::FEATURES, b"features".to_vec()).await.unwrap();
        for number in 1..=3 {
            let key = keys().log(number);
            let whole = folder.get(&key).await.unwrap().unwrap();
            let flipped = (0..whole.len() * 8).map(|bit| {
                let mut bytes = whole.to_vec();
                bytes[bit / 8] ^= 1 << (bit % 8);
                bytes
            });
            let cut = (0..whole.len()).map(|end| whole[..end].to_vec());
            for damaged in flipped.chain(cut) {
                folder.put(&key, damaged.into()).await.unwrap();
                let refused = RunLog::take_over(&folder, &keys(), "r1", Nonce::of(2), 8).await.unwrap_err();
                assert!(refused.fault == Fault::Data && refused.message.contains(&key), "{refused}");
            }
            folder.put(&key, whole).await.unwrap();
        }
        assert_eq!(take_over(&folder, 3, 8).await.stage(stage::FEATURES), Some(&Bytes::from("features")));
    }

    #[tokio::test]
    async fn an_entry_that_another_history_had_is_refused() {
        let entries = async |payload: &[u8]| {
            let folder = MemoryFolder::default();
            let mut log = take_over(&folder, 1, 8).await;
            log.append(&folder, stage::PARTITION, payload.to_vec()).await.unwrap();
            log.append(&folder, stage::FEATURES, Vec::new()).await.unwrap();
            folder
        };
        let (folder, other) = (entries(b"chunks").await, entries(b"others").await);
        folder.put(&keys().log(2), other.get(&keys().log(2)).await.unwrap().unwrap()).await.unwrap();
        let refused = RunLog::take_over(&folder, &keys(), "r1", Nonce::of(2), 8).await.unwrap_err();
        assert!(refused.message.contains(&keys().log(3)), "{refused}");
    }

    #[test]
    fn a_log_out_of_order_is_refused() {
        let entry = |number, generation, event| LogEntry {
            run: "r1".to_owned(),
            number,
            nonce: vec![1; 16],
            generation,
            event: Some(event),
            ..LogEntry::default()
        };
        let takeover = || Event::Takeover(Takeover { program_version: String::new(), shards: 4 });
        let done = || Event::StageDone(StageDone { stage: "partition".to_owned(), payload: Bytes::new() });
        let started = || {
            let mut history = History::default();
            history.push(entry(1, 1, takeover()), "r1", &keys()).unwrap();
            history
        };
        started().push(entry(2, 1, done()), "r1", &keys()).unwrap();
        started().push(entry(2, 2, takeover()), "r1", &keys()).unwrap();
        for wrong in [entry(2, 2, done()), entry(3, 1, done()), entry(2, 1, takeover())] {
            assert!(started().push(wrong, "r1", &keys()).is_err());
        }
        assert!(started().push(entry(2, 1, done()), "r2", &keys()).is_err(), "another run's");
        assert!(History::default().push(entry(1, 0, done()), "r1", &keys()).is_err(), "nobody has begun");
    }
}
