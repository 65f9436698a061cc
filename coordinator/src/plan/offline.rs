//! What can be said of a job's expressions without looking at any data: whether they can be parsed, and whether the
//! names that they use exist, where the job itself tells.

use crate::job::{JobError, JobFile};
use segmenter_proto::{
    Error,
    jobs::{Job, Method},
};
use segmenter_worker::expression;

/// Gives what is wrong with the expressions of a job, each at its place.
pub fn check_expressions(file: &JobFile) -> Vec<JobError> {
    expressions(&file.job)
        .into_iter()
        .filter_map(|(path, sql)| expression::names(sql).err().map(|error| at(file, &path, error.into())))
        .collect()
}

/// Puts an expression's error at its place in the file.
pub(super) fn at(file: &JobFile, path: &str, error: Error) -> JobError {
    let mut placed = file.error_at(path, None, error.message);
    placed.hint = error.hint;
    placed
}

/// Every expression of a job with its dotted path.
fn expressions(job: &Job) -> Vec<(String, &str)> {
    let mut all: Vec<(String, &str)> = Vec::new();
    if let Some(exclude) = &job.population.exclude {
        all.push(("population.exclude".to_owned(), exclude));
    }
    if let Some(list) = &job.population.exclude_list {
        all.push(("population.exclude_list.customer_id".to_owned(), &list.customer_id));
    }
    for (at, source) in job.sources.iter().enumerate() {
        for column in &source.columns {
            all.push((format!("source[{at}].columns.{}", column.name), &column.expression));
        }
        if let Some(filter) = &source.filter {
            all.push((format!("source[{at}].where"), filter));
        }
    }
    for (at, feature) in job.features.custom.iter().enumerate() {
        all.push((format!("features.custom[{at}].expression"), &feature.expression));
    }
    for (at, segmentation) in job.segmentations.iter().enumerate() {
        let filter = segmentation.method.matrix().and_then(|matrix| matrix.filter);
        all.extend(filter.map(|filter| (format!("segmentation[{at}].where"), filter)));
        if let Method::Rules(method) = &segmentation.method {
            let rules = method.rules.iter().enumerate();
            all.extend(rules.map(|(rule, of)| (format!("segmentation[{at}].rule[{rule}].when"), of.when.as_str())));
        }
    }
    all
}
