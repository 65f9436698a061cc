//! The stage "measure": what the segments of a shard's customers are like.

use super::{assign::models_of, measured::Measured, worker::Worker};
use crate::{
    features::{GROSS, NET, ORDERS},
    frame::FrameSchema,
    measure::{CustomerValues, EffectivenessStatistic, Groups, ProfileStatistic},
    segmentation::transform::feature_values,
};
use arrow::{
    array::{Array, AsArray},
    datatypes::{Decimal128Type, Field, Int64Type},
};
use segmenter_proto::{
    Error, Result,
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
            let customers = CustomerValues {
                orders: measured.column(ORDERS)?.as_primitive::<Int64Type>().values(),
                gross: measured.column(GROSS)?.as_primitive::<Decimal128Type>().values(),
                net: measured.column(NET)?.as_primitive::<Decimal128Type>().values(),
            };
            for (number, model) in models.segmentations.iter().enumerate() {
                let groups = measured.groups(number, model)?;
                answer.profiles.push(ProfileStatistic::of_shard(&groups, &features)?.to_message());
                answer.effectiveness.push(EffectivenessStatistic::of_shard(&groups, &customers)?.to_message());
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
