//! `channels.parquet`, `offers.parquet`, `campaigns.parquet` and `contacts.parquet`.

use super::measure::Measured;
use arrow::array::RecordBatch;
use segmenter_proto::{
    Result,
    jobs::{Job, SourceKind},
    methods::{FittedModels, SegmentationModel},
};
use segmenter_worker::{
    measure::{Basis, MessagesScope, MessagesStatistic, campaign_rows, channel_rows, contact_rows, offer_rows},
    results::{campaigns_batch, channels_batch, contacts_batch, offers_batch},
    spec::{CAMPAIGN, tells},
};

/// Gives the names of the tables that the job's sources can tell of, in alphabetical order; none without messages and promotions.
pub fn names_of_message_tables(job: &Job) -> Vec<&'static str> {
    let maps = |kind, name| job.sources.iter().any(|source| source.kind == kind && tells(job, source, name));
    let has_messages = job.sources.iter().any(|source| source.kind == SourceKind::Messages);
    let has_offers = maps(SourceKind::Messages, "promotion_id") || maps(SourceKind::Transactions, "promotion_id");
    let known = [
        ("campaigns", maps(SourceKind::Messages, CAMPAIGN)),
        ("channels", has_messages),
        ("contacts", has_messages),
        ("offers", has_offers),
    ];
    known.into_iter().filter(|(_, is_told)| *is_told).map(|(name, _)| name).collect()
}

/// Gives those tables, by their names.
///
/// # Errors
/// Bug only.
pub fn message_tables(
    job: &Job,
    models: &FittedModels,
    outcome: Option<Basis>,
    measured: &[Measured],
) -> Result<Vec<(&'static str, RecordBatch)>> {
    let all = All { job, models: &models.segmentations, outcome, measured };
    let table = |name| {
        let batch = match name {
            "campaigns" => campaigns_batch(&all.rows(campaign_rows)?)?,
            "channels" => channels_batch(&all.rows(channel_rows)?)?,
            "contacts" => contacts_batch(&all.rows(contact_rows)?)?,
            _ => offers_batch(&all.rows(offer_rows)?)?,
        };
        Ok((name, batch))
    };
    names_of_message_tables(job).into_iter().map(table).collect()
}

/// Everything that was measured.
struct All<'a> {
    job: &'a Job,
    models: &'a [SegmentationModel],
    outcome: Option<Basis>,
    measured: &'a [Measured],
}

impl All<'_> {
    /// Gives the rows of a table, of all segmentations.
    fn rows<T>(&self, of: impl Fn(&MessagesScope<'_>, &MessagesStatistic) -> Result<Vec<T>>) -> Result<Vec<T>> {
        let mut rows = Vec::new();
        for (model, measured) in self.models.iter().zip(self.measured) {
            let Some(messages) = &measured.messages else { continue };
            let keys: Vec<String> = model.segments().into_iter().map(|segment| segment.key).collect();
            let scope = |basis| MessagesScope {
                job: self.job,
                segmentation: model.segmentation(),
                segment_keys: &keys,
                overlapping: model.model().overlapping(),
                basis,
            };
            rows.extend(of(&scope(Basis::InSample), &messages.before)?);
            if let (Some(basis), Some(after)) = (self.outcome, &messages.after) {
                rows.extend(of(&scope(basis), after)?);
            }
        }
        Ok(rows)
    }
}
