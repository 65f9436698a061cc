//! Where the iterations over all rows start: on the sample, and, where that does not hold all rows, also by k-means‖ over all of them.

use super::{Fit, fit::unexpected};
use segmenter_proto::{
    Result,
    methods::ClusterCount,
    v1::{KmeansAnswer, KmeansRequest, PackTask, fit_answer, fit_task},
};
use segmenter_worker::segmentation::kmeans::{
    Centroids, Choice, ChoiceRequest, KmeansRace, Layout, ParallelSeeding, RaceResult, SampleRow, Stability, choose,
    stability_of,
};

/// Labellings of all rows at most.
const MOST_ITERATIONS: u32 = 100;

/// The rows of a fit, and what they are to be divided into.
#[derive(Debug, Clone)]
pub(super) struct Rows<'a> {
    pub fit: &'a Fit<'a>,
    /// The segmentation's name.
    pub name: &'a str,
    /// The features.
    pub columns: &'a [String],
    /// How a worker that lacks a shard's matrix builds it.
    pub matrix: &'a PackTask,
    pub layout: &'a Layout,
    pub restarts: u32,
}

impl Rows<'_> {
    /// Asks all shards.
    pub async fn ask(&self, request: KmeansRequest) -> Result<KmeansAnswer> {
        match self.fit.round(self.columns, Some(self.matrix), fit_task::Round::Kmeans(request)).await? {
            fit_answer::Round::Kmeans(answer) => Ok(answer),
            _ => Err(unexpected()),
        }
    }

    /// Iterates from the choice's start, and from the start of all `rows` where the sample is only a part of them: in the
    /// same scans. Gives how that ended and how many rounds over all shards it took.
    pub async fn iterate(&self, choice: &Choice, sample: &[SampleRow], rows: u64) -> Result<(RaceResult, u64)> {
        let mut starts = vec![choice.centroids()?];
        let mut rounds = 0;
        if rows > sample.len() as u64
            && let Some(first) = sample.first()
        {
            let (start, seeding) = self.seed(choice.k, self.layout.place(&first.cells)).await?;
            starts.extend(start);
            rounds += seeding;
        }
        let (result, asked) =
            self.fit.drive(KmeansRace::new(starts, MOST_ITERATIONS)?, async |ask| self.ask(ask).await).await?;
        Ok((result, rounds + asked))
    }

    /// Iterates from these centroids alone, in grid units. Gives how that ended and how many rounds over all shards it took.
    pub async fn go_on(&self, from: &[Vec<i32>]) -> Result<(RaceResult, u64)> {
        let start = Centroids::new(from.first().map_or(0, Vec::len), from.concat())?;
        self.fit.drive(KmeansRace::new(vec![start], MOST_ITERATIONS)?, async |ask| self.ask(ask).await).await
    }

    /// Draws candidates over all rows, the first of them given, and divides those.
    async fn seed(&self, k: u32, first: Vec<i32>) -> Result<(Option<Centroids>, u64)> {
        let seeding = ParallelSeeding::new(k as usize, self.fit.seed, self.name, first, self.restarts)?;
        self.fit.drive(seeding, async |ask| self.ask(ask).await).await
    }

    /// Finds start and number of clusters on the sample; gives it back.
    pub async fn choose(&self, k: ClusterCount, sample: Vec<SampleRow>) -> Result<(Choice, Vec<SampleRow>)> {
        let (name, request) = (self.name.to_owned(), self.request(k));
        let chosen = move || Ok((choose(&ChoiceRequest { segmentation: &name, ..request }, &sample)?, sample));
        self.fit.compute(chosen).await
    }

    /// Measures on the sample how stable clusters are that were not found on it.
    pub async fn stability(&self, sample: Vec<SampleRow>, centroids: Centroids) -> Result<Stability> {
        let k = ClusterCount::Fixed(centroids.count() as u32);
        let (name, request) = (self.name.to_owned(), self.request(k));
        self.fit
            .compute(move || stability_of(&ChoiceRequest { segmentation: &name, ..request }, &sample, &centroids))
            .await
    }

    fn request(&self, k: ClusterCount) -> ChoiceRequest<'static> {
        let (seed, restarts, layout) = (self.fit.seed, self.restarts, self.layout.clone());
        ChoiceRequest { segmentation: "", seed, k, restarts, layout }
    }
}
