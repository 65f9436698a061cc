//! Who may be reached by which channel, as far as it is told: no channel by name that few customers can be reached by.

use segmenter_proto::jobs::{Job, SourceKind};
use segmenter_worker::{
    notes::{Note, Noted},
    shard::MOST_CHANNELS,
};

/// Says of the population what the shards counted of their customers.
///
/// Where there are more than [`MOST_CHANNELS`], the column has something else in it, and nothing of it is told.
pub(super) fn of_population(job: &Job, source: usize, customers: u64, notes: Vec<Noted>) -> Vec<Noted> {
    let Some(source) = job.sources.get(source).filter(|source| source.kind == SourceKind::Consents) else {
        return notes;
    };
    let is_gated = |channel: &str| {
        let mut gates = job.quality.gates.iter().filter(|gate| gate.source == source.name);
        gates.any(|gate| gate.check == Note::Reachable.check() && gate.column.as_deref() == Some(channel))
    };
    let is_named = job.protects(source, "channel").is_none();
    let (reachable, mut others): (Vec<Noted>, Vec<Noted>) =
        notes.into_iter().partition(|noted| noted.note == Note::Reachable);
    let is_told = reachable.iter().filter(|noted| noted.column.is_some()).count() <= MOST_CHANNELS;
    let is_shown = |noted: &Noted| match &noted.column {
        Some(channel) => (is_named && noted.count >= job.privacy.min_cell) || is_gated(channel),
        None => true,
    };
    let of_all = |noted: Noted| Noted { checked: customers, ..noted };
    others.extend(reachable.into_iter().filter(|noted| is_told && is_shown(noted)).map(of_all));
    others
}
