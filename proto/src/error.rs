//! One error type that keeps, across every boundary, whose fault it is and whether a retry helps.

use std::error::Error as StdError;

/// Result with the product's error.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Whose fault an error is; decides the exit code and whether a retry helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A bug of segmenter: exit 1.
    Bug,
    /// The command line or the job file: exit 2.
    Job,
    /// The data breaks the contract: exit 3.
    Data,
    /// A dependency is missing or failed, or the process was told to stop: exit 4, a retry helps.
    Dependency,
    /// Another coordinator took over: exit 5.
    Fenced,
    /// Memory or disk is too small: exit 6.
    Resources,
}

impl Fault {
    /// Gives the exit code of the program.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Bug => 1,
            Self::Job => 2,
            Self::Data => 3,
            Self::Dependency => 4,
            Self::Fenced => 5,
            Self::Resources => 6,
        }
    }

    /// Says whether the same command may succeed when it is run again.
    pub fn retry_helps(self) -> bool {
        self == Self::Dependency
    }
}

/// A place in a text that a user wrote; both from 1, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Line of the text.
    pub line: u64,
    /// Character in the line.
    pub column: u64,
}

/// Where in a job file something is wrong, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The dotted path of the key, such as `features.custom[1].expression`.
    pub path: Option<String>,
    /// The word within the text that stands there.
    pub position: Option<Position>,
}

/// An error that a person reads: what happened where, what was expected, and what to do. Shown with its position, unless whoever has
/// the text underlines the word.
#[derive(Debug, thiserror::Error)]
#[error("{message}{}", self.told_position())]
pub struct Error {
    /// Whose fault it is.
    pub fault: Fault,
    /// What happened, naming the file, column, row or object; lower case, no full stop.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The work file, below the run's work folder, that is gone or damaged: it can be made again from what it came from.
    pub lost_work: Option<String>,
    /// Where in the job file it is wrong.
    pub place: Option<Box<Place>>,
    /// What caused it.
    #[source]
    pub source: Option<Box<dyn StdError + Send + Sync>>,
}

/// What every message of a full disk says, in this process or another.
pub const NO_ROOM: &str = "no room for";

impl Error {
    /// Says whether a disk, a quota or the limit of a file's size is reached.
    pub fn is_full_disk(&self) -> bool {
        self.fault == Fault::Resources && self.message.contains(NO_ROOM)
    }

    /// Makes an error without a hint or a cause.
    pub fn new(fault: Fault, message: impl Into<String>) -> Self {
        Self { fault, message: message.into(), hint: None, lost_work: None, place: None, source: None }
    }

    /// Makes an error for a bug of segmenter.
    pub fn bug(message: impl Into<String>) -> Self {
        Self::new(Fault::Bug, message)
    }

    /// Makes an error for a wrong job file or command line.
    pub fn job(message: impl Into<String>) -> Self {
        Self::new(Fault::Job, message)
    }

    /// Makes an error for data that breaks the contract.
    pub fn data(message: impl Into<String>) -> Self {
        Self::new(Fault::Data, message)
    }

    /// Makes an error for a dependency that failed; a retry may help.
    pub fn dependency(message: impl Into<String>) -> Self {
        Self::new(Fault::Dependency, message)
    }

    /// Makes an error for memory or disk that is too small.
    pub fn resources(message: impl Into<String>) -> Self {
        Self::new(Fault::Resources, message)
    }

    /// Makes an error for a work file that is gone or damaged; `object` is its key below the run's work folder.
    pub fn lost_work(object: &str, message: impl Into<String>) -> Self {
        Self { lost_work: Some(object.to_owned()), ..Self::dependency(message) }
    }

    /// Says at which key of the job file it is wrong, unless that is known.
    #[must_use]
    pub fn at_key(mut self, path: impl Into<String>) -> Self {
        let place = self.place.get_or_insert_default();
        place.path.get_or_insert_with(|| path.into());
        self
    }

    /// Says at which word of the text it is wrong, if that is known.
    #[must_use]
    pub fn at_word(mut self, position: Option<Position>) -> Self {
        if position.is_some() {
            self.place.get_or_insert_default().position = position;
        }
        self
    }

    fn told_position(&self) -> String {
        match self.place.as_ref().and_then(|place| place.position) {
            Some(Position { line: 1, column }) => format!(" (at character {column})"),
            Some(Position { line, column }) => format!(" (at line {line}, character {column})"),
            None => String::new(),
        }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the cause.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}
