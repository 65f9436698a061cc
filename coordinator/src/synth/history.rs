//! When a customer buys: a purchase process with its own rate and drop-out, in the operational time of its season.
//!
//! This is the story behind BG/NBD (Fader, Hardie and Lee 2005): purchases come at a rate drawn from a gamma, and after
//! each one the customer drops out for good with a probability drawn from a beta. A history that does not look like its
//! planted group is drawn again, so that truth can be found.

use super::calendar::{AS_OF_DAY, Calendar, DAYS, Season};
use super::customer::Customer;
use super::group::Group;
use super::random::Stream;

/// Histories tried before one is built that fits.
const ATTEMPTS: u64 = 24;
/// Most orders of a customer; order numbers leave room for it.
pub(super) const MOST_ORDERS: usize = 400;
const DAYS_A_YEAR: f64 = 366.0;

/// The days of a customer's orders, rising; those from [`AS_OF_DAY`] on lie after the job's `as_of`.
pub(super) fn days(seed: u64, customer: &Customer, calendar: &Calendar) -> Vec<i64> {
    let group = customer.group;
    if group.orders.1 == 0 {
        return Vec::new();
    }
    let mut stream = Stream::new(seed, "history", customer.number);
    let mut days = Vec::new();
    for _ in 0..ATTEMPTS {
        purchases(&mut stream, customer, calendar, &mut days);
        if fits(group, &days) {
            return days;
        }
    }
    build(&mut stream, customer, calendar)
}

fn purchases(stream: &mut Stream, customer: &Customer, calendar: &Calendar, days: &mut Vec<i64>) {
    let group = customer.group;
    let rate = group.rate / DAYS_A_YEAR * stream.gamma(group.rate_shape) / group.rate_shape;
    let drop_out = if group.drop_out.1 > 0.0 { stream.beta(group.drop_out.0, group.drop_out.1) } else { 1.0 };
    days.clear();
    let mut time = calendar.operational(group.season, customer.sign_up);
    // The first purchase is the sign-up, but for gifts; who signed up before the data is somewhere between two purchases.
    if customer.sign_up < 0 || group.season == Season::Gifts {
        time += stream.exponential() / rate;
    }
    while time < DAYS as f64 && days.len() < MOST_ORDERS {
        days.push(calendar.day(group.season, time));
        if stream.chance(drop_out) {
            break;
        }
        time += stream.exponential() / rate;
    }
}

fn fits(group: &Group, days: &[i64]) -> bool {
    let before = days.partition_point(|day| *day < AS_OF_DAY);
    let Some(last) = before.checked_sub(1).map(|position| days[position]) else { return false };
    (group.orders.0..=group.orders.1).contains(&before) && (group.last.0..=group.last.1).contains(&(AS_OF_DAY - last))
}

/// Builds the smallest history that fits: a last order within its window, the others before it.
fn build(stream: &mut Stream, customer: &Customer, calendar: &Calendar) -> Vec<i64> {
    let group = customer.group;
    let at = |day: i64| calendar.operational(group.season, day);
    let mut between = |from: i64, to: i64| {
        let time = at(from) + stream.uniform() * (at(to + 1) - at(from));
        calendar.day(group.season, time).clamp(from, to)
    };
    let from = customer.sign_up.max(AS_OF_DAY - group.last.1).max(0);
    let last = between(from, (AS_OF_DAY - group.last.0).max(from));
    let first = customer.sign_up.clamp(0, last);
    let mut days: Vec<i64> = (1..group.orders.0).map(|_| between(first, last)).collect();
    days.push(last);
    days.sort_unstable();
    days
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::group::GROUPS;

    #[test]
    fn every_history_fits_its_group_and_few_had_to_be_built() {
        let calendar = Calendar::new();
        for number in 0..3000 {
            let customer = Customer::draw(5, number, &calendar);
            let days = days(5, &customer, &calendar);
            assert!(days.is_sorted() && days.iter().all(|day| (0..DAYS).contains(day)));
            assert!(days.is_empty() && customer.group.orders.1 == 0 || fits(customer.group, &days), "{number}");
            assert!(days.first().is_none_or(|first| *first >= customer.sign_up), "bought before sign-up: {number}");
        }
        for group in &GROUPS[..6] {
            let mut stream = Stream::new(1, group.name, 0);
            let mut trial = Vec::new();
            let fitting = (0..400)
                .filter(|_| {
                    let mut customer = Customer::draw(5, 1, &calendar);
                    customer.group = group;
                    customer.sign_up = stream.between(group.sign_up.0, group.sign_up.1);
                    purchases(&mut stream, &customer, &calendar, &mut trial);
                    fits(group, &trial)
                })
                .count();
            assert!(fitting > 120, "{}: only {fitting} of 400 histories fit", group.name);
        }
    }
}
