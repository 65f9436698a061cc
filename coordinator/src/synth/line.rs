//! What a customer's orders hold: the rows of `orders/` and `tills/`.

use super::calendar::{Calendar, DAYS};
use super::customer::{Customer, FIRST_UNTIDY, client_number};
use super::group::{GROUPS, Group};
use super::history::{self, MOST_ORDERS};
use super::mover::Moves;
use super::orders::{Channel, OrderLine, Spoilt, Status};
use super::product::Catalogue;
use super::random::Stream;
use super::tills::{Blot, Receipt};
use super::world::{self, SHOPS, TILL_COUNTRY};

/// Order numbers a customer has room for: orders, then refunds.
const ORDER_NUMBERS: i64 = 1000;
const FIRST_ORDER: i64 = 1_000_000_000;
const FIRST_GUEST_ORDER: i64 = 9_000_000_000_000_000;
/// Client numbers that no customer has.
const FIRST_UNKNOWN_CLIENT: i64 = 50_000_000;
/// Guest orders a customer.
const GUESTS: f64 = 0.55;
const CANCELLED: f64 = 0.015;
const DUPLICATE_LINES: f64 = 0.002;
/// Share of lines that lost their time, and share that lost their price.
const SPOILT_LINES: f64 = 0.0002;
const DUPLICATE_RECEIPTS: f64 = 0.003;
/// Share of receipts with each fault.
const SPOILT_RECEIPTS: f64 = 0.001;

/// What the rows are drawn with.
#[derive(Debug)]
pub(super) struct Shop {
    pub(super) seed: u64,
    pub(super) lines_per_order: f64,
    pub(super) calendar: Calendar,
    pub(super) catalogue: Catalogue,
    /// None: nobody changes its group.
    pub(super) moves: Option<Moves>,
}

/// Takes the rows as they are drawn.
pub(super) trait Rows {
    /// Takes a line of an order and the day that decides its file.
    fn order(&mut self, day: i64, line: OrderLine);
    /// Takes a till receipt.
    fn receipt(&mut self, receipt: Receipt);
}

/// Who buys, and the chance of its orders.
struct Buyer<'a> {
    shop: &'a Shop,
    stream: Stream,
    group: &'static Group,
    country: usize,
    /// Typical order value of this buyer in euro.
    basket: f64,
    /// 0: none.
    client: i64,
    /// Whether its rows may be dirty.
    untidy: bool,
}

/// An order before it is drawn.
struct Visit {
    order_no: i64,
    day: i64,
    /// A first order stays clean and paid: it is what makes some customers members of their group.
    first: bool,
    /// In a shop, whatever the buyer's habits.
    in_shop: bool,
}

/// Draws all rows of customer `number`, and the guest order that may come with it.
pub(super) fn draw(shop: &Shop, number: u64, rows: &mut impl Rows) {
    let customer = Customer::draw(shop.seed, number, &shop.calendar);
    let client = client_number(number);
    let stream = Stream::new(shop.seed, "lines", number);
    let mut buyer = Buyer::new(shop, stream, customer.group, customer.country, client, number);
    let first = FIRST_ORDER + number as i64 * ORDER_NUMBERS;
    let after = shop.moves.and_then(|moves| Some((moves.group_after(shop.seed, &customer)?, moves.day)));
    let mut days = history::days(shop.seed, &customer, &shop.calendar);
    if let Some((_, moved)) = after {
        days.retain(|day| *day < moved);
    }
    let orders = days.len();
    for (position, day) in days.into_iter().enumerate() {
        // Customer 0's first order is a receipt, so that there is one however small the data set.
        let in_shop = number == 0 && position == 0;
        buyer.order(&Visit { order_no: first + position as i64, day, first: position == 0, in_shop }, rows);
    }
    if let Some((group, moved)) = after {
        let customer = Customer { group, ..customer };
        let stream = Stream::new(shop.seed, "lines after", number);
        let mut buyer = Buyer::new(shop, stream, group, customer.country, client, number);
        let mut days = history::days(shop.seed, &customer, &shop.calendar);
        days.retain(|day| *day >= moved);
        for (position, day) in (orders..MOST_ORDERS).zip(days) {
            // The first order of customer 0 is a receipt, whoever it is of.
            let (is_first, in_shop) = (position == 0, number == 0 && position == 0);
            buyer.order(&Visit { order_no: first + position as i64, day, first: is_first, in_shop }, rows);
        }
    }
    guest(shop, number, rows);
}

fn guest(shop: &Shop, number: u64, rows: &mut impl Rows) {
    let mut stream = Stream::new(shop.seed, "guest", number);
    if !stream.chance(GUESTS) {
        return;
    }
    // Guests buy like customers that never bought would have.
    let group = &GROUPS[GROUPS.len() - 1];
    let untidy = number >= FIRST_UNTIDY;
    let country = world::country(&mut stream);
    let unknown = stream.chance(0.02) && untidy;
    let day = shop.calendar.day(group.season, stream.uniform() * DAYS as f64);
    let client = if unknown { FIRST_UNKNOWN_CLIENT + number as i64 } else { 0 };
    let mut buyer = Buyer::new(shop, stream, group, if untidy { country } else { 0 }, client, number);
    buyer.order(&Visit { order_no: FIRST_GUEST_ORDER + number as i64, day, first: true, in_shop: false }, rows);
}

impl<'a> Buyer<'a> {
    fn new(
        shop: &'a Shop,
        mut stream: Stream,
        group: &'static Group,
        country: usize,
        client: i64,
        number: u64,
    ) -> Self {
        let basket = group.basket * libm::exp(group.basket_between * stream.normal());
        Self { shop, stream, group, country, basket, client, untidy: number >= FIRST_UNTIDY }
    }

