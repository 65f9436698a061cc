//! Which features a run has, with their types, before any data is seen.

use super::{
    affinity::{AffinityPlan, affinity_bytes},
    constants::ConstantsPlan,
    derived::{DerivedPlan, derived_features},
    experiments::ExperimentPlan,
    exported::ExportedPlan,
    lifetime::LifetimePlan,
    messages::MessagesPlan,
    outcome::OutcomePlan,
    queries::QueryFeatures,
    reachable::ReachablePlan,
    retention::RetentionPlan,
    taste::TastePlan,
};
use crate::{
    expression::type_name,
    families::{Family, families, family},
    shard::Attribute,
    spec::{RunSpec, SourceSpec, is_converted},
    sql::Catalogue,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use segmenter_proto::{
    Error, Result,
    jobs::{Preset, SourceKind},
};
use std::{collections::BTreeSet, sync::Arc};

/// Orders over all history, for effectiveness; not a feature.
pub const ORDERS: &str = "__orders";
/// Purchases over all history, for effectiveness; not a feature.
pub const GROSS: &str = "__gross";
/// Purchases less refunds over all history, for effectiveness; not a feature.
pub const NET: &str = "__net";

/// The features of a run, compiled.
pub struct FeaturePlan {
    /// The name of the id of whoever is segmented.
    id: &'static str,
    /// Known before everything else.
    constants: ConstantsPlan,
    /// The family of [`HISTORY`] over all rows of all transactions; none without transactions.
    pub(super) history: Option<QueryFeatures>,
    /// What judges the segments; none of a job without an outcome window.
    pub(super) outcome: Option<OutcomePlan>,
    /// Experiments within that window.
    pub(super) experiments: Vec<ExperimentPlan>,
    /// Whom some channel reaches; none of a job without consents.
    pub(super) reachable: Option<ReachablePlan>,
    /// When customers order; none without transactions.
    pub(super) retention: Option<RetentionPlan>,
    /// What customers do with messages; none without messages and promotions.
    pub(super) messages: Option<MessagesPlan>,
    /// What goes together.
    pub(super) affinities: Vec<AffinityPlan>,
    /// What recommendations are made of; none of a job that recommends nothing.
    pub(super) taste: Option<TastePlan>,
    /// What exports use beside features.
    pub(super) exported: ExportedPlan,
    pub(super) computed: Vec<Feature>,
    pub(super) attributes: Vec<Attribute>,
    pub(super) lifetimes: LifetimePlan,
    derived: DerivedPlan,
    /// The position of the source with the rates of currencies; none of a job that converts nothing.
    rates: Option<usize>,
    /// Those that lie in work files, behind them what is forecast, and the derived ones.
    features: Vec<Field>,
    /// Personal and sensitive columns that functions blunt: they are there to be computed with, and stand in no result.
    shielded: BTreeSet<String>,
}

/// Where features come from.
pub(super) enum Feature {
    /// A query.
    Of(Box<QueryFeatures>),
    /// The columns of the history, which a preset asks for too.
    OfHistory,
}

/// The family whose columns are the ground of effectiveness.
pub(super) const HISTORY: &str = "rfm";

impl std::fmt::Debug for FeaturePlan {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("FeaturePlan").field("features", &self.features).finish_non_exhaustive()
    }
}

