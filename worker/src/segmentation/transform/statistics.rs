//! The shard's side of the rounds: statistics of columns, as they are or as the transform will see them.

use arrow::array::Float64Array;
use segmenter_proto::{
    Error, Result,
    models::{AppliedTransform, FeatureTransform},
    statistics::{CentralSums, QuantileCounter, Summary, key_of_f64, merge_quantile_answers},
    v1,
};

use super::{
    column::FeatureColumn,
    level_counts::{count_levels, merge_levels},
};

/// Gives one shard's answer; `columns` are its customers in scope: numbers in the order of the request's views, between them
/// the categories.
pub fn column_statistics(
    request: &v1::ColumnStatisticsRequest,
    columns: &[FeatureColumn],
) -> Result<v1::ColumnStatisticsAnswer> {
    let (mut numbers, mut categories) = (vec![], vec![]);
    for column in columns {
        match column {
            FeatureColumn::Number(values) => numbers.push(values),
            FeatureColumn::Text(values) => categories.push(values),
        }
    }
    let mut answer =
        if request.views.is_empty() { v1::ColumnStatisticsAnswer::default() } else { of_numbers(request, &numbers)? };
    answer.levels = request.levels.as_ref().map(|request| count_levels(request, &categories)).transpose()?;
    Ok(answer)
}

fn of_numbers(request: &v1::ColumnStatisticsRequest, columns: &[&Float64Array]) -> Result<v1::ColumnStatisticsAnswer> {
    if request.views.len() != columns.len() {
        return Err(Error::bug(format!("{} columns for {} views", columns.len(), request.views.len())));
    }
    let views: Vec<_> = request.views.iter().map(view_of).collect();
    let mut answer = v1::ColumnStatisticsAnswer::default();
    if request.summaries {
        answer.summaries = views.iter().zip(columns).map(|(view, column)| summary(view, column).to_message()).collect();
    }
    let centred = views.iter().zip(columns).zip(&request.centres);
    answer.central_sums =
        centred.map(|((view, column), centre)| central_sums(view, column, *centre).to_message()).collect();
    if let Some(request) = &request.quantiles {
        let mut counter = QuantileCounter::new(request)?;
        for column in counter.columns().collect::<Vec<_>>() {
            let values =
                columns.get(column as usize).ok_or_else(|| Error::bug("quantiles of a column that is not there"))?;
            counter
                .count(column, values.iter().flatten().filter(|v| v.is_finite()).map(|value| (0, key_of_f64(value))));
        }
        answer.quantiles = Some(counter.finish());
    }
    Ok(answer)
}

/// Adds one shard's answer to what other shards answered to the same request; order does not matter.
pub fn merge_column_statistics(
    total: &mut v1::ColumnStatisticsAnswer,
    answer: &v1::ColumnStatisticsAnswer,
) -> Result<()> {
    let fits = total.summaries.len() == answer.summaries.len() && total.central_sums.len() == answer.central_sums.len();
    if !fits {
        return Err(Error::bug("answers to different column statistics requests cannot be merged"));
    }
    for (total, answer) in total.summaries.iter_mut().zip(&answer.summaries) {
        let mut merged = Summary::from_message(total)?;
        merged.merge(&Summary::from_message(answer)?);
        *total = merged.to_message();
    }
    for (total, answer) in total.central_sums.iter_mut().zip(&answer.central_sums) {
        let mut merged = CentralSums::from_message(total)?;
        merged.merge(&CentralSums::from_message(answer)?)?;
        *total = merged.to_message();
    }
    match (&mut total.levels, &answer.levels) {
        (Some(total), Some(answer)) => merge_levels(total, answer)?,
        (None, None) => {}
        _ => return Err(Error::bug("answers to different requests for levels cannot be merged")),
    }
    match (&mut total.quantiles, &answer.quantiles) {
        (Some(total), Some(answer)) => merge_quantile_answers(total, answer),
        (None, None) => Ok(()),
        _ => Err(Error::bug("answers to different quantile requests cannot be merged")),
    }
}

/// Gives the message of how a transform that is not finished looks at values.
pub(super) fn view_message(feature: &FeatureTransform) -> v1::ColumnView {
    let transform = match feature.transform {
        AppliedTransform::None => v1::ValueTransform::None,
        AppliedTransform::Log => v1::ValueTransform::Log,
        AppliedTransform::Asinh => v1::ValueTransform::Asinh,
    };
    v1::ColumnView { transform: transform.into(), lower: feature.lower, upper: feature.upper }
}

fn view_of(message: &v1::ColumnView) -> FeatureTransform {
    let transform = match message.transform() {
        v1::ValueTransform::Log => AppliedTransform::Log,
        v1::ValueTransform::Asinh => AppliedTransform::Asinh,
        v1::ValueTransform::None | v1::ValueTransform::Unspecified => AppliedTransform::None,
    };
    FeatureTransform { transform, lower: message.lower, upper: message.upper, ..FeatureTransform::default() }
}

fn summary(view: &FeatureTransform, column: &Float64Array) -> Summary {
    let mut summary = Summary::default();
    column.iter().for_each(|value| summary.add(seen(view, value)));
    summary
}

fn central_sums(view: &FeatureTransform, column: &Float64Array, centre: f64) -> CentralSums {
    let mut sums = CentralSums::new(centre);
    column.iter().for_each(|value| sums.add(seen(view, value)));
    sums
}

/// Infinite values stay so: a cut must not make them look finite.
fn seen(view: &FeatureTransform, value: Option<f64>) -> Option<f64> {
    value.map(|value| if value.is_finite() { view.transform.forward(view.cut(value)) } else { f64::NAN })
}
