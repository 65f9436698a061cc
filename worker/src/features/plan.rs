//! Which features a run has, with their types, before any data is seen.

use super::{
    attributes::Attribute,
    custom::Custom,
    families::query_family,
    presets::{PresetFamily, family, preset_names},
    queries::QueryFeatures,
};
use crate::{spec::RunSpec, sql::Catalogue};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use segmenter_proto::{Error, Result, jobs::Preset};
use std::{collections::BTreeSet, sync::Arc};

/// Orders over all history, for effectiveness; not a feature.
pub const ORDERS: &str = "__orders";
/// Purchases over all history, for effectiveness; not a feature.
pub const GROSS: &str = "__gross";
/// Purchases less refunds over all history, for effectiveness; not a feature.
pub const NET: &str = "__net";

/// A preset, compiled.
pub(super) enum PresetPlan {
    /// Computed by the program from the purchases of its window.
    Purchases(Preset, &'static dyn PresetFamily),
    /// A query.
    Query(Box<QueryFeatures>),
}

/// The features of a run, compiled.
pub struct FeaturePlan {
    pub(super) presets: Vec<PresetPlan>,
    pub(super) custom: Vec<Custom>,
    pub(super) queries: Vec<QueryFeatures>,
    pub(super) attributes: Vec<Attribute>,
    features: Vec<Field>,
}

impl std::fmt::Debug for FeaturePlan {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("FeaturePlan").field("features", &self.features).finish_non_exhaustive()
    }
}

impl FeaturePlan {
    /// Compiles the features of a run: presets, custom features, queries and the columns of customers sources that
    /// its segmentations use, in this order.
    ///
    /// # Errors
    /// When a preset is unknown, an expression does not fit, or a name is taken twice: Job.
    pub fn compile(spec: &RunSpec) -> Result<Self> {
        let mut features: Vec<Field> = Vec::new();
        let mut presets = Vec::new();
        for preset in &spec.job.features.presets {
            if let Some(family) = query_family(&preset.name) {
                let query = QueryFeatures::of_preset(spec, preset, family)?;
                features.extend(query.fields());
                presets.push(PresetPlan::Query(Box::new(query)));
                continue;
            }
            let family = family(&preset.name).ok_or_else(|| {
                Error::job(format!("preset {} is not known, expected {}", preset.name, preset_names().join(", ")))
            })?;
            for field in family.fields() {
                let name = format!("{}{}", field.name(), preset.suffix);
                features.push(field.with_name(name));
            }
            presets.push(PresetPlan::Purchases(preset.clone(), family));
        }
        let mut custom = Vec::new();
        for feature in &spec.job.features.custom {
            let compiled = Custom::compile(spec, feature)?;
            features.push(compiled.field());
            custom.push(compiled);
        }
        let mut queries = Vec::new();
        if !spec.job.features.sql.is_empty() {
            let catalogue = Catalogue::of(spec)?;
            for query in &spec.job.features.sql {
                let compiled = QueryFeatures::compile(&catalogue, query)?;
                features.extend(compiled.fields());
                queries.push(compiled);
            }
        }
        let mut attributes = Vec::new();
        for name in spec.names_of_segmentations()? {
            let taken = features.iter().any(|field| *field.name() == name);
            if let Some(attribute) = Attribute::find(spec, &name)?.filter(|_| !taken) {
                features.push(attribute.field().clone().with_nullable(true));
                attributes.push(attribute);
            }
        }
        for (at, field) in features.iter().enumerate() {
            if features[..at].iter().any(|known| known.name() == field.name()) {
                return Err(Error::job(format!("feature {} is defined twice", field.name())).with_hint(
                    "give a preset a suffix, or the custom feature or the column of the query another name",
                ));
            }
        }
        Ok(Self { presets, custom, queries, attributes, features })
    }

    /// Says whether the run has queries, which take memory of their own.
    pub fn has_queries(&self) -> bool {
        !self.queries.is_empty() || self.presets.iter().any(|preset| matches!(preset, PresetPlan::Query(_)))
    }

    /// Gives the reference tables that queries look at, by the positions of their sources.
    pub fn references(&self) -> BTreeSet<usize> {
        self.queries.iter().flat_map(QueryFeatures::references).collect()
    }

    /// Gives the features with their types; scores and segment keys come on top.
    pub fn features(&self) -> &[Field] {
        &self.features
    }

    /// Gives the schema of a shard's features as they lie in the work folder: the id, the features, and what
    /// effectiveness needs.
    pub fn schema(&self) -> SchemaRef {
        let mut fields = vec![Field::new("customer_id", DataType::Utf8, false)];
        fields.extend(self.features.iter().cloned());
        fields.push(Field::new(ORDERS, DataType::Int64, false));
        fields.push(Field::new(GROSS, DataType::Decimal128(28, 4), false));
        fields.push(Field::new(NET, DataType::Decimal128(28, 4), false));
        Arc::new(Schema::new(fields))
    }
}
