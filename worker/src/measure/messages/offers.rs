//! The rows of `offers.parquet`: what the customers of a segment do with each promotion.

use super::{
    cells::About,
    scope::{Group, MessagesScope, count, money},
    statistic::{MessagesStatistic, Sums},
};
use crate::results::OfferRow;
use crate::spec::tells;
use segmenter_proto::{Result, jobs::SourceKind};

/// Gives the rows of the population (without a key) and of each segment, by promotion.
///
/// # Errors
/// A bug where the statistic has other segments than the scope.
pub fn offer_rows(scope: &MessagesScope<'_>, statistic: &MessagesStatistic) -> Result<Vec<OfferRow>> {
    let groups = scope.groups(statistic)?;
    let Some(population) = groups.first() else { return Ok(Vec::new()) };
    let (shown, untold) = scope.shown(statistic, (About::Offer, "promotions"), population, |sums| sums.customers);
    let mut rows = Vec::new();
    for group in &groups {
        rows.extend(shown.iter().map(|(offer, by_group)| row(scope, group, *offer, &group.sums(by_group))));
        if untold.is_some() {
            rows.push(OfferRow { reason: untold.clone(), ..named(scope, group, None) });
        }
    }
    Ok(rows)
}

fn named(scope: &MessagesScope<'_>, group: &Group<'_>, offer: Option<&str>) -> OfferRow {
    OfferRow {
        segmentation: scope.segmentation.to_owned(),
        segment_key: group.key.map(str::to_owned),
        basis: scope.basis.name().to_owned(),
        promotion: offer.map(str::to_owned),
        ..OfferRow::default()
    }
}

fn row(
    scope: &MessagesScope<'_>,
    group: &Group<'_>,
    offer: Option<&str>,
    Sums { customers, figures }: &Sums,
) -> OfferRow {
    let named = named(scope, group, offer);
    if let Some(why) = scope.why_nothing(*customers).or_else(|| scope.why_few(figures.reached)) {
        return OfferRow { reason: Some(why), ..named };
    }
    let share = scope.share(figures.answered, figures.reached);
    let mut transactions = scope.job.sources.iter().filter(|source| source.kind == SourceKind::Transactions);
    let is_told = transactions.any(|source| tells(scope.job, source, "promotion_id"));
    let bought = figures.buyers > 0 || figures.net != 0;
    let few = scope.why_few(figures.buyers);
    let is_shown = is_told && few.is_none();
    let margin = (is_shown && figures.costed > 0).then(|| money(figures.margin));
    let costed = figures.net - figures.uncosted;
    let mut reasons: Vec<String> = Vec::new();
    match figures.reached {
        0 => reasons.push("response_rate: no message about it was delivered".to_owned()),
        _ => reasons.extend(scope.why_no_interval()),
    }
    if !is_told {
        reasons.push("revenue: no source of transactions maps promotion_id".to_owned());
    }
    match few {
        Some(few) => reasons.push(format!("revenue: {few} bought with it")),
        None if bought && margin.is_none() => reasons.push("margin: no row has a cost".to_owned()),
        None if bought && costed <= 0 => {
            reasons.push("margin_rate: the revenue of rows with a cost is not above 0".to_owned());
        }
        None => {}
    }
    OfferRow {
        customers: Some(count(figures.reached)),
        responders: (figures.reached > 0).then(|| count(figures.answered)),
        response_rate: share.value,
        ci_low: share.interval.map(|(low, _)| low),
        ci_high: share.interval.map(|(_, high)| high),
        ci_level: share.level,
        buyers: is_shown.then(|| count(figures.buyers)),
        revenue: is_shown.then(|| money(figures.net)),
        margin,
        margin_rate: margin.filter(|_| costed > 0).map(|margin| margin / money(costed)),
        currency: scope.job.currency.clone(),
        reason: (!reasons.is_empty()).then(|| reasons.join("; ")),
        ..named
    }
}
