//! The coordinator's side: where features are cut, then customers by bin, one level of the trees after the other, and medians of personas.

use super::{
    bins::{BinnedFeature, Bins, MOST_LEVELS, readable},
    outcome::OutcomeBins,
    tree::Tree,
};
use crate::measure::profile::{FeatureStatistic, ProfileStatistic};
use segmenter_proto::{
    Error, Result, Rounds,
    statistics::{Fraction, QuantileSolver, QuantileTarget, f64_of_key, key_of_f64},
    v1,
};

/// Percentages of customers below cuts.
const CUTS: [u64; 23] = [1, 2, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90, 95, 98, 99];
/// What is spent beyond this share of customers counts as that.
const WINSORISED: f64 = 0.999;
/// Features that a tree looks at: those that tell its segments apart most.
const MOST_CANDIDATES: usize = 24;
/// Counts of all trees in one answer, so that it stays within a few megabytes.
const MOST_CELLS: usize = 1 << 20;
/// Leaves that are counted in one round at most.
const MOST_OPEN: usize = 8;
/// Personas that are told of at most.
pub const MOST_PERSONAS: usize = 20;

/// What is known before.
#[derive(Debug, Clone)]
pub struct DriversScope {
    /// The features that profiles tell about.
    pub features: Vec<FeatureScope>,
    /// The number of columns of `features/`.
    pub columns: u32,
    /// One a segmentation.
    pub trees: Vec<TreeScope>,
    /// Whose medians and bins are counted beside everybody's.
    pub personas: Vec<v1::PersonaGroup>,
    /// Customers in all, where there is an outcome that is known.
    pub outcome: Option<u64>,
    /// Customers of a leaf, and of a level that is named, at least.
    pub fewest: u64,
}

/// What is known of a feature before.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureScope {
    /// Position in `features/`.
    pub column: u32,
    /// What it is.
    pub kind: FeatureKind,
}

/// What a feature is.
#[derive(Debug, Clone, PartialEq)]
pub enum FeatureKind {
    /// A number that so many customers have.
    Number(u64),
    /// A category with these levels that are named.
    Category(Vec<String>),
}

/// What is known of a segmentation before.
#[derive(Debug, Clone, PartialEq)]
pub struct TreeScope {
    /// Customers by segment.
    pub customers: Vec<u64>,
    /// Positions of features, those that tell segments apart most first; empty where no tree is wanted.
    pub ranked: Vec<usize>,
}

