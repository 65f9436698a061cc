//! The coordinator's side of the rounds.
//!
//! ```text
//!  Root ──► next leaf: start on the sample ──► TwoMeans ──► Spread ──┐
//!                 ▲                                                  │ split, or refused
//!                 └──────────────────────────────────────────────────┘      no leaf left ──► Done
//! ```

use segmenter_proto::{Error, Result, Rounds, Watched, models::GRID, v1};

use super::{
    super::kmeans::{Centroids, KmeansFit, KmeansResult, Layout, Matrix, SampleRow, best_start},
    shard::Nodes,
    tree::Tree,
};

/// Labellings of a leaf's rows at most.
const MOST_ITERATIONS: u32 = 100;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct BisectingRequest {
    /// The segmentation's name.
    pub segmentation: String,
    /// The job's seed.
    pub seed: u64,
    /// Leaves at most.
    pub k: u32,
    /// Share of all rows that every leaf must have.
    pub min_share: f64,
    /// Starts a split.
    pub restarts: u32,
    /// The columns of the matrix.
    pub layout: Layout,
}

/// Grows a tree of clusters in rounds over all shards.
#[derive(Debug)]
pub struct BisectingFit {
    request: BisectingRequest,
    sample: Matrix,
    /// The node of each row of the sample.
    nodes: Nodes,
    phase: Phase,
}

#[derive(Debug)]
enum Phase {
    /// One centroid in the origin: what is known of all rows.
    Root(Box<KmeansFit>),
    TwoMeans {
        tree: Tree,
        leaf: usize,
        fit: Box<KmeansFit>,
    },
    Spread {
        tree: Tree,
        leaf: usize,
        found: KmeansResult,
    },
    Done(Tree),
    /// Only while an answer is taken, or for good where that failed.
    Broken,
}

impl BisectingFit {
    /// Starts; `sample` is in order of hash, as [`super::super::kmeans::sample_rows`] gives it.
    ///
    /// # Errors
    /// Where nobody is in scope: Data.
    pub fn new(request: BisectingRequest, sample: &[SampleRow]) -> Result<Self> {
        if sample.is_empty() {
            return Err(Error::data(format!("segmentation `{}` has no customer in its scope", request.segmentation))
                .with_hint("widen its `where`, or see in run.json why rows were left out"));
        }
        let sample = Matrix::from_rows(request.layout.clone(), sample.iter().map(|row| row.cells.as_slice()));
        Self::over(request, sample)
    }

    /// Starts with the rows of a sample, which holds some.
    pub(super) fn over(request: BisectingRequest, sample: Matrix) -> Result<Self> {
        let origin = Centroids::new(sample.dimensions(), vec![0; sample.dimensions()])?;
        let phase = Phase::Root(Box::new(KmeansFit::new(origin, 1)));
        Ok(Self { request, sample, nodes: Nodes::default(), phase })
    }

    /// Goes on with the next leaf, or ends.
    fn next(&self, mut tree: Tree) -> Result<Phase> {
        let Some(leaf) = tree.next_leaf() else { return Ok(Phase::Done(tree)) };
        let BisectingRequest { segmentation, seed, restarts, .. } = &self.request;
        let rows = self.nodes.rows_of(leaf as u32, self.sample.rows());
        let start =
            best_start(&self.sample.select(&rows), 2, *restarts, *seed, &format!("start/{segmentation}/split/{leaf}"))?;
        let start = match start {
            Some(start) => start,
            // The sample does not tell the leaf's rows apart: of two equal centroids one is empty, and gets the row that lies
            // farthest.
            None => {
                let mean = &tree.nodes()[leaf].mean;
                Centroids::new(mean.len(), [mean.as_slice(), mean.as_slice()].concat())?
            }
        };
        tracing::debug!(leaf, rows = tree.nodes()[leaf].rows, "splitting a group of segmentation {segmentation}");
        Ok(Phase::TwoMeans { tree, leaf, fit: Box::new(KmeansFit::new(start, MOST_ITERATIONS)) })
    }
}

impl Rounds for BisectingFit {
    type Request = v1::BisectingRequest;
    type Answer = v1::BisectingAnswer;
    type Output = Tree;

    fn next_request(&self) -> Option<v1::BisectingRequest> {
        use v1::bisecting_request::Step;
        let (splits, leaf, step) = match &self.phase {
            Phase::Root(fit) => (vec![], 0, Step::Kmeans(fit.next_request()?)),
            Phase::TwoMeans { tree, leaf, fit } => (tree.to_message(), *leaf, Step::Kmeans(fit.next_request()?)),
            Phase::Spread { tree, leaf, found } => {
                (tree.to_message(), *leaf, Step::Spread(found.centroids.to_message()))
            }
            Phase::Done(_) | Phase::Broken => return None,
        };
        Some(v1::BisectingRequest { splits, leaf: leaf as u32, step: Some(step) })
    }

    fn absorb(&mut self, answer: v1::BisectingAnswer) -> Result<()> {
        let v1::BisectingAnswer { kmeans, spread } = answer;
        self.phase = match (std::mem::replace(&mut self.phase, Phase::Broken), kmeans) {
            (Phase::Root(mut fit), Some(answer)) => {
                fit.absorb(answer)?;
                let all = fit.finish()?.statistics;
                self.next(Tree::new(self.request.k, self.request.min_share, &all)?)?
            }
            (Phase::TwoMeans { tree, leaf, mut fit }, Some(answer)) => {
                fit.absorb(answer)?;
                match fit.next_request() {
                    Some(_) => Phase::TwoMeans { tree, leaf, fit },
                    None => Phase::Spread { tree, leaf, found: fit.finish()? },
                }
            }
            (Phase::Spread { mut tree, leaf, found }, None) => {
                let spread = spread.into_iter().map(|sum| u128::try_from(i128::from(sum)));
                let spread = spread.collect::<std::result::Result<Vec<_>, _>>();
                let spread = spread.map_err(|error| Error::bug("a negative inertia was received").caused_by(error))?;
                if tree.split(leaf, found, &spread)? {
                    self.nodes.descend(&tree.to_message(), &self.sample)?;
                }
                self.next(tree)?
            }
            _ => return Err(Error::bug("an answer about nested clusters does not fit its request")),
        };
        Ok(())
    }

    fn watched(&self) -> Option<Watched> {
        match &self.phase {
            Phase::Root(fit) | Phase::TwoMeans { fit, .. } => fit.watched(),
            _ => None,
        }
    }

    fn finish(self) -> Result<Tree> {
        match self.phase {
            Phase::Done(tree) => Ok(tree),
            _ => Err(Error::bug("nested clusters were ended before their last round")),
        }
    }
}

/// Gives the root mean squared distance in scaled space of so many rows.
pub(super) fn rms_distance(inertia: u128, rows: u64) -> f64 {
    if rows == 0 { 0.0 } else { (inertia as f64 / rows as f64).sqrt() / GRID }
}
