//! How the C library's allocator keeps memory that is free.

/// Lets freed memory go back to the system, so that the peak of the process follows what is in use. Called first in `main`.
///
/// Left alone, glibc gives each thread an arena of its own, and keeps what was freed in it: with eight threads a run took three
/// times its budget. Elsewhere than on glibc this does nothing.
pub fn install() {
    #[cfg(target_env = "gnu")]
    glibc::install();
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

    pub(super) fn install() {
        for (parameter, value) in
            [(libc::M_ARENA_MAX, ARENAS), (libc::M_MMAP_THRESHOLD, MAPPED), (libc::M_TRIM_THRESHOLD, MAPPED)]
        {
            // SAFETY: mallopt takes two integers and has no other requirement; a parameter that it does not know is refused, and
            // then the allocator stays as it was.
            unsafe { libc::mallopt(parameter, value) };
        }
    }
}
