//! The model of a committed run, for customers that it was not fitted on.

use crate::{
    methods::is_of,
    protocol::{CommittedFile, ObjectFolder, read_commit, repair_latest},
};
use arrow::datatypes::Schema;
use segmenter_proto::{
    ALGORITHM_VERSION, Error, Result,
    jobs::{Job, OrderModel, Step},
    methods::{FittedModels, ModelFile, SegmentationModel},
    models::{FeatureModel, Population},
    object_keys::RunKeys,
};
use segmenter_worker::{features::population_calls, segmentation::transform::is_category};
use serde::Deserialize;

/// The model's name within a run's folder.
const MODEL: &str = "model.json";
/// Stands for the newest committed run.
const LATEST: &str = "latest";

/// `model.json` of a committed run.
#[derive(Debug, Clone, PartialEq)]
pub struct CommittedModel {
    /// The job that made it.
    pub job: String,
    /// The run that fitted it.
    pub run: String,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
    /// What is known of the population, and one a segmentation, in the order of the job.
    pub models: FittedModels,
}

/// Reads the model of a run of `job`; `run` is its id, or `latest`.
///
/// # Errors
/// There is no such committed run, or its model does not fit the job or this program: Job. The file is not what was committed: Data.
pub async fn read_model<F: ObjectFolder>(folder: &F, job: &Job, run: &str) -> Result<CommittedModel> {
    let commit = match run {
        LATEST => repair_latest(folder, &job.name).await?,
        run => read_commit(folder, &RunKeys::new(&job.name, run)).await?,
    };
    let Some(commit) = commit else {
        let what = if run == LATEST { "no run".to_owned() } else { format!("run {run} of it") };
        return Err(Error::job(format!("job {} has no model to score by: {what} is committed", job.name))
            .with_hint("`segmenter latest JOB` prints the newest run that is; `segmenter run JOB` makes one"));
    };
    let key = RunKeys::new(&job.name, &commit.run).result(MODEL);
    let bytes = folder.get(&key).await?.ok_or_else(|| damaged(&key, "it is gone"))?;
    let committed = commit.files.iter().find(|file| file.path == MODEL);
    let found = CommittedFile::of(MODEL, None, &bytes);
    if committed.is_none_or(|committed| committed.sha256 != found.sha256) {
        return Err(damaged(&key, "it is not what was committed"));
    }
    let models = parse(&bytes, &key, &commit.run)?;
    check_fits(job, &commit.run, &models.segmentations)?;
    check_population(job, &commit.run, &models.population)?;
    Ok(CommittedModel { job: job.name.clone(), run: commit.run, sha256: found.sha256, models })
}

fn damaged(key: &str, how: &str) -> Error {
    Error::data(format!("{key} cannot be used: {how}")).with_hint("score by the model of another run")
}

fn parse(bytes: &[u8], key: &str, run: &str) -> Result<FittedModels> {
    /// Read first, so that a model of another version is told from a broken one.
    #[derive(Deserialize)]
    struct Version {
        algorithm_version: u32,
    }
    let broken = |cause| damaged(key, "it is not a model").caused_by(cause);
    let version: Version = serde_json::from_slice(bytes).map_err(broken)?;
    if version.algorithm_version != ALGORITHM_VERSION {
        return Err(Error::job(format!(
            "the model of run {run} has algorithm version {}, expected {ALGORITHM_VERSION}",
            version.algorithm_version
        ))
        .with_hint("score with the version of segmenter that fitted it, or run the job anew"));
    }
    let file: ModelFile = serde_json::from_slice(bytes).map_err(broken)?;
    Ok(FittedModels { population: file.population, segmentations: file.segmentations })
}

fn unfit(run: &str, what: &str) -> Error {
    Error::job(format!("the model of run {run} does not fit the job: {what}"))
        .with_hint("score with the job file that the run was made with; sources and `as_of` may be others")
}

