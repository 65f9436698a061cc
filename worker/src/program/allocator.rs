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
        map_from(mapped_from(budget));
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

        #[test]
        fn a_large_budget_keeps_larger_blocks() {
            for (budget, mapped) in [(0, MAPPED), (512 << 20, MAPPED), (1 << 30, 16 << 20), (u64::MAX, MOST_MAPPED)] {
                assert_eq!(mapped_from(budget), mapped, "budget {budget}");
            }
        }
    }
}
