//! The mergeable statistics of one labelling.

use segmenter_proto::{Error, Result, v1};

use crate::segmentation::kmeans::rounds::{seeding::merge_oversamples, separation::Separation};

/// Statistics of one labelling by given centroids; they add up over shards in any order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundStatistics {
    /// Sums of grid values, d a cluster.
    pub sums: Vec<i64>,
    /// Rows, one a cluster.
    pub counts: Vec<u64>,
    /// The smallest customer id, one a cluster; empty: no customer.
    pub smallest_ids: Vec<String>,
    /// Sum of squared distances to the own centroid, in squared grid units.
    pub inertia: u128,
    /// Sum of squared grid values.
    pub squares: u128,
    /// Rows that got another label than in the worker's last labelling: for progress, decides nothing.
    pub changed: u64,
}

/// A row far from its centroid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FarRow {
    /// Squared distance to the nearest centroid, in squared grid units.
    pub squared_distance: u64,
    /// Whose row it is.
    pub customer_id: String,
    /// Where it lies.
    pub units: Vec<i32>,
}

impl RoundStatistics {
    /// Adds another shard's statistics of the same centroids.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.sums.len() != other.sums.len() || self.counts.len() != other.counts.len() {
            return Err(Error::bug("statistics of rounds with other centroids cannot be merged"));
        }
        self.sums.iter_mut().zip(&other.sums).for_each(|(total, other)| *total += other);
        self.counts.iter_mut().zip(&other.counts).for_each(|(total, other)| *total += other);
        for (known, other) in self.smallest_ids.iter_mut().zip(&other.smallest_ids) {
            if known.is_empty() || (!other.is_empty() && *other < *known) {
                known.clone_from(other);
            }
        }
        self.inertia += other.inertia;
        self.squares += other.squares;
        self.changed += other.changed;
        Ok(())
    }

    /// Gives the number of rows.
    pub fn rows(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Gives the message that travels.
    pub fn to_message(&self) -> v1::RoundStatistics {
        v1::RoundStatistics {
            sums: self.sums.clone(),
            counts: self.counts.clone(),
            smallest_ids: self.smallest_ids.clone(),
            inertia: Some((self.inertia as i128).into()),
            squares: Some((self.squares as i128).into()),
            changed: self.changed,
        }
    }

    /// Reads the message; fails on clusters that do not fit together.
    pub fn from_message(message: &v1::RoundStatistics) -> Result<Self> {
        let integer =
            |message: Option<v1::Int128>| u128::try_from(message.map_or(0, i128::from)).map_err(|_| impossible());
        let clusters = message.counts.len();
        if clusters == 0 || message.smallest_ids.len() != clusters || !message.sums.len().is_multiple_of(clusters) {
            return Err(impossible());
        }
        Ok(Self {
            sums: message.sums.clone(),
            counts: message.counts.clone(),
            smallest_ids: message.smallest_ids.clone(),
            inertia: integer(message.inertia)?,
            squares: integer(message.squares)?,
            changed: message.changed,
        })
    }
}

fn impossible() -> Error {
    Error::bug("statistics of a k-means round that cannot be were received")
}

impl FarRow {
    pub(in crate::segmentation::kmeans) fn into_message(self) -> v1::FarRow {
        let Self { squared_distance, customer_id, units } = self;
        v1::FarRow { squared_distance, customer_id, units }
    }

    pub(in crate::segmentation::kmeans) fn from_message(message: v1::FarRow) -> Self {
        let v1::FarRow { squared_distance, customer_id, units } = message;
        Self { squared_distance, customer_id, units }
    }
}

/// Adds one shard's answer to what other shards answered to the same request; order does not matter.
///
/// # Errors
/// On answers to different requests: Bug.
pub fn merge_kmeans_answers(
    request: &v1::KmeansRequest,
    total: &mut v1::KmeansAnswer,
    answer: v1::KmeansAnswer,
) -> Result<()> {
    let unlike = || Error::bug("answers to different k-means requests cannot be merged");
    if total.rounds.len() != answer.rounds.len() {
        return Err(unlike());
    }
    for (known, other) in total.rounds.iter_mut().zip(&answer.rounds) {
        let mut merged = RoundStatistics::from_message(known)?;
        merged.merge(&RoundStatistics::from_message(other)?)?;
        *known = merged.to_message();
    }
    match (&mut total.separation, &answer.separation) {
        (Some(known), Some(other)) => {
            let mut merged = Separation::from_message(known)?;
            merged.merge(&Separation::from_message(other)?)?;
            *known = merged.to_message();
        }
        (None, None) => {}
        _ => return Err(unlike()),
    }
    let size = request.rows as usize;
    match (&mut total.oversample, answer.oversample) {
        (Some(known), Some(other)) => merge_oversamples(known, other, size)?,
        (None, None) => {}
        _ => return Err(unlike()),
    }
    total.farthest.extend(answer.farthest);
    cut_far_rows(&mut total.farthest, size);
    Ok(())
}

/// Leaves the `count` farthest of rows at different places: by falling distance, then by customer id.
fn cut_far_rows(rows: &mut Vec<v1::FarRow>, count: usize) {
    rows.sort_by(|l, r| {
        (r.squared_distance, &l.customer_id, &l.units).cmp(&(l.squared_distance, &r.customer_id, &r.units))
    });
    let mut places: Vec<v1::FarRow> = Vec::with_capacity(count.min(rows.len()));
    for row in rows.drain(..) {
        if places.len() < count && places.iter().all(|known| known.units != row.units) {
            places.push(row);
        }
    }
    *rows = places;
}
