//! How the C library's allocator keeps memory that is free.

/// Lets freed memory go back to the system, so that the peak of the process follows what is in use. Called first in `main`.
///
/// Left alone, glibc gives each thread an arena of its own, and keeps what was freed in it: with eight threads a run took three
/// times its budget. Elsewhere than on glibc this does nothing.
pub fn install() {
    #[cfg(target_env = "gnu")]
    glibc::install();
}

/// Lets more freed memory wait for its next use where the budget is large: to take fresh pages from the system each time took a thirtieth
/// of a run of 20 million rows.
pub fn keep_freed(budget: u64) {
    #[cfg(target_env = "gnu")]
    glibc::keep_freed(budget);
    #[cfg(not(target_env = "gnu"))]
    let _ = budget;
}

/// Gives free memory between blocks that are in use back to the system, where it has become much. Called when a task is done.
pub fn give_back() {
    #[cfg(target_env = "gnu")]
    glibc::give_back();
}

#[cfg(target_env = "gnu")]
mod glibc {
    #![allow(unsafe_code)]

    use std::sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    };
    use std::time::{Duration, Instant};

    /// What may be free within the arenas: a part of the budget, told when a run begins.
    static MOST_FREE: AtomicU64 = AtomicU64::new(u64::MAX);
    /// The part. The library gives back only what is free at the end of an arena: where 16 million customers were clustered within 256M, 120 MB
    /// stayed free between blocks of the first stages.
    const FREE_SHARE: u64 = 8;
    /// When free memory was given back last.
    static GIVEN_BACK: Mutex<Option<Instant>> = Mutex::new(None);
    /// Not more often: to go through all that is free and to take it from the system again takes a tenth of a second or so.
    const PAUSE: Duration = Duration::from_secs(2);

    /// Arenas: what is free in one cannot serve another. Two, since threads at work allocate a few large buffers a batch and seldom
    /// meet.
    const ARENAS: i32 = 2;
    /// Blocks from this size on are mapped on their own and go back at once. Said, because the default grows with the blocks that
    /// are freed, up to 32 MB. At 1 MB a run of 20 million rows took a twelfth longer, all of it in faults of fresh pages.
    const MAPPED: i32 = 8 << 20;
    /// The highest that the library takes.
    const MOST_MAPPED: i32 = 32 << 20;
    /// What may wait in each arena, at the end and between blocks, as a part of the budget.
    const SHARE: u64 = 64;

    pub(super) fn install() {
        set(libc::M_ARENA_MAX, ARENAS);
        map_from(MAPPED);
    }

    pub(super) fn keep_freed(budget: u64) {
        MOST_FREE.store(budget / FREE_SHARE, Ordering::Relaxed);
        map_from(mapped_from(budget));
    }

    pub(super) fn give_back() {
        // Where another thread does it, it is being done.
        let Ok(mut last) = GIVEN_BACK.try_lock() else { return };
        if last.is_some_and(|last| last.elapsed() < PAUSE) || free_in_memory() <= MOST_FREE.load(Ordering::Relaxed) {
            return;
        }
        // SAFETY: malloc_trim takes the bytes to leave at the end of the heap, and may be called at any time.
        unsafe { libc::malloc_trim(0) };
        *last = Some(Instant::now());
    }

    /// Gives the bytes that the allocator has in memory and nobody uses; none where the system does not tell.
    fn free_in_memory() -> u64 {
        let Ok(text) = std::fs::read_to_string("/proc/self/statm") else { return 0 };
        let mut pages = text.split(' ').skip(1).map_while(|pages| pages.parse::<u64>().ok());
        let (Some(resident), Some(of_files)) = (pages.next(), pages.next()) else { return 0 };
        // SAFETY: sysconf takes a name, and mallinfo2 nothing; neither has another requirement.
        let (page, blocks) = unsafe { (libc::sysconf(libc::_SC_PAGESIZE), libc::mallinfo2()) };
        let resident = resident.saturating_sub(of_files).saturating_mul(u64::try_from(page).unwrap_or_default());
        resident.saturating_sub((blocks.uordblks + blocks.hblkhd) as u64)
    }

    /// Gives the size from which on blocks are mapped on their own.
    fn mapped_from(budget: u64) -> i32 {
        i32::try_from(budget / SHARE).unwrap_or(i32::MAX).clamp(MAPPED, MOST_MAPPED)
    }

    fn map_from(bytes: i32) {
        set(libc::M_MMAP_THRESHOLD, bytes);
        set(libc::M_TRIM_THRESHOLD, bytes);
    }

    fn set(parameter: i32, value: i32) {
        // SAFETY: mallopt takes two integers and has no other requirement; a parameter that it does not know is refused, and
        // then the allocator stays as it was.
        unsafe { libc::mallopt(parameter, value) };
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        /// The only test that tells a budget, since it is the whole process's.
        #[test]
        fn what_is_free_between_blocks_goes_back() {
            // Blocks that are too small to be mapped on their own, every hundredth of them left in use.
            let mut blocks: Vec<Option<Vec<u8>>> = (0..40_000).map(|_| Some(vec![1; 4_096])).collect();
            for (_, block) in blocks.iter_mut().enumerate().filter(|(at, _)| at % 100 != 0) {
                *block = None;
            }
            let before = free_in_memory();
            assert!(before > 100 << 20, "{before} bytes are free and in memory");
            MOST_FREE.store(32 << 20, Ordering::Relaxed);
            // Another test may be giving back just now.
            let is_given_back = || {
                give_back();
                std::thread::sleep(PAUSE / 20);
                free_in_memory() < before / 2
            };
            assert!((0..100).any(|_| is_given_back()), "{} of {before} bytes", free_in_memory());
            assert!(blocks.iter().flatten().all(|block| block[0] == 1));
        }

        #[test]
        fn a_large_budget_keeps_larger_blocks() {
            for (budget, mapped) in [(0, MAPPED), (512 << 20, MAPPED), (1 << 30, 16 << 20), (u64::MAX, MOST_MAPPED)] {
                assert_eq!(mapped_from(budget), mapped, "budget {budget}");
            }
        }
    }
}
