//! The stage "constants": numbers of the whole population, which features may be made of.

use super::rounds::{Rounds, unexpected};
use crate::run::Warning;
use segmenter_proto::{
    Result,
    models::KnownConstant,
    v1::{FeatureCount, Stage, answer},
};
use segmenter_worker::{features::ConstantsPlan, notes::Subject};

/// Finds all constants in one round over the shards.
///
/// # Errors
/// See the workers' stage.
pub async fn constants(
    rounds: &Rounds<'_>,
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
