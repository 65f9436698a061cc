//! What a metric of the user's own says of a segment.

use super::{
    metric::{Measured, NamedMetric, TOTAL, Unit, put_beside, put_shares_beside},
    own::OwnTotals,
};
use segmenter_proto::jobs::{MetricKind, MetricUnit, OwnMetric};

/// Gives how it stands in the table.
pub(super) fn named(metric: &OwnMetric) -> NamedMetric<'_> {
    let unit = match (metric.kind, metric.unit) {
        (MetricKind::Rate, _) => Unit::Share,
        (_, MetricUnit::Value) => Unit::Own,
        (_, MetricUnit::Currency) => Unit::Currency,
        (_, MetricUnit::CurrencyPerCustomer) => Unit::CurrencyPerCustomer,
        (_, MetricUnit::Score) => Unit::Score,
        (_, MetricUnit::Points) => Unit::Points,
    };
    NamedMetric { name: &metric.name, unit, is_total: metric.kind == MetricKind::Total }
}

/// Measures one segment beside the rest and the population.
pub(super) fn measure(
    kind: MetricKind,
    own: &OwnTotals,
    rest: &OwnTotals,
    population: &OwnTotals,
    level: f64,
) -> Measured {
    let all = [own, rest, population];
    match kind {
        MetricKind::Rate => {
            let counts = all.map(|totals| (totals.positive, totals.known));
            put_shares_beside(counts, "no customers of whom it is known", level)
        }
        MetricKind::Mean => {
            let [value, other, whole] = all.map(OwnTotals::mean);
            put_beside(own.mean_estimate(), rest.mean_estimate(), [value, other, whole], own.known, level)
        }
        MetricKind::Ratio => {
            let [value, other, whole] = all.map(OwnTotals::ratio);
            put_beside(own.ratio_estimate(), rest.ratio_estimate(), [value, other, whole], own.known, level)
        }
        MetricKind::Total => Measured {
            value: Ok(own.total()),
            n: own.known,
            interval: Err(TOTAL),
            rest: Ok(rest.total()),
            population: Ok(population.total()),
            p_value: Err(TOTAL),
        },
    }
}

/// Says of how many customers it is not known, where there are such.
pub(super) fn unknown(own: &OwnTotals) -> Option<String> {
    (own.unknown > 0).then(|| format!("of {} customers it is not known", own.unknown))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::effectiveness::{
        metric::Why,
        own::{OwnValues, of_shard},
    };
    use crate::measure::groups::Groups;
    use arrow::array::Float64Array;

    fn totals(values: &[f64]) -> OwnTotals {
        let value = Float64Array::from_iter_values(values.iter().copied());
        let labels = vec![0; values.len()];
        of_shard(&Groups::apart(&labels, 1).unwrap(), &OwnValues { value: &value, per: None }).unwrap().remove(0)
    }

    #[test]
    fn each_kind_says_its_own() {
        let (own, rest, all) = (totals(&[2.0, 0.0, 4.0]), totals(&[1.0, 0.0]), totals(&[2.0, 0.0, 4.0, 1.0, 0.0]));
        let said = |kind| measure(kind, &own, &rest, &all, 0.95);
        assert_eq!((said(MetricKind::Rate).value, said(MetricKind::Rate).rest), (Ok(2.0 / 3.0), Ok(0.5)));
        let mean = said(MetricKind::Mean);
        assert_eq!((mean.value, mean.rest, mean.population, mean.n), (Ok(2.0), Ok(0.5), Ok(1.4), 3));
        assert!(mean.interval.is_ok() && mean.p_value.is_ok());
        let total = said(MetricKind::Total);
        assert_eq!((total.value, total.rest, total.interval), (Ok(6.0), Ok(1.0), Err(TOTAL)));
        assert_eq!(said(MetricKind::Ratio).value, Err(Why::Own("what it is divided by is not above 0")));
    }
}
