//! The mergeable sums of one pass over rows.

use std::ops::Range;

use segmenter_proto::{
    Error, Result,
    models::{Density, SHARE_UNITS},
    v1,
};

use super::{
    super::kmeans::{KmeansShard, Matrix, Moments, visit_densities},
    components::Component,
};

/// Units of a logarithm in 1.
const LOG_UNITS: f64 = (1u64 << 32) as f64;

/// Exact sums over rows; they add up over shards in any order. Shares are in units of 2⁻²⁴, rows on the grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MixtureStatistics {
    /// Rows.
    pub rows: u64,
    /// Σ share, one a component.
    pub weights: Vec<i128>,
    /// Σ share · x, one a column and component, component by component.
    pub sums: Vec<i128>,
    /// Σ share · x².
    pub squares: Vec<i128>,
    /// Σ ln(density), each rounded to units of 2⁻³².
    pub log_likelihood: i128,
    /// Rows whose most probable component it is, one a component.
    pub counts: Vec<u64>,
    /// The smallest customer id of those rows, one a component; empty: none.
    pub smallest_ids: Vec<String>,
}

impl MixtureStatistics {
    fn zero(components: usize, columns: usize) -> Self {
        Self {
            rows: 0,
            weights: vec![0; components],
            sums: vec![0; components * columns],
            squares: vec![0; components * columns],
            log_likelihood: 0,
            counts: vec![0; components],
            smallest_ids: vec![String::new(); components],
        }
    }

    /// Goes through a range of rows, which begins with a tile's first; `id` names the rows, which rise by it.
    pub(super) fn of(
        matrix: &Matrix,
        rows: Range<usize>,
        components: &[Component],
        id: impl Fn(usize) -> String,
    ) -> Self {
        let densities: Vec<Density> = components.iter().map(Component::density).collect();
        let mut total = Self::zero(components.len(), matrix.dimensions());
        let Self { rows: count, weights, sums, squares, log_likelihood, counts, smallest_ids } = &mut total;
        visit_densities(matrix, rows, &densities, Some(Moments { sums, squares }), |row, found| {
            *count += 1;
            for (weight, share) in weights.iter_mut().zip(found.shares) {
                *weight += i128::from(*share);
            }
            *log_likelihood += i128::from((found.posterior.log_likelihood * LOG_UNITS).round() as i64);
            let first = found.posterior.first;
            if counts[first] == 0 {
                smallest_ids[first] = id(row);
            }
            counts[first] += 1;
        });
        total
    }

    /// Gives the sums where every row is in one component alone, which `of` says: what a mixture starts from.
    pub(super) fn of_groups(matrix: &Matrix, groups: usize, of: &[usize]) -> Self {
        let columns = matrix.dimensions();
        let mut total = Self::zero(groups, columns);
        let whole = i128::from(SHARE_UNITS);
        for (row, group) in of.iter().enumerate() {
            total.rows += 1;
            total.counts[*group] += 1;
            total.weights[*group] += whole;
            for (column, cell) in matrix.cells(row).into_iter().enumerate() {
                let (at, cell) = (group * columns + column, i128::from(cell));
                total.sums[at] += whole * cell;
                total.squares[at] += whole * cell * cell;
            }
        }
        total
    }

    /// Adds the sums over other rows of the same components.
    ///
    /// # Errors
    /// On sums of other components: Bug.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.weights.len() != other.weights.len() || self.sums.len() != other.sums.len() {
            return Err(unlike());
        }
        let add =
            |total: &mut [i128], more: &[i128]| total.iter_mut().zip(more).for_each(|(total, more)| *total += more);
        self.rows += other.rows;
        add(&mut self.weights, &other.weights);
        add(&mut self.sums, &other.sums);
        add(&mut self.squares, &other.squares);
        self.log_likelihood += other.log_likelihood;
        self.counts.iter_mut().zip(&other.counts).for_each(|(total, more)| *total += more);
        for (known, other) in self.smallest_ids.iter_mut().zip(&other.smallest_ids) {
            if known.is_empty() || (!other.is_empty() && *other < *known) {
                known.clone_from(other);
            }
        }
        Ok(())
    }

    /// Gives the number of columns.
    pub fn columns(&self) -> usize {
        self.sums.len() / self.weights.len().max(1)
    }

    /// Gives the mean of ln(density) a row; 0 of no rows.
    pub fn mean_log_likelihood(&self) -> f64 {
        if self.rows == 0 { 0.0 } else { self.log_likelihood as f64 / LOG_UNITS / self.rows as f64 }
    }

    /// Gives the message that travels.
    pub fn to_message(&self) -> v1::MixtureAnswer {
        let integers = |sums: &[i128]| sums.iter().map(|sum| (*sum).into()).collect();
        v1::MixtureAnswer {
            rows: self.rows,
            weights: integers(&self.weights),
            sums: integers(&self.sums),
            squares: integers(&self.squares),
            log_likelihood: Some(self.log_likelihood.into()),
            counts: self.counts.clone(),
            smallest_ids: self.smallest_ids.clone(),
        }
    }

    /// Reads the message.
    ///
    /// # Errors
    /// On sums that do not fit together: Bug.
    pub fn from_message(message: &v1::MixtureAnswer) -> Result<Self> {
        let components = message.weights.len();
        let fits = components > 0
            && message.counts.len() == components
            && message.smallest_ids.len() == components
            && message.sums.len().is_multiple_of(components)
            && message.sums.len() == message.squares.len();
        if !fits {
            return Err(unlike());
        }
        let integers = |sums: &[v1::Int128]| sums.iter().map(|sum| (*sum).into()).collect();
        Ok(Self {
            rows: message.rows,
            weights: integers(&message.weights),
            sums: integers(&message.sums),
            squares: integers(&message.squares),
            log_likelihood: message.log_likelihood.map_or(0, i128::from),
            counts: message.counts.clone(),
            smallest_ids: message.smallest_ids.clone(),
        })
    }
}

/// Gives a shard's answer.
///
/// # Errors
/// On a request that does not fit the rows: Bug.
pub fn answer_mixture(shard: &KmeansShard, request: &v1::MixtureRequest) -> Result<v1::MixtureAnswer> {
    let components: Vec<Component> = request.components.iter().map(Component::from_message).collect::<Result<_>>()?;
    let matrix = shard.matrix();
    let fits = |component: &Component| component.means.len() == matrix.dimensions();
    if components.is_empty() || !components.iter().all(fits) || !matrix.layout().categories().is_empty() {
        return Err(Error::bug("a mixture does not fit the shard's matrix"));
    }
    let id = |row: usize| shard.ids().get(row).to_owned();
    Ok(MixtureStatistics::of(matrix, 0..matrix.rows(), &components, id).to_message())
}

/// Adds one shard's answer to what other shards answered to the same request; order does not matter.
///
/// # Errors
/// On answers to different requests: Bug.
pub fn merge_mixture_answers(total: &mut v1::MixtureAnswer, more: &v1::MixtureAnswer) -> Result<()> {
    let mut merged = MixtureStatistics::from_message(total)?;
    merged.merge(&MixtureStatistics::from_message(more)?)?;
    *total = merged.to_message();
    Ok(())
}

fn unlike() -> Error {
    Error::bug("sums of a mixture do not fit together")
}
