//! Made-up orders: the same rows every time, in any format.

use chrono::{DateTime, NaiveDateTime};
use std::collections::BTreeMap;

/// A line of an order as a shop's file has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// The customer; none for a guest.
    pub client_no: Option<String>,
    /// The order.
    pub order_no: String,
    /// The line in the order, from 1.
    pub line_no: i64,
    /// Microseconds since 1970, UTC, whole seconds.
    pub ordered_at: i64,
    /// Amount in hundredths; negative for a refund.
    pub cents: i64,
    /// Where it was sold.
    pub channel: &'static str,
    /// What was sold.
    pub sku: String,
    /// A float with no short binary form, so that a sum in another order would differ.
    pub weight: f64,
}

impl Order {
    /// Makes a one-line order; `time` as `2025-12-31 23:59:59` in UTC, `amount` as `12.34`.
    pub fn new(client_no: &str, order_no: &str, time: &str, amount: &str) -> Self {
        let (sign, digits) = amount.strip_prefix('-').map_or((1, amount), |digits| (-1, digits));
        let (whole, cents) = digits.split_once('.').unwrap_or((digits, "00"));
        let cents = sign * (whole.parse::<i64>().unwrap() * 100 + cents.parse::<i64>().unwrap());
        Self {
            client_no: (!client_no.is_empty()).then(|| client_no.to_owned()),
            order_no: order_no.to_owned(),
            line_no: 1,
            ordered_at: timestamp(time),
            cents,
            channel: "web",
            sku: "s1".to_owned(),
            weight: 0.1,
        }
    }

    /// Gives the time as `2025-12-31 23:59:59` in UTC.
    pub fn time_text(&self) -> String {
        DateTime::from_timestamp_micros(self.ordered_at).unwrap().format("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// Gives the amount as `-12.34`.
    pub fn amount_text(&self) -> String {
        let sign = if self.cents < 0 { "-" } else { "" };
        format!("{sign}{}.{:02}", self.cents.abs() / 100, self.cents.abs() % 100)
    }
}

/// Gives the microseconds of `2025-12-31 23:59:59` in UTC.
pub fn timestamp(text: &str) -> i64 {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").unwrap().and_utc().timestamp_micros()
}

/// A small random generator (SplitMix64, Steele et al. 2014): tests need the same rows on every machine.
#[derive(Debug, Clone)]
pub struct Rng(pub u64);

impl Rng {
    /// Gives the next 64 bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Gives a number from 0 to `bound` − 1.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// Shuffles (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last as u64 + 1) as usize);
        }
    }
}

/// Makes orders of this many customers before and after 2026-01-01, with everything that real files have: guests, refunds,
/// several lines an order, lines loaded twice (some with another amount), and rows of the future.
pub fn orders_of(customers: u64, seed: u64) -> Vec<Order> {
    let mut rng = Rng(seed);
    let new_year = timestamp("2026-01-01 00:00:00");
    let mut orders = Vec::new();
    for customer in 0..customers {
        // Three kinds of customers, so that clusters exist.
        let (bought, cents, days) = [(2, 2_000_i64, 700), (6, 9_000, 300), (15, 4_000, 60)][(customer % 3) as usize];
        for number in 0..=rng.below(bought) {
            let seconds = rng.below(days * 86_400) as i64 - 86_400;
            for line_no in 1..=1 + rng.below(2) as i64 {
                let refund = if rng.below(20) == 0 { -1 } else { 1 };
                let order = Order {
                    client_no: (rng.below(50) > 0).then(|| format!("C{customer:05}")),
                    order_no: format!("O{customer}-{number}"),
                    line_no,
                    ordered_at: new_year - seconds * 1_000_000,
                    cents: refund * (cents / 2 + rng.below(cents as u64) as i64),
                    channel: ["web", "store", "app"][rng.below(3) as usize],
                    sku: format!("sku-{}", rng.below(40)),
                    weight: rng.below(1_000_000) as f64 / 7_000.0,
                };
                if rng.below(40) == 0 {
                    let cents = order.cents + rng.below(2) as i64 * 100;
                    orders.push(Order { cents, ..order.clone() });
                }
                orders.push(order);
            }
        }
    }
    orders
}

/// Makes four groups of customers that lie far apart in recency, frequency and value, and says who is in which.
///
/// Within a group the three features are spread about equally once they are scaled: groups of a few discrete places,
/// or long ones, would honestly be described better by several clusters each.
pub fn planted_orders(customers: u64, seed: u64) -> (Vec<Order>, BTreeMap<String, String>) {
    let mut rng = Rng(seed);
    let new_year = timestamp("2026-01-01 00:00:00");
    let (mut orders, mut truth) = (Vec::new(), BTreeMap::new());
    for customer in 0..customers {
        let group = (customer % 4) as usize;
        let (days, bought, cents) = [(5, 40, 40_000), (300, 8, 12_000), (20, 9, 1_800_000), (340, 30, 900_000)][group];
        let client_no = format!("C{customer:05}");
        let last = days * 86_400 + rng.below(40 * 86_400) as i64;
        let bought = bought + rng.below(5);
        let price = (cents + rng.below(250_000) as i64) / bought as i64;
        for number in 0..bought {
            let ago = last + number as i64 * 3_600;
            orders.push(Order {
                client_no: Some(client_no.clone()),
                order_no: format!("O{customer}-{number}"),
                line_no: 1,
                ordered_at: new_year - ago * 1_000_000,
                cents: price + rng.below(price as u64 / 10) as i64,
                channel: "web",
                sku: "s1".to_owned(),
                weight: 1.0,
            });
        }
        truth.insert(client_no, format!("group {group}"));
    }
    (orders, truth)
}

#[test]
fn amounts_and_times_are_written_as_they_were_read() {
    for (time, amount) in [("2025-12-31 23:59:59", "-0.07"), ("1999-01-02 03:04:05", "12.30")] {
        let order = Order::new("C1", "O1", time, amount);
        assert_eq!((order.time_text(), order.amount_text()), (time.to_owned(), amount.to_owned()));
    }
}

#[test]
fn made_up_orders_hold_every_case() {
    let orders = orders_of(300, 1);
    assert_eq!(orders, orders_of(300, 1));
    assert!(orders.iter().any(|order| order.client_no.is_none()), "guests");
    assert!(orders.iter().any(|order| order.cents < 0), "refunds");
    assert!(orders.iter().any(|order| order.line_no == 2), "several lines");
    assert!(orders.iter().any(|order| order.ordered_at >= timestamp("2026-01-01 00:00:00")), "the future");
    let twice = |pair: &[Order]| pair[0].order_no == pair[1].order_no && pair[0].line_no == pair[1].line_no;
    assert!(orders.windows(2).any(|pair| twice(pair) && pair[0].cents == pair[1].cents), "equal rows");
    assert!(orders.windows(2).any(|pair| twice(pair) && pair[0].cents != pair[1].cents), "one key, two amounts");
}
