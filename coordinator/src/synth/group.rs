//! The planted groups: what makes each, and its share.

use super::calendar::Season;

/// The group of customers that signed up and never bought.
pub const NO_PURCHASE: &str = "no_purchase";

/// A planted group: how its customers buy. Days are days of the data, 0 = 2023-01-01.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) name: &'static str,
    pub(super) share: f64,
    pub(super) season: Season,
    /// Mean purchases a year of an active customer; each has its own rate from a gamma of this shape.
    pub(super) rate: f64,
    pub(super) rate_shape: f64,
    /// After each purchase a customer drops out with its own probability, from Beta(a, b).
    pub(super) drop_out: (f64, f64),
    /// First and last day of sign-up.
    pub(super) sign_up: (i64, i64),
    /// Fewest and most orders before `as_of` that make a member of the group.
    pub(super) orders: (usize, usize),
    /// Fewest and most days from the last order to `as_of`.
    pub(super) last: (i64, i64),
    /// Typical order value in euro, and its spread (log-normal) between customers and between orders.
    pub(super) basket: f64,
    pub(super) basket_between: f64,
    pub(super) basket_within: f64,
    /// Share of orders on promotion, and the discounts in percent.
    pub(super) promotion: f64,
    pub(super) discounts: &'static [u8],
    /// Share of orders with gift wrap.
    pub(super) gift: f64,
    /// Share of orders of which a line is sent back.
    pub(super) refund: f64,
    /// Weights of web, shop, app.
    pub(super) channels: [f64; 3],
    /// Column of the categories' weights.
    pub(super) taste: usize,
    /// Mean age in years.
    pub(super) age: f64,
}

/// What the groups have in common.
const BASE: Group = Group {
    name: NO_PURCHASE,
    share: 0.03,
    season: Season::Regular,
    rate: 0.0,
    rate_shape: 1.0,
    drop_out: (1.0, 30.0),
    sign_up: (-1800, 1060),
    orders: (0, 0),
    last: (1, 1096),
    basket: 40.0,
    basket_between: 0.25,
    basket_within: 0.40,
    promotion: 0.05,
    discounts: &[5, 10, 15],
    gift: 0.01,
    refund: 0.03,
    channels: [0.50, 0.30, 0.20],
    taste: 0,
    age: 44.0,
};

/// The planted groups, in the order of their numbers in truth; shares sum to 1.
pub(super) const GROUPS: [Group; 7] = [
    Group {
        name: "loyal_frequent",
        share: 0.20,
        rate: 7.2,
        rate_shape: 10.0,
        drop_out: (1.0, 400.0),
        sign_up: (-1800, 500),
        orders: (8, 150),
        last: (1, 90),
        channels: [0.35, 0.35, 0.30],
        ..BASE
    },
    Group {
        name: "big_spender",
        share: 0.10,
        rate: 3.0,
        rate_shape: 6.0,
        drop_out: (1.0, 120.0),
        sign_up: (-1800, 500),
        orders: (3, 60),
        last: (1, 200),
        basket: 420.0,
        basket_between: 0.35,
        basket_within: 0.45,
        refund: 0.06,
        channels: [0.60, 0.30, 0.10],
        age: 52.0,
        ..BASE
    },
    Group {
        name: "seasonal_gifter",
        share: 0.14,
        season: Season::Gifts,
        rate: 1.7,
        rate_shape: 8.0,
        drop_out: (1.0, 60.0),
        sign_up: (-1800, 600),
        orders: (2, 20),
        last: (5, 60),
        basket: 55.0,
        gift: 0.95,
        taste: 1,
        ..BASE
    },
    Group {
        name: "bargain_hunter",
        share: 0.20,
        season: Season::Sales,
        rate: 3.6,
        rate_shape: 6.0,
        drop_out: (1.0, 120.0),
        sign_up: (-1800, 500),
        orders: (4, 60),
        last: (1, 180),
        basket: 38.0,
        promotion: 0.93,
        discounts: &[20, 30, 40, 50],
        channels: [0.35, 0.15, 0.50],
        taste: 2,
        age: 36.0,
        ..BASE
    },
    Group {
        name: "one_time",
        share: 0.20,
        rate: 0.5,
        drop_out: (1.0, 0.0),
        sign_up: (400, 1030),
        orders: (1, 1),
        last: (60, 600),
        promotion: 0.0,
        gift: 0.0,
        refund: 0.0,
        ..BASE
    },
    Group {
        name: "lapsed",
        share: 0.13,
        rate: 8.0,
        rate_shape: 6.0,
        drop_out: (3.0, 22.0),
        sign_up: (-1000, 250),
        orders: (4, 60),
        last: (450, 1000),
        age: 47.0,
        ..BASE
    },
    BASE,
];

/// Names and shares of the planted groups; a customer's group is drawn with these probabilities.
pub const GROUP_SHARES: [(&str, f64); 7] = {
    let mut shares = [("", 0.0); 7];
    let mut group = 0;
    while group < GROUPS.len() {
        shares[group] = (GROUPS[group].name, GROUPS[group].share);
        group += 1;
    }
    shares
};
