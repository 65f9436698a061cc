//! A panic is a bug: say so, say where, and leave with 1, whichever thread it was.

use super::errors::REPORT_IT;
use segmenter_proto::Fault;
use std::{any::Any, io::Write, panic::PanicHookInfo};

/// Makes a panic on any thread end the process with exit code 1, naming the program; a run is whole at any moment and goes on when it is
/// started again.
pub fn install(program: &'static str) {
    std::panic::set_hook(Box::new(move |panic| {
        let _ = std::io::stderr().write_all(message(program, panic).as_bytes());
        std::process::exit(i32::from(Fault::Bug.exit_code()));
    }));
}

fn message(program: &str, panic: &PanicHookInfo<'_>) -> String {
    let place = panic.location().map(|place| format!(" ({}:{})", place.file(), place.line())).unwrap_or_default();
    let thread = std::thread::current().name().map(|name| format!(" on thread {name}")).unwrap_or_default();
    text(program, &format!("{}{place}{thread}", payload(panic.payload())))
}

fn text(program: &str, what: &str) -> String {
    format!("error: {program} has a bug: {what}\nhint: {REPORT_IT}\n")
}

fn payload(payload: &dyn Any) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("it did not say which")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_names_the_program_and_what_was_said() {
        assert!(text("segmenter-worker", "x").starts_with("error: segmenter-worker has a bug: x\nhint: please report"));
        for (panic, expected) in [
            (Box::new("a shard") as Box<dyn Any>, "a shard"),
            (Box::new("has two owners".to_owned()), "has two owners"),
            (Box::new(7), "it did not say which"),
        ] {
            assert_eq!(payload(panic.as_ref()), expected);
        }
    }
}
