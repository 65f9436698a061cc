//! From cohorts to the rows of `cohorts.parquet`.

use super::cohorts::{Cell, Cohorts, first_day, month_of};
use crate::{measure::wide::in_currency, results::CohortRow};
use chrono::NaiveDate;
use segmenter_proto::{Error, Result};

/// What the table is of.
#[derive(Debug, Clone, Copy)]
pub struct CohortScope<'a> {
    /// Orders are known up to this day, and not of it.
    pub as_of: NaiveDate,
    /// ISO 4217 code of every amount.
    pub currency: Option<&'a str>,
    /// Customers that a cohort must have for its figures to be told, and a cell for its revenue.
    pub min_cell: u64,
}

/// Months after the first order that are told: forty years.
const MOST_MONTHS: i32 = 480;

/// Gives a row a cohort and month since, as many of each as the oldest cohort has begun. A month that is not over by `as_of` is not yet
/// observable.
///
/// # Errors
/// Bug only.
pub fn cohort_rows(scope: &CohortScope<'_>, cohorts: &Cohorts) -> Result<Vec<CohortRow>> {
    let now = month_of(scope.as_of);
    let Some(oldest) = cohorts.cells.keys().next().map(|(cohort, _)| *cohort) else { return Ok(Vec::new()) };
    // On the first of a month, it has not begun.
    let begun = if first_day(now) == Some(scope.as_of) { now - 1 } else { now };
    let months = (begun - oldest).min(MOST_MONTHS);
    let mut rows = Vec::new();
    let firsts = cohorts.cells.iter().filter(|((cohort, month), _)| cohort == month);
    for ((cohort, _), first) in firsts {
        let customers = first.active;
        for since in 0..=months {
            let month = cohort + since;
            let (day, first_order) = (first_day(month), first_day(*cohort));
            let (Some(day), Some(first_order)) = (day, first_order) else { return Err(Error::bug("a month is none")) };
            // Nobody was active where there is no cell.
            let cell = cohorts.cells.get(&(*cohort, month)).copied().unwrap_or_default();
            let told = told(scope, customers, month < now, &cell);
            rows.push(CohortRow {
                basis: "in_sample".to_owned(),
                cohort: first_order,
                months_since: since,
                month: day,
                customers: i64::try_from(customers).unwrap_or(i64::MAX),
                active: told.active.as_ref().ok().map(|active| i64::try_from(*active).unwrap_or(i64::MAX)),
                retention: told.active.as_ref().ok().map(|active| *active as f64 / customers as f64),
                revenue: told.revenue.as_ref().ok().copied(),
                currency: scope.currency.map(str::to_owned),
                reason: match (told.active, told.revenue) {
                    (Err(why), _) => Some(why),
                    (Ok(_), Err(why)) => Some(format!("revenue: {why}")),
                    (Ok(_), Ok(_)) => None,
                },
            });
        }
    }
    Ok(rows)
}

struct Told {
    active: Result<u64, String>,
    revenue: Result<f64, String>,
}

fn told(scope: &CohortScope<'_>, customers: u64, is_over: bool, cell: &Cell) -> Told {
    let none = |why: String| Told { active: Err(why.clone()), revenue: Err(why) };
    if !is_over {
        return none(format!("the month is not over by {}", scope.as_of));
    }
    if customers < scope.min_cell {
        return none(format!("the cohort has fewer than {} customers", scope.min_cell));
    }
    let few = cell.seen > 0 && cell.seen < scope.min_cell;
    let revenue = match few {
        true => Err(format!("of fewer than {} customers", scope.min_cell)),
        false => Ok(in_currency(cell.net as f64)),
    };
    Told { active: Ok(cell.active), revenue }
}
