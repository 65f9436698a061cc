//! The result file: whole or not there, at every moment. On Kubernetes the error also stands where `kubectl describe` looks.

use segmenter_proto::{Error, Result};
use segmenter_worker::program::{for_people, json_line};
use serde_json::Value;
use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Where a container leaves its last words; a file that Kubernetes makes.
const TERMINATION_LOG: &str = "/dev/termination-log";
/// Bytes of it that are read.
const LAST_WORDS: usize = 4096;

/// Writes the result in place of an earlier one.
///
/// # Errors
/// It cannot be written.
pub(super) fn write(path: &Path, answer: &Value) -> Result<()> {
    let text = format!("{}\n", json_line(answer));
    write_whole(path, text.as_bytes()).map_err(|error| {
        Error::dependency(format!("the result file {} cannot be written", path.display()))
            .with_hint("name a file in a folder that can be written to (--result-file)")
            .caused_by(error)
    })
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A device or a pipe is written to, and not replaced.
    if path.metadata().is_ok_and(|found| !found.is_file()) {
        return OpenOptions::new().write(true).open(path)?.write_all(bytes);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        fs::create_dir_all(folder)?;
    }
    let aside = aside(path);
    let renamed = fs::write(&aside, bytes).and_then(|()| fs::rename(&aside, path));
    renamed.or_else(|_| {
        let _ = fs::remove_file(&aside);
        // A file that is mounted by itself cannot be replaced.
        fs::write(path, bytes)
    })
}

/// Names a file beside it that no other process writes.
fn aside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}", std::process::id()))
}

/// Leaves the error where Kubernetes looks for it, if there is such a place; nothing hangs on it.
pub(super) fn leave_last_words(error: &Error) {
    leave_in(Path::new(TERMINATION_LOG), error);
}

fn leave_in(path: &Path, error: &Error) {
    if !path.metadata().is_ok_and(|found| found.is_file()) {
        return;
    }
    let mut text = for_people(error, false);
    while text.len() > LAST_WORDS {
        text.pop();
    }
    let _ = fs::write(path, text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_result_takes_the_place_of_an_earlier_one_and_leaves_nothing_beside() {
        let folder = std::env::temp_dir().join(format!("segmenter-result-{}", std::process::id()));
        let path = folder.join("deep/result.json");
        write(&path, &json!({ "long": "x".repeat(100) })).unwrap();
        write(&path, &json!({ "a": 1 })).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "{\"a\":1}\n");
        assert_eq!(fs::read_dir(folder.join("deep")).unwrap().count(), 1);
        let error = write(&path.join("below"), &json!({})).unwrap_err();
        assert!(error.fault.exit_code() == 4 && error.hint.unwrap().contains("--result-file"));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn last_words_are_left_where_there_is_a_place_for_them() {
        let folder = std::env::temp_dir().join(format!("segmenter-words-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("termination-log");
        leave_in(&path, &Error::data("late"));
        assert!(!path.exists(), "it is not made");
        fs::write(&path, "").unwrap();
        leave_in(&path, &Error::data("ż".repeat(4000)).with_hint("wait"));
        let left = fs::read_to_string(&path).unwrap();
        assert!(left.starts_with("error: żż") && left.len() <= LAST_WORDS && left.len() > LAST_WORDS - 4);
        fs::remove_dir_all(folder).unwrap();
    }
}
