//! The derived features of a run, compiled.

use super::graph::{Graph, derived_features, named};
use crate::{
    expression::{Derived, DerivedSyntax, PopulationFunction, Settings},
    segmentation::transform::FeatureColumn,
    spec::RunSpec,
    sql::Constants,
};
use arrow::{
    array::{AsArray, RecordBatch},
    datatypes::{Field, Float64Type, Schema},
};
use segmenter_proto::{
    Error, Result,
    models::{Population, PopulationValue},
    v1::FeatureCount,
};
use std::sync::Arc;

/// The derived features of a run, in the order in which they are computed.
#[derive(Debug, Default)]
pub struct DerivedPlan {
    features: Vec<Planned>,
    /// Names and types, in the order of the job.
    fields: Vec<Field>,
    calls: Vec<PlannedCall>,
}

#[derive(Debug)]
struct Planned {
    name: String,
    derived: Derived,
}

/// A call of a function of the population.
#[derive(Debug)]
struct PlannedCall {
    /// Position of its feature in the order of computing.
    feature: usize,
    /// Its number in the feature.
    number: usize,
    /// How many rounds of constants its argument needs before.
    layer: usize,
}

impl DerivedPlan {
    /// Compiles the derived features of a run over its other features.
    ///
    /// # Errors
    /// An expression does not fit, or a feature is made of itself: Job, naming the feature.
    pub(in crate::features) fn compile(spec: &RunSpec, others: &[Field]) -> Result<Self> {
        let all = derived_features(&spec.job);
        let settings = Settings::of(&spec.job)?;
        let mut read = Vec::new();
        // Those of presets come first, and stand at no key of their own.
        let own = all.len() - spec.job.features.derived.len();
        let placed = |at: usize, error: Error| match at.checked_sub(own) {
            Some(at) => error.at_key(format!("features.derived[{at}].expression")),
            None => error.at_key("features.presets"),
        };
        for (at, feature) in all.iter().enumerate() {
            let parsed = DerivedSyntax::parse(&feature.expression);
            read.push(Some(parsed.map_err(|error| placed(at, named(&feature.name, error.into())))?));
        }
        let graph = Graph::of(&all, &read);
        let order = graph.order().map_err(|(at, error)| placed(at, error))?;
        let mut plan = Self::default();
        let mut known: Vec<Field> = others.to_vec();
        // Those whose constants are all known after so many rounds.
        let mut layers = vec![0; all.len()];
        for at in order {
            let (Some(feature), Some(Some(syntax))) = (all.get(at), read.get(at)) else { continue };
            let compiled = Derived::compile(syntax, &Schema::new(known.clone()), &settings);
            let derived = compiled.map_err(|error| placed(at, named(&feature.name, error.into())))?;
            let before = graph.uses(at).iter().map(|used| layers[*used]).max().unwrap_or_default();
            layers[at] = before + usize::from(!derived.calls().is_empty());
            let feature_at = plan.features.len();
            plan.calls.extend((0..derived.calls().len()).map(|number| PlannedCall {
                feature: feature_at,
                number,
                layer: before,
            }));
            known.push(Field::new(&feature.name, derived.data_type().clone(), true));
            plan.features.push(Planned { name: feature.name.clone(), derived });
        }
        let of_name = |name: &String| known.iter().rev().find(|field| field.name() == name).cloned();
        plan.fields = all.iter().filter_map(|feature| of_name(&feature.name)).collect();
        Ok(plan)
    }

    /// Gives the features with their types, in the order of the job.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Gives the positions of the calls whose constants are found together, layer by layer: those of a layer need the constants of the
    /// layers before.
    pub fn layers(&self) -> Vec<Vec<usize>> {
        let layers = self.calls.iter().map(|call| call.layer + 1).max().unwrap_or_default();
        let of_layer = |layer| {
            let calls = self.calls.iter().enumerate();
            calls.filter(|(_, call)| call.layer == layer).map(|(at, _)| at).collect()
        };
        (0..layers).map(of_layer).collect()
    }

    /// Gives a call's feature, its text and what is called.
    ///
    /// # Errors
    /// There is no such call: Bug.
    pub fn call(&self, at: usize) -> Result<(&str, &str, PopulationFunction)> {
        let found = self.find(at)?;
        Ok((&found.0.name, &found.1.text, found.1.function))
    }

    fn find(&self, at: usize) -> Result<(&Planned, &crate::expression::Call)> {
        let call = self.calls.get(at);
        let feature = call.and_then(|call| self.features.get(call.feature));
        let found =
            call.zip(feature).and_then(|(call, feature)| Some((feature, feature.derived.calls().get(call.number)?)));
        found.ok_or_else(|| Error::bug(format!("there is no call {at} of a function of the population")))
    }

    /// Gives the arguments of some calls, of customers with all features that are known; what cannot be computed is null.
    ///
    /// # Errors
    /// Bug only.
    pub fn arguments(&self, rows: &RecordBatch, calls: &[u32]) -> Result<Vec<FeatureColumn>> {
        let argument = |at: &u32| {
            let (_, call) = self.find(*at as usize)?;
            let (values, _) = call.values(rows)?;
            Ok(match call.function.is_of_text() {
                true => FeatureColumn::Text(values.as_string::<i32>().clone()),
                false => FeatureColumn::Number(values.as_primitive::<Float64Type>().clone()),
            })
        };
        calls.iter().map(argument).collect()
    }

    /// Adds constants of the population and the features to those of some customers, as far as all is known that they need, and gives how many values could not be
    /// computed and are null, by name.
    ///
    /// # Errors
    /// Bug only.
    pub fn add(&self, features: RecordBatch, population: &Population) -> Result<(RecordBatch, Vec<FeatureCount>)> {
        let mut rows = with_constants(features, population)?;
        let mut lost = Vec::new();
        for Planned { name, derived } in &self.features {
            let known: Option<Vec<&PopulationValue>> =
                derived.calls().iter().map(|call| Some(&population.find(name, &call.text)?.known)).collect();
            let schema = rows.schema();
            let Some(known) = known.filter(|_| derived.columns().all(|used| schema.field_with_name(used).is_ok()))
            else {
                continue;
            };
            let (values, count) = derived.evaluate(&rows, &known)?;
            if count > 0 {
                lost.push(FeatureCount { feature: name.clone(), count });
            }
            let mut fields: Vec<Arc<Field>> = schema.fields().iter().cloned().collect();
            fields.push(Arc::new(Field::new(name, derived.data_type().clone(), true)));
            let mut columns = rows.columns().to_vec();
            columns.push(values);
            rows = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
                .map_err(|error| Error::bug("derived features do not stand beside others").caused_by(error))?;
        }
        lost.sort_by(|left, right| left.feature.cmp(&right.feature));
        Ok((rows, lost))
    }
}

/// Adds the constants of the population, which are the same for everybody.
fn with_constants(features: RecordBatch, population: &Population) -> Result<RecordBatch> {
    if population.constants.is_empty() {
        return Ok(features);
    }
    let constants = Constants::read(&population.constants)?.columns(features.num_rows())?;
    let schema = features.schema();
    let mut fields: Vec<Arc<Field>> = schema.fields().iter().cloned().collect();
    let mut columns = features.columns().to_vec();
    for (field, values) in constants {
        fields.push(Arc::new(field));
        columns.push(values);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
        .map_err(|error| Error::bug("constants do not stand beside features").caused_by(error))
}
