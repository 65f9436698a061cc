//! Which customers get what: the table of benefits beside the customers of each tier and segment.

use crate::{
    measure::profile::{FeatureStatistic, OTHER_LEVELS},
    results::BenefitRow,
};
use segmenter_proto::{Error, Result, v1};
use std::collections::BTreeSet;

/// Tiers that have rows of their own, beside those that the table names.
const TOLD_TIERS: usize = 50;

/// Whose benefits they are.
#[derive(Debug, Clone, Copy)]
pub struct BenefitScope<'a> {
    /// Name of the segmentation.
    pub segmentation: &'a str,
    /// Keys of its segments, in the order of the labels.
    pub segment_keys: &'a [String],
    /// Whether a customer can be in several of them.
    pub overlapping: bool,
    /// Customers that a cell must have for their number to be shown.
    pub min_cell: u64,
}

/// Gives a row for every tier and segment, and each benefit that holds for them; tiers by falling number of customers, then those that only the table has,
/// by name, and last customers without one.
///
/// # Errors
/// The tier is no category: Job.
pub fn benefit_rows(
    scope: &BenefitScope<'_>,
    tiers: &FeatureStatistic,
    benefits: &[v1::Benefit],
) -> Result<Vec<BenefitRow>> {
    let FeatureStatistic::Category(counts) = tiers else {
        return Err(Error::job("the tier of benefits is a number")
            .with_hint("name a feature that is a text, such as loyalty_tier")
            .at_key("benefits.tier"));
    };
    let segments = scope.segment_keys.len();
    let in_table: BTreeSet<&str> = benefits.iter().filter_map(|benefit| benefit.tier.as_deref()).collect();
    let all = |counts: &[u64]| match scope.overlapping {
        true => counts.last().copied().unwrap_or_default(),
        false => counts.iter().sum::<u64>(),
    };
    let mut rows = Vec::new();
    let mut others = vec![0; segments];
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for (tier, customers) in counts.by_count(scope.overlapping).unwrap_or_default() {
        let is_told = in_table.contains(tier) || (all(customers) >= scope.min_cell && seen.len() < TOLD_TIERS);
        if is_told {
            seen.insert(tier);
            rows.extend(of_tier(scope, Some(tier), &customers[..segments], benefits));
        } else {
            others.iter_mut().zip(customers).for_each(|(sum, more)| *sum += more);
        }
    }
    for tier in in_table.iter().filter(|tier| !seen.contains(*tier)) {
        rows.extend(of_tier(scope, Some(tier), &vec![0; segments], benefits));
    }
    if others.iter().any(|customers| *customers > 0) {
        rows.extend(of_tier(scope, Some(OTHER_LEVELS), &others, benefits));
    }
    let without = counts.nulls().get(..segments).unwrap_or_default();
    if without.iter().any(|customers| *customers > 0) {
        rows.extend(of_tier(scope, None, without, benefits));
    }
    let is_known =
        |benefit: &&v1::Benefit| benefit.segment_key.as_ref().is_none_or(|key| scope.segment_keys.contains(key));
    let unknown = benefits.iter().filter(|benefit| !is_known(benefit)).map(|benefit| BenefitRow {
        tier: benefit.tier.clone(),
        segmentation: scope.segmentation.to_owned(),
        segment_key: benefit.segment_key.clone().unwrap_or_default(),
        customers: Some(0),
        benefit: Some(benefit.benefit.clone()),
        service_level: benefit.service_level.clone(),
        reason: Some(format!("segmentation {} has no such segment", scope.segmentation)),
    });
    rows.extend(unknown);
    Ok(rows)
}

