//! What shards answer about the histories of their customers: counts and exact sums, which merge one by one.

use super::{Histories, History, jet::Jet, order_value, orders};
use segmenter_proto::{
    Error, ExactSum, Result,
    jobs::Lifetime,
    pure_math::ln,
    v1::{LifetimeAnswer, LifetimePoints, LifetimeRequest, lifetime_request::Asked},
};

/// Answers a request about a shard's customers.
///
/// # Errors
/// The request asks nothing, or of points that are none: Bug.
pub fn answer_lifetime(
    lifetime: &Lifetime,
    request: &LifetimeRequest,
    histories: &Histories,
) -> Result<LifetimeAnswer> {
    let step = lifetime.step.days();
    match request.asked.as_ref().ok_or_else(|| Error::bug("a round of a forecast asks nothing"))? {
        Asked::Counts(_) => Ok(Counts::of(histories.rows()).to_message()),
        Asked::Orders(points) => likelihoods(points, |constants| {
            histories
                .by_orders()
                .map(move |rows| (orders::ln_likelihood(lifetime.model, &constants, &rows[0], step), rows.len()))
        }),
        Asked::Forecasts(_) | Asked::Calibration(_) => Err(Error::bug("histories alone do not say what came to pass")),
        Asked::OrderValue(points) => {
            let unit = points.unit;
            likelihoods(points, |constants| {
                histories
                    .by_value()
                    .map(move |rows| (order_value::ln_likelihood(&constants, &rows[0], unit), rows.len()))
            })
        }
    }
}

/// Adds `more` to `total`, both answers to one request.
///
/// # Errors
/// They are answers to different ones: Bug.
pub fn merge_lifetime_answers(total: &mut LifetimeAnswer, more: &LifetimeAnswer) -> Result<()> {
    if total.counts.len() != more.counts.len() || total.sums.len() != more.sums.len() {
        return Err(Error::bug("answers about other histories cannot be added together"));
    }
    total.counts.iter_mut().zip(&more.counts).for_each(|(total, more)| *total += more);
    for (total, more) in total.sums.iter_mut().zip(&more.sums) {
        let mut sum = ExactSum::from_message(total)?;
        sum.merge(&ExactSum::from_message(more)?);
        *total = sum.to_message();
    }
    Ok(())
}

/// Who there is.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Counts {
    /// Customers with an order.
    pub(super) customers: u64,
    /// Those of them with another one.
    pub(super) repeating: u64,
    /// Those of whom that has a value.
    pub(super) valued: u64,
    /// Repeat orders of all.
    pub(super) orders: u64,
    /// Days from the first order to the last day that was seen, of all.
    pub(super) days: u64,
    /// The sum of ln of the mean values.
    pub(super) ln_values: ExactSum,
}

impl Counts {
    fn of(rows: &[History]) -> Self {
        let mut counts = Self::default();
        for history in rows {
            counts.customers += 1;
            counts.repeating += u64::from(history.orders > 0);
            counts.orders += u64::from(history.orders);
            counts.days += u64::from(history.age);
            if history.has_value() && counts.ln_values.add(ln(history.value)) {
                counts.valued += 1;
            }
        }
        counts
    }

    fn to_message(&self) -> LifetimeAnswer {
        LifetimeAnswer {
            counts: vec![self.customers, self.repeating, self.valued, self.orders, self.days],
            sums: vec![self.ln_values.to_message()],
        }
    }

    pub(super) fn from_message(message: &LifetimeAnswer) -> Result<Self> {
        match (message.counts.as_slice(), message.sums.as_slice()) {
            (&[customers, repeating, valued, orders, days], [ln_values]) => {
                let ln_values = ExactSum::from_message(ln_values)?;
                Ok(Self { customers, repeating, valued, orders, days, ln_values })
            }
            _ => Err(Error::bug("counts of histories were asked for, and something else came back")),
        }
    }
}

/// The logarithm of a likelihood at a point, its gradient and its Hessian.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Likelihood<const N: usize> {
    /// Customers that it is of.
    pub(super) customers: u64,
    pub(super) value: f64,
    pub(super) slope: [f64; N],
    pub(super) bend: [[f64; N]; N],
}

/// The sums of a point: the value, the slope, and of the bend what stands on its diagonal and right of it.
const fn sums_of_a_point(variables: usize) -> usize {
    1 + variables + variables * (variables + 1) / 2
}

/// Sums up terms, each of so many customers, at every point.
fn likelihoods<const N: usize, T: Iterator<Item = (Jet<N>, usize)>>(
    points: &LifetimePoints,
    terms: impl Fn([Jet<N>; N]) -> T,
) -> Result<LifetimeAnswer> {
    let (points, rest) = points.values.as_chunks::<N>();
    if points.is_empty() || !rest.is_empty() {
        return Err(Error::bug("a point of a likelihood has another number of constants"));
    }
    let mut answer = LifetimeAnswer::default();
    for point in points {
        let mut sums = vec![ExactSum::default(); sums_of_a_point(N)];
        let (mut customers, mut lost) = (0, 0);
        for (term, count) in terms(Jet::of_logarithms(point)) {
            customers += count as u64;
            let upper = (0..N).flat_map(|row| term.bend[row][row..].to_vec());
            let parts: Vec<f64> = [term.value].into_iter().chain(term.slope).chain(upper).collect();
            if parts.iter().any(|part| !part.is_finite()) {
                lost += count as u64;
                continue;
            }
            // One by one: a product would be rounded, and by how many customers a shard has.
            for (sum, part) in sums.iter_mut().zip(&parts) {
                for _ in 0..count {
                    let _ = sum.add(*part);
                }
            }
        }
        answer.counts.extend([customers, lost]);
        answer.sums.extend(sums.iter().map(ExactSum::to_message));
    }
    Ok(answer)
}

/// Reads the likelihood at every point; none where that of a customer is no number.
pub(super) fn likelihoods_of<const N: usize>(
    answer: &LifetimeAnswer,
    points: usize,
) -> Result<Vec<Option<Likelihood<N>>>> {
    let (counts, sums) = (answer.counts.chunks_exact(2), answer.sums.chunks_exact(sums_of_a_point(N)));
    if counts.len() != points || sums.len() != points {
        return Err(Error::bug("a likelihood was asked for at other points"));
    }
    let read = |(counts, sums): (&[u64], &[_])| {
        let values: Vec<f64> =
            sums.iter().map(|sum| Ok(ExactSum::from_message(sum)?.value())).collect::<Result<_>>()?;
        if counts[1] > 0 || values.iter().any(|value| !value.is_finite()) {
            return Ok(None);
        }
        let mut upper = values[1 + N..].iter();
        let mut bend = [[0.0; N]; N];
        for (row, column) in (0..N).flat_map(|row| (row..N).map(move |column| (row, column))) {
            let value = upper.next().copied().unwrap_or_default();
            (bend[row][column], bend[column][row]) = (value, value);
        }
        let slope = std::array::from_fn(|at| values[1 + at]);
        Ok(Some(Likelihood { customers: counts[0], value: values[0], slope, bend }))
    };
    counts.zip(sums).map(read).collect()
}
