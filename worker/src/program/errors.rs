//! Errors as people and programs read them, on stderr.

use segmenter_proto::{Error, Fault};
use serde_json::{Value, json};
use std::{
    borrow::Cow,
    error::Error as StdError,
    io::{IsTerminal, Write},
    process::ExitCode,
};

/// What to do about a bug.
pub const REPORT_IT: &str = "please report this message together with the command and the job file";

/// Says on stderr what went wrong, for a program if `json`, and gives the exit code.
pub fn report(error: &Error, json: bool) -> ExitCode {
    let text = if json { format!("{}\n", json_line(&for_programs(error))) } else { for_people(error, colour()) };
    say(error, &text)
}

/// Writes on stderr what an error is made of and gives the exit code.
pub fn say(error: &Error, text: &str) -> ExitCode {
    // With stderr closed the exit code must do.
    let _ = std::io::stderr().write_all(text.as_bytes());
    ExitCode::from(error.fault.exit_code())
}

/// Says whether stderr shows colour: a terminal, and `NO_COLOR` not set.
pub fn colour() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    std::io::stderr().is_terminal() && !set("NO_COLOR") && !dumb
}

/// Gives an error as a person reads it: `error: …`, a line a cause, `hint: …`.
pub fn for_people(error: &Error, colour: bool) -> String {
    let (error_word, cause_word, hint_word) = if colour {
        ("\x1b[1;31merror\x1b[0m", "\x1b[2mcaused by\x1b[0m", "\x1b[1;36mhint\x1b[0m")
    } else {
        ("error", "caused by", "hint")
    };
    let mut text = format!("{error_word}: {}\n", printable(&error.to_string()));
    for cause in causes(error) {
        text.push_str(&format!("  {cause_word}: {}\n", printable(&cause)));
    }
    if let Some(hint) = hint(error) {
        text.push_str(&format!("{hint_word}: {}\n", printable(hint)));
    }
    text
}

/// Writes control characters and ends of lines as escapes, as names in a file may hold them: a terminal must not obey a file, and a
/// name must not look like a line of ours.
pub fn printable(text: &str) -> Cow<'_, str> {
    escaped(text, |letter| letter.escape_default().to_string())
}

/// Gives JSON on one line that a terminal shows as it is.
pub fn json_line(value: &Value) -> String {
    // JSON's own escapes end at the controls of ASCII. What is left stands in texts, where an escape means the same.
    escaped(&value.to_string(), |letter| format!("\\u{:04x}", u32::from(letter))).into_owned()
}

fn escaped(text: &str, escape: impl Fn(char) -> String) -> Cow<'_, str> {
    if !text.contains(is_obeyed) {
        return Cow::Borrowed(text);
    }
    let shown = |letter: char| if is_obeyed(letter) { escape(letter) } else { letter.to_string() };
    Cow::Owned(text.chars().map(shown).collect())
}

/// Says whether a terminal does something with a character instead of showing it.
fn is_obeyed(letter: char) -> bool {
    // Ends of lines, and marks that turn the direction of writing, are no controls to Unicode, but show what is not there.
    let marks = matches!(
        letter,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
    );
    letter.is_control() || marks
}

/// Gives an error as a program reads it: one event like the others on stderr.
pub fn for_programs(error: &Error) -> Value {
    json!({
        "event": "error",
        "fault": fault_name(error.fault),
        "exit_code": error.fault.exit_code(),
        "retry_helps": error.fault.retry_helps(),
        "message": error.to_string(),
        "causes": causes(error),
        "hint": hint(error),
    })
}

fn fault_name(fault: Fault) -> &'static str {
    match fault {
        Fault::Bug => "bug",
        Fault::Job => "job",
        Fault::Data => "data",
        Fault::Dependency => "dependency",
        Fault::Fenced => "fenced",
        Fault::Resources => "resources",
    }
}

fn hint(error: &Error) -> Option<&str> {
    error.hint.as_deref().or((error.fault == Fault::Bug).then_some(REPORT_IT))
}

/// The chain of causes, without those that say again what stands before them: many types repeat their source in their message.
fn causes(error: &Error) -> Vec<String> {
    let mut causes: Vec<String> = Vec::new();
    let mut said = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if !said.contains(&text) {
            causes.push(text.clone());
            said = text;
        }
        next = cause.source();
    }
    causes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error() -> Error {
        let denied = std::io::Error::new(std::io::ErrorKind::PermissionDenied, "permission denied");
        let write = Error::dependency("cannot write /lake/a: permission denied").caused_by(denied);
        Error::dependency("the run's log cannot be written").caused_by(write).with_hint("check who may write /lake")
    }

    #[test]
    fn a_person_reads_error_causes_and_hint() {
        assert_eq!(
            for_people(&error(), false),
            "error: the run's log cannot be written\n  caused by: cannot write /lake/a: permission denied\n\
             hint: check who may write /lake\n"
        );
    }

    #[test]
    fn without_colour_it_says_the_same() {
        let coloured = for_people(&error(), true);
        let mut plain = String::new();
        for part in coloured.split('\x1b') {
            plain.push_str(part.split_once('m').filter(|_| part.starts_with('[')).map_or(part, |(_, text)| text));
        }
        assert_eq!(plain, for_people(&error(), false));
        assert_ne!(plain, coloured);
    }

    #[test]
    fn a_terminal_obeys_no_name_of_a_file() {
        let error = Error::data("there is no column a\0\x1b[31m\u{202e}\tż").with_hint("its columns are \u{feff}x\ny");
        let text = "error: there is no column a\\u{0}\\u{1b}[31m\\u{202e}\\tż\nhint: its columns are \\u{feff}x\\ny\n";
        assert_eq!(for_people(&error, false), text);
        let line = json_line(&for_programs(&error));
        assert!(line.chars().all(|letter| !is_obeyed(letter)), "{line}");
        let read: Value = serde_json::from_str(&line).unwrap();
        assert_eq!((&read["message"], &read["hint"]), (&json!(error.message), &json!(error.hint)));
        assert_eq!(json_line(&json!("\u{9b}31m\u{7f}\u{2028}")), r#""\u009b31m\u007f\u2028""#);
    }

    #[test]
    fn a_program_reads_one_line() {
        let line = for_programs(&error()).to_string();
        assert!(!line.contains('\n'));
        let read: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(
            (&read["fault"], &read["exit_code"], &read["retry_helps"]),
            (&json!("dependency"), &json!(4), &json!(true))
        );
    }

    #[test]
    fn a_bug_asks_for_a_report() {
        assert!(for_people(&Error::bug("a shard has two owners"), false).contains("hint: please report"));
    }
}
