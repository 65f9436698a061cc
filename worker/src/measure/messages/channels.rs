//! The rows of `channels.parquet`: by which channel the customers of a segment answer, and who may be written to by it.

use super::{
    cells::About,
    scope::{Group, MessagesScope, count},
    statistic::{MessagesStatistic, Sums},
};
use crate::results::ChannelRow;
use segmenter_proto::{Result, jobs::SourceKind};

/// Gives the rows of the population (without a key) and of each segment, the best channel first.
///
/// Channels are ranked by (answered + 1) / (customers + 2), Laplace's rule of succession, so that one answer of one customer is no proof; then by their
/// names. A channel by which nobody may be written to has no rank.
///
/// # Errors
/// A bug where the statistic has other segments than the scope.
pub fn channel_rows(scope: &MessagesScope<'_>, statistic: &MessagesStatistic) -> Result<Vec<ChannelRow>> {
    let groups = scope.groups(statistic)?;
    let Some(population) = groups.first() else { return Ok(Vec::new()) };
    let has_consents = scope.job.sources.iter().any(|source| source.kind == SourceKind::Consents);
    let seen = |sums: &Sums| sums.figures.reached.max(sums.figures.granted).max(sums.figures.refused);
    let (shown, untold) = scope.shown(statistic, (About::Channel, "channels"), population, seen);
    let mut rows = Vec::new();
    for group in &groups {
        let mut own: Vec<ChannelRow> = shown
            .iter()
            .map(|(channel, by_group)| row(scope, group, *channel, &group.sums(by_group), has_consents))
            .collect();
        rank(&mut own);
        rows.extend(own);
        if untold.is_some() {
            rows.push(ChannelRow { reason: untold.clone(), ..named(scope, group, None) });
        }
    }
    Ok(rows)
}

fn named(scope: &MessagesScope<'_>, group: &Group<'_>, channel: Option<&str>) -> ChannelRow {
    ChannelRow {
        segmentation: scope.segmentation.to_owned(),
        segment_key: group.key.map(str::to_owned),
        basis: scope.basis.name().to_owned(),
        channel: channel.map(str::to_owned),
        ..ChannelRow::default()
    }
}

fn row(
    scope: &MessagesScope<'_>,
    group: &Group<'_>,
    channel: Option<&str>,
    Sums { figures, .. }: &Sums,
    has_consents: bool,
) -> ChannelRow {
    let enough = |people: u64| (people == 0 || people >= scope.job.privacy.min_cell).then(|| count(people));
    let named = ChannelRow {
        reachable: if has_consents { enough(figures.granted) } else { None },
        without_consent: if has_consents { enough(figures.refused) } else { None },
        ..named(scope, group, channel)
    };
    if let Some(why) = scope.why_nothing(figures.reached) {
        return ChannelRow { reason: Some(why), ..named };
    }
    let share = scope.share(figures.answered, figures.reached);
    ChannelRow {
        customers: Some(count(figures.reached)),
        sent: Some(count(figures.sent)),
        delivered: Some(count(figures.delivered)),
        opened: Some(count(figures.opened)),
        clicked: Some(count(figures.clicked)),
        converted: Some(count(figures.converted)),
        answered: Some(count(figures.answered)),
        answer_rate: share.value,
        ci_low: share.interval.map(|(low, _)| low),
        ci_high: share.interval.map(|(_, high)| high),
        ci_level: share.level,
        unsubscribed: Some(count(figures.left)),
        complained: Some(count(figures.complained)),
        reason: scope.why_no_interval(),
        ..named
    }
}

/// Puts the channels of a segment in the order of their ranks, and those without one behind them.
fn rank(rows: &mut [ChannelRow]) {
    let score = |row: &ChannelRow| {
        let (answered, customers) = (row.answered?, row.customers?);
        row.channel.is_some().then(|| (answered + 1) as f64 / (customers + 2) as f64)
    };
    rows.sort_by(|one, other| {
        let (left, right) = (score(one), score(other));
        let by_score = right.is_some().cmp(&left.is_some());
        let by_score = by_score.then(right.unwrap_or_default().total_cmp(&left.unwrap_or_default()));
        let by_name = by_score.then_with(|| one.channel.is_none().cmp(&other.channel.is_none()));
        by_name.then_with(|| one.channel.cmp(&other.channel))
    });
    for (rank, row) in (1..).zip(rows.iter_mut()) {
        row.rank = score(row).map(|_| rank);
    }
}