/// Checks that the model knows of the population what the derived features of the job need, and nothing else.
fn check_population(job: &Job, run: &str, population: &Population) -> Result<()> {
    let needed = population_calls(job)?;
    let text = |(feature, call): (&str, &str)| format!("{call} in feature {feature}");
    if let Some((feature, call)) = needed.iter().find(|(feature, call)| population.find(feature, call).is_none()) {
        return Err(unfit(run, &format!("it does not know {}", text((feature, call)))));
    }
    let constants = |names: Vec<&str>| match names.as_slice() {
        [] => "no constants".to_owned(),
        names => format!("the constants {}", names.join(", ")),
    };
    let own = constants(job.features.constants.iter().map(|constant| constant.name.as_str()).collect());
    let known = constants(population.constants.iter().map(|constant| constant.name.as_str()).collect());
    if own != known {
        return Err(unfit(run, &format!("the job has {own}, the model {known}")));
    }
    check_lifetimes(job, run, population)?;
    let is_needed = |feature: &str, call: &str| needed.iter().any(|(own, other)| own == feature && other == call);
    match population.calls.iter().find(|known| !is_needed(&known.feature, &known.call)) {
        Some(known) => {
            Err(unfit(run, &format!("it knows {}, which the job has not", text((&known.feature, &known.call)))))
        }
        None => Ok(()),
    }
}

/// Checks that the model knows what the presets of the job that forecast need, in their units.
fn check_lifetimes(job: &Job, run: &str, population: &Population) -> Result<()> {
    // In whatever order the job names them.
    let told = |mut presets: Vec<(&str, OrderModel, Step)>| {
        presets.sort_by_key(|(suffix, ..)| *suffix);
        let told: Vec<String> = presets
            .iter()
            .map(|(suffix, model, step)| format!("clv{suffix} by {} in units of {} days", model.name(), step.days()))
            .collect();
        if told.is_empty() { "no preset that forecasts".to_owned() } else { told.join(", ") }
    };
    let presets = job.features.presets.iter();
    let own = presets.filter_map(|preset| {
        let lifetime = preset.lifetime.as_ref()?;
        Some((preset.suffix.as_str(), lifetime.model, lifetime.step))
    });
    let known = population.lifetimes.iter().map(|known| (known.suffix.as_str(), known.model, known.step));
    let (own, known) = (told(own.collect()), told(known.collect()));
    match own == known {
        true => Ok(()),
        false => Err(unfit(run, &format!("the job has {own}, the model {known}"))),
    }
}

/// Checks that the job divides customers as the model does: what it computes is what the model looks at.
fn check_fits(job: &Job, run: &str, models: &[SegmentationModel]) -> Result<()> {
    let unfit = |what: String| Err(unfit(run, &what));
    let names = |names: Vec<&str>| names.join(", ");
    let own = names(job.segmentations.iter().map(|segmentation| segmentation.name.as_str()).collect());
    let fitted = names(models.iter().map(SegmentationModel::segmentation).collect());
    if own != fitted {
        return unfit(format!("it has the segmentations {fitted}, the job {own}"));
    }
    for (segmentation, model) in job.segmentations.iter().zip(models) {
        if !is_of(model, &segmentation.method) {
            let name = &segmentation.name;
            return unfit(format!(
                "segmentation {name} has another method, `where`, features, rules, `match` or cuts there"
            ));
        }
    }
    Ok(())
}

