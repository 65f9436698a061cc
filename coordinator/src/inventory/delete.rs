//! Deletes a run so that nothing of it that is left looks like a run.
//!
//! ```text
//!  commit.json ─► evaluations of it, each its commit.json first ─► its lists for other tools ─► its work, the log from its end ─► its results
//! ```
//!
//! A run is what has a `commit.json`. What is left of a deletion that was cut off has none, and no log that somebody could go on with: the
//! next one finds it by the folder that is deleted last, and ends it. `latest.json` never names what goes, since the newest run never does.

use super::found::FoundRun;
use crate::exports::MADE_BY;
use crate::protocol::{ObjectFolder, delete_work};
use segmenter_proto::{
    Result,
    object_keys::{RunKeys, evaluations_of, exports_of},
};
use segmenter_worker::failpoint::failpoint;

/// Deletes a run of a job.
///
/// # Errors
/// The store fails; what is left is found by the next deletion.
pub async fn delete<F: ObjectFolder>(folder: &F, job: &str, run: &FoundRun) -> Result<()> {
    let keys = RunKeys::new(job, &run.run);
    folder.delete(&keys.commit()).await?;
    failpoint("gc.commit")?;
    let judged = evaluations_of(job, &run.run);
    for evaluation in &run.evaluations {
        folder.delete(&RunKeys::new(&judged, evaluation).commit()).await?;
    }
    for export in &run.exports {
        // The manifest makes a list, as the commit makes a run.
        let list = format!("{}/{}", exports_of(job, export), run.run);
        for made_by in MADE_BY {
            folder.delete(&format!("{list}/{made_by}")).await?;
        }
        folder.delete_prefix(&list).await?;
    }
    failpoint("gc.middle")?;
    folder.delete_prefix(&judged).await?;
    // Before its results: of a deletion that is cut off something is left to be found.
    delete_work(folder, &keys).await?;
    folder.delete_prefix(&keys.run_folder()).await?;
    failpoint("gc.end")
}
