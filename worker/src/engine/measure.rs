//! The stage "measure": what the segments of a shard's customers are like.

use super::{assign::models_of, measured::Measured, worker::Worker};
use crate::{
    features::{GROSS, NET, ORDERS, ORDERS_BEFORE, OUTCOME_GROSS, OUTCOME_NET, OUTCOME_ORDERS, metric_column},
    frame::FrameSchema,
    measure::{CustomerValues, EffectivenessStatistic, Groups, OwnValues, ProfileStatistic},
    segmentation::transform::feature_values,
};
use arrow::{
    array::{Array, AsArray},
    datatypes::{Decimal128Type, Field, Float64Type, Int64Type},
};
use segmenter_proto::{
    Error, Result,
    jobs::{MetricKind, OwnMetric},
    statistics::{QuantileCounter, key_of_f64},
    v1::{MeasureAnswer, MeasureTask, QuantileAnswer, QuantileRequest, Stage},
};

impl Worker {
    pub(super) fn measure(&self, shard: u32, work: &MeasureTask) -> Result<MeasureAnswer> {
        let models = models_of(&work.models)?;
        let measured = self.measured(shard, &models)?;
        self.middle(Stage::Measure)?;
        let mut answer = MeasureAnswer::default();
        if work.statistics {
            let features = self.profiled().into_iter();
            let features: Vec<_> =
                features.map(|name| Ok((name.clone(), measured.column(&name)?.clone()))).collect::<Result<_>>()?;
            let counts = |name| Ok::<_, Error>(measured.column(name)?.as_primitive::<Int64Type>().values().as_ref());
            let money =
                |name| Ok::<_, Error>(measured.column(name)?.as_primitive::<Decimal128Type>().values().as_ref());
            let customers =
                CustomerValues { orders: counts(ORDERS)?, gross: money(GROSS)?, net: money(NET)?, orders_before: None };
            let outcome = match self.plan.outcome_columns().iter().any(|name| name == OUTCOME_ORDERS) {
                true => CustomerValues {
                    orders: counts(OUTCOME_ORDERS)?,
                    gross: money(OUTCOME_GROSS)?,
                    net: money(OUTCOME_NET)?,
                    orders_before: Some(counts(ORDERS_BEFORE)?),
                },
                // Of a job without transactions: nothing in either window.
                false => customers,
            };
            let judged_by = &self.spec.job.effectiveness;
            let number = |metric: &OwnMetric, column| {
                Ok::<_, Error>(measured.column(&metric_column(&metric.name, column))?.as_primitive::<Float64Type>())
            };
            let own = judged_by.metrics.iter().map(|metric| {
                let per = (metric.kind == MetricKind::Ratio).then(|| number(metric, "per"));
                Ok(OwnValues { value: number(metric, "value")?, per: per.transpose()? })
            });
            let own = own.collect::<Result<Vec<_>>>()?;
            for (number, model) in models.segmentations.iter().enumerate() {
                let groups = measured.groups(number, model)?;
                answer.profiles.push(ProfileStatistic::of_shard(&groups, &features)?.to_message());
                answer.effectiveness.push(EffectivenessStatistic::of_shard(&groups, &customers, &[])?.to_message());
                if judged_by.outcome_days.is_some() {
                    answer.outcomes.push(EffectivenessStatistic::of_shard(&groups, &outcome, &own)?.to_message());
                }
            }
        }
        let features = FrameSchema::of(&self.spec, &self.plan).features;
        for (number, (request, model)) in work.quantiles.iter().zip(&models.segmentations).enumerate() {
            answer.quantiles.push(quantiles(&measured, &features, &measured.groups(number, model)?, request)?);
        }
        Ok(answer)
    }
}

/// Counts the keys of numeric features by segment.
fn quantiles(
    measured: &Measured,
    features: &[Field],
    groups: &Groups<'_>,
    request: &QuantileRequest,
) -> Result<QuantileAnswer> {
    let mut counter = QuantileCounter::new(request)?;
    let asked: Vec<u32> = counter.columns().collect();
    for column in asked {
        let field = features.get(column as usize).ok_or_else(|| Error::bug(format!("there is no feature {column}")))?;
        let values = feature_values(field.name(), measured.column(field.name())?)?;
        match groups {
            Groups::Apart { labels, .. } => {
                let keys =
                    labels.iter().zip(&values).filter_map(|(&segment, value)| Some((segment, key_of_f64(value?))));
                counter.count(column, keys);
            }
            Groups::Overlapping(members) => {
                for (segment, who) in (0..).zip(members) {
                    let known = who.set_indices().filter(|&row| values.is_valid(row));
                    counter.count(column, known.map(|row| (segment, key_of_f64(values.value(row)))));
                }
            }
        }
    }
    Ok(counter.finish())
}
