//! What a command that runs is told of those who started it and who want to hear of its end.

use crate::lineage::Parent;
use clap::Args;
use std::{ffi::OsString, path::PathBuf};

/// The environment variable that names the result file.
pub(super) const RESULT_FILE_VARIABLE: &str = "SEGMENTER_RESULT_FILE";
/// The same on the command line.
const RESULT_FILE: &str = "--result-file";
/// Commands that write one.
const RUNNING: [&str; 3] = ["run", "score", "evaluate"];

/// Who started a run, and where its end is told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "Orchestration")]
pub(super) struct OrchestrationArguments {
    /// Write the answer of --output json to this file too, however the run ends [default: SEGMENTER_RESULT_FILE]
    #[arg(long, value_name = "PATH")]
    pub(super) result_file: Option<PathBuf>,
    /// Who started the run, for OpenLineage: NAMESPACE/JOB/RUN [default: OPENLINEAGE_PARENT_ID]
    #[arg(long, value_name = "ID", value_parser = Parent::parse)]
    pub(super) parent_run: Option<Parent>,
}

impl OrchestrationArguments {
    /// Takes from the environment what was not typed.
    pub(super) fn or_environment(mut self) -> Self {
        self.result_file = self.result_file.or_else(|| path(std::env::var_os(RESULT_FILE_VARIABLE)));
        self
    }
}

/// Finds the result file of a command line that could not be understood as a whole.
pub(super) fn wanted_file(words: &[OsString], variable: Option<OsString>) -> Option<PathBuf> {
    let text = |word: &OsString| word.to_string_lossy().into_owned();
    words.iter().find(|word| RUNNING.contains(&text(word).as_str()))?;
    let named = words.iter().position(|word| word == RESULT_FILE).and_then(|at| words.get(at + 1).cloned());
    let joined =
        || words.iter().find_map(|word| text(word).strip_prefix(&format!("{RESULT_FILE}=")).map(OsString::from));
    path(named.or_else(joined).or(variable))
}

fn path(word: Option<OsString>) -> Option<PathBuf> {
    word.filter(|word| !word.is_empty()).map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_not_understood_still_names_its_file() {
        let wanted = |line: &str, variable: Option<&str>| {
            let words: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
            wanted_file(&words, variable.map(OsString::from))
        };
        assert_eq!(wanted("segmenter run --no --result-file a.json", Some("b.json")), Some("a.json".into()));
        assert_eq!(wanted("segmenter score --no --result-file=a.json", None), Some("a.json".into()));
        assert_eq!(wanted("segmenter evaluate --no", Some("b.json")), Some("b.json".into()));
        assert_eq!(wanted("segmenter evaluate --no", Some("")), None);
        assert_eq!(wanted("segmenter plan --no", Some("b.json")), None, "it has no result");
    }
}
