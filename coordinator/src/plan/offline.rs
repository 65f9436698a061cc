//! What can be said of a job's expressions without looking at any data: whether they can be parsed, and whether the
//! names that they use exist, where the job itself tells.

use super::privacy::check_privacy;
use crate::checks::JobError;
use crate::job::JobFile;
use segmenter_proto::{
    Error,
    jobs::{Job, OWN_ID},
    methods::VALUE,
};
use segmenter_worker::{
    expression::{self, DerivedSyntax, ExportSyntax, ExpressionError, Position},
    features::check_graph,
};
use std::ops::Range;

/// Gives what is wrong with the expressions of a job, each at its place.
pub fn check_expressions(file: &JobFile) -> Vec<JobError> {
    let expressions = expressions(&file.job).into_iter();
    let unfit =
        expressions.filter_map(|(path, sql)| expression::names(sql).err().map(|error| at(file, &path, error.into())));
    let exported = exported(&file.job).into_iter().filter_map(|(path, sql)| {
        let read = ExportSyntax::parse(sql).and_then(|read| read.names().map(drop));
        Some(at(file, &path, read.err()?.into()))
    });
    let derived = file.job.features.derived.iter().enumerate().filter_map(|(number, feature)| {
        let read = DerivedSyntax::parse(&feature.expression).and_then(|read| read.names().map(drop));
        Some(at(file, &derived_path(number), read.err()?.into()))
    });
    let cycle = check_graph(&file.job.features.derived).map(|(number, error)| at(file, &derived_path(number), error));
    let unread = queries(&file.job).into_iter().filter_map(|(path, query)| {
        let error = expression::query_names(query).err()?;
        Some(in_query(file, &path, error))
    });
    unfit.chain(exported).chain(derived).chain(cycle).chain(unread).chain(check_privacy(file)).collect()
}

/// Every expression of an export with its dotted path, where the file has it; what is a default is right.
pub(super) fn exported(job: &Job) -> Vec<(String, &str)> {
    let mut all: Vec<(String, &str)> = Vec::new();
    for (at, export) in job.exports.iter().enumerate() {
        all.extend(export.filter.iter().map(|filter| (format!("export[{at}].where"), filter.as_str())));
        all.push((format!("export[{at}].key"), &export.key));
        let columns = export.columns.iter();
        all.extend(
            columns.map(|column| (format!("export[{at}].columns.{}", column.header), column.expression.as_str())),
        );
    }
    all
}

/// Where the expression of a derived feature stands.
pub(super) fn derived_path(number: usize) -> String {
    format!("features.derived[{number}].expression")
}

/// Where the expression of a check of the user's own stands.
pub(super) fn check_path(number: usize) -> String {
    format!("quality.check[{number}].expression")
}

/// Puts what is wrong with a query at its place in the query; of one in a file of its own, at the name of the file.
pub(super) fn in_query(file: &JobFile, table: &str, error: ExpressionError) -> JobError {
    let path = format!("{table}.query");
    match file.places.value(&path) {
        Some(_) => at(file, &path, error.into()),
        // The position is one in the other file.
        None => whole(file, &format!("{table}.file"), error.into()),
    }
}

/// Gives every query of a job with the path of its table.
pub(super) fn queries(job: &Job) -> Vec<(String, &str)> {
    let of_features = job.features.sql.iter().enumerate();
    let of_features = of_features.map(|(at, features)| (format!("features.sql[{at}]"), features.query.as_str()));
    let of_metrics = job.effectiveness.metrics.iter().enumerate();
    let of_metrics = of_metrics.map(|(at, metric)| (format!("effectiveness.metric[{at}]"), metric.query.as_str()));
    let of_arms = job.effectiveness.experiments.iter().enumerate();
    let of_arms =
        of_arms.map(|(at, experiment)| (format!("effectiveness.experiment[{at}]"), experiment.arms_query.as_str()));
    of_features.chain(of_metrics).chain(of_arms).collect()
}

/// Gives the bytes of the word that begins at a position of a text.
pub(crate) fn word_at(text: &str, position: Position) -> Option<Range<usize>> {
    let line = usize::try_from(position.line).ok()?.checked_sub(1)?;
    let before: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let rest = text.get(before..)?;
    let column = usize::try_from(position.column).ok()?.checked_sub(1)?;
    let start = before + rest.char_indices().nth(column).map_or(rest.len(), |(at, _)| at);
    let word = text.get(start..)?;
    let length = word.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(word.len());
    Some(start..start + length.max(word.chars().next().map_or(0, char::len_utf8)))
}

/// Puts an error at a key of the file: at the word that is wrong, where the file has the text as it was read; else at all of it.
pub(super) fn at(file: &JobFile, path: &str, error: Error) -> JobError {
    let position = error.place.as_ref().and_then(|place| place.position);
    let text = file.places.literal(path).and_then(|literal| file.text.get(literal));
    match text.zip(position).and_then(|(text, position)| word_at(text, position)) {
        Some(word) => JobError { hint: error.hint, ..file.error_at(path, Some(word), error.message) },
        None => whole(file, path, error),
    }
}

/// Puts an error at a key, with its position in words.
fn whole(file: &JobFile, path: &str, error: Error) -> JobError {
    let message = error.to_string();
    JobError { hint: error.hint, ..file.error_at(path, None, message) }
}

/// Every expression of a job with its dotted path.
fn expressions(job: &Job) -> Vec<(String, &str)> {
    let mut all: Vec<(String, &str)> = Vec::new();
    if let Some(exclude) = &job.population.exclude {
        all.push(("population.exclude".to_owned(), exclude));
    }
    if let Some(list) = &job.population.exclude_list {
        all.push((format!("population.exclude_list.{}", job.unit.key()), &list.id));
    }
    for (at, source) in job.sources.iter().enumerate() {
        for column in source.columns.iter().filter(|column| column.name != OWN_ID) {
            all.push((format!("source[{at}].columns.{}", column.name), &column.expression));
        }
        if let Some(filter) = &source.filter {
            all.push((format!("source[{at}].where"), filter));
        }
    }
    for (at, check) in job.quality.checks.iter().enumerate() {
        all.push((check_path(at), &check.expression));
    }
    for (at, feature) in job.features.custom.iter().enumerate() {
        all.push((format!("features.custom[{at}].expression"), &feature.expression));
    }
    for (at, constant) in job.features.constants.iter().enumerate() {
        all.push((format!("features.constant[{at}].expression"), &constant.expression));
    }
    for (at, segmentation) in job.segmentations.iter().enumerate() {
        let method = segmentation.method.spec();
        let conditions = method.conditions();
        all.extend(conditions.iter().map(|of| (format!("segmentation[{at}].{}", of.path()), of.sql())));
        all.extend(method.value().map(|value| (format!("segmentation[{at}].{VALUE}"), value)));
    }
    all
}
