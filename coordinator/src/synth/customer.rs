//! A customer, as a pure function of the seed and its number.

use super::calendar::Calendar;
use super::group::{GROUPS, Group};
use super::random::Stream;
use super::world::{self, TILL_COUNTRY};

/// Guests at tills, staff and dirty rows come from this number on, so that tiny data sets run within every limit.
pub(super) const FIRST_UNTIDY: u64 = 100;
/// The client number of customer 0.
const FIRST_CLIENT: i64 = 100_000_000;

/// One customer.
#[derive(Debug, Clone)]
pub(super) struct Customer {
    pub(super) number: u64,
    pub(super) group: &'static Group,
    /// Position in `world::COUNTRIES`.
    pub(super) country: usize,
    /// None: not known.
    pub(super) city: Option<&'static str>,
    /// Days since 1970-01-01.
    pub(super) birth_date: Option<i32>,
    pub(super) sex: Option<&'static str>,
    /// Day of the data; negative before it.
    pub(super) sign_up: i64,
    pub(super) staff: bool,
}

/// The client number in orders, and as digits in customers.
pub(super) fn client_number(number: u64) -> i64 {
    FIRST_CLIENT.saturating_add_unsigned(number)
}

impl Customer {
    /// Draws customer `number`.
    pub(super) fn draw(seed: u64, number: u64, calendar: &Calendar) -> Self {
        let mut stream = Stream::new(seed, "customer", number);
        let group = &GROUPS[stream.choice(&GROUPS.each_ref().map(|group| group.share))];
        let untidy = number >= FIRST_UNTIDY;
        let country = world::country(&mut stream);
        // Somebody has to buy at a till, however small the data set.
        let country = if number == 0 { TILL_COUNTRY } else { country };
        let city = world::city(&mut stream, country);
        let city = (!stream.chance(0.02)).then_some(city);
        let sex = match stream.choice(&[0.53, 0.45, 0.02]) {
            0 => Some("f"),
            1 => Some("m"),
            _ => None,
        };
        let sign_up = stream.between(group.sign_up.0, group.sign_up.1);
        let birth_date = birth_date(&mut stream, group, untidy, calendar);
        let staff = stream.chance(0.003) && untidy;
        Self { number, group, country, city, birth_date, sex, sign_up, staff }
    }
}

fn birth_date(stream: &mut Stream, group: &Group, untidy: bool, calendar: &Calendar) -> Option<i32> {
    let age = (group.age + 14.0 * stream.normal()).clamp(18.0, 95.0);
    let days = (age * 365.25) as i64 + stream.between(0, 364);
    let end = i64::from(calendar.date(super::calendar::AS_OF_DAY).to_epoch_days());
    let (missing, future) = (stream.chance(0.03), stream.chance(0.0005));
    let birth = if future && untidy { end + days / 10 } else { end - days };
    (!missing).then_some(birth as i32)
}
