//! What the customers of segments do with messages: one round a segmentation.

use super::{
    measure::{Measured, Messages},
    rounds::{StageRounds, unexpected},
};
use segmenter_proto::{
    Result,
    jobs::Job,
    v1::{MeasureTask, MessagesRequest, Stage, answer, task},
};
use segmenter_worker::{measure::MessagesStatistic, spec::judges_messages};

/// Adds to what was measured what customers do with messages; nothing where the job has no messages and no promotions.
///
/// # Errors
/// See the workers' stage.
pub async fn judge_messages(
    rounds: &StageRounds<'_>,
    job: &Job,
    models_json: &str,
    measured: &mut [Measured],
) -> Result<()> {
    if !judges_messages(job) {
        return Ok(());
    }
    for (segmentation, measured) in (0..).zip(measured) {
        let messages = Some(MessagesRequest { segmentation });
        let work = MeasureTask { models: models_json.to_owned(), messages, ..MeasureTask::default() };
        let answer = match rounds.over_shards(Stage::Measure, task::Work::Measure(work), |_| {}).await? {
            answer::Result::Measure(answer) => answer.messages.ok_or_else(|| unexpected("messages"))?,
            _ => return Err(unexpected("measure")),
        };
        let before = answer.before.as_ref().ok_or_else(|| unexpected("messages"))?;
        measured.messages = Some(Messages {
            before: MessagesStatistic::from_message(before)?,
            after: answer.after.as_ref().map(MessagesStatistic::from_message).transpose()?,
        });
    }
    Ok(())
}
