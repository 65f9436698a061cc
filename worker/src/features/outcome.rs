//! What customers bought in the outcome window, which judges the segments; no feature sees it.

use super::{
    plan::HISTORY,
    queries::{Computed, QueryFeatures},
};
use crate::{
    expression::{query_names, type_name},
    families::family,
    shard::Shard,
    spec::RunSpec,
    sql::{Catalogue, Room, ShardTables},
};
use arrow::{
    array::{ArrayRef, AsArray},
    compute::cast,
    datatypes::{DataType, Field, Int32Type},
};
use segmenter_proto::{
    Error, Result,
    jobs::{DefaultValue, OwnMetric, Preset, Source, SqlFeatures},
    v1::FeatureCount,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Orders in the outcome window; not a feature.
pub const OUTCOME_ORDERS: &str = "__outcome_orders";
/// Purchases in the outcome window; not a feature.
pub const OUTCOME_GROSS: &str = "__outcome_gross";
/// Purchases less refunds in the outcome window; not a feature.
pub const OUTCOME_NET: &str = "__outcome_net";
/// Days from `as_of` to the first purchase of the outcome window, from 1, the day of `as_of`; null without one. Not a feature.
pub const OUTCOME_DAY: &str = "__outcome_day";
/// Orders in a window of the same length before `as_of`; not a feature.
pub const ORDERS_BEFORE: &str = "__orders_before";
/// Purchases less refunds in a window of the same length before `as_of`; not a feature.
pub const NET_BEFORE: &str = "__net_before";

/// What judges the segments: the family of the history over the outcome window and over as many days before `as_of`, and metrics of the
/// user's own.
#[derive(Debug)]
pub(super) struct OutcomePlan {
    /// None of a job without transactions.
    bought: Option<Bought>,
    metrics: Vec<MetricQuery>,
}

#[derive(Debug)]
struct Bought {
    after: QueryFeatures,
    before: QueryFeatures,
}

/// The query of a metric of the user's own.
#[derive(Debug)]
pub(super) struct MetricQuery {
    name: String,
    pub(super) query: QueryFeatures,
}

/// The column of a metric's `value` or `per` of each customer; not a feature.
pub fn metric_column(metric: &str, column: &str) -> String {
    format!("__metric_{metric}_{column}")
}

impl OutcomePlan {
    /// Compiles the queries; `history` is the preset that looks at everything, and `constants` are those of the population. None of a job
    /// without an outcome window.
    ///
    /// # Errors
    /// A metric's query is refused, or does not give the columns of its kind: Job.
    pub(super) fn compile(spec: &RunSpec, history: Option<&Preset>, constants: &[Field]) -> Result<Option<Self>> {
        let Some(days) = spec.job.effectiveness.outcome_days else { return Ok(None) };
        let bought = match (history, family(HISTORY)) {
            (Some(history), Some(family)) => {
                let before = Preset { window_days: Some(days), ..history.clone() };
                Some(Bought {
                    after: QueryFeatures::of_preset(spec, history, family)?,
                    before: QueryFeatures::of_preset(spec, &before, family)?,
                })
            }
            _ => None,
        };
        let catalogue = Catalogue::of(spec)?.with_constants(constants);
        let metrics = spec.job.effectiveness.metrics.iter().enumerate().map(|(at, metric)| {
            check_times(spec, metric)
                .and_then(|()| MetricQuery::compile(&catalogue, metric))
                .map_err(|error| error.at_key(format!("effectiveness.metric[{at}].query")))
        });
        Ok(Some(Self { bought, metrics: metrics.collect::<Result<_>>()? }))
    }

    /// Gives the reference tables that metrics look at, by the positions of their sources.
    pub(super) fn references(&self) -> BTreeSet<usize> {
        self.metrics.iter().flat_map(|metric| metric.query.references()).collect()
    }

    /// Gives names and types of the columns.
    pub(super) fn fields(&self) -> Vec<Field> {
        let money = DataType::Decimal128(28, 4);
        let bought = self.bought.iter().flat_map(|_| {
            [
                Field::new(OUTCOME_ORDERS, DataType::Int64, false),
                Field::new(OUTCOME_GROSS, money.clone(), false),
                Field::new(OUTCOME_NET, money.clone(), false),
                Field::new(OUTCOME_DAY, DataType::Int32, true),
                Field::new(ORDERS_BEFORE, DataType::Int64, false),
                Field::new(NET_BEFORE, money.clone(), false),
            ]
        });
        bought.chain(self.metrics.iter().flat_map(MetricQuery::fields)).collect()
    }

    /// Computes the columns of a shard; what could not be computed is counted in `lost`, by metric.
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
        let after = ShardTables::of_outcome(spec, shard)?;
        let mut columns = Vec::new();
        if let Some(bought) = &self.bought {
            let (fields, computed) = (bought.after.fields(), bought.after.compute(&after, room)?);
            let day = first_day(&fields, &computed)?;
            columns.extend(totals(&fields, computed)?);
            columns.push(day);
            let before = bought.before.compute(&ShardTables::new(spec, shard)?, room)?;
            let [orders_before, _, net_before] = totals(&bought.before.fields(), before)?;
            columns.extend([orders_before, net_before]);
        }
        for metric in &self.metrics {
            let (values, unknown) = metric.numbers(&after, room)?;
            if unknown > 0 {
                lost.push(FeatureCount { feature: format!("metric {}", metric.name), count: unknown });
            }
            columns.extend(values);
        }
        Ok(columns)
    }
}

