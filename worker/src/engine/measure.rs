//! The stage "measure": what the segments of a shard's customers are like.

use super::{
    assign::models_of,
    measured::{CHANCE, Measured},
    worker::Worker,
};
use crate::{
    failpoint::failpoint,
    features::{
        GROSS, MESSAGES, NET, NET_BEFORE, ORDER_GAPS, ORDERS, ORDERS_BEFORE, OUTCOME_DAY, OUTCOME_GROSS,
        OUTCOME_MESSAGES, OUTCOME_NET, OUTCOME_ORDERS, REACHABLE, arm_column, experiment_column, metric_column,
    },
    frame::FrameSchema,
    measure::{
        ArmValues, CurveStatistic, CustomerValues, EffectivenessStatistic, ExperimentStatistic, Groups,
        MessagesStatistic, MetricValues, OwnValues, ProfileStatistic, Spending, prediction_answer, unpacked_gaps,
    },
    segmentation::transform::feature_values,
};
use arrow::{
    array::{Array, AsArray},
    datatypes::{Decimal128Type, Field, Float64Type, Int32Type, Int64Type, UInt64Type},
};
use segmenter_proto::{
    Error, Result,
    jobs::{MetricKind, OwnMetric},
    methods::FittedModels,
    statistics::{QuantileCounter, key_of_f64},
    v1::{
        MeasureAnswer, MeasureTask, MessagesAnswer, MessagesRequest, PredictionAnswer, PredictionRequest,
        QuantileAnswer, QuantileRequest, Stage,
    },
};

impl Worker {
    pub(super) fn measure(&self, shard: u32, work: &MeasureTask) -> Result<MeasureAnswer> {
        if let Some(request) = &work.repeat {
            self.middle(Stage::Measure)?;
            let repeat = Some(self.repeats(shard, request)?);
            return Ok(MeasureAnswer { repeat, ..MeasureAnswer::default() });
        }
        if let Some(request) = &work.recommend {
            failpoint("recommend.middle")?;
            let recommend = Some(self.recommend(shard, request)?);
            return Ok(MeasureAnswer { recommend, ..MeasureAnswer::default() });
        }
        let models = models_of(&work.models)?;
        if work.export.is_some() {
            failpoint("export.middle")?;
            let export = Some(self.export(shard, &models)?);
            return Ok(MeasureAnswer { export, ..MeasureAnswer::default() });
        }
        let measured = self.measured(shard, &models)?;
        self.middle(Stage::Measure)?;
        let mut answer = MeasureAnswer::default();
        if let Some(request) = &work.prediction {
            answer.prediction = Some(self.prediction(request, &measured, models.segmentations.len())?);
            return Ok(answer);
        }
        if let Some(MessagesRequest { segmentation }) = work.messages {
            answer.messages = Some(self.messages(segmentation, &measured, &models)?);
            return Ok(answer);
        }
        if let Some(request) = &work.affinity {
            answer.affinity = Some(self.affinity(shard, request, &measured, &models)?);
            return Ok(answer);
        }
        if let Some(request) = &work.drivers {
            answer.drivers = Some(self.drivers(request, &measured, &models)?);
            return Ok(answer);
        }
        if let Some(request) = &work.map {
            answer.map = Some(self.map(shard, request, &measured, &models)?);
            return Ok(answer);
        }
        if work.statistics {
            let judged_by = self.plan.measured_columns();
            let features = self.profiled().into_iter();
            let features: Vec<_> =
                features.map(|name| Ok((name.clone(), measured.column(&name)?.clone()))).collect::<Result<_>>()?;
            let counts = |name| Ok::<_, Error>(measured.column(name)?.as_primitive::<Int64Type>().values().as_ref());
            let money =
                |name| Ok::<_, Error>(measured.column(name)?.as_primitive::<Decimal128Type>().values().as_ref());
            let reachable = match judged_by.iter().any(|name| name == REACHABLE) {
                true => Some(measured.column(REACHABLE)?.as_boolean().values()),
                false => None,
            };
            let customers = CustomerValues {
                orders: counts(ORDERS)?,
                gross: money(GROSS)?,
                net: money(NET)?,
                orders_before: None,
                reachable,
            };
            let outcome = match judged_by.iter().any(|name| name == OUTCOME_ORDERS) {
                true => CustomerValues {
                    orders: counts(OUTCOME_ORDERS)?,
                    gross: money(OUTCOME_GROSS)?,
                    net: money(OUTCOME_NET)?,
                    orders_before: Some(counts(ORDERS_BEFORE)?),
                    reachable: None,
                },
                // Of a job without transactions: nothing in either window.
                false => customers,
            };
            let job = &self.spec.job.effectiveness;
            let number = |metric: &OwnMetric, column| {
                Ok::<_, Error>(measured.column(&metric_column(&metric.name, column))?.as_primitive::<Float64Type>())
            };
            let own = job.metrics.iter().map(|metric| {
                let per = (metric.kind == MetricKind::Ratio).then(|| number(metric, "per"));
                Ok(OwnValues { value: number(metric, "value")?, per: per.transpose()? })
            });
            let own = own.collect::<Result<Vec<_>>>()?;
            for (number, model) in models.segmentations.iter().enumerate() {
                let groups = measured.groups(number, model)?;
                answer.profiles.push(ProfileStatistic::of_shard(&groups, &features)?.to_message());
                answer.effectiveness.push(EffectivenessStatistic::of_shard(&groups, &customers, &[])?.to_message());
                if job.outcome_days.is_some() {
                    answer.outcomes.push(EffectivenessStatistic::of_shard(&groups, &outcome, &own)?.to_message());
                }
            }
        }
        if work.statistics {
            self.curves(&measured, &models, &mut answer)?;
            self.experiments(&measured, &models, &mut answer)?;
        }
        let features = FrameSchema::of(&self.spec, &self.plan).features;
        for (number, (request, model)) in work.quantiles.iter().zip(&models.segmentations).enumerate() {
            answer.quantiles.push(quantiles(&measured, &features, &measured.groups(number, model)?, request)?);
        }
        Ok(answer)
    }

