//! Does a stage, or takes it from the log.

use super::rounds::StageRounds;
use crate::{
    course::Course,
    metrics::RunMetrics,
    progress::{Reporter, StageProgress},
    protocol::{RunLog, StageTiming},
};
use prost::Message;
use segmenter_proto::{Error, Result};
use segmenter_worker::failpoint::failpoint;
use segmenter_worker::storage::Folder;

/// The log of a run with what is told while its stages pass.
#[derive(Debug)]
pub struct Checkpoints<'a> {
    /// The output's root.
    pub folder: &'a Folder,
    /// The log.
    pub log: RunLog,
    /// Speaks to the user.
    pub reporter: &'a Reporter,
    /// Counts for Prometheus.
    pub metrics: RunMetrics,
    /// Hears of each stage that is done.
    pub course: &'a Course,
    /// What each stage took.
    pub timings: Vec<StageTiming>,
}

impl Checkpoints<'_> {
    /// Gives what the log has of a stage.
    ///
    /// # Errors
    /// When it cannot be read: Bug.
    pub fn done<M: Message + Default>(&self, stage: &str) -> Result<Option<M>> {
        self.log
            .stage(stage)
            .map(|payload| {
                M::decode(payload.clone())
                    .map_err(|error| Error::bug(format!("the log of stage {stage} is damaged")).caused_by(error))
            })
            .transpose()
    }

    /// Says that a stage was found in the log.
    pub fn resumed(&mut self, stage: &str) {
        self.reporter.resumed(stage);
        self.timings.push(StageTiming { stage: stage.to_owned(), resumed: true, ..StageTiming::default() });
    }

    /// Begins a stage of so many tasks.
    ///
    /// # Errors
    /// When a failpoint says so.
    pub fn begin(&self, stage: &str, tasks: u64) -> Result<StageProgress> {
        failpoint(&format!("{}.start", point(stage)))?;
        Ok(self.reporter.stage(stage, tasks))
    }

    /// Ends a stage: from here on it is not done again.
    ///
    /// # Errors
    /// When another coordinator took over, or the store fails.
    pub async fn end<M: Message>(
        &mut self,
        stage: &str,
        progress: StageProgress,
        rounds: &StageRounds<'_>,
        payload: &M,
    ) -> Result<()> {
        // A stage is done again where its work files were lost; the later entry wins.
        self.log.append(self.folder, stage, payload.encode_to_vec()).await?;
        failpoint(&format!("{}.end", point(stage)))?;
        let tally = rounds.take_tally().await;
        let totals = progress.finish(&tally);
        self.metrics.stage(stage, totals.seconds, totals.rows, totals.bytes, &tally);
        let timing = StageTiming {
            stage: stage.to_owned(),
            seconds: totals.seconds,
            rows: totals.rows,
            bytes: totals.bytes,
            workers: tally.workers(),
            retries: tally.retries,
            copies: tally.copies,
            skew: tally.skew(),
            sent_bytes: tally.sent_bytes,
            received_bytes: tally.received_bytes,
            resumed: false,
        };
        self.course.stage(&timing);
        self.timings.push(timing);
        Ok(())
    }
}

/// The name of a stage's failpoints: those of all fits are one.
fn point(stage: &str) -> &str {
    stage.split('/').next().unwrap_or(stage)
}
