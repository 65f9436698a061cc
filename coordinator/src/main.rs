//! The program `segmenter`: the coordinator and everything a person types.

use std::process::ExitCode;

fn main() -> ExitCode {
    segmenter_worker::program::install_allocator();
    segmenter::commands::main()
}
