//! The coordinator's side: where spending is cut off and how else customers are divided, then the sums.

use super::{
    shard::{AFTER, BEFORE},
    statistic::PredictionStatistic,
};
use crate::measure::effectiveness::EffectivenessStatistic;
use segmenter_proto::{
    Error, Result, Rounds, methods,
    statistics::{Fraction, QuantileSolver, QuantileTarget},
    v1,
};

/// The share of customers whose spending counts as it is.
pub const WINSORISED: f64 = 0.999;
/// Fewer customers say nothing of how far chance would carry a share.
pub const FEWEST_CUSTOMERS: u64 = 50;
/// Divisions by chance, of which the mean is told.
pub(super) const RANDOM_DRAWS: usize = 20;

/// Groups of all lots and segmentations together, so that an answer stays within a few megabytes.
const MOST_GROUPS: usize = 1 << 17;
/// Lots: more would not make intervals more certain.
const MOST_LOTS: usize = 1024;
/// Fewer would make them uncertain.
const LEAST_LOTS: usize = 128;

/// What is known of a segmentation before.
#[derive(Debug, Clone)]
pub struct PredictionScope {
    /// Segments in scope with customers, and how many these are, from the least to the most valuable before `as_of`: in this order
    /// groups by past spending have their sizes.
    pub sizes: Vec<(u32, u64)>,
}

impl PredictionScope {
    /// Takes the customers who are assigned to each segment, and what the segments bought before.
    pub fn of(keys: &[String], customers: &[u64], before: &EffectivenessStatistic) -> Self {
        let of_segment = (0..).zip(keys).zip(customers.iter().zip(&before.by_segment));
        let taken = of_segment.filter(|((_, key), (customers, _))| *key != methods::OUT_OF_SCOPE && **customers > 0);
        let mut taken: Vec<(f64, u32, u64)> = taken
            .map(|((segment, _), (customers, totals))| (totals.revenue_per_customer(), segment, *customers))
            .collect();
        taken.sort_by(|left, right| left.0.total_cmp(&right.0).then(left.1.cmp(&right.1)));
        Self { sizes: taken.into_iter().map(|(_, segment, customers)| (segment, customers)).collect() }
    }

    fn customers(&self) -> u64 {
        self.sizes.iter().map(|(_, size)| size).sum()
    }

    /// Says whether anything can be known of it: one segment tells nothing, and of few customers nothing can be told.
    pub fn is_asked(&self) -> bool {
        self.sizes.len() > 1 && self.customers() >= FEWEST_CUSTOMERS
    }

    /// Gives how many customers are in all groups up to each but the last.
    fn up_to(&self) -> Vec<u64> {
        let mut sum = 0;
        let sums = self.sizes.iter().map(|(_, size)| {
            sum += size;
            sum
        });
        let mut sums: Vec<u64> = sums.collect();
        sums.pop();
        sums
    }

    fn groups(&self) -> v1::PredictionGroups {
        let segments = self.sizes.iter().map(|(segment, _)| *segment).collect();
        v1::PredictionGroups { skipped: !self.is_asked(), segments, ..v1::PredictionGroups::default() }
    }
}

/// Finds what the predictive power of all segmentations needs; none of those of which nothing can be known.
#[derive(Debug)]
pub struct PredictionSolver {
    scopes: Vec<PredictionScope>,
    quantiles: Option<QuantileSolver>,
    groups: Vec<v1::PredictionGroups>,
    found: Option<Vec<Option<PredictionStatistic>>>,
}

impl PredictionSolver {
    /// Starts with the sizes of the segments, a segmentation.
    ///
    /// # Errors
    /// Bug only.
    pub fn new(scopes: Vec<PredictionScope>) -> Result<Self> {
        let capped = Fraction::from_share(WINSORISED)?;
        let mut targets = Vec::new();
        for (group, scope) in (0..).zip(&scopes).filter(|(_, scope)| scope.is_asked()) {
            let count = scope.customers();
            let all =
                QuantileTarget { column: AFTER, group, count, min: i128::MIN, max: i128::MAX, shares: vec![capped] };
            let cuts = scope.up_to().into_iter().map(|below| Fraction::new(below, count));
            let cuts = cuts.collect::<Result<_>>()?;
            targets.extend([all.clone(), QuantileTarget { column: BEFORE, shares: cuts, ..all }]);
        }
        let groups = scopes.iter().map(PredictionScope::groups).collect();
        let found = targets.is_empty().then(|| scopes.iter().map(|_| None).collect());
        Ok(Self { scopes, quantiles: Some(QuantileSolver::new(targets)), groups, found })
    }

    /// Fills in the cuts once they are known.
    fn divide(&mut self, found: Vec<Vec<Option<i128>>>) -> Result<()> {
        let missing = || Error::bug("spending of customers has no quantile");
        let mut found = found.into_iter();
        let all_groups: usize = self.scopes.iter().map(|scope| scope.sizes.len()).sum();
        for (scope, groups) in self.scopes.iter().zip(&mut self.groups).filter(|(scope, _)| scope.is_asked()) {
            let cap = found.next().and_then(|cap| cap.into_iter().next().flatten()).ok_or_else(missing)?;
            let cuts: Option<Vec<i128>> = found.next().ok_or_else(missing)?.into_iter().collect();
            let customers = u128::from(scope.customers());
            groups.cap = Some(cap.into());
            groups.past_cuts = cuts.ok_or_else(missing)?.into_iter().map(Into::into).collect();
            groups.random_cuts =
                scope.up_to().into_iter().map(|below| ((u128::from(below) << 64) / customers) as u64).collect();
            groups.lots = (MOST_GROUPS / all_groups).clamp(LEAST_LOTS, MOST_LOTS) as u32;
        }
        Ok(())
    }
}

impl Rounds for PredictionSolver {
    type Request = v1::PredictionRequest;
    type Answer = v1::PredictionAnswer;
    type Output = Vec<Option<PredictionStatistic>>;

    fn next_request(&self) -> Option<v1::PredictionRequest> {
        if self.found.is_some() {
            return None;
        }
        let quantiles = self.quantiles.as_ref().and_then(Rounds::next_request);
        Some(v1::PredictionRequest { quantiles, groups: self.groups.clone() })
    }

    fn absorb(&mut self, answer: v1::PredictionAnswer) -> Result<()> {
        let unlike = || Error::bug("an answer about spending does not fit its request");
        if let Some(mut quantiles) = self.quantiles.take() {
            quantiles.absorb(answer.quantiles.ok_or_else(unlike)?)?;
            match quantiles.next_request() {
                Some(_) => self.quantiles = Some(quantiles),
                None => self.divide(quantiles.finish()?)?,
            }
            return Ok(());
        }
        if answer.statistics.len() != self.scopes.len() {
            return Err(unlike());
        }
        let of_scope = self.scopes.iter().zip(&answer.statistics).map(|(scope, statistic)| {
            scope.is_asked().then(|| PredictionStatistic::from_message(statistic)).transpose()
        });
        self.found = Some(of_scope.collect::<Result<_>>()?);
        Ok(())
    }

    fn finish(self) -> Result<Self::Output> {
        self.found.ok_or_else(|| Error::bug("predictive power was asked for before the last round"))
    }
}