    fn order(&mut self, visit: &Visit, rows: &mut impl Rows) {
        let (shop, group) = (self.shop, self.group);
        let channel = match self.stream.choice(&group.channels) {
            _ if visit.in_shop => Channel::Store,
            0 => Channel::Web,
            1 => Channel::Store,
            _ => Channel::App,
        };
        let second = shop.calendar.second(&mut self.stream, channel == Channel::Store);
        let basket = self.basket * libm::exp(group.basket_within * self.stream.normal());
        let discount = self.stream.between(0, group.discounts.len() as i64 - 1) as usize;
        let percent = if self.stream.chance(group.promotion) { group.discounts[discount] } else { 0 };
        let gift = self.stream.chance(group.gift);
        let cancelled = self.stream.chance(CANCELLED) && !visit.first;
        let refunded = self.stream.chance(group.refund) && !cancelled;
        let refund_day = visit.day + self.stream.between(1, 14);
        let refund_day = (refunded && refund_day < DAYS).then_some(refund_day);
        let count = 1 + self.stream.poisson(shop.lines_per_order - 1.0).min(30);
        let head = OrderLine {
            order_no: visit.order_no,
            line_no: 1,
            client: self.client,
            seconds: shop.calendar.utc_seconds(visit.day, second),
            product: 0,
            quantity: 1,
            price: 0,
            discount: 0,
            percent,
            channel,
            gift,
            status: if cancelled { Status::Cancelled } else { Status::Paid },
            refund_of: 0,
            spoilt: Spoilt::No,
        };
        let lines: Vec<OrderLine> =
            (1..=count).map(|line_no| self.line(&head, line_no as i32, basket / f64::from(count))).collect();
        if channel == Channel::Store && self.country == TILL_COUNTRY {
            self.till(visit, &lines, second, refund_day, rows);
        } else {
            self.ship(visit, lines, second, refund_day, rows);
        }
    }

    fn line(&mut self, head: &OrderLine, line_no: i32, target: f64) -> OrderLine {
        let quantity = [1, 2, 3, 6][self.stream.choice(&[0.85, 0.10, 0.03, 0.02])];
        let target = target * libm::exp(0.2 * self.stream.normal()) / f64::from(quantity);
        let product = self.shop.catalogue.near(&mut self.stream, target, self.group.taste);
        let price = self.shop.catalogue.cents(product);
        let discount = (price * quantity * i32::from(head.percent) + 50) / 100;
        OrderLine { line_no, product, quantity, price, discount, ..head.clone() }
    }

    /// Hands on the lines of an order, some of them twice or spoilt, and the first one's refund.
    fn ship(
        &mut self,
        visit: &Visit,
        lines: Vec<OrderLine>,
        second: i64,
        refund_day: Option<i64>,
        rows: &mut impl Rows,
    ) {
        if let (Some(day), Some(line)) = (refund_day, lines.first()) {
            let refund = OrderLine {
                order_no: line.order_no + MOST_ORDERS as i64,
                quantity: -line.quantity,
                discount: -line.discount,
                seconds: self.shop.calendar.utc_seconds(day, second),
                refund_of: line.order_no,
                ..line.clone()
            };
            rows.order(day, refund);
        }
        for mut line in lines {
            let twice = self.stream.chance(DUPLICATE_LINES) && self.untidy;
            let fault = self.stream.choice(&[1.0 - 2.0 * SPOILT_LINES, SPOILT_LINES, SPOILT_LINES]);
            line.spoilt = match fault {
                1 if self.untidy && !visit.first => Spoilt::Time,
                2 if self.untidy && !visit.first => Spoilt::Price,
                _ => Spoilt::No,
            };
            if twice {
                rows.order(visit.day, line.clone());
            }
            rows.order(visit.day, line);
        }
    }

    /// Hands on the receipt of an order in a shop with old tills, and its refund's.
    fn till(&mut self, visit: &Visit, lines: &[OrderLine], second: i64, refund_day: Option<i64>, rows: &mut impl Rows) {
        let Some(head) = lines.first().filter(|line| line.status == Status::Paid) else { return };
        let net = |line: &OrderLine| i64::from(line.price * line.quantity - line.discount);
        let fault =
            self.stream.choice(&[1.0 - 3.0 * SPOILT_RECEIPTS, SPOILT_RECEIPTS, SPOILT_RECEIPTS, SPOILT_RECEIPTS]);
        let receipt = Receipt {
            receipt: head.order_no,
            card: head.client,
            date: self.shop.calendar.date(visit.day),
            minute: second / 60,
            cents: lines.iter().map(net).sum(),
            percent: head.percent,
            gift: head.gift,
            shop: self.stream.between(0, SHOPS.len() as i64 - 1) as usize,
            blot: match fault {
                1 if self.untidy && !visit.first => Blot::Total,
                2 if self.untidy && !visit.first => Blot::Time,
                3 if self.untidy && !visit.first => Blot::NoTotal,
                _ => Blot::No,
            },
        };
        if let Some(day) = refund_day {
            rows.receipt(Receipt {
                receipt: head.order_no + MOST_ORDERS as i64,
                date: self.shop.calendar.date(day),
                cents: -net(head),
                blot: Blot::No,
                ..receipt.clone()
            });
        }
        if self.stream.chance(DUPLICATE_RECEIPTS) && self.untidy {
            rows.receipt(receipt.clone());
        }
        rows.receipt(receipt);
    }
}