impl FeatureScope {
    /// Takes features from the profile of any segmentation: of all customers it says the same. Levels are named by falling count, those that
    /// `fewest` customers have.
    pub fn of(profile: &ProfileStatistic, overlapping: bool, columns: &[usize], fewest: u64) -> Vec<Self> {
        let feature = |(statistic, column): (&FeatureStatistic, &usize)| {
            let kind = match statistic {
                FeatureStatistic::Number { by_segment, .. } => {
                    let own = match overlapping {
                        true => by_segment.last().map_or(0, |all| all.n),
                        false => by_segment.iter().map(|moments| moments.n).sum(),
                    };
                    FeatureKind::Number(own)
                }
                FeatureStatistic::Category(counts) => {
                    let all = |counts: &[u64]| match overlapping {
                        true => counts.last().copied().unwrap_or_default(),
                        false => counts.iter().sum(),
                    };
                    let levels = counts.by_count(overlapping).unwrap_or_default();
                    let levels = levels.into_iter().filter(|(_, counts)| all(counts) >= fewest.max(1));
                    FeatureKind::Category(levels.take(MOST_LEVELS).map(|(name, _)| name.to_owned()).collect())
                }
            };
            Self { column: *column as u32, kind }
        };
        profile.features.iter().zip(columns).map(feature).collect()
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct DriversFound {
    /// The features with their bins.
    pub features: Vec<BinnedFeature>,
    /// Medians of numbers, of everybody and then a persona, by feature.
    pub medians: Vec<Vec<Option<f64>>>,
    /// What customers do in the outcome window, a feature and then a segmentation; none where it is not known.
    pub outcome: Option<Vec<OutcomeBins>>,
    /// Customers by bin, of everybody and then a persona, by feature.
    pub bins: Vec<Vec<Vec<u64>>>,
    /// One a segmentation.
    pub trees: Vec<Tree>,
}

/// Finds it.
#[derive(Debug)]
pub struct DriversSolver {
    scope: DriversScope,
    phase: Phase,
    cap: Option<i128>,
    candidates: Vec<Vec<usize>>,
    found: DriversFound,
}

#[derive(Debug)]
enum Phase {
    Cuts(QuantileSolver),
    Bins,
    Trees,
    Medians(QuantileSolver),
}

impl DriversSolver {
    /// Starts with what is known.
    ///
    /// # Errors
    /// Bug only.
    pub fn new(scope: DriversScope) -> Result<Self> {
        let mut targets = Vec::new();
        let cuts = CUTS.into_iter().map(|percent| Fraction::new(percent, 100)).collect::<Result<Vec<_>>>()?;
        for feature in &scope.features {
            if let FeatureKind::Number(n) = feature.kind {
                targets.push(target(feature.column, 0, n, cuts.clone()));
            }
        }
        if let Some(customers) = scope.outcome {
            let capped = vec![Fraction::from_share(WINSORISED)?];
            let spent = target(scope.columns, 0, customers, capped);
            targets.push(QuantileTarget { min: i128::MIN, max: i128::MAX, ..spent });
        }
        let trees = scope.trees.iter().map(|tree| Tree::of(tree.customers.clone(), scope.fewest)).collect();
        let found = DriversFound { features: Vec::new(), medians: Vec::new(), outcome: None, bins: Vec::new(), trees };
        let nothing = targets.iter().map(|target| vec![None; target.shares.len()]).collect();
        let quantiles = QuantileSolver::new(targets);
        let is_empty = quantiles.next_request().is_none();
        let mut solver = Self { phase: Phase::Cuts(quantiles), cap: None, candidates: Vec::new(), found, scope };
        if is_empty {
            solver.cut(nothing)?;
        }
        Ok(solver)
    }

    /// Takes the cuts once they are known.
    fn cut(&mut self, found: Vec<Vec<Option<i128>>>) -> Result<()> {
        let mut found = found.into_iter();
        let mut medians = Vec::new();
        for feature in &self.scope.features {
            let (by, median) = match &feature.kind {
                FeatureKind::Category(levels) => (Bins::Levels(levels.clone()), None),
                FeatureKind::Number(_) => {
                    let cuts = found.next().unwrap_or_default();
                    let cuts: Vec<f64> = cuts.into_iter().flatten().map(f64_of_key).collect();
                    (Bins::Cuts(readable(&cuts)), cuts.get(CUTS.len() / 2).copied())
                }
            };
            medians.push(median);
            self.found.features.push(BinnedFeature { column: feature.column, by });
        }
        self.found.medians.push(medians);
        self.cap = found.next().and_then(|cap| cap.into_iter().next().flatten());
        // Where answers would be too large, trees look at fewer features.
        let room = MOST_CELLS / self.scope.trees.len().max(1);
        for (scope, tree) in self.scope.trees.iter().zip(&self.found.trees) {
            let mut cells = 0;
            let fits = |feature: &&usize| {
                cells += MOST_OPEN * self.found.features[**feature].bins() * scope.customers.len();
                cells <= room
            };
            let wanted = scope.ranked.iter().take(if tree.is_open() { MOST_CANDIDATES } else { 0 });
            self.candidates.push(wanted.take_while(fits).copied().collect());
        }
        self.phase = Phase::Bins;
        Ok(())
    }

    fn is_asked(&self, tree: usize) -> bool {
        self.found.trees[tree].is_open() && !self.candidates[tree].is_empty()
    }

    fn trees(&self) -> Vec<v1::TreeRequest> {
        let tree = |at: usize| match self.is_asked(at) {
            true => self.found.trees[at].to_message(&self.candidates[at]),
            false => v1::TreeRequest::default(),
        };
        (0..self.found.trees.len()).map(tree).collect()
    }

    fn grow(&mut self, counts: &[v1::BinCounts]) -> Result<()> {
        if counts.len() != self.found.trees.len() {
            return Err(Error::bug("an answer is about other trees"));
        }
        for (at, counts) in counts.iter().enumerate() {
            if self.is_asked(at) {
                let by = (self.found.features.as_slice(), self.candidates[at].as_slice());
                self.found.trees[at].grow(&counts.customers, by, self.scope.fewest)?;
            }
        }
        Ok(())
    }

    /// Goes on to the medians where no tree is to grow any more.
    fn after_growth(&mut self) {
        if (0..self.found.trees.len()).any(|tree| self.is_asked(tree)) {
            self.phase = Phase::Trees;
            return;
        }
        let mut targets = Vec::new();
        for (group, bins) in (0..).zip(&self.found.bins).skip(1) {
            for (feature, bins) in self.found.features.iter().zip(bins) {
                if matches!(feature.by, Bins::Cuts(_)) {
                    let known = bins.iter().take(feature.values()).sum();
                    targets.push(target(feature.column, group, known, vec![Fraction::HALF]));
                }
            }
        }
        self.phase = Phase::Medians(QuantileSolver::new(targets));
    }

    fn take_medians(&mut self, found: Vec<Vec<Option<i128>>>) {
        let mut found = found.into_iter();
        for _ in self.found.bins.iter().skip(1) {
            let of_persona = self.found.features.iter().map(|feature| match feature.by {
                Bins::Levels(_) => None,
                Bins::Cuts(_) => found.next().and_then(|found| found.into_iter().next().flatten()).map(f64_of_key),
            });
            self.found.medians.push(of_persona.collect());
        }
    }

    fn take_bins(&mut self, answer: &v1::DriversAnswer) -> Result<()> {
        let sizes: Vec<usize> = self.found.features.iter().map(BinnedFeature::bins).collect();
        for counts in &answer.personas {
            if counts.customers.len() != sizes.iter().sum::<usize>() {
                return Err(Error::bug("an answer has other bins"));
            }
            let mut rest = counts.customers.as_slice();
            let by_feature = sizes.iter().map(|size| {
                let (own, behind) = rest.split_at(*size);
                rest = behind;
                own.to_vec()
            });
            self.found.bins.push(by_feature.collect());
        }
        if self.cap.is_some() {
            let outcome = answer.outcome.iter().map(OutcomeBins::from_message);
            self.found.outcome = Some(outcome.collect::<Result<_>>()?);
        }
        Ok(())
    }
}

impl Rounds for DriversSolver {
    type Request = v1::DriversRequest;
    type Answer = v1::DriversAnswer;
    type Output = DriversFound;

    fn next_request(&self) -> Option<v1::DriversRequest> {
        let personas = self.scope.personas.clone();
        match &self.phase {
            Phase::Cuts(quantiles) | Phase::Medians(quantiles) => {
                let quantiles = Some(quantiles.next_request()?);
                Some(v1::DriversRequest { quantiles, personas, ..v1::DriversRequest::default() })
            }
            phase => Some(v1::DriversRequest {
                quantiles: None,
                features: self.found.features.iter().map(BinnedFeature::to_message).collect(),
                bins: matches!(phase, Phase::Bins),
                cap: self.cap.map(Into::into),
                personas,
                trees: self.trees(),
            }),
        }
    }

    fn absorb(&mut self, answer: v1::DriversAnswer) -> Result<()> {
        let unlike = || Error::bug("an answer about drivers does not fit its request");
        match &mut self.phase {
            Phase::Cuts(quantiles) => {
                quantiles.absorb(answer.quantiles.ok_or_else(unlike)?)?;
                if quantiles.next_request().is_none() {
                    let done = std::mem::replace(quantiles, QuantileSolver::new(Vec::new()));
                    self.cut(done.finish()?)?;
                }
            }
            Phase::Bins => {
                self.take_bins(&answer)?;
                self.grow(&answer.trees)?;
                self.after_growth();
            }
            Phase::Trees => {
                self.grow(&answer.trees)?;
                self.after_growth();
            }
            Phase::Medians(quantiles) => quantiles.absorb(answer.quantiles.ok_or_else(unlike)?)?,
        }
        Ok(())
    }

    fn finish(mut self) -> Result<DriversFound> {
        if self.next_request().is_some() {
            return Err(Error::bug("drivers were asked for before the last round"));
        }
        let done = std::mem::replace(&mut self.phase, Phase::Bins);
        let Phase::Medians(medians) = done else { return Err(Error::bug("drivers ended before their last round")) };
        self.take_medians(medians.finish()?);
        self.found.trees.iter_mut().for_each(Tree::prune);
        Ok(self.found)
    }
}

fn target(column: u32, group: u32, count: u64, shares: Vec<Fraction>) -> QuantileTarget {
    QuantileTarget { column, group, count, min: key_of_f64(f64::MIN), max: key_of_f64(f64::MAX), shares }
}
