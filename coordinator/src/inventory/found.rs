//! A run as it is found in the store.

use chrono::{DateTime, NaiveDate, Utc};

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is committed, and its files are there.
    Committed,
    /// It is committed, and files are missing or cut short.
    Damaged,
    /// Its `commit.json` cannot be read.
    Broken,
    /// It was begun, and is not committed.
    Begun,
    /// Files of a run that is not committed and that nobody can go on with: its deletion was cut off.
    Leftover,
}

impl State {
    /// Gives the word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Committed => "committed",
            Self::Damaged => "damaged",
            Self::Broken => "broken",
            Self::Begun => "begun",
            Self::Leftover => "leftover",
        }
    }
}

/// A run as it is found in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundRun {
    /// Its id.
    pub run: String,
    /// How far it is.
    pub state: State,
    /// Its day; none where the id tells none.
    pub as_of: Option<NaiveDate>,
    /// Position among the runs of its day; 0 unless it is committed.
    pub sequence: u64,
    /// When its commit was written, as the store tells.
    pub committed_at: Option<DateTime<Utc>>,
    /// When something of it was last written.
    pub changed_at: Option<DateTime<Utc>>,
    /// Its customers, or whoever was segmented.
    pub customers: Option<u64>,
    /// The run that it was compared with.
    pub previous: Option<String>,
    /// What is wrong with it.
    pub damage: Vec<String>,
    /// Number of its files, with what is under way.
    pub files: u64,
    /// Their size.
    pub bytes: u64,
    /// Ids of the scores by its model.
    pub scores: Vec<String>,
    /// Ids of the evaluations of it.
    pub evaluations: Vec<String>,
    /// Lists for other tools that it wrote.
    pub exports: Vec<String>,
    /// Those of them that are the newest of their name.
    pub newest_exports: Vec<String>,
    /// When something of a score or an evaluation that is not committed was last written.
    pub used_at: Option<DateTime<Utc>>,
}

impl FoundRun {
    /// Orders runs by age, the newest greatest: as `latest.json` does.
    pub fn age(&self) -> (Option<NaiveDate>, u64, &str) {
        (self.as_of, self.sequence, &self.run)
    }

    /// Says whether it is a run that can be read.
    pub fn is_whole(&self) -> bool {
        self.state == State::Committed
    }

    /// Says whether its commit is there and can be read.
    pub fn is_committed(&self) -> bool {
        matches!(self.state, State::Committed | State::Damaged)
    }
}
