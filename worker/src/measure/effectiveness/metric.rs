//! What a metric is.

use super::totals::SegmentTotals;
use crate::measure::inference::{Estimate, share_interval, shares_p_value, t_interval, welch_p_value};
use chrono::NaiveDate;
use std::fmt;

/// Why a cell is null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// For what the segment lacks, or for any reason of the metric's own.
    Own(&'static str),
    /// For what the rest lacks.
    Rest(&'static str),
    /// The window is not over.
    NotOver {
        /// The day before which it ends.
        ends: NaiveDate,
        /// The day of the newest row.
        newest: Option<NaiveDate>,
    },
}

impl Why {
    /// Gives the reason where it is one of a metric.
    pub fn words(self) -> &'static str {
        match self {
            Self::Own(why) | Self::Rest(why) => why,
            Self::NotOver { .. } => "the window is not over",
        }
    }

    /// Says of the rest what was said of a segment.
    pub fn outside(self) -> Self {
        match self {
            Self::Own(why) | Self::Rest(why) => Self::Rest(why),
            Self::NotOver { .. } => self,
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own(why) => formatter.write_str(why),
            Self::Rest(why) => write!(formatter, "{why} outside the segment"),
            Self::NotOver { ends, newest: Some(newest) } => {
                write!(formatter, "the window ends before {ends}, and the newest row is of {newest}")
            }
            Self::NotOver { ends, newest: None } => {
                write!(formatter, "the window ends before {ends}, and no row has a time")
            }
        }
    }
}

/// A cell of the table: its value, or why it is null.
pub(super) type Cell<T = f64> = Result<T, Why>;

pub(super) const TOTAL: Why = Why::Own("a total has no interval, no test and no lift");
pub(super) const IN_SAMPLE: Why = Why::Own("the segments were made from these rows");
pub(super) const OUT_OF_SCOPE: Why = Why::Own("customers out of scope are compared with nobody");
pub(super) const CONSTANT: Why = Why::Own("all values are equal");
pub(super) const TOO_LARGE: Why = Why::Own("sums too large for an exact variance");

/// What a value is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Customers,
    Orders,
    Currency,
    CurrencyPerCustomer,
    CurrencyPerOrder,
    Share,
    /// Of a scale that the source has.
    Score,
    /// From -100 to 100.
    Points,
    /// What a metric of the user's own counts.
    Own,
}

impl Unit {
    /// Gives the word of the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customers => "customers",
            Self::Orders => "orders",
            Self::Currency => "currency",
            Self::CurrencyPerCustomer => "currency_per_customer",
            Self::CurrencyPerOrder => "currency_per_order",
            Self::Share => "share",
            Self::Score => "score",
            Self::Points => "points",
            Self::Own => "value",
        }
    }

    /// Says whether it holds money.
    pub fn is_money(self) -> bool {
        matches!(self, Self::Currency | Self::CurrencyPerCustomer | Self::CurrencyPerOrder)
    }
}

/// A segment, all other customers, and both together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Comparison<'a> {
    /// Of intervals.
    pub level: f64,
    pub own: &'a SegmentTotals,
    pub rest: &'a SegmentTotals,
    pub population: &'a SegmentTotals,
}

/// What a metric says of a segment.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Measured {
    pub value: Cell,
    pub n: u64,
    pub interval: Cell<(f64, f64)>,
    pub rest: Cell,
    pub population: Cell,
    pub p_value: Cell,
}

/// A measure of a segment that can be compared with the rest.
pub(super) trait Metric: fmt::Debug + Sync {
    /// Its name in the table.
    fn name(&self) -> &'static str;
    /// What its values are measured in.
    fn unit(&self) -> Unit;
    /// Says whether it compares the outcome window with the one before.
    fn needs_outcome(&self) -> bool {
        false
    }
    /// Says whether it is about purchases, and says nothing where there are no transactions.
    fn needs_purchases(&self) -> bool {
        true
    }
    /// Says whether it is a total, which grows with the segment.
    fn is_total(&self) -> bool {
        false
    }
    /// Measures one segment.
    fn measure(&self, comparison: &Comparison<'_>) -> Measured;
}

/// How a metric stands in the table.
#[derive(Debug, Clone, Copy)]
pub(super) struct NamedMetric<'a> {
    pub name: &'a str,
    pub unit: Unit,
    pub is_total: bool,
}

impl NamedMetric<'static> {
    /// Names one that is built in.
    pub fn of(metric: &dyn Metric) -> Self {
        Self { name: metric.name(), unit: metric.unit(), is_total: metric.is_total() }
    }
}

/// Puts a mean-like estimate of the segment beside that of the rest.
pub(super) fn compare_estimates(
    own: Cell<Estimate>,
    rest: Cell<Estimate>,
    value: impl Fn(&SegmentTotals) -> Cell,
    comparison: &Comparison<'_>,
    n: u64,
) -> Measured {
    put_beside(own, rest, [comparison.own, comparison.rest, comparison.population].map(value), n, comparison.level)
}

/// Puts an estimate of the segment beside that of the rest; `values` are of the segment, the rest and the population.
pub(super) fn put_beside(own: Cell<Estimate>, rest: Cell<Estimate>, values: [Cell; 3], n: u64, level: f64) -> Measured {
    // Values that are all equal say nothing of how far chance would carry them.
    let varies = |estimate: Cell<Estimate>| {
        estimate.and_then(|found| if found.variance > 0.0 { Ok(found) } else { Err(CONSTANT) })
    };
    let (own, other) = (varies(own), varies(rest));
    let p_value = match (&own, &other) {
        (Ok(own), Ok(rest)) => welch_p_value(own, rest).ok_or(CONSTANT),
        (Err(why), _) => Err(*why),
        (_, Err(why)) => Err(why.outside()),
    };
    let [value, rest, population] = values;
    Measured {
        value,
        n,
        interval: own.map(|own| t_interval(&own, level)),
        rest: rest.map_err(Why::outside),
        population,
        p_value,
    }
}

/// Measures a share: so many of so many, and the reason where the latter are none.
pub(super) fn compare_shares(
    comparison: &Comparison<'_>,
    counts: impl Fn(&SegmentTotals) -> (u64, u64),
    nobody: &'static str,
) -> Measured {
    put_shares_beside([comparison.own, comparison.rest, comparison.population].map(counts), nobody, comparison.level)
}

/// Measures a share: `counts` are so many of so many, of the segment, the rest and the population.
pub(super) fn put_shares_beside(counts: [(u64, u64); 3], nobody: &'static str, level: f64) -> Measured {
    let share = |(count, of): (u64, u64)| -> Cell {
        if of == 0 { Err(Why::Own(nobody)) } else { Ok(count as f64 / of as f64) }
    };
    let [own, rest, population] = counts;
    let p_value = share(own).and_then(|_| {
        share(rest).map_err(Why::outside)?;
        shares_p_value(own, rest).ok_or(Why::Own("all shares are 0, or all are 1"))
    });
    Measured {
        value: share(own),
        n: own.1,
        interval: share(own).map(|_| share_interval(own.0, own.1, level)),
        rest: share(rest).map_err(Why::outside),
        population: share(population),
        p_value,
    }
}
