//! The stage "constants": numbers of the whole population, which features may be made of.

use super::{
    driver::{Driver, json},
    rounds::{StageRounds, unexpected},
};
use crate::{protocol::stage, warning::Warning};
use segmenter_proto::{
    Error, Result,
    models::KnownConstant,
    v1::{ConstantsDone, FeatureCount, Stage, answer},
};
use segmenter_worker::{features::ConstantsPlan, notes::Subject};

impl Driver<'_> {
    /// Finds the constants of the job, or takes them from the model to score by.
    pub(super) async fn constants(&mut self) -> Result<Vec<KnownConstant>> {
        let plan = self.prepared.plan.constants();
        if plan.is_empty() {
            return Ok(Vec::new());
        }
        let known = match (self.options.model, self.checkpoints.done::<ConstantsDone>(stage::CONSTANTS)?) {
            (Some(model), _) => json(&model.models.population.constants)?,
            (None, Some(done)) => {
                self.checkpoints.resumed(stage::CONSTANTS);
                done.constants
            }
            (None, None) => {
                let progress = self.checkpoints.begin(stage::CONSTANTS, self.rounds.shards().into())?;
                let found = constants(&self.rounds, plan, |customers| progress.add(1, customers, 0)).await?;
                let done = ConstantsDone { constants: json(&found)? };
                self.checkpoints.end(stage::CONSTANTS, progress, &self.rounds, &done).await?;
                done.constants
            }
        };
        self.rounds.files().set_constants(known.clone());
        serde_json::from_str(&known)
            .map_err(|error| Error::bug("constants could not be read from the log").caused_by(error))
    }
}

/// Finds all constants in one round over the shards.
///
/// # Errors
/// See the workers' stage.
async fn constants(
    rounds: &StageRounds<'_>,
    plan: &ConstantsPlan,
    mut done: impl FnMut(u64),
) -> Result<Vec<KnownConstant>> {
    let mut totals = Vec::new();
    let take = |_, result| {
        let answer::Result::Features(answer) = result else { return Err(unexpected("constants")) };
        plan.merge(&mut totals, &answer.constants)?;
        done(answer.customers);
        Ok(())
    };
    rounds.each_shard(Stage::Features, 0..rounds.shards(), |shard| rounds.constants_task(shard), take).await?;
    plan.known(&totals)
}

/// Gives how many customers each constant leaves out, as features are told of.
pub fn left_out(constants: &[KnownConstant]) -> Vec<FeatureCount> {
    let some = constants.iter().filter(|constant| constant.customers_left_out > 0);
    some.map(|constant| FeatureCount { feature: constant.name.clone(), count: constant.customers_left_out }).collect()
}

/// Says which constants are null.
pub fn unknown_constants(constants: &[KnownConstant]) -> Vec<Warning> {
    let unknown = constants.iter().filter(|constant| constant.value.is_none());
    let warning = |constant: &KnownConstant| {
        let text = format!(
            "constant {} is null: no row has what it is made of, or it is too large for its type; what names it is null too",
            constant.name
        );
        Warning::of(Subject::Features, text)
    };
    unknown.map(warning).collect()
}
