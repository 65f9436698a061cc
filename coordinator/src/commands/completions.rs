//! `segmenter completions`: what a shell needs to complete commands and flags.

use super::{arguments::Arguments, stdout};
use clap::CommandFactory;
use clap_complete::{Shell, generate};
use segmenter_proto::{Error, Result};

/// Prints the script of a shell.
pub(super) fn completions(shell: Shell) -> Result<()> {
    let mut script = Vec::new();
    generate(shell, &mut Arguments::command(), "segmenter", &mut script);
    let script = String::from_utf8(script).map_err(|error| Error::bug("a script that is no text").caused_by(error))?;
    stdout::print(script.trim_end())
}
