//! What the process may use, every default filled in.

use super::{memory::available_memory, size::parse_size};
use clap::Args;
use std::path::{Path, PathBuf};

/// The budget where the system does not tell how much memory there is.
const UNKNOWN_MEMORY: u64 = 4 << 30;

/// What the process may use, as typed.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Resources")]
pub struct ResourceArguments {
    /// Threads that work on the data [default: all cores]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub threads: Option<u16>,
    /// Budget for what grows with the data, such as 512M or 8G [default: 80 % of the machine or its cgroup]
    #[arg(long, global = true, value_name = "SIZE", value_parser = parse_size)]
    pub memory: Option<u64>,
    /// Folder for work files; the same one resumes a run [default: the system's folder for temporary files]
    #[arg(long, global = true, value_name = "DIR")]
    pub scratch: Option<PathBuf>,
}

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
    /// Fills in from the machine what was not typed.
    pub fn new(arguments: ResourceArguments, machine: Machine) -> Self {
        Self {
            threads: arguments.threads.map_or(machine.cores, usize::from),
            memory: arguments.memory.unwrap_or(machine.memory.map_or(UNKNOWN_MEMORY, |memory| memory / 5 * 4)),
            scratch: arguments.scratch.unwrap_or(machine.temporary),
        }
    }
}

/// What the machine gives this process.
#[derive(Debug, Clone)]
pub struct Machine {
    /// Cores, at least 1.
    pub cores: usize,
    /// Bytes of the machine or the process's cgroup; none where the system does not tell.
    pub memory: Option<u64>,
    /// The system's folder for temporary files.
    pub temporary: PathBuf,
}

impl Machine {
    /// Looks at the machine.
    pub fn observe() -> Self {
        Self {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory: available_memory(Path::new("/")),
            temporary: std::env::temp_dir(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_typed_comes_from_the_machine() {
        let machine = Machine { cores: 3, memory: None, temporary: "/tmp".into() };
        let resources = Resources::new(ResourceArguments::default(), machine.clone());
        assert_eq!(resources, Resources { threads: 3, memory: 4 << 30, scratch: "/tmp".into() });
        let typed = ResourceArguments { threads: Some(7), memory: Some(1 << 20), scratch: Some("/fast".into()) };
        let resources = Resources::new(typed, machine.clone());
        assert_eq!(resources, Resources { threads: 7, memory: 1 << 20, scratch: "/fast".into() });
        let half = Resources::new(ResourceArguments::default(), Machine { memory: Some(1000), ..machine });
        assert_eq!(half.memory, 800);
    }
}
