//! What experiments look at of each customer: the arm, what was done within the experiment, and what was done in as many days before `as_of`.

use super::{
    outcome::{MetricQuery, totals},
    plan::HISTORY,
    queries::{Computed, QueryFeatures},
};
use crate::{
    families::family,
    measure::{IN_TWO_ARMS, OTHER_ARM, TOO_LATE},
    shard::Shard,
    spec::{RunSpec, midnight, outcome_end_day},
    sql::{Catalogue, Room, ShardTables},
};
use arrow::{
    array::{Array, ArrayRef, AsArray, Float64Array, Int32Array},
    compute::cast,
    datatypes::{DataType, Decimal128Type, Field, Float64Type, Int64Type},
};
use chrono::Days;
use segmenter_proto::{
    Error, Result,
    jobs::{Experiment, MetricKind, Preset, SqlFeatures},
    v1::FeatureCount,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    sync::Arc,
};

/// Money is counted in units of 10⁻⁴.
const MONEY_UNITS: f64 = 1e4;

/// What is computed for one experiment.
#[derive(Debug)]
pub(super) struct ExperimentPlan {
    experiment: Experiment,
    arms: QueryFeatures,
    /// Purchases; none where no metric looks at them.
    bought: Option<QueryFeatures>,
    metrics: Vec<ExperimentMetric>,
    /// The experiment itself, and as many days before `as_of`.
    during: Range<i64>,
    before: Range<i64>,
}

/// A metric of an experiment.
#[derive(Debug)]
enum ExperimentMetric {
    RevenuePerCustomer,
    Conversion,
    AverageOrderValue,
    RepeatRate,
    Own(Box<MetricQuery>, MetricKind),
}

/// The columns of a metric of each customer.
struct Values {
    value: ArrayRef,
    /// What it is divided by, of a ratio.
    per: Option<ArrayRef>,
    /// The same before the experiment, of means and rates.
    before: Option<ArrayRef>,
}

/// The column of a customer's arm: its position in the job, or why there is none; null of who is in no arm. Not a feature.
pub fn arm_column(experiment: &str) -> String {
    format!("__experiment_{experiment}_arm")
}

/// The column of a metric in an experiment: `value`, `per` of a ratio, `before` of others; not a feature.
pub fn experiment_column(experiment: &str, metric: &str, column: &str) -> String {
    format!("__experiment_{experiment}_{metric}_{column}")
}

impl ExperimentPlan {
    /// Compiles the experiments of a run; `history` is the preset that looks at everything, and `constants` are those of the population.
    ///
    /// # Errors
    /// An experiment does not lie within the outcome window, or begins before `as_of`, or a query is refused: Job.
    pub(super) fn compile(spec: &RunSpec, history: Option<&Preset>, constants: &[Field]) -> Result<Vec<Self>> {
        let experiments = spec.job.effectiveness.experiments.iter().enumerate();
        let plans = experiments.map(|(at, experiment)| {
            let path = format!("effectiveness.experiment[{at}]");
            check_window(spec, experiment, &path)?;
            Self::of(spec, experiment, history, constants).map_err(|error| match error.place {
                Some(_) => error,
                None => error.at_key(format!("{path}.arms")),
            })
        });
        plans.collect()
    }

    fn of(spec: &RunSpec, experiment: &Experiment, history: Option<&Preset>, constants: &[Field]) -> Result<Self> {
        let catalogue = Catalogue::of(spec)?.with_constants(constants);
        let query = experiment.arms_query.clone();
        let features = SqlFeatures { name: experiment.name.clone(), query, defaults: BTreeMap::new() };
        let arms = QueryFeatures::told_as(told(experiment), &catalogue, &features)?;
        let metrics: Vec<ExperimentMetric> = experiment
            .metrics
            .iter()
            .map(|name| ExperimentMetric::compile(spec, &catalogue, name))
            .collect::<Result<_>>()?;
        let is_bought = |metric: &ExperimentMetric| !matches!(metric, ExperimentMetric::Own(..));
        let bought = match (metrics.iter().any(is_bought), history, family(HISTORY)) {
            (true, Some(history), Some(family)) => Some(QueryFeatures::of_preset(spec, history, family)?),
            (true, ..) => return Err(Error::bug("an experiment looks at purchases of a job without transactions")),
            (false, ..) => None,
        };
        let midnight = |date| midnight(date, &spec.job.timezone);
        let days = Days::new(experiment.days().into());
        let before = spec.job.as_of.checked_sub_days(days).ok_or_else(|| Error::bug("an experiment is too long"))?;
        Ok(Self {
            experiment: experiment.clone(),
            arms,
            bought,
            metrics,
            during: midnight(experiment.start)?..midnight(experiment.end)?,
            before: midnight(before)?..midnight(spec.job.as_of)?,
        })
    }

