//! A CRM: where one of the tables has deals of companies, these are segmented in place of customers.

use super::{
    kinds::{Guess, OF_OTHERS, Use, in_common},
    shapes::Shape,
    table::{Roles, Table},
};
use segmenter_proto::jobs::{SourceKind, Unit};
use std::collections::BTreeSet;

/// Gives what all tables are for, but for references; none where no table has deals.
pub(super) fn of_accounts(tables: &[Table]) -> Option<Vec<Use>> {
    let deals: Vec<Option<Roles>> = tables.iter().map(deals).collect();
    let ids: BTreeSet<&str> =
        tables.iter().zip(&deals).filter_map(|(table, roles)| account_ids(table, roles.as_ref()?)).flatten().collect();
    if ids.is_empty() {
        return None;
    }
    let of_same =
        |roles: &Roles, table: &Table| account_ids(table, roles).is_some_and(|own| in_common(&own, &ids) >= OF_OTHERS);
    let companies = (0..tables.len()).filter(|at| deals[*at].is_none());
    let companies = companies.filter_map(|at| Some((at, companies_of(&tables[at])?)));
    // A job has one source of companies: the one that tells most.
    let companies = companies.filter(|(at, roles)| of_same(roles, &tables[*at]));
    let companies = companies.max_by_key(|(at, _)| (tables[*at].shapes.len(), std::cmp::Reverse(*at)));
    let uses = (0..tables.len()).map(|at| {
        if let Some(roles) = &deals[at] {
            return Use::Source(Guess::of(SourceKind::Opportunities, roles.clone()));
        }
        match &companies {
            Some((chosen, roles)) if *chosen == at => Use::Source(Guess::of(SourceKind::Accounts, roles.clone())),
            _ => match contacts(&tables[at]).filter(|roles| of_same(roles, &tables[at])) {
                Some(roles) => Use::Source(Guess::of(SourceKind::Customers, roles)),
                None => Use::None("companies are segmented, and it is neither of companies, of deals nor of people with their company".to_owned()),
            },
        }
    });
    Some(uses.collect())
}

/// Says who is segmented.
pub(super) fn unit_of(uses: &[Use]) -> Unit {
    let of_accounts = |of: &Use| matches!(of, Use::Source(guess) if guess.kind.owner() == Some(Unit::Account));
    if uses.iter().any(of_accounts) { Unit::Account } else { Unit::Customer }
}

fn account_ids<'a>(table: &'a Table, roles: &Roles) -> Option<BTreeSet<&'a str>> {
    roles.get(Unit::Account.key()).map(|position| table.ids(position))
}

/// A company, when it became a deal, when that ended, and whether it was won.
fn deals(table: &Table) -> Option<Roles> {
    let roles = table.roles(SourceKind::Opportunities);
    let has_end = ["account_id", "opened", "closed"].into_iter().all(|name| roles.has(name));
    let told = roles.has("won") || roles.get("stage").is_some_and(|position| tells_won(table, position));
    (has_end && told).then_some(roles)
}

/// Says whether the stages of deals tell which were won.
pub(super) fn tells_won(table: &Table, position: usize) -> bool {
    let has = |word: &str| table.column(position).samples.iter().any(|stage| stage.to_lowercase().contains(word));
    table.shapes[position] == Shape::Text && has("won") && has("lost")
}

/// A row a company, and something that is said of it.
fn companies_of(table: &Table) -> Option<Roles> {
    let roles = table.roles(SourceKind::Accounts);
    let id = roles.get("account_id")?;
    (table.is_unique(id) && table.shapes.len() > 1).then_some(roles)
}

/// A row a person, with the company.
fn contacts(table: &Table) -> Option<Roles> {
    let mut roles = table.roles(SourceKind::Customers);
    let (person, company) = (roles.get("customer_id")?, table.roles(SourceKind::Accounts).get("account_id")?);
    if person == company || !table.is_unique(person) {
        return None;
    }
    roles.0.retain(|_, position| *position != company);
    roles.0.insert("account_id", company);
    Some(roles)
}
