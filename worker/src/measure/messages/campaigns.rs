//! The rows of `campaigns.parquet`: what campaigns cost and bring, by segment.

use super::{
    cells::About,
    scope::{Group, MessagesScope, count, money},
    statistic::{MessagesStatistic, Sums},
};
use crate::{
    results::CampaignRow,
    spec::{campaign_table, tells},
};
use segmenter_proto::{Result, jobs::SourceKind};

/// The rule of campaigns whose messages tell what was bought by them.
const TOLD: &str = "amount of messages";

/// Gives the rows of the population (without a key) and of each segment, by campaign.
///
/// # Errors
/// A bug where the statistic has other segments than the scope.
pub fn campaign_rows(scope: &MessagesScope<'_>, statistic: &MessagesStatistic) -> Result<Vec<CampaignRow>> {
    let groups = scope.groups(statistic)?;
    let Some(population) = groups.first() else { return Ok(Vec::new()) };
    let everybody = scope.everybody(statistic);
    let (shown, untold) = scope.shown(statistic, (About::Campaign, "campaigns"), population, |sums| sums.customers);
    let mut rows = Vec::new();
    for group in &groups {
        rows.extend(shown.iter().map(|(campaign, by_group)| {
            row(scope, group, *campaign, (&group.sums(by_group), &everybody.sums(by_group)))
        }));
        if untold.is_some() {
            rows.push(CampaignRow { reason: untold.clone(), ..named(scope, group, None) });
        }
    }
    Ok(rows)
}

/// Says whether messages tell what was bought by them, so that nothing has to be credited.
fn is_told(scope: &MessagesScope<'_>) -> bool {
    messages_tell(scope, "amount")
}

fn messages_tell(scope: &MessagesScope<'_>, name: &str) -> bool {
    let mut messages = scope.job.sources.iter().filter(|source| source.kind == SourceKind::Messages);
    messages.any(|source| tells(scope.job, source, name))
}

fn named(scope: &MessagesScope<'_>, group: &Group<'_>, campaign: Option<&str>) -> CampaignRow {
    CampaignRow {
        segmentation: scope.segmentation.to_owned(),
        segment_key: group.key.map(str::to_owned),
        basis: scope.basis.name().to_owned(),
        campaign: campaign.map(str::to_owned),
        revenue_by: if is_told(scope) { TOLD.to_owned() } else { scope.job.effectiveness.attribution.told() },
        ..CampaignRow::default()
    }
}

fn row(
    scope: &MessagesScope<'_>,
    group: &Group<'_>,
    campaign: Option<&str>,
    (own, all): (&Sums, &Sums),
) -> CampaignRow {
    let named = named(scope, group, campaign);
    let figures = &own.figures;
    if let Some(why) = scope.why_nothing(own.customers).or_else(|| scope.why_few(figures.reached)) {
        return CampaignRow { reason: Some(why), ..named };
    }
    let has_purchases = scope.job.sources.iter().any(|source| source.kind == SourceKind::Transactions);
    let is_credited = !is_told(scope) && has_purchases;
    let few = scope.why_few(if is_credited { figures.buyers } else { figures.answered });
    let is_known = few.is_none() && (is_credited || is_told(scope));
    let revenue = is_known.then(|| money(if is_credited { figures.net } else { figures.told }));
    let margin = (is_known && is_credited && figures.costed > 0).then(|| money(figures.margin));
    // What it costs whatever is sent, by the messages that arrived, or, where none did, by those sent.
    let share = match (all.figures.delivered, all.figures.sent) {
        (0, 0) => None,
        (0, sent) => Some(figures.sent as f64 / sent as f64),
        (delivered, _) => Some(figures.delivered as f64 / delivered as f64),
    };
    let fixed = figures.fixed.zip(share).map_or(0.0, |(fixed, share)| money(fixed) * share);
    let has_cost = campaign_table(scope.job).is_some() || messages_tell(scope, "cost");
    let cost = has_cost.then(|| money(figures.cost) + fixed);
    // Where goods have no cost, revenue stands for margin.
    let earned = revenue.map(|revenue| margin.map_or(revenue, |margin| margin + money(figures.uncosted)));
    let profit = earned.zip(cost).map(|(earned, cost)| earned - cost);
    let spent = cost.filter(|cost| *cost > 0.0);
    let share = scope.share(figures.answered, figures.reached);
    let mut reasons: Vec<String> = scope.why_no_interval().into_iter().collect();
    let mut say = |cell: &str, why: &str| reasons.push(format!("{cell}: {why}"));
    match (cost, spent) {
        (None, _) => say("cost", "no source of messages, and no table of campaigns, has a cost"),
        (Some(_), None) => say("roi", "its cost is not above 0"),
        _ => {}
    }
    match few {
        Some(few) => say("revenue", &format!("{few} bought by it")),
        None if revenue.is_none() => say("revenue", "messages tell no amount, and there are no transactions"),
        None if is_credited && figures.net != 0 && margin.is_none() => {
            say("margin", "no row has a cost, and revenue stands for it in profit");
        }
        None if margin.is_some() && figures.uncosted != 0 => {
            say("margin", "of rows that have a cost; of the others revenue stands for it in profit");
        }
        None => {}
    }
    CampaignRow {
        customers: Some(count(figures.reached)),
        sent: Some(count(figures.sent)),
        delivered: Some(count(figures.delivered)),
        answered: Some(count(figures.answered)),
        answer_rate: share.value,
        ci_low: share.interval.map(|(low, _)| low),
        ci_high: share.interval.map(|(_, high)| high),
        ci_level: share.level,
        cost,
        buyers: (is_known && is_credited).then(|| count(figures.buyers)),
        revenue,
        margin,
        profit,
        roi: profit.zip(spent).map(|(profit, cost)| profit / cost),
        roas: revenue.zip(spent).map(|(revenue, cost)| revenue / cost),
        currency: scope.job.currency.clone(),
        reason: (!reasons.is_empty()).then(|| reasons.join("; ")),
        ..named
    }
}
