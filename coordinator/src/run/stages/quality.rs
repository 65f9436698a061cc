//! From the fates of rows to the checks of quality.

use crate::run::{RejectedReason, RowFates};
use segmenter_proto::{
    Result,
    jobs::{Job, SourceKind},
    v1::{FeaturesDone, SourceFates},
};
use segmenter_worker::{
    measure::{ColumnCounts, Fates, RejectedRows, SourceCounts, evaluate},
    results::QualityRow,
    spec::midnight,
};
use std::collections::BTreeMap;

/// Gives the rows of `quality.parquet`.
///
/// # Errors
/// The checks that stop the run: Data.
pub fn check(job: &Job, done: &FeaturesDone, imputed: &[ColumnCounts]) -> Result<Vec<QualityRow>> {
    let as_of = midnight(job.as_of, &job.timezone)?;
    let customers: u64 = done.customers.iter().sum();
    let sources: Vec<SourceCounts> = job
        .sources
        .iter()
        .zip(0_u32..)
        .map(|(source, number)| {
            let none = SourceFates::default();
            let fates = done.fates.iter().find(|fates| fates.source == number).unwrap_or(&none);
            SourceCounts {
                source: source.name.clone(),
                fates: Fates {
                    read: fates.read,
                    used: fates.used,
                    filtered: fates.filtered,
                    anonymous: fates.anonymous,
                    not_before_as_of: fates.not_before_as_of,
                    unknown_customer: fates.unknown_customer,
                    excluded: fates.excluded,
                    duplicate: fates.duplicate,
                    quarantined: fates.quarantined,
                },
                rejected: rejected_of(done, number),
                age_of_latest: (source.kind == SourceKind::Transactions)
                    .then(|| fates.newest.map(|newest| as_of - newest)),
            }
        })
        .collect();
    let mut columns: Vec<ColumnCounts> = done
        .overflows
        .iter()
        .map(|overflow| ColumnCounts {
            source: "features".to_owned(),
            check_name: "overflow_share".to_owned(),
            column_name: overflow.feature.clone(),
            rows_checked: customers,
            rows_failed: overflow.count,
        })
        .collect();
    columns.extend_from_slice(imputed);
    let (rows, stop) = evaluate(&sources, &columns, &job.quality)?;
    match stop {
        Some(error) => Err(error),
        None => Ok(rows),
    }
}

fn rejected_of(done: &FeaturesDone, source: u32) -> Vec<RejectedRows> {
    let of_source = done.rejected.iter().filter(|rejected| rejected.source == source);
    of_source
        .map(|rejected| RejectedRows {
            column: (!rejected.column.is_empty()).then(|| rejected.column.clone()),
            reason_code: rejected.reason_code.clone(),
            rows: rejected.count,
        })
        .collect()
}

/// Gives why rows of every source were quarantined, by its name, for run.json; sources without such rows are left out.
pub fn rejected_by_source(job: &Job, done: &FeaturesDone) -> BTreeMap<String, Vec<RejectedReason>> {
    let of_source = job.sources.iter().zip(0_u32..).map(|(source, number)| {
        let reasons = rejected_of(done, number).into_iter();
        let reasons =
            reasons.map(|RejectedRows { column, reason_code, rows }| RejectedReason { column, reason_code, rows });
        (source.name.clone(), reasons.collect::<Vec<_>>())
    });
    of_source.filter(|(_, reasons)| !reasons.is_empty()).collect()
}

/// Gives the fates of every source by its name, for run.json.
pub fn fates_by_source(job: &Job, done: &FeaturesDone) -> BTreeMap<String, RowFates> {
    done.fates
        .iter()
        .filter_map(|fates| Some((job.sources.get(fates.source as usize)?.name.clone(), fates)))
        .map(|(name, fates)| {
            let fates = RowFates {
                read: fates.read,
                used: fates.used,
                filtered: fates.filtered,
                anonymous: fates.anonymous,
                not_before_as_of: fates.not_before_as_of,
                unknown_customer: fates.unknown_customer,
                excluded: fates.excluded,
                duplicate: fates.duplicate,
                quarantined: fates.quarantined,
            };
            (name, fates)
        })
        .collect()
}