impl FeaturePlan {
    /// Compiles the features of a run: presets, custom features, queries, the columns of customers sources that derived features and
    /// segmentations use, forecasts, and derived features, in this order.
    ///
    /// # Errors
    /// When a preset is unknown, an expression does not fit, or a name is taken twice: Job.
    pub fn compile(spec: &RunSpec) -> Result<Self> {
        let constants = ConstantsPlan::compile(spec)?;
        let of_population = constants.fields();
        let mut features: Vec<Field> = Vec::new();
        let mut computed = Vec::new();
        let all_history = all_history(spec);
        let history = match (&all_history, family(HISTORY)) {
            (Some(preset), Some(family)) => Some(QueryFeatures::of_preset(spec, preset, family)?),
            _ => None,
        };
        let outcome = OutcomePlan::compile(spec, all_history.as_ref(), &of_population)?;
        let experiments = ExperimentPlan::compile(spec, all_history.as_ref(), &of_population)?;
        let reachable = ReachablePlan::compile(spec)?;
        let retention = match (&all_history, family(HISTORY)) {
            (Some(preset), Some(family)) => Some(RetentionPlan::compile(spec, preset, family)?),
            _ => None,
        };
        let messages = MessagesPlan::compile(spec)?;
        let affinities = AffinityPlan::compile(spec)?;
        let taste = TastePlan::compile(spec)?;
        for (at, preset) in spec.job.features.presets.iter().enumerate() {
            if all_history.as_ref() == Some(preset) {
                features.extend(history.iter().flat_map(QueryFeatures::fields));
                computed.push(Feature::OfHistory);
                continue;
            }
            let query = known(&preset.name).and_then(|family| QueryFeatures::of_preset(spec, preset, family));
            let query = query.map_err(|error| error.at_key(format!("features.presets[{at}]")))?;
            features.extend(query.fields());
            computed.push(Feature::Of(Box::new(query)));
        }
        for (at, feature) in spec.job.features.custom.iter().enumerate() {
            let query = QueryFeatures::of_custom(spec, feature)
                .map_err(|error| error.at_key(format!("features.custom[{at}].expression")))?;
            features.extend(query.fields());
            computed.push(Feature::Of(Box::new(query)));
        }
        if !spec.job.features.sql.is_empty() {
            let catalogue = Catalogue::of(spec)?.with_constants(&of_population);
            for (at, query) in spec.job.features.sql.iter().enumerate() {
                let query = QueryFeatures::compile(&catalogue, query)
                    .map_err(|error| error.at_key(format!("features.sql[{at}]")))?;
                features.extend(query.fields());
                computed.push(Feature::Of(Box::new(query)));
            }
        }
        let mut attributes = Vec::new();
        let mut shielded = BTreeSet::new();
        let lifetimes = LifetimePlan::compile(spec)?;
        let forecast = lifetimes.fields();
        let derived: Vec<String> = derived_features(&spec.job).into_iter().map(|feature| feature.name).collect();
        for name in spec.names_of_segmentations()? {
            let taken = derived.contains(&name) || features.iter().chain(&forecast).any(|field| *field.name() == name);
            if let Some(attribute) = Attribute::find(spec, &name)?.filter(|_| !taken) {
                features.push(attribute.field().clone().with_nullable(true));
                if attribute.is_protected(spec) {
                    shielded.insert(name);
                }
                attributes.push(attribute);
            }
        }
        features.extend(forecast);
        let known: Vec<Field> = features.iter().chain(&of_population).cloned().collect();
        let derived = DerivedPlan::compile(spec, &known)?;
        features.extend(derived.fields().iter().cloned());
        if let Some(both) = of_population.iter().find(|own| features.iter().any(|field| field.name() == own.name())) {
            let at = spec.job.features.constants.iter().position(|constant| constant.name == *both.name());
            return Err(Error::job(format!("constant {}: a feature has this name too", both.name()))
                .with_hint("give one of them another name")
                .at_key(format!("features.constant[{}].name", at.unwrap_or_default())));
        }
        for (at, field) in features.iter().enumerate() {
            if features[..at].iter().any(|known| known.name() == field.name()) {
                let hint =
                    "give a preset a suffix, or the custom or derived feature or the column of the query another name";
                return Err(Error::job(format!("feature {} is defined twice", field.name()))
                    .with_hint(hint)
                    .at_key(key_of_name(spec, field.name())));
            }
        }
        let exported = ExportedPlan::compile(spec, &features)?;
        let rates = rates(spec)?;
        Ok(Self {
            id: spec.job.unit.key(),
            constants,
            history,
            outcome,
            experiments,
            reachable,
            retention,
            messages,
            affinities,
            taste,
            exported,
            computed,
            attributes,
            lifetimes,
            derived,
            rates,
            features,
            shielded,
        })
    }

    /// Gives the columns of what segments are measured by beside features and [`ORDERS`], [`GROSS`] and [`NET`]: what customers did from
    /// `as_of` on, whether they can be reached, when they order, and what.
    pub fn measured_columns(&self) -> Vec<String> {
        self.measured_fields().map(|field| field.name().clone()).collect()
    }

    fn measured_fields(&self) -> impl Iterator<Item = Field> {
        let of_outcome = self.outcome.iter().flat_map(OutcomePlan::fields);
        let others = self.reachable.iter().map(|_| ReachablePlan::field());
        let of_experiments = self.experiments.iter().flat_map(ExperimentPlan::fields);
        let of_history = self.retention.iter().map(|_| RetentionPlan::field());
        let of_messages = self.messages.iter().flat_map(MessagesPlan::fields);
        let of_affinities = self.affinities.iter().map(AffinityPlan::field);
        let of_customers = of_outcome.chain(of_experiments).chain(others).chain(of_history);
        of_customers.chain(of_messages).chain(of_affinities)
    }

    /// Gives the constants of the population.
    pub fn constants(&self) -> &ConstantsPlan {
        &self.constants
    }

    /// Gives the presets that forecast.
    pub fn lifetimes(&self) -> &LifetimePlan {
        &self.lifetimes
    }

    /// Gives the derived features.
    pub fn derived(&self) -> &DerivedPlan {
        &self.derived
    }

