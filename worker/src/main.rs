//! The program `segmenter-worker`: performs the tasks of a coordinator's run.

use std::process::ExitCode;

fn main() -> ExitCode {
    segmenter_worker::program::install_allocator();
    segmenter_worker::service::main()
}
