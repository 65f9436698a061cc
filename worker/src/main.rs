//! The program `segmenter-worker`: performs the tasks of a coordinator's run.

use std::process::ExitCode;

fn main() -> ExitCode {
    segmenter_worker::service::main()
}
