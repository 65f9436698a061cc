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

#[cfg(target_env = "gnu")]
mod glibc {
    #![allow(unsafe_code)]

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
        let share = i32::try_from(budget / SHARE).unwrap_or(i32::MAX);
        map_from(share.clamp(MAPPED, MOST_MAPPED));
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

        /// Says whether a new block of so many bytes is mapped on its own.
        fn is_mapped(bytes: usize) -> bool {
            const IS_MMAPPED: usize = 2;
            // SAFETY: before each block that malloc gives lies a word of glibc's with the block's size and flags.
            unsafe {
                let block = libc::malloc(bytes);
                assert!(!block.is_null());
                let word = block.cast::<usize>().sub(1).read();
                libc::free(block);
                word & IS_MMAPPED != 0
            }
        }

        #[test]
        fn a_large_budget_keeps_larger_blocks() {
            // In a process of its own: what other tests freed would serve these blocks too.
            let name = "program::allocator::glibc::tests::in_a_process_of_its_own";
            let mut alone = std::process::Command::new(std::env::current_exe().unwrap());
            let ran = alone.args(["--exact", name, "--ignored"]).output().unwrap();
            let told = String::from_utf8_lossy(&ran.stdout);
            assert!(ran.status.success() && told.contains("1 passed"), "{told}");
        }

        #[test]
        #[ignore = "the test above runs it"]
        fn in_a_process_of_its_own() {
            const MB: usize = 1 << 20;
            for (budget, kept, mapped) in [(0, 7, 9), (1 << 30, 15, 17), (u64::MAX, 31, 33)] {
                keep_freed(budget);
                assert!(is_mapped(mapped * MB), "{mapped} MB go back at once where the budget is {budget}");
                assert!(!is_mapped(kept * MB), "{kept} MB wait for their next use where the budget is {budget}");
            }
        }
    }
}
