//! What part of `--memory` the data gets.

use segmenter_proto::{Error, Result};

/// Bytes below which buffers, the allocator and a batch of rows do not fit, whatever the data.
const LEAST_MEMORY: u64 = 64 << 20;

/// Gives the bytes for what grows with the data out of a budget in bytes: three quarters; the rest is for code, buffers
/// and the allocator.
///
/// # Errors
/// When the budget is too small for any data: Resources.
pub fn memory_for_data(budget: u64) -> Result<u64> {
    if budget >= LEAST_MEMORY {
        return Ok(budget / 4 * 3);
    }
    Err(Error::resources(format!(
        "the memory budget is {}, expected at least {}",
        for_people(budget),
        for_people(LEAST_MEMORY)
    ))
    .with_hint("give more with --memory, or raise the limit of the container; `segmenter plan` tells what a job needs"))
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
    fn a_quarter_is_set_aside_and_too_little_is_refused() {
        assert_eq!(memory_for_data(1 << 30).unwrap(), 768 << 20);
        let error = memory_for_data(63 << 20).unwrap_err();
        assert_eq!(error.fault, segmenter_proto::Fault::Resources);
        assert_eq!(error.message, "the memory budget is 63M, expected at least 64M");
        assert!(memory_for_data(5).unwrap_err().message.contains("5 bytes"));
    }
}
