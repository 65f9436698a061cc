//! Checks that the tier of benefits is a feature that can be one.

use crate::checks::{JobError, nearest};
use crate::job::JobFile;
use arrow::datatypes::DataType;
use segmenter_worker::{expression::type_name, features::FeaturePlan, frame::FrameSchema, spec::RunSpec};

/// Gives what is wrong with the tier of benefits.
pub fn check_benefits(file: &JobFile, spec: &RunSpec, plan: &FeaturePlan) -> Vec<JobError> {
    let Some(benefits) = &spec.job.benefits else { return Vec::new() };
    let features = FrameSchema::of(spec, plan).features;
    let path = match file.places.value("benefits.tier") {
        Some(_) => "benefits.tier",
        None => "benefits",
    };
    let is_text =
        |kind: &DataType| matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Boolean);
    let mut error = match features.iter().find(|field| *field.name() == benefits.tier) {
        Some(field) if is_text(field.data_type()) => return Vec::new(),
        Some(field) => file.error_at(path, None, format!("`{}` is {}", benefits.tier, type_name(field.data_type()))),
        None => file.error_at(path, None, format!("there is no feature `{}` that results show", benefits.tier)),
    };
    error.expect("`tier`: a text feature that has the tier of a customer");
    let near = nearest(&benefits.tier, features.iter().map(|field| field.name().as_str()));
    error.help(match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "the preset loyalty makes loyalty_tier".to_owned(),
    });
    vec![error]
}