    /// Gives the reference tables that it looks at, by the positions of their sources.
    pub(super) fn references(&self) -> BTreeSet<usize> {
        let of_metrics = self.metrics.iter().flat_map(|metric| match metric {
            ExperimentMetric::Own(metric, _) => metric.query.references(),
            _ => BTreeSet::new(),
        });
        self.arms.references().into_iter().chain(of_metrics).collect()
    }

    /// Gives names and types of the columns.
    pub(super) fn fields(&self) -> Vec<Field> {
        let experiment = &self.experiment.name;
        let mut fields = vec![Field::new(arm_column(experiment), DataType::Int32, true)];
        for (name, metric) in self.experiment.metrics.iter().zip(&self.metrics) {
            for column in metric.columns() {
                fields.push(Field::new(experiment_column(experiment, name, column), DataType::Float64, true));
            }
        }
        fields
    }

    /// Computes the columns of a shard; of how many customers an arm or a metric could not be computed is counted in `lost`.
    ///
    /// # Errors
    /// See [`QueryFeatures::compute`].
    pub(super) fn compute(
        &self,
        spec: &RunSpec,
        shard: &Shard,
        room: Room<'_>,
        lost: &mut Vec<FeatureCount>,
    ) -> Result<Vec<ArrayRef>> {
        let Computed { values, lost: unknown, .. } = self.arms.compute(&ShardTables::of_all(spec, shard)?, room)?;
        if unknown > 0 {
            lost.push(FeatureCount { feature: told(&self.experiment), count: unknown });
        }
        let mut columns = vec![self.arm_of(&values)?];
        let during = ShardTables::of_outcome(spec, shard)?.within(self.during.clone());
        let before = ShardTables::new(spec, shard)?.within(self.before.clone());
        let bought = match &self.bought {
            Some(query) => Some([
                Bought::of(&query.fields(), query.compute(&during, room)?)?,
                Bought::of(&query.fields(), query.compute(&before, room)?)?,
            ]),
            None => None,
        };
        for (name, metric) in self.experiment.metrics.iter().zip(&self.metrics) {
            let Values { value, per, before } = match (metric, &bought) {
                (ExperimentMetric::Own(query, kind), _) => {
                    let (after, unknown) = query.numbers(&during, room)?;
                    if unknown > 0 {
                        let feature = format!("metric {name} of {}", told(&self.experiment));
                        lost.push(FeatureCount { feature, count: unknown });
                    }
                    let mut after = after.into_iter();
                    let before = match kind {
                        MetricKind::Ratio => None,
                        _ => query.numbers(&before, room)?.0.into_iter().next(),
                    };
                    let value = after.next().ok_or_else(|| Error::bug("a metric has no value"))?;
                    of_kind(*kind, Values { value, per: after.next(), before })
                }
                (metric, Some([during, before])) => metric.of_purchases(during, before),
                (_, None) => return Err(Error::bug("an experiment has no purchases")),
            };
            columns.push(value);
            columns.extend(per);
            columns.extend(before);
        }
        Ok(columns)
    }

    /// Gives the position of each customer's arm.
    fn arm_of(&self, values: &[ArrayRef]) -> Result<ArrayRef> {
        let [arm, arms, _] = values else { return Err(Error::bug("the arms of an experiment have other columns")) };
        let arm = arm.as_string::<i32>();
        let counted = cast(arms, &DataType::Int64).map_err(|error| Error::bug("arms are no count").caused_by(error))?;
        let counted = counted.as_primitive::<Int64Type>();
        let positions = (0..arm.len()).map(|row| {
            if counted.is_null(row) {
                return None;
            }
            Some(match (counted.value(row), arm.is_valid(row)) {
                (0, _) | (_, false) => TOO_LATE,
                (1, true) => {
                    let found = self.experiment.arms.iter().position(|(name, _)| name == arm.value(row));
                    found.map_or(OTHER_ARM, |position| position as i32)
                }
                _ => IN_TWO_ARMS,
            })
        });
        Ok(Arc::new(positions.collect::<Int32Array>()))
    }
}

fn told(experiment: &Experiment) -> String {
    format!("experiment {}", experiment.name)
}

