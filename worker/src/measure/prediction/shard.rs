//! The shard's side: keys for quantiles, then sums by lot and group.

use super::statistic::PredictionStatistic;
use segmenter_proto::{Error, Result, statistics::QuantileCounter, v1};

/// What customers of a shard spent, in units of 10⁻⁴ of the currency, and the chance of each; arrays of one length.
#[derive(Debug, Clone, Copy)]
pub struct Spending<'a> {
    /// In the outcome window.
    pub after: &'a [i128],
    /// In as many days before `as_of`.
    pub before: &'a [i128],
    /// A number that is drawn of the customer's id.
    pub chance: &'a [u64],
}

/// Columns of the quantiles.
pub(super) const AFTER: u32 = 0;
pub(super) const BEFORE: u32 = 1;
/// Bits of a key that decide between equal spending.
const TIE_BITS: u32 = 32;

/// Purposes of a customer's chance; those from [`RANDOM`] on are divisions by chance.
const TIES: u64 = 0;
const LOTS: u64 = 1;
const RANDOM: u64 = 2;

/// Gives a customer's number for one purpose (the finaliser of SplitMix64; Steele, Lea and Flood 2014).
pub(super) fn mixed(chance: u64, purpose: u64) -> u64 {
    let mut mixed = chance.wrapping_add((purpose + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// Gives a key in the order of past spending, and among equals of chance: so groups have the wanted sizes, however many spent nothing.
fn past_key(before: i128, chance: u64) -> i128 {
    // Spending is below 10²⁸, which is 94 bits.
    (before << TIE_BITS) | i128::from(mixed(chance, TIES) >> (u64::BITS - TIE_BITS))
}

/// Answers one request over a shard; `labels` are the segments of its customers, a segmentation.
///
/// # Errors
/// Bug only: a request that no solver makes, or arrays of different lengths.
pub fn prediction_answer(
    request: &v1::PredictionRequest,
    labels: &[&[u32]],
    spending: &Spending<'_>,
) -> Result<v1::PredictionAnswer> {
    let customers = spending.after.len();
    let lengths = labels.iter().map(|labels| labels.len()).chain([spending.before.len(), spending.chance.len()]);
    if lengths.into_iter().any(|length| length != customers) {
        return Err(Error::bug("what customers spend is not known of all of them"));
    }
    if request.groups.len() != labels.len() {
        return Err(Error::bug("spending is asked of other segmentations"));
    }
    let mut answer = v1::PredictionAnswer::default();
    if let Some(quantiles) = &request.quantiles {
        let mut counter = QuantileCounter::new(quantiles)?;
        for (group, (asked, labels)) in (0..).zip(request.groups.iter().zip(labels)) {
            let own = Own::of(asked);
            let members = || (0..customers).filter(|&row| own.group(labels[row]).is_some());
            counter.count(AFTER, members().map(|row| (group, spending.after[row])));
            counter.count(BEFORE, members().map(|row| (group, past_key(spending.before[row], spending.chance[row]))));
        }
        answer.quantiles = Some(counter.finish());
        return Ok(answer);
    }
    for (asked, labels) in request.groups.iter().zip(labels) {
        answer.statistics.push(sums(asked, labels, spending)?.to_message());
    }
    Ok(answer)
}

/// Which segments are asked about.
struct Own(Vec<Option<usize>>);

impl Own {
    fn of(asked: &v1::PredictionGroups) -> Self {
        let segments = asked.segments.iter().map(|segment| *segment as usize + 1).max().unwrap_or(0);
        let mut group_of = vec![None; segments];
        if !asked.skipped {
            asked.segments.iter().enumerate().for_each(|(group, segment)| group_of[*segment as usize] = Some(group));
        }
        Self(group_of)
    }

    /// Gives the group of a segment; none of customers who are out of scope.
    fn group(&self, label: u32) -> Option<usize> {
        self.0.get(label as usize).copied().flatten()
    }
}

fn sums(asked: &v1::PredictionGroups, labels: &[u32], spending: &Spending<'_>) -> Result<PredictionStatistic> {
    let groups = asked.segments.len();
    if asked.skipped {
        return Ok(PredictionStatistic::empty(0, 0, 0));
    }
    let cap = asked.cap.map(i128::from).ok_or_else(|| Error::bug("spending is to be cut off nowhere"))?;
    let cuts: Vec<i128> = asked.past_cuts.iter().map(|cut| (*cut).into()).collect();
    if cuts.len() + 1 != groups || asked.random_cuts.len() + 1 != groups || asked.lots == 0 {
        return Err(Error::bug("customers are to be divided into other groups than segments"));
    }
    let own = Own::of(asked);
    let mut statistic = PredictionStatistic::empty(asked.lots as usize, groups, super::solver::RANDOM_DRAWS);
    for (row, label) in labels.iter().enumerate() {
        let Some(group) = own.group(*label) else { continue };
        let (after, chance) = (spending.after[row].min(cap), spending.chance[row]);
        let past = cuts.partition_point(|cut| *cut < past_key(spending.before[row], chance));
        let lot = ((u128::from(mixed(chance, LOTS)) * u128::from(asked.lots)) >> 64) as usize;
        statistic.lots[lot].add(group, past, after);
        for (draw, random) in (0_u64..).zip(&mut statistic.random) {
            let drawn = mixed(chance, RANDOM + draw);
            random.add(asked.random_cuts.partition_point(|cut| *cut <= drawn), after);
        }
    }
    Ok(statistic)
}
