//! One fit: what it knows, and its way to the shards and back.

use crate::rounds::{compute, drive_watched};
use arrow::datatypes::Schema;
use futures::future::BoxFuture;
use segmenter_proto::{
    Error, Result, Rounds, Watched,
    jobs::Refit,
    methods::{Method, SegmentationModel},
    statistics::{QuantileSolver, QuantileTarget, Summary},
    v1::{
        ColumnStatisticsAnswer, ColumnStatisticsRequest, ColumnView, Figure, FitAnswer, FitEvidence, FitTask, PackTask,
        ValueTransform, fit_answer, fit_task,
    },
};
use segmenter_worker::words::Words;
use std::sync::Arc;

/// What a fit gives.
#[derive(Debug)]
pub struct FitOutcome {
    /// The model.
    pub model: SegmentationModel,
    /// What speaks for it.
    pub evidence: FitEvidence,
    /// What the user should know.
    pub warnings: Vec<String>,
}

/// Where the rounds of a fit go.
pub trait AskShards: std::fmt::Debug + Sync {
    /// Asks every shard, and gives the one answer of all.
    fn ask(&self, work: FitTask) -> BoxFuture<'_, Result<FitAnswer>>;

    /// Hears that a round is done, of those that are driven together, and how far it brought the fit.
    fn watch(&self, round: u64, watched: Option<Watched>);

    /// Gives the bytes to and from other processes so far.
    fn traffic(&self) -> (u64, u64);

    /// Gives the threads for what is computed between rounds.
    fn compute(&self) -> &Arc<rayon::ThreadPool>;
}

/// A segmentation that is to be fitted.
#[derive(Debug)]
pub struct Fit<'a> {
    /// Where its rounds go.
    pub shards: &'a dyn AskShards,
    /// The seed of the job.
    pub seed: u64,
    /// What suggested names are made of.
    pub words: &'static Words,
    /// Customers of a cluster that must have a level for the cluster's name to name it.
    pub min_cell: u64,
    /// Its position in the job.
    pub segmentation: usize,
    /// Its name.
    pub name: &'a str,
    /// How it divides.
    pub method: &'a Method,
    /// The names that it may use, with their types.
    pub scope: &'a Schema,
    /// What is known of the population, and the models of the segmentations above, as JSON.
    pub models: String,
    /// The number of the next cluster that none along the chain of runs had; 1 where there was none.
    pub first_key: u32,
    /// What the model of the run before is to it.
    pub refit: Refit,
    /// What it was in the run before, where there is one that had it.
    pub earlier: Option<&'a SegmentationModel>,
}

impl Fit<'_> {
    /// Asks every shard and gives the answer of all; `matrix` says how a worker that lacks a shard's matrix builds it.
    pub(super) async fn round(
        &self,
        columns: &[String],
        matrix: Option<&PackTask>,
        round: fit_task::Round,
    ) -> Result<fit_answer::Round> {
        self.ask(self.models.clone(), columns, matrix, round).await
    }

    /// Asks every shard about its customers by these models, as JSON, and gives the answer of all.
    pub(super) async fn round_by(&self, models: String, round: fit_task::Round) -> Result<fit_answer::Round> {
        self.ask(models, &[], None, round).await
    }

    async fn ask(
        &self,
        models: String,
        columns: &[String],
        matrix: Option<&PackTask>,
        round: fit_task::Round,
    ) -> Result<fit_answer::Round> {
        let work = FitTask {
            segmentation: self.segmentation as u32,
            models,
            columns: columns.to_vec(),
            matrix: matrix.cloned(),
            round: Some(round),
            ..FitTask::default()
        };
        self.shards.ask(work).await?.round.ok_or_else(unexpected)
    }

    /// Goes to the shards with what `rounds` asks until it knows; gives that, and how many rounds it took.
    pub(super) async fn drive<R>(
        &self,
        rounds: R,
        ask: impl AsyncFnMut(R::Request) -> Result<R::Answer>,
    ) -> Result<(R::Output, u64)>
    where
        R: Rounds<Answer: Send, Output: Send> + Send + 'static,
        R::Answer: 'static,
        R::Output: 'static,
    {
        drive_watched(self.shards.compute(), rounds, ask, |round, watched| self.shards.watch(round, watched)).await
    }

    /// Computes on threads of their own: it is work of seconds, and the runtime must stay free.
    pub(super) async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        compute(self.shards.compute(), work).await
    }

    /// Finds quantiles of columns, by target and share.
    pub(super) async fn quantiles(
        &self,
        columns: &[String],
        targets: Vec<QuantileTarget>,
    ) -> Result<Vec<Vec<Option<i128>>>> {
        let ask = async |quantiles| {
            let request = ColumnStatisticsRequest { quantiles: Some(quantiles), ..as_they_are(columns.len()) };
            let answer = self.statistics(columns, request).await?;
            answer.quantiles.ok_or_else(|| Error::bug("a round of quantiles came back without"))
        };
        Ok(self.drive(QuantileSolver::new(targets), ask).await?.0)
    }

    /// Gives the summaries of columns.
    pub(super) async fn summaries(&self, columns: &[String]) -> Result<Vec<Summary>> {
        let request = ColumnStatisticsRequest { summaries: true, ..as_they_are(columns.len()) };
        self.statistics(columns, request).await?.summaries.iter().map(Summary::from_message).collect()
    }

    /// A round of column statistics.
    pub(super) async fn statistics(
        &self,
        columns: &[String],
        request: ColumnStatisticsRequest,
    ) -> Result<ColumnStatisticsAnswer> {
        match self.round(columns, None, fit_task::Round::Statistics(request)).await? {
            fit_answer::Round::Statistics(answer) => Ok(answer),
            _ => Err(unexpected()),
        }
    }
}

/// Says that an answer is of another kind than its round.
pub(super) fn unexpected() -> Error {
    Error::bug("an answer of another kind than fit came back")
}

/// Asks nothing yet about so many columns, none of them transformed.
fn as_they_are(columns: usize) -> ColumnStatisticsRequest {
    let view = ColumnView { transform: ValueTransform::None.into(), ..ColumnView::default() };
    ColumnStatisticsRequest { views: vec![view; columns], ..ColumnStatisticsRequest::default() }
}

/// Gives evidence that is only described, in run.json.
pub(super) fn described(evidence: serde_json::Value) -> FitEvidence {
    FitEvidence { described: evidence.to_string(), ..FitEvidence::default() }
}

/// Gives the figures of clusters that are known, in the order told.
pub(super) fn figures<'a>(named: impl IntoIterator<Item = (&'a str, Option<f64>)>) -> Vec<Figure> {
    let known = named.into_iter().filter_map(|(name, value)| Some((name, value.filter(|value| value.is_finite())?)));
    known.map(|(name, value)| Figure { name: name.to_owned(), value }).collect()
}
