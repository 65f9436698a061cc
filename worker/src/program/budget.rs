//! What part of `--memory` and `--threads` the data gets.

use segmenter_proto::{Error, Result};

/// What the process takes whatever the data: pages of the program, the runtime's threads, buffers of requests, by what was
/// measured.
const PROCESS: u64 = 56 << 20;
/// What a thread at work takes beside the rows that it counts: pages that a decoder or an encoder holds, and what the allocator has
/// not given back.
const LANE: u64 = 8 << 20;
/// What a thread at work may take at its most, by what was measured at 256M with 1, 2, 4 and 8 threads (205, 242, 293 to 306, and 320 MB
/// at the peak): how many can work within a budget goes by it.
const LANE_AT_MOST: u64 = 30 << 20;
/// The least for the data itself.
const LEAST_DATA: u64 = 24 << 20;
/// One thread at work, with the least data.
const LEAST_MEMORY: u64 = PROCESS + LANE + LEAST_DATA + (8 << 20);

/// What the data gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataBudget {
    /// Bytes for what grows with the data.
    pub memory: u64,
    /// Threads that may work on it side by side.
    pub threads: usize,
}

impl DataBudget {
    /// Divides a budget in bytes. Threads at work take at most a quarter of what the process leaves: with a third, two of them took 1.11
    /// to 1.25 of 256M over 16 million customers, and with half, eight took 1.22 of 512M. Where there are more, fewer work at a time.
    ///
    /// # Errors
    /// When the budget is too small for any data: Resources.
    pub fn new(budget: u64, threads: usize) -> Result<Self> {
        if budget < LEAST_MEMORY {
            return Err(Error::resources(format!(
                "the memory budget is {}, expected at least {}",
                for_people(budget),
                for_people(LEAST_MEMORY)
            ))
            .with_hint(
                "give more with --memory, or raise the limit of the container; `segmenter plan` tells what a job needs",
            ));
        }
        let rest = budget - PROCESS;
        let room = usize::try_from(rest / 4 / LANE_AT_MOST).unwrap_or(usize::MAX);
        let threads = threads.clamp(1, room.max(1));
        Ok(Self { memory: rest - LANE * threads as u64, threads })
    }

    /// Gives the `--memory` that leaves so many bytes to the data where so many threads are asked for.
    pub fn whole_for(data: u64, threads: usize) -> u64 {
        let lanes = data.min(LANE.saturating_mul(threads as u64));
        data.saturating_add(lanes + PROCESS).max(LEAST_MEMORY)
    }

    /// Says that fewer threads work than were asked for; none where all do.
    pub fn fewer_threads(&self, budget: u64, asked: usize) -> Option<String> {
        (self.threads < asked).then(|| {
            format!(
                "a memory budget of {} has room for {} of {asked} threads at work",
                for_people(budget),
                self.threads
            )
        })
    }
}

/// Writes a size as `--memory` takes it.
fn for_people(bytes: u64) -> String {
    match bytes >> 20 {
        0 => format!("{bytes} bytes"),
        mebibytes => format!("{mebibytes}M"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_process_and_its_threads_come_first_and_too_little_is_refused() {
        assert_eq!(DataBudget::new(512 << 20, 2).unwrap(), DataBudget { memory: 440 << 20, threads: 2 });
        assert_eq!(DataBudget::whole_for(440 << 20, 2), 512 << 20);
        assert_eq!(DataBudget::new(1 << 30, 8).unwrap().memory, (1024 - 56 - 64) << 20);
        let error = DataBudget::new(95 << 20, 1).unwrap_err();
        assert_eq!(error.fault, segmenter_proto::Fault::Resources);
        assert_eq!(error.message, "the memory budget is 95M, expected at least 96M");
        assert!(DataBudget::new(5, 1).unwrap_err().message.contains("5 bytes"));
    }

    #[test]
    fn where_threads_would_take_more_than_a_quarter_fewer_work() {
        let small = DataBudget::new(128 << 20, 16).unwrap();
        assert_eq!(small, DataBudget { memory: 64 << 20, threads: 1 });
        let middle = DataBudget::new(256 << 20, 16).unwrap();
        let told = middle.fewer_threads(256 << 20, 16).unwrap();
        assert_eq!(told, "a memory budget of 256M has room for 1 of 16 threads at work");
        assert_eq!(DataBudget::new(2 << 30, 16).unwrap().fewer_threads(2 << 30, 16), None);
        assert_eq!(DataBudget::new(96 << 20, 3).unwrap().threads, 1);
        for (data, threads) in [(24 << 20, 1), (40 << 20, 16), (500 << 20, 64), (3 << 30, 4)] {
            let budget = DataBudget::new(DataBudget::whole_for(data, threads), threads).unwrap();
            assert!(budget.memory >= data, "{data} bytes for {threads} threads: {budget:?}");
        }
    }
}
