//! What the process may use, every default filled in.

use super::{arguments::ResourceArguments, memory::available_memory};
use std::path::{Path, PathBuf};

/// The budget where the system does not tell how much memory there is.
const UNKNOWN_MEMORY: u64 = 4 << 30;

/// What the process may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resources {
    /// Threads that work on the data, at least 1.
    pub threads: usize,
    /// Budget in bytes for what grows with the data.
    pub memory: u64,
    /// The folder for work files, as given or the system's; every run has one of its own in it.
    pub scratch: PathBuf,
}

impl Resources {
    pub(super) fn new(arguments: ResourceArguments, machine: Machine) -> Self {
        Self {
            threads: arguments.threads.map_or(machine.cores, usize::from),
            memory: arguments.memory.unwrap_or(machine.memory.map_or(UNKNOWN_MEMORY, |memory| memory / 5 * 4)),
            scratch: arguments.scratch.unwrap_or(machine.temporary),
        }
    }
}

/// What the machine gives this process.
#[derive(Debug, Clone)]
pub(super) struct Machine {
    cores: usize,
    memory: Option<u64>,
    temporary: PathBuf,
}

impl Machine {
    /// Looks at the machine.
    pub(super) fn observe() -> Self {
        Self {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory: available_memory(Path::new("/")),
            temporary: std::env::temp_dir(),
        }
    }

    #[cfg(test)]
    pub(super) fn small() -> Self {
        Self { cores: 2, memory: Some(1000), temporary: PathBuf::from("/tmp") }
    }
}