/// What is larger than the window, or began before the segments were known, is refused.
fn check_window(spec: &RunSpec, experiment: &Experiment, path: &str) -> Result<()> {
    let (as_of, start, end) = (spec.job.as_of, experiment.start, experiment.end);
    if as_of > start {
        return Err(Error::job(format!(
            "experiment {} starts on {start}, and segments of {as_of} may be made from what it did",
            experiment.name
        ))
        .with_hint(format!(
            "evaluate a run of {start} or earlier: segmenter evaluate JOB --run RUN, or run --as-of {start}"
        ))
        .at_key(format!("{path}.start")));
    }
    match outcome_end_day(&spec.job) {
        Some(window) if end <= window => Ok(()),
        Some(window) => {
            let needed = (end - as_of).num_days();
            Err(Error::job(format!(
                "experiment {} ends before {end}, and the outcome window before {window}",
                experiment.name
            ))
            .with_hint(format!("write outcome = \"{needed}d\" or more"))
            .at_key(format!("{path}.end")))
        }
        None => Err(Error::bug("there is an experiment and no outcome window")),
    }
}

/// What customers bought in a window.
struct Bought {
    orders: Vec<i64>,
    gross: Vec<f64>,
    net: Vec<f64>,
}

impl Bought {
    fn of(fields: &[Field], computed: Computed) -> Result<Self> {
        let [orders, gross, net] = totals(fields, computed)?;
        let money = |amounts: &ArrayRef| {
            let units = amounts.as_primitive::<Decimal128Type>().values().iter();
            units.map(|units| *units as f64 / MONEY_UNITS).collect()
        };
        Ok(Self {
            orders: orders.as_primitive::<Int64Type>().values().to_vec(),
            gross: money(&gross),
            net: money(&net),
        })
    }

    fn column(&self, value: impl Fn(usize) -> Option<f64>) -> ArrayRef {
        Arc::new((0..self.orders.len()).map(value).collect::<Float64Array>())
    }
}

/// Of a rate, whether a value is above 0 is what counts.
fn of_kind(kind: MetricKind, values: Values) -> Values {
    if kind != MetricKind::Rate {
        return values;
    }
    let above_0 = |column: &ArrayRef| -> ArrayRef {
        Arc::new(column.as_primitive::<Float64Type>().unary::<_, Float64Type>(|value| f64::from(u8::from(value > 0.0))))
    };
    Values { value: above_0(&values.value), per: None, before: values.before.as_ref().map(above_0) }
}

impl ExperimentMetric {
    fn compile(spec: &RunSpec, catalogue: &Catalogue, name: &str) -> Result<Self> {
        Ok(match name {
            "revenue_per_customer" => Self::RevenuePerCustomer,
            "conversion" => Self::Conversion,
            "average_order_value" => Self::AverageOrderValue,
            "repeat_rate" => Self::RepeatRate,
            _ => {
                let own = spec.job.effectiveness.metrics.iter().find(|metric| metric.name == name);
                let own = own.ok_or_else(|| Error::bug(format!("there is no metric {name}")))?;
                Self::Own(Box::new(MetricQuery::compile(catalogue, own)?), own.kind)
            }
        })
    }

    /// Gives the columns that it has.
    fn columns(&self) -> &'static [&'static str] {
        match self {
            Self::RevenuePerCustomer | Self::Conversion => &["value", "before"],
            Self::AverageOrderValue | Self::Own(_, MetricKind::Ratio) => &["value", "per"],
            Self::RepeatRate => &["value"],
            Self::Own(..) => &["value", "before"],
        }
    }

    fn of_purchases(&self, during: &Bought, before: &Bought) -> Values {
        let flag = |truth: bool| Some(f64::from(u8::from(truth)));
        match self {
            Self::Conversion => {
                let active = |of: &Bought| of.column(|row| flag(of.orders[row] > 0));
                Values { value: active(during), per: None, before: Some(active(before)) }
            }
            Self::AverageOrderValue => Values {
                // Who has no order is none of those whose orders are looked at.
                value: during.column(|row| (during.orders[row] > 0).then(|| during.gross[row])),
                per: Some(during.column(|row| (during.orders[row] > 0).then(|| during.orders[row] as f64))),
                before: None,
            },
            Self::RepeatRate => {
                let again = |row: usize| flag(during.orders[row] > 1).filter(|_| during.orders[row] > 0);
                Values { value: during.column(again), per: None, before: None }
            }
            Self::RevenuePerCustomer | Self::Own(..) => {
                let net = |of: &Bought| of.column(|row| Some(of.net[row]));
                Values { value: net(during), per: None, before: Some(net(before)) }
            }
        }
    }
}
