//! What a metric is.

use super::totals::{MONEY_UNITS, SegmentTotals};
use crate::measure::inference::{Estimate, t_interval, welch_p_value};
use std::fmt;

/// Why a cell is null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// For what the segment lacks, or for any reason of the metric's own.
    Own(&'static str),
    /// For what the rest lacks.
    Rest(&'static str),
}

impl Why {
    /// Says of the rest what was said of a segment.
    pub fn outside(self) -> Self {
        match self {
            Self::Own(why) | Self::Rest(why) => Self::Rest(why),
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own(why) => formatter.write_str(why),
            Self::Rest(why) => write!(formatter, "{why} outside the segment"),
        }
    }
}

/// A cell of the table: its value, or why it is null.
pub(super) type Cell<T = f64> = Result<T, Why>;

pub(super) const TOTAL: Why = Why::Own("a total has no interval and no test");
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
    /// Measures one segment.
    fn measure(&self, comparison: &Comparison<'_>) -> Measured;
}

/// Puts a mean-like estimate of the segment beside that of the rest.
pub(super) fn compare_estimates(
    own: Cell<Estimate>,
    rest: Cell<Estimate>,
    value: impl Fn(&SegmentTotals) -> Cell,
    comparison: &Comparison<'_>,
    n: u64,
) -> Measured {
    let p_value = match (&own, &rest) {
        (Ok(own), Ok(rest)) => welch_p_value(own, rest).ok_or(Why::Own("neither the segment nor the rest varies")),
        (Err(why), _) => Err(*why),
        (_, Err(why)) => Err(why.outside()),
    };
    Measured {
        value: value(comparison.own),
        n,
        interval: own.map(|own| t_interval(&own)),
        rest: value(comparison.rest).map_err(Why::outside),
        population: value(comparison.population),
        p_value,
    }
}

/// Gives an amount in currency from one in units of 10⁻⁴.
pub(super) fn in_currency(units: f64) -> f64 {
    units / MONEY_UNITS
}
