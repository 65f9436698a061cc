//! A commented job file with a small generated data set that it runs on.

use crate::synth::{self, JobFile, SynthOptions, SynthSummary, job_text, refuse_existing};
use segmenter_proto::{Error, Result};
use std::fs;
use std::path::{Path, PathBuf};

const CUSTOMERS: u64 = 5000;
const SEED: u64 = 7;
/// More than one, so that orders and rows are seen to differ.
const LINES_PER_ORDER: f64 = 1.6;

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitSummary {
    /// The job file, as a person would type it.
    pub job_file: PathBuf,
    /// What is in the generated tables.
    pub tables: SynthSummary,
}

/// Gives the commands to go on with from a job file, one a line.
pub fn next_commands(job_file: &Path) -> String {
    format!("segmenter plan {0}\nsegmenter run {0}\n", shell_word(&job_file.to_string_lossy()))
}

/// Writes `segmenter.toml` and the folder `data` into `dir`, which is made where it is missing.
///
/// # Errors
/// A job error where one of them exists (nothing is overwritten); a dependency error for a file that cannot be written.
pub fn write(dir: &Path) -> Result<InitSummary> {
    // `./data` in the job file would only be harder to read.
    let dir = if dir == Path::new(".") { Path::new("") } else { dir };
    let (job_file, data) = (dir.join("segmenter.toml"), dir.join("data"));
    refuse_existing(&[&job_file, &data])?;
    let options = SynthOptions { lines_per_order: LINES_PER_ORDER, ..SynthOptions::new(&data, CUSTOMERS, SEED) };
    let tables = synth::write_tables(&options, |_| {})?;
    let [path, folder, output] =
        [&job_file, &data, &dir.join("segments")].map(|path| path.to_string_lossy().into_owned());
    let text = job_text(&JobFile { name: "demo", path: &path, data: &folder, output: &output });
    fs::write(&job_file, text)
        .map_err(|cause| Error::dependency(format!("cannot write {}: {cause}", job_file.display())).caused_by(cause))?;
    Ok(InitSummary { job_file, tables })
}

/// Quotes a word for a POSIX shell where it has to be.
fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+=:,@%~".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_folder_gets_a_job_and_its_data_once() {
        let dir = tempfile::tempdir().unwrap();
        let shop = dir.path().join("my shop");
        let made = write(&shop).unwrap();
        assert_eq!(made.tables.customers, CUSTOMERS);
        let job: toml::Table = fs::read_to_string(&made.job_file).unwrap().parse().unwrap();
        for source in job["source"].as_array().unwrap() {
            let uri = source["uri"].as_str().unwrap();
            assert!(fs::read_dir(uri).unwrap().next().is_some(), "{uri} is empty");
        }
        assert_eq!(next_commands(&made.job_file).lines().count(), 2);
        assert!(next_commands(&made.job_file).contains("my shop/segmenter.toml'"));
        let error = write(&shop).unwrap_err();
        assert!(error.message.contains("segmenter.toml") && error.message.contains("data"), "{error}");
    }

    #[test]
    fn words_are_quoted_for_a_shell() {
        assert_eq!(shell_word("a/b-1.toml"), "a/b-1.toml");
        assert_eq!(shell_word("it's"), r"'it'\''s'");
    }
}