    /// Gives the reference tables that queries look at, by the positions of their sources.
    pub fn references(&self) -> BTreeSet<usize> {
        let queries = self.computed.iter().filter_map(|feature| match feature {
            Feature::Of(query) => Some(query),
            Feature::OfHistory => None,
        });
        let of_metrics = self.outcome.iter().flat_map(OutcomePlan::references);
        let of_experiments = self.experiments.iter().flat_map(ExperimentPlan::references);
        let of_features = queries.flat_map(|query| query.references());
        let of_messages = self.messages.iter().flat_map(MessagesPlan::references);
        of_features.chain(of_metrics).chain(of_experiments).chain(of_messages).chain(self.rates).collect()
    }

    /// Gives the columns of customers that exports alone use, by their own names.
    pub fn exported(&self) -> impl Iterator<Item = &Field> {
        self.exported.attributes()
    }

    /// Gives all features with their types; scores and segment keys come on top.
    pub fn features(&self) -> &[Field] {
        &self.features
    }

    /// Gives those that results show: all but personal and sensitive columns, of which only what functions make of them is shown.
    pub fn shown(&self) -> impl Iterator<Item = &Field> {
        self.features.iter().filter(|field| !self.shielded.contains(field.name()))
    }

    /// Gives the bytes that the features of so many customers take, who have so many rows in all, without those that are forecast and derived; texts are guessed.
    pub fn bytes_of(&self, customers: u64, rows: u64) -> u64 {
        const TEXT: u64 = 16;
        let schema = self.schema();
        let width = |field: &Field| field.data_type().primitive_width().map_or(TEXT, |width| width as u64);
        let a_customer: u64 = schema.fields().iter().map(|field| width(field.as_ref())).sum();
        a_customer * customers + affinity_bytes(rows) * (self.affinities.len() + self.taste.iter().len()) as u64
    }

    /// Gives the schema of a shard's features as they lie in the work folder: the id, the features without those that are forecast and derived, and
    /// what effectiveness and calibrations need.
    pub fn schema(&self) -> SchemaRef {
        let mut fields = vec![Field::new(self.id, DataType::Utf8, false)];
        let stored = self.features.len() - self.derived.fields().len() - self.lifetimes.fields().len();
        fields.extend(self.features.iter().take(stored).cloned());
        fields.push(Field::new(ORDERS, DataType::Int64, false));
        fields.push(Field::new(GROSS, DataType::Decimal128(28, 4), false));
        fields.push(Field::new(NET, DataType::Decimal128(28, 4), false));
        fields.extend(self.measured_fields());
        fields.extend(self.taste.iter().flat_map(TastePlan::fields));
        fields.extend(self.exported.fields());
        fields.extend(self.lifetimes.held_out());
        Arc::new(Schema::new(fields))
    }
}

/// Gives the position of the source with the rates of currencies.
///
/// # Errors
/// A column with amounts is of a type that cannot be converted: Job.
fn rates(spec: &RunSpec) -> Result<Option<usize>> {
    let Some(fx) = &spec.job.fx else { return Ok(None) };
    for (at, source) in spec.sources.iter().enumerate().filter(|(_, source)| is_converted(&spec.job, &source.source)) {
        for name in source.source.kind.amounts() {
            let schema = source.schema()?;
            let Ok(field) = schema.field_with_name(name) else { continue };
            if !matches!(field.data_type(), DataType::Decimal128(..) | DataType::Float64) {
                let found = type_name(field.data_type());
                return Err(Error::job(format!(
                    "source {}: `{name}` is {found}, and [fx] converts decimals and doubles",
                    source.source.name
                ))
                .with_hint(format!("cast it: {name} = \"cast(… as decimal(18, 4))\""))
                .at_key(format!("source[{at}].columns.{name}")));
            }
        }
    }
    Ok(spec.job.sources.iter().position(|source| source.name == fx.rates))
}

/// Gives the key that the name of a derived or custom feature stands at; of others, where all features do.
fn key_of_name(spec: &RunSpec, name: &str) -> String {
    let features = &spec.job.features;
    if let Some(at) = features.derived.iter().position(|feature| feature.name == name) {
        return format!("features.derived[{at}].name");
    }
    match features.custom.iter().position(|feature| feature.name == name) {
        Some(at) => format!("features.custom[{at}].name"),
        None => "features".to_owned(),
    }
}

/// Gives the preset that looks at everything.
fn all_history(spec: &RunSpec) -> Option<Preset> {
    let is_of_lines = |source: &&SourceSpec| source.source.kind == SourceKind::Transactions;
    let lines = spec.sources.iter().take(spec.job.sources.len()).filter(is_of_lines);
    let sources: Vec<String> = lines.map(|source| source.source.name.clone()).collect();
    let name = HISTORY.to_owned();
    (!sources.is_empty()).then(|| Preset { name, window_days: None, suffix: String::new(), sources, lifetime: None })
}

fn known(name: &str) -> Result<&'static Family> {
    family(name).ok_or_else(|| {
        let names: Vec<&str> = families().iter().map(|family| family.name).collect();
        Error::job(format!("preset {name} is not known, expected {}", names.join(", ")))
    })
}