impl MetricQuery {
    /// Computes the columns as numbers; gives how many customers it could not be computed of, too.
    pub(super) fn numbers(&self, tables: &ShardTables<'_>, room: Room<'_>) -> Result<(Vec<ArrayRef>, u64)> {
        let computed = self.query.compute(tables, room)?;
        let as_number = |values: ArrayRef| {
            cast(&values, &DataType::Float64).map_err(|error| Error::bug("a metric is no number").caused_by(error))
        };
        let columns = computed.values.into_iter().map(as_number).collect::<Result<_>>()?;
        Ok((columns, computed.lost))
    }

    /// Binds the query.
    ///
    /// # Errors
    /// It is refused, or does not give the columns of its kind: Job.
    pub(super) fn compile(catalogue: &Catalogue, metric: &OwnMetric) -> Result<Self> {
        let told = format!("metric {}", metric.name);
        let features = |defaults| SqlFeatures { name: metric.name.clone(), query: metric.query.clone(), defaults };
        let given = QueryFeatures::told_as(told.clone(), catalogue, &features(BTreeMap::new()))?.fields();
        let expected = metric.kind.columns();
        let names: Vec<&str> = given.iter().map(|field| field.name().as_str()).collect();
        if names != expected {
            let beside = |names: &[&str]| [&[catalogue.unit().key()], names].concat().join(", ");
            return Err(Error::job(format!(
                "{told}: its query gives {}, expected {}",
                beside(&names),
                beside(expected)
            ))
            .with_hint(format!(
                "name the columns in the outermost select: select {}, … as value",
                catalogue.unit().key()
            )));
        }
        if let Some(field) = given.iter().find(|field| !is_number(field.data_type())) {
            let found = type_name(field.data_type());
            return Err(Error::job(format!("{told}: `{}` is {found}, expected a number", field.name()))
                .with_hint("write what is to be counted as a number, such as 1 as value"));
        }
        // Who has no row did nothing.
        let nothing = given.iter().map(|field| (field.name().clone(), DefaultValue::Number(0.0))).collect();
        let query = QueryFeatures::told_as(told, catalogue, &features(nothing))?;
        Ok(Self { name: metric.name.clone(), query })
    }

    fn fields(&self) -> Vec<Field> {
        let of = |field: Field| Field::new(metric_column(&self.name, field.name()), DataType::Float64, true);
        self.query.fields().into_iter().map(of).collect()
    }
}

/// Rows without a time are in no window: a metric over them would be 0 of everybody.
fn check_times(spec: &RunSpec, metric: &OwnMetric) -> Result<()> {
    // What is no query has another error.
    let Ok(named) = query_names(&metric.query) else { return Ok(()) };
    let is_read = |source: &&Source| named.tables.contains(&source.name) || named.tables.contains(source.kind.name());
    let timeless = |source: &&Source| source.has_many() && source.since().is_none();
    match spec.job.sources.iter().filter(is_read).find(timeless) {
        None => Ok(()),
        Some(source) => Err(Error::job(format!(
            "metric {}: rows of source {} have no times, and so are in no outcome window",
            metric.name, source.name
        ))
        .with_hint(format!("map `time` in [source.columns] of {}, or measure rows of another source", source.name))),
    }
}

fn is_number(data_type: &DataType) -> bool {
    data_type.is_integer() || data_type.is_floating() || matches!(data_type, DataType::Decimal128(..))
}

/// Gives the day of the first purchase, of what the family of the history computed of rows from `as_of` on: it counts the days back from there.
fn first_day(fields: &[Field], computed: &Computed) -> Result<ArrayRef> {
    let back = fields.iter().zip(&computed.values).find(|(field, _)| field.name() == "tenure_days");
    let back = back.and_then(|(_, back)| back.as_primitive_opt::<Int32Type>());
    let back = back.ok_or_else(|| Error::bug("the history lacks the first purchase"))?;
    Ok(Arc::new(back.unary::<_, Int32Type>(|back| 1 - back)))
}

/// Gives orders, purchases, and purchases less refunds, of what the family of the history computed.
///
/// # Errors
/// Bug only.
pub(super) fn totals(fields: &[Field], computed: Computed) -> Result<[ArrayRef; 3]> {
    let Computed { values, beside, .. } = computed;
    let named = |name: &str| fields.iter().zip(&values).find(|(field, _)| field.name() == name).map(|(_, value)| value);
    match (named("frequency"), beside, named("monetary")) {
        (Some(orders), Some(gross), Some(net)) => Ok([Arc::clone(orders), gross, Arc::clone(net)]),
        _ => Err(Error::bug("the history lacks a column")),
    }
}
