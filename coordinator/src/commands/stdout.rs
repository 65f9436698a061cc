//! Data and results, on stdout.

use segmenter_proto::{Error, Result};
use std::io::{ErrorKind, Write};

/// Prints text, with a line break at its end. A reader that has seen enough (`| head`) is no error.
///
/// # Errors
/// Stdout cannot be written, such as a full disk.
pub(super) fn print(text: &str) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    let line_break = if text.ends_with('\n') { "" } else { "\n" };
    match write!(stdout, "{text}{line_break}").and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Error::dependency("stdout cannot be written").caused_by(error))
        }
        _ => Ok(()),
    }
}