/// Checks that the columns that a model looks at are of the kinds that it knows; `scopes` has a schema a segmentation.
///
/// # Errors
/// When one is text where the model has a number, or the other way round: Job.
pub fn check_kinds(model: &CommittedModel, scopes: &[Schema]) -> Result<()> {
    for (own, scope) in model.models.segmentations.iter().zip(scopes) {
        for feature in own.model().fitted().map_or(&[][..], |(features, _)| features) {
            let name = feature.name();
            let Ok(field) = scope.field_with_name(name) else { continue };
            let (is, was) = match (is_category(field.data_type()), feature) {
                (true, FeatureModel::Number(_)) => ("text, or true and false", "a number"),
                (false, FeatureModel::Category(_)) => ("a number", "text, or true and false"),
                _ => continue,
            };
            return Err(Error::job(format!(
                "the model of run {} does not fit the job: feature {name} of segmentation {} is {is}, expected {was}",
                model.run,
                own.segmentation()
            ))
            .with_hint("give the column the type that it had, with `types` or an expression in [source.columns]"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Commit, MemoryFolder, job, small_commit};
    use arrow::datatypes::{DataType, Field};
    use segmenter_proto::{
        jobs::{Refit, Segmentation},
        methods::{KmeansModel, Method, Rule, RuleMatch, RuleModel, RulesMethod, RulesModel},
        models::FeatureTransform,
    };
    use std::collections::BTreeMap;

    const RUN: &str = "2026-11-21-000000000001";

    fn rules_job(when: &str) -> Job {
        let rule = Rule { name: "big".to_owned(), title: "Big".to_owned(), when: when.to_owned() };
        let method = Method::Rules(RulesMethod { matching: RuleMatch::First, rules: vec![rule] });
        Job { segmentations: vec![Segmentation { name: "targets".to_owned(), method, refit: Refit::Fresh }], ..job() }
    }

    /// A committed run with the model of `rules_job("monetary > 1")`.
    async fn committed(algorithm_version: u32) -> MemoryFolder {
        let rule = RuleModel { key: "big".to_owned(), name: "Big".to_owned(), when: "monetary > 1".to_owned() };
        let model = RulesModel { segmentation: "targets".to_owned(), matching: RuleMatch::First, rules: vec![rule] };
        let segmentations = vec![SegmentationModel::Rules(model)];
        let (population, next_keys) = (Population::default(), BTreeMap::new());
        let file = ModelFile { format_version: 1, algorithm_version, population, next_keys, segmentations };
        let bytes = serde_json::to_vec(&file).unwrap();
        let files = vec![CommittedFile::of(MODEL, None, &bytes)];
        let commit = Commit { files, ..small_commit(RUN) };
        let (folder, keys) = (MemoryFolder::default(), RunKeys::new("club", RUN));
        folder.put(&keys.result(MODEL), bytes.into()).await.unwrap();
        folder.put(&keys.commit(), commit.to_bytes().unwrap()).await.unwrap();
        folder
    }

    #[tokio::test]
    async fn a_model_is_found_by_its_run_or_as_the_latest() {
        let folder = committed(ALGORITHM_VERSION).await;
        let job = rules_job("monetary > 1");
        let model = read_model(&folder, &job, RUN).await.unwrap();
        assert_eq!((model.run.as_str(), model.models.segmentations.len(), model.sha256.len()), (RUN, 1, 64));
        assert_eq!(read_model(&folder, &job, "latest").await.unwrap(), model);
    }

    #[test]
    fn a_column_of_another_kind_is_named() {
        let number = FeatureModel::Number(FeatureTransform { name: "age".to_owned(), ..Default::default() });
        let clusters = KmeansModel::new("people", vec![number], &[vec![0]], &[1], &["a".to_owned()]);
        let segmentations = vec![SegmentationModel::Kmeans(clusters)];
        let models = FittedModels { segmentations, ..FittedModels::default() };
        let model = CommittedModel { job: "club".to_owned(), run: RUN.to_owned(), sha256: String::new(), models };
        let scope = |data_type| vec![Schema::new(vec![Field::new("age", data_type, true)])];
        assert!(check_kinds(&model, &scope(DataType::Int64)).is_ok());
        let error = check_kinds(&model, &scope(DataType::Utf8)).unwrap_err();
        assert!(error.message.contains("age") && error.fault.exit_code() == 2, "{error}");
    }

    #[tokio::test]
    async fn what_cannot_be_scored_by_says_why() {
        let folder = committed(ALGORITHM_VERSION).await;
        let refused =
            async |folder: &MemoryFolder, job: &Job, run: &str| read_model(folder, job, run).await.unwrap_err();
        let job = rules_job("monetary > 1");
        let error = refused(&folder, &job, "2026-11-21-00000000000f").await;
        assert!(
            error.message.contains("run 2026-11-21-00000000000f of it is committed") && error.fault.exit_code() == 2
        );
        let error = refused(&MemoryFolder::default(), &job, "latest").await;
        assert!(error.message.contains("no run is committed"), "{error}");
        let error = refused(&folder, &rules_job("monetary > 2"), RUN).await;
        assert!(error.message.contains("segmentation targets"), "{error}");
        let error = refused(&committed(ALGORITHM_VERSION + 1).await, &job, RUN).await;
        assert!(error.message.contains("algorithm version"), "{error}");
        folder.put(&RunKeys::new("club", RUN).result(MODEL), bytes::Bytes::from_static(b"{}")).await.unwrap();
        let error = refused(&folder, &job, RUN).await;
        assert!(error.message.contains("not what was committed") && error.fault.exit_code() == 3, "{error}");
    }
}
