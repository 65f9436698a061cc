//! The program `segmenter`: the coordinator and everything a person types.

use std::process::ExitCode;

fn main() -> ExitCode {
    segmenter::commands::main()
}
