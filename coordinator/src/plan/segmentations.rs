//! Checks segmentations against the features and columns that the run will have.

use super::{missing::Missing, offline::at};
use crate::checks::JobError;
use crate::job::JobFile;
use arrow::datatypes::{DataType, Schema};
use segmenter_proto::methods::{ClusterSpace, VALUE};
use segmenter_worker::{
    expression::{Scalar, Settings, type_name},
    features::FeaturePlan,
    frame::FrameSchema,
    segmentation::transform::is_category,
    spec::RunSpec,
};

/// Gives what is wrong with the segmentations, each at its place.
pub fn check_segmentations(file: &JobFile, spec: &RunSpec, plan: &FeaturePlan, settings: &Settings) -> Vec<JobError> {
    let frame = FrameSchema::of(spec, plan);
    let (mut errors, mut missing) = (Vec::new(), Missing::default());
    for (number, (segmentation, scope)) in spec.job.segmentations.iter().zip(&frame.scopes).enumerate() {
        let (path, spec) = (format!("segmentation[{number}]"), segmentation.method.spec());
        if let Some(space) = spec.space() {
            errors.extend(check_features(file, &path, space, scope));
        }
        for condition in spec.conditions() {
            let (path, sql) = (format!("{path}.{}", condition.path()), condition.sql());
            if !missing.check(file, &path, sql, scope, &mut errors) {
                errors.extend(check_condition(file, &path, sql, scope, settings));
            }
        }
        if let Some(sql) = spec.value() {
            let path = format!("{path}.{VALUE}");
            if !missing.check(file, &path, sql, scope, &mut errors) {
                errors.extend(check_value(file, &path, sql, scope, settings));
            }
        }
    }
    missing.finish(&mut errors);
    errors
}

fn check_condition(file: &JobFile, path: &str, sql: &str, scope: &Schema, settings: &Settings) -> Option<JobError> {
    match Scalar::parse(sql, scope, settings) {
        Err(error) => Some(at(file, path, error.into())),
        Ok(scalar) if *scalar.data_type() != DataType::Boolean => {
            let mut error = file.error_at(path, None, format!("the condition gives {}", type_name(scalar.data_type())));
            error.expect("true or false, as in `monetary > 5000`");
            Some(error)
        }
        Ok(_) => None,
    }
}

fn check_value(file: &JobFile, path: &str, sql: &str, scope: &Schema, settings: &Settings) -> Option<JobError> {
    match Scalar::parse(sql, scope, settings) {
        Err(error) => Some(at(file, path, error.into())),
        Ok(scalar) if !scalar.data_type().is_numeric() => {
            let mut error = file.error_at(path, None, format!("`by` gives {}", type_name(scalar.data_type())));
            error.expect("a number, as in `monetary`");
            Some(error)
        }
        Ok(_) => None,
    }
}

fn check_features(file: &JobFile, segmentation: &str, space: &ClusterSpace, scope: &Schema) -> Vec<JobError> {
    // Where there is no distance, nothing but numbers has a place.
    let numbers_only = space.weights.is_none();
    let mut errors = Vec::new();
    for (at, name) in space.features.iter().enumerate() {
        let path = format!("{segmentation}.features[{at}]");
        match scope.field_with_name(name) {
            Err(_) => errors.push(file.error_at(&path, None, format!("there is no feature {name}"))),
            Ok(field) if is_category(field.data_type()) && !numbers_only => {
                let key = format!("{segmentation}.transform.{name}");
                if file.places.key(&key).is_some() {
                    let mut error =
                        file.error_at(&key, None, format!("feature {name} has type {}", type_name(field.data_type())));
                    error.expect("a number").help("text, and true and false, are compared as they are: remove the key");
                    errors.push(error);
                }
            }
            Ok(field) if !field.data_type().is_numeric() => {
                let mut error =
                    file.error_at(&path, None, format!("feature {name} has type {}", type_name(field.data_type())));
                let (expected, help) = match numbers_only {
                    true => (
                        "a number",
                        "a mixture is of numbers only: count texts and booleans in a custom feature, or use them in rules",
                    ),
                    false => (
                        "a number, text, or true and false",
                        "make a number of it, such as a number of days, in a custom feature or in [source.columns]",
                    ),
                };
                error.expect(expected).help(help);
                errors.push(error);
            }
            Ok(_) => {}
        }
    }
    errors
}