fn of_tier(
    scope: &BenefitScope<'_>,
    tier: Option<&str>,
    customers: &[u64],
    benefits: &[v1::Benefit],
) -> Vec<BenefitRow> {
    let mut rows = Vec::new();
    for (key, customers) in scope.segment_keys.iter().zip(customers) {
        let is_few = (1..scope.min_cell).contains(customers);
        let few = || format!("fewer than {} customers", scope.min_cell);
        let empty = BenefitRow {
            tier: tier.map(str::to_owned),
            segmentation: scope.segmentation.to_owned(),
            segment_key: key.clone(),
            customers: (!is_few).then_some(*customers as i64),
            benefit: None,
            service_level: None,
            reason: is_few.then(few),
        };
        let holds = |benefit: &&v1::Benefit| {
            benefit.tier.as_deref().is_none_or(|own| Some(own) == tier)
                && benefit.segment_key.as_ref().is_none_or(|own| own == key)
        };
        let own: Vec<&v1::Benefit> = benefits.iter().filter(holds).collect();
        if own.is_empty() && *customers > 0 {
            let lacks = "the table of benefits has nothing for them";
            let reason = if is_few { format!("{}; {lacks}", few()) } else { lacks.to_owned() };
            rows.push(BenefitRow { reason: Some(reason), ..empty.clone() });
        }
        rows.extend(own.into_iter().map(|benefit| BenefitRow {
            benefit: Some(benefit.benefit.clone()),
            service_level: benefit.service_level.clone(),
            ..empty.clone()
        }));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{groups::Groups, profile::ProfileStatistic};
    use arrow::array::{ArrayRef, Int64Array, StringArray};
    use std::sync::Arc;

    fn rows(min_cell: u64) -> Vec<BenefitRow> {
        // 3 of gold, 2 of them in t01; 2 of tin; one without.
        let tiers: ArrayRef =
            Arc::new(StringArray::from(vec![Some("gold"), Some("gold"), Some("gold"), Some("tin"), Some("tin"), None]));
        let groups = Groups::apart(&[0, 0, 1, 1, 1, 0], 2).unwrap();
        let statistic = ProfileStatistic::of_shard(&groups, &[("tier".to_owned(), tiers)]).unwrap();
        let keys = ["t01".to_owned(), "t02".to_owned()];
        let scope = BenefitScope { segmentation: "tiers", segment_keys: &keys, overlapping: false, min_cell };
        let benefit = |tier: Option<&str>, key: Option<&str>, benefit: &str| v1::Benefit {
            tier: tier.map(str::to_owned),
            segment_key: key.map(str::to_owned),
            benefit: benefit.to_owned(),
            service_level: None,
        };
        let table = [
            benefit(None, Some("t09"), "nothing"),
            benefit(Some("gold"), Some("t01"), "lounge"),
            benefit(Some("gold"), None, "post free"),
            benefit(Some("silver"), Some("t01"), "card"),
        ];
        benefit_rows(&scope, &statistic.features[0], &table).unwrap()
    }

    #[test]
    fn every_cell_has_its_customers_and_benefits() {
        let told: Vec<String> = rows(1)
            .into_iter()
            .map(|row| {
                let tier = row.tier.unwrap_or("none".to_owned());
                let benefit = row.benefit.unwrap_or("-".to_owned());
                let customers = row.customers.unwrap();
                format!("{tier} {} {customers} {benefit} {}", row.segment_key, row.reason.unwrap_or_default())
            })
            .collect();
        let lacks = "the table of benefits has nothing for them";
        assert_eq!(
            told,
            [
                "gold t01 2 lounge ".to_owned(),
                "gold t01 2 post free ".to_owned(),
                "gold t02 1 post free ".to_owned(),
                format!("tin t02 2 - {lacks}"),
                "silver t01 0 card ".to_owned(),
                format!("none t01 1 - {lacks}"),
                "none t09 0 nothing segmentation tiers has no such segment".to_owned(),
            ]
        );
    }

    #[test]
    fn cells_of_few_are_not_counted_and_their_tiers_not_named() {
        let told = rows(3);
        // The table names gold; tin is of two customers.
        let first = (told[0].tier.as_deref(), told[0].customers, told[0].reason.as_deref());
        assert_eq!(first, (Some("gold"), None, Some("fewer than 3 customers")));
        assert!(told.iter().all(|row| row.tier.as_deref() != Some("tin")));
        assert!(told.iter().any(|row| row.tier.as_deref() == Some(OTHER_LEVELS) && row.customers.is_none()));
        let number: ArrayRef = Arc::new(Int64Array::from(vec![1]));
        let groups = Groups::apart(&[0], 1).unwrap();
        let statistic = ProfileStatistic::of_shard(&groups, &[("tier".to_owned(), number)]).unwrap();
        let scope =
            BenefitScope { segmentation: "x", segment_keys: &["a".to_owned()], overlapping: false, min_cell: 1 };
        assert!(benefit_rows(&scope, &statistic.features[0], &[]).is_err());
    }
}
