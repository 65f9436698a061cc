//! What a shard hands over to other tools.

use super::{
    assign::{Framed, WRITTEN},
    worker::Worker,
};
use crate::{
    export::{CompiledExport, ExportedShard, Selected, export_scope, export_table, exported},
    features::may_be_told_by,
    frame::Labels,
    results::{read_part, write_mergeable_part},
};
use arrow::array::{AsArray, BooleanArray, StringArray};
use segmenter_proto::{
    Error, Result,
    jobs::Export,
    methods::{FittedModels, OTHER, OUT_OF_SCOPE},
    object_keys::part_file,
    v1::ExportAnswer,
};
use std::collections::HashMap;

/// As many columns as features have: the frame, what expressions see of it, and the rows that are written.
const TAKEN: u64 = WRITTEN + 1;

impl Worker {
    /// Writes the shard's parts of `exports/` and `arms/`.
    pub(super) fn export(&self, shard: u32, models: &FittedModels) -> Result<ExportAnswer> {
        let Framed { frame, _held, .. } = self.frame(shard, models, TAKEN)?;
        let scope = export_scope(&self.spec, &self.plan);
        let recommended = self.recommended(shard, frame.customers()?)?;
        let mut answer = ExportAnswer::default();
        for export in &self.spec.job.exports {
            let compiled = CompiledExport::compile(export, &scope, &self.spec).map_err(|(_, error)| {
                Error::bug(format!("export {} fitted, and does not", export.name)).caused_by(error)
            })?;
            let mut named = self.spec.job.segmentations.iter().zip(&frame.labels);
            let labels = named.find(|(segmentation, _)| segmentation.name == export.segmentation);
            let (_, labels) =
                labels.ok_or_else(|| Error::bug(format!("export {} is of no segmentation", export.name)))?;
            let (segment, in_segments) = segments(export, labels);
            let table = export_table(&scope, &frame, (labels, &segment), &recommended)?;
            let may_be_told = match &export.channel {
                None => None,
                Some(channel) => {
                    let truths = frame.table.column_by_name(&may_be_told_by(channel));
                    let truths = truths.and_then(|truths| truths.as_boolean_opt());
                    Some(truths.ok_or_else(|| Error::bug(format!("nobody knows whom {channel} reaches")))?)
                }
            };
            let customers = Selected {
                seed: self.spec.job.seed,
                as_of: self.spec.job.as_of,
                id: frame.id,
                table: &table,
                in_segments: &in_segments,
                may_be_told,
            };
            let ExportedShard { rows, arms, counts } = exported(export, &compiled, &customers)?;
            let path = format!("exports/{}/{}", export.name, part_file(shard));
            answer.files.push(write_mergeable_part(&self.results, &self.runtime, &path, &rows)?);
            if let (Some(arms), Some(holdout)) = (arms, &export.holdout) {
                let path = format!("arms/{}/{}", holdout.name, part_file(shard));
                answer.files.push(self.write_pieces(&path, [Ok(arms)].into_iter())?);
            }
            answer.counts.push(counts);
        }
        Ok(answer)
    }

    /// Gives the items that are recommended to customers, a column a rank.
    fn recommended(&self, shard: u32, customers: &StringArray) -> Result<Vec<StringArray>> {
        let Some(recommendations) = &self.spec.job.recommendations else { return Ok(Vec::new()) };
        let rows = read_part(&self.results, &self.runtime, &format!("recommendations/{}", part_file(shard)))?;
        let mut items: HashMap<(&str, u32), &str> = HashMap::new();
        for rows in &rows {
            let text = |name: &str| rows.column_by_name(name).and_then(|column| column.as_string_opt::<i32>());
            let rank =
                rows.column_by_name("rank").and_then(|ranks| ranks.as_primitive_opt::<arrow::datatypes::Int32Type>());
            let (Some(ids), Some(item), Some(rank)) = (text(self.spec.job.unit.key()), text("item"), rank) else {
                return Err(Error::bug("recommendations have other columns"));
            };
            items.extend(
                (0..rows.num_rows()).map(|row| ((ids.value(row), rank.value(row).unsigned_abs()), item.value(row))),
            );
        }
        let of_rank = |rank: u32| {
            let item = |customer: Option<&str>| items.get(&(customer?, rank)).copied();
            customers.iter().map(item).collect::<StringArray>()
        };
        Ok((1..=recommendations.top).map(of_rank).collect())
    }
}

/// Gives the segment of each customer that an export tells, and who is in its segments. Where segments overlap, the first of those of the export that
/// the customer is in is told.
fn segments(export: &Export, labels: &Labels) -> (Vec<u32>, BooleanArray) {
    let position = |key: &String| labels.segments.iter().position(|segment| segment.key == *key);
    let wanted: Vec<usize> = match export.segments.is_empty() {
        true => {
            let is_one = |key: &str| key != OUT_OF_SCOPE && !(labels.members.is_some() && key == OTHER);
            (0..labels.segments.len()).filter(|at| is_one(&labels.segments[*at].key)).collect()
        }
        // A segment that nobody can be in this time has no customers.
        false => export.segments.iter().filter_map(position).collect(),
    };
    match &labels.members {
        None => {
            let is_in = labels.of.iter().map(|segment| Some(wanted.contains(&(*segment as usize))));
            (labels.of.clone(), is_in.collect())
        }
        Some(members) => {
            let first = |row: usize| wanted.iter().copied().find(|at| members[*at].value(row));
            let found: Vec<Option<usize>> = (0..labels.of.len()).map(first).collect();
            let told = found.iter().zip(&labels.of).map(|(found, of)| found.map_or(*of, |at| at as u32));
            (told.collect(), found.iter().map(|found| Some(found.is_some())).collect())
        }
    }
}
