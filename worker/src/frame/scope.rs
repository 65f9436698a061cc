//! Who is in the scope of a segmentation.

use super::column;
use super::predicate::predicate;
use crate::{
    expression::DerivedSyntax,
    features::{ORDERS, derived_features},
    segmentation::transform::feature_values,
    spec::RunSpec,
};
use arrow::array::{Array, Float64Array, RecordBatch};
use segmenter_proto::{Error, Result, jobs::SourceKind, methods::Method};

/// Gives which customers a segmentation looks at. Of clusters: those that `where` holds for; without one, everybody
/// if no source is of transactions or all features are columns of the customers source, else those with a purchase in the window of a preset whose features are
/// used, or in all history where no preset is; a derived feature counts as those that it is made of. Of rfm: those with
/// a purchase in the window of its preset. Of others: everybody.
///
/// # Errors
/// When `where` is not true or false: Job.
pub fn in_scope(spec: &RunSpec, table: &RecordBatch, segmentation: usize) -> Result<Vec<bool>> {
    let own = spec.job.segmentations.get(segmentation).ok_or_else(|| Error::bug("there is no such segmentation"))?;
    let method = own.method.spec();
    if let Some(filter) = method.filter() {
        let holds = predicate(spec, table, filter, &format!("segmentation {}: where", own.name))?;
        return Ok(holds.iter().map(|holds| holds == Some(true)).collect());
    }
    let everybody = || Ok(vec![true; table.num_rows()]);
    let counts = match (&own.method, method.space()) {
        (Method::Rfm(method), _) => vec![values(table, &method.frequency)?],
        (_, None) => return everybody(),
        (_, Some(space)) => {
            let made_of = made_of(spec, &space.features)?;
            // Nobody lacks what no order tells.
            let has_orders = spec.job.sources.iter().any(|source| source.kind == SourceKind::Transactions);
            if !has_orders || made_of.iter().all(|name| is_attribute(spec, name)) {
                return everybody();
            }
            orders_of_presets(spec, table, &made_of)?
        }
    };
    Ok((0..table.num_rows())
        .map(|row| counts.iter().any(|counts| counts.is_valid(row) && counts.value(row) > 0.0))
        .collect())
}

/// Gives the features that some are made of, in the place of derived ones.
fn made_of(spec: &RunSpec, features: &[String]) -> Result<Vec<String>> {
    let derived = derived_features(&spec.job);
    let mut open: Vec<String> = features.to_vec();
    let mut found: Vec<String> = Vec::new();
    // A plan has no cycles.
    while let Some(name) = open.pop() {
        match derived.iter().find(|feature| feature.name == name) {
            Some(feature) => {
                open.extend(DerivedSyntax::parse(&feature.expression)?.names()?.into_iter().map(|(name, _)| name));
            }
            None => found.push(name),
        }
    }
    Ok(found)
}

/// Says whether a feature is a column of the customers source.
fn is_attribute(spec: &RunSpec, name: &str) -> bool {
    let mut customers = spec.job.sources.iter().filter(|source| source.is_of_population());
    customers.any(|source| source.column(name).is_some())
}

/// The feature of a preset that counts orders.
const FREQUENCY: &str = "frequency";

/// The order counts of the presets that the features belong to, or of all history.
fn orders_of_presets(spec: &RunSpec, table: &RecordBatch, features: &[String]) -> Result<Vec<Float64Array>> {
    let mut counts = Vec::new();
    for preset in &spec.job.features.presets {
        let of_preset = |feature: &String| {
            crate::families::family(&preset.name).is_some_and(|family| {
                family.columns.iter().any(|column| column.name == FREQUENCY)
                    && family.columns.iter().any(|column| format!("{}{}", column.name, preset.suffix) == *feature)
            })
        };
        if features.iter().any(of_preset) {
            counts.push(values(table, &format!("{FREQUENCY}{}", preset.suffix))?);
        }
    }
    if counts.is_empty() {
        counts.push(values(table, ORDERS)?);
    }
    Ok(counts)
}

fn values(table: &RecordBatch, name: &str) -> Result<Float64Array> {
    feature_values(name, column(table, name)?)
}
