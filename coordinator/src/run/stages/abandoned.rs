//! Work files of runs that were begun and that nobody goes on with.

use crate::{progress::Reporter, run::ObjectFolder};
use segmenter_proto::{Result, object_keys::RunKeys};
use segmenter_worker::storage::Folder;
use std::path::Path;

/// Names that are told; of more, how many.
const NAMED: usize = 3;

/// Tells of the work folders of other runs of the job in the output, and of other runs in the folder that `scratch` lies in.
///
/// # Errors
/// The store cannot be read.
pub async fn tell_abandoned<F: ObjectFolder>(
    output: &F,
    keys: &RunKeys,
    scratch: Option<&Path>,
    reporter: &Reporter,
) -> Result<()> {
    let own = keys.work_folder();
    let (folder, own) = own.rsplit_once('/').unwrap_or(("", &own));
    let in_output: Vec<String> = output.folders(folder).await?.into_iter().filter(|run| run != own).collect();
    tell(&in_output, &format!("{folder} in the output"), reporter);
    if let Some((above, name)) = scratch.and_then(|scratch| Some((scratch.parent()?, scratch.file_name()?.to_str()?))) {
        let names = std::fs::read_dir(above).into_iter().flatten().flatten();
        let names = names.filter_map(|entry| entry.file_name().into_string().ok());
        let mut others: Vec<String> = names.filter(|other| other != name && is_scratch(other)).collect();
        others.sort();
        tell(&others, &above.display().to_string(), reporter);
    }
    Ok(())
}

/// Aborts the uploads to the run's work folder that killed workers left, which no listing of an object store shows, and tells of them.
pub async fn abort_cut_off_uploads(work: &Folder, reporter: &Reporter) {
    match work.abort_uploads().await {
        Ok(0) => {}
        Ok(uploads) => {
            let text = format!("this run was killed before: {uploads} uploads that were cut off are aborted");
            reporter.tell("cut_off_uploads", &text, [("message", text.as_str().into()), ("uploads", uploads.into())]);
        }
        // They cost money and harm nothing.
        Err(error) => reporter.warn(&format!(
            "uploads that were cut off stay in the store unseen: {error}; allow this program to abort uploads, or give the bucket a rule \
             that aborts incomplete multipart uploads"
        )),
    }
}

fn tell(runs: &[String], place: &str, reporter: &Reporter) {
    if runs.is_empty() {
        return;
    }
    let named = runs.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = if runs.len() > NAMED { ", …" } else { "" };
    let text = format!(
        "{place} holds work files of runs that are not finished: {named}{more} ({}); what nobody will go on with can be deleted",
        runs.len()
    );
    reporter.tell("unfinished_runs", &text, [("message", text.as_str().into()), ("runs", runs.into())]);
}

/// Says whether a folder has the name of a run's scratch.
fn is_scratch(name: &str) -> bool {
    let run = name.strip_prefix("segmenter-").and_then(|run| run.rsplit_once('-'));
    run.is_some_and(|(date, hash)| hash.len() == 12 && date.parse::<chrono::NaiveDate>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_scratch_of_runs_is_told_of() {
        assert!(is_scratch("segmenter-2026-11-21-0123456789ab"));
        assert!(["segmenter-test-x", "segmenter-2026-11-21-x", "ssh-1"].iter().all(|name| !is_scratch(name)));
    }
}
