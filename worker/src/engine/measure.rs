//! The stage "measure": what the segments of a shard's customers are like.

use super::{assign::models_of, measured::Measured, worker::Worker};
use crate::{
    features::{GROSS, NET, ORDERS},
    frame::FrameSchema,
    measure::{CustomerValues, EffectivenessStatistic, ProfileStatistic},
    segmentation::transform::feature_values,
};
use arrow::{
    array::AsArray,
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
                let (labels, segments) = (measured.labels(number)?, model.segments().len());
                answer.profiles.push(ProfileStatistic::of_shard(labels, segments, &features)?.to_message());
                let effectiveness = EffectivenessStatistic::of_shard(labels, segments, &customers)?;
                answer.effectiveness.push(effectiveness.to_message());
            }
        }
        let features = FrameSchema::of(&self.spec, &self.plan).features;
        for (number, request) in work.quantiles.iter().enumerate() {
            answer.quantiles.push(quantiles(&measured, &features, measured.labels(number)?, request)?);
        }
        Ok(answer)
    }
}

/// Counts the keys of numeric features by segment.
fn quantiles(
    measured: &Measured,
    features: &[Field],
    labels: &[u32],
    request: &QuantileRequest,
) -> Result<QuantileAnswer> {
    let mut counter = QuantileCounter::new(request)?;
    let asked: Vec<u32> = counter.columns().collect();
    for column in asked {
        let field = features.get(column as usize).ok_or_else(|| Error::bug(format!("there is no feature {column}")))?;
        let values = feature_values(field.name(), measured.column(field.name())?)?;
        let keys = labels.iter().zip(&values).filter_map(|(&segment, value)| Some((segment, key_of_f64(value?))));
        counter.count(column, keys);
    }
    Ok(counter.finish())
}