    /// Counts by segment how long customers take until they buy again, between orders and from `as_of` on.
    fn curves(&self, measured: &Measured, models: &FittedModels, answer: &mut MeasureAnswer) -> Result<()> {
        let known = self.plan.measured_columns();
        let has = |column: &str| known.iter().any(|name| name == column);
        for (number, model) in models.segmentations.iter().enumerate() {
            let groups = measured.groups(number, model)?;
            if has(ORDER_GAPS) {
                let gaps = measured.column(ORDER_GAPS)?.as_binary::<i32>();
                let times = |row: usize| {
                    let gaps = unpacked_gaps(gaps.value(row))?;
                    let open = gaps.len().saturating_sub(1);
                    Ok(gaps.into_iter().enumerate().map(|(at, gap)| (gap, at < open)).collect())
                };
                answer.gaps.push(CurveStatistic::of_shard(&groups, gaps.len(), times)?.to_message());
            }
            if let Some(window) = self.spec.job.effectiveness.outcome_days.filter(|_| has(OUTCOME_DAY)) {
                let days = measured.column(OUTCOME_DAY)?.as_primitive::<Int32Type>();
                let time = |row: usize| match days.is_valid(row) {
                    true => {
                        let day = u32::try_from(days.value(row));
                        Ok(vec![(day.map_err(|_| Error::bug("a purchase of the window is before it"))?, true)])
                    }
                    false => Ok(vec![(window, false)]),
                };
                answer.returns.push(CurveStatistic::of_shard(&groups, days.len(), time)?.to_message());
            }
        }
        Ok(())
    }

    /// Adds up the metrics of experiments by arm, over everybody and by segment.
    fn experiments(&self, measured: &Measured, models: &FittedModels, answer: &mut MeasureAnswer) -> Result<()> {
        let known = self.plan.measured_columns();
        for experiment in &self.spec.job.effectiveness.experiments {
            let arms = measured.column(&arm_column(&experiment.name))?.as_primitive::<Int32Type>();
            let metrics = experiment.metrics.iter().map(|metric| {
                let column = |part: &str| {
                    let name = experiment_column(&experiment.name, metric, part);
                    let known = known.contains(&name).then(|| measured.column(&name));
                    Ok::<_, Error>(known.transpose()?.map(|column| column.as_primitive::<Float64Type>()))
                };
                let value = column("value")?.ok_or_else(|| Error::bug("a metric of an experiment is not measured"))?;
                Ok(MetricValues { value, per: column("per")?, before: column("before")? })
            });
            let metrics = metrics.collect::<Result<Vec<_>>>()?;
            let values = ArmValues { arms, count: experiment.arms.len(), metrics };
            let mut add = |groups: &Groups<'_>| {
                answer.experiments.push(ExperimentStatistic::of_shard(groups, &values)?.to_message());
                Ok::<_, Error>(())
            };
            add(&Groups::Everybody)?;
            for (number, model) in models.segmentations.iter().enumerate() {
                add(&measured.groups(number, model)?)?;
            }
        }
        Ok(())
    }

    /// Adds up what the customers of the segments of one segmentation do with messages.
    fn messages(&self, segmentation: u32, measured: &Measured, models: &FittedModels) -> Result<MessagesAnswer> {
        let number = segmentation as usize;
        let model = models.segmentations.get(number);
        let model = model.ok_or_else(|| Error::bug(format!("there is no segmentation {segmentation}")))?;
        let groups = measured.groups(number, model)?;
        let known = self.plan.measured_columns();
        let of = |column: &str| {
            let known = known.iter().any(|name| name == column).then(|| measured.column(column));
            let packed = known.transpose()?.map(|packed| packed.as_binary::<i32>());
            let told = packed.map(|packed| MessagesStatistic::of_shard(&groups, packed)).transpose()?;
            Ok::<_, Error>(told.map(|statistic| statistic.to_message()))
        };
        Ok(MessagesAnswer { before: of(MESSAGES)?, after: of(OUTCOME_MESSAGES)? })
    }

    /// Answers what is asked of the spending of a shard's customers.
    fn prediction(
        &self,
        request: &PredictionRequest,
        measured: &Measured,
        segmentations: usize,
    ) -> Result<PredictionAnswer> {
        let money = |name| Ok::<_, Error>(measured.column(name)?.as_primitive::<Decimal128Type>().values().as_ref());
        let spending = Spending {
            after: money(OUTCOME_NET)?,
            before: money(NET_BEFORE)?,
            chance: measured.column(CHANCE)?.as_primitive::<UInt64Type>().values(),
        };
        let labels =
            (0..segmentations).map(|segmentation| measured.labels(segmentation)).collect::<Result<Vec<_>>>()?;
        prediction_answer(request, &labels, &spending)
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
            Groups::Everybody => return Err(Error::bug("quantiles are asked by segment")),
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
