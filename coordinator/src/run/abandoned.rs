//! Work files of runs that were begun and that nobody goes on with.

use crate::{progress::Reporter, protocol::ObjectFolder};
use segmenter_proto::object_keys::RunKeys;
use segmenter_worker::storage::Folder;
use std::path::Path;

/// Names that are told; of more, how many.
const NAMED: usize = 3;

/// Tells of the work folders of other runs of the job in the output, and of what these have in the folder `scratch`. Told when the run is
/// done, so that nothing stands before an error; a store that fails then says nothing of the run.
pub async fn tell_abandoned<F: ObjectFolder>(output: &F, keys: &RunKeys, scratch: Option<&Path>, reporter: &Reporter) {
    let own = keys.work_folder();
    let (folder, own) = own.rsplit_once('/').unwrap_or(("", &own));
    let Ok(runs) = output.folders(folder).await else { return };
    let others: Vec<String> = runs.into_iter().filter(|run| run != own).collect();
    tell(&others, &format!("{folder} in the output"), reporter);
    if let Some(scratch) = scratch {
        // Runs of other jobs have their work files there too.
        let of_run = others.iter().map(|run| format!("segmenter-{run}"));
        let left: Vec<String> = of_run.filter(|name| scratch.join(name).is_dir()).collect();
        tell(&left, &scratch.display().to_string(), reporter);
    }
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
