//! From the messages, purchases and consents of one customer to what the customer did with each thing.

use super::{
    cells::{About, Cell},
    figures::Figures,
    times::{Answered, by_times},
};
use segmenter_proto::jobs::{Attribution, Contacts, Touch};
use std::collections::{BTreeMap, BTreeSet};

/// A message to a customer with all its steps, or, of a source without ids of messages, the steps of one instant.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Message<'a> {
    /// The channel, campaign and promotion, as far as it says them.
    pub channel: Option<&'a str>,
    /// See `channel`.
    pub campaign: Option<&'a str>,
    /// See `channel`.
    pub promotion: Option<&'a str>,
    /// Whether its steps are known by an id to be of one message.
    pub has_id: bool,
    /// Local day (since 1970) and hour on which it was sent, or delivered.
    pub sent_at: Option<(i32, u8)>,
    /// When purchases may be credited to it, in seconds.
    pub touched: Option<f64>,
    /// Local day on which the customer unsubscribed by it.
    pub left: Option<i32>,
    /// Its steps.
    pub sent: u64,
    /// See `sent`.
    pub delivered: u64,
    /// See `sent`.
    pub opened: u64,
    /// See `sent`.
    pub clicked: u64,
    /// See `sent`.
    pub converted: u64,
    /// See `sent`.
    pub bounced: u64,
    /// See `sent`.
    pub complained: u64,
    /// What it cost, in units of 10⁻⁴ of the currency.
    pub cost: i128,
    /// What was bought by it, as it tells.
    pub told: i128,
    /// What its campaign costs whatever is sent.
    pub fixed: Option<i128>,
}

/// What a customer bought, or gave back, at one time and with one promotion.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Purchase<'a> {
    /// When, in seconds.
    pub at: f64,
    /// The promotion.
    pub promotion: Option<&'a str>,
    /// Whether something was bought.
    pub bought: bool,
    /// Purchases less refunds, in units of 10⁻⁴ of the currency.
    pub net: i128,
    /// The same less what goods cost, of rows that have a cost; none where none has.
    pub margin: Option<i128>,
    /// Purchases less refunds of rows without a cost.
    pub uncosted: i128,
}

/// All that is known of a customer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History<'a> {
    /// Messages, in any order.
    pub messages: Vec<Message<'a>>,
    /// Purchases, in any order.
    pub purchases: Vec<Purchase<'a>>,
    /// Channels to which the customer agrees.
    pub granted: BTreeSet<&'a str>,
}

/// How histories are judged.
#[derive(Debug, Clone, Copy)]
pub struct Judged<'a> {
    /// What purchases are credited to.
    pub attribution: &'a Attribution,
    /// How many messages are too many.
    pub contacts: &'a Contacts,
    /// The day of `as_of`, since 1970.
    pub as_of: i32,
    /// Whether the rows are those of the outcome window, else all before `as_of`.
    pub is_outcome: bool,
    /// Whether the job has consents: without one to a channel, its messages count as refused then.
    pub has_consents: bool,
}

/// Seconds of a day, as windows of attribution count them.
const DAY: f64 = 86_400.0;

/// Numbers as labels.
pub(super) const NUMBERS: [&str; 51] = [
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20",
    "21", "22", "23", "24", "25", "26", "27", "28", "29", "30", "31", "32", "33", "34", "35", "36", "37", "38", "39",
    "40", "41", "42", "43", "44", "45", "46", "47", "48", "49", "50",
];

type Thing<'a> = (About, Option<&'a str>);
type ByThing<'a> = BTreeMap<Thing<'a>, Steps>;
type Found<'a> = BTreeMap<Thing<'a>, Figures>;

/// Steps of the messages that have to do with one thing.
#[derive(Debug, Clone, Default)]
struct Steps {
    figures: Figures,
    /// Whether some step says that it was delivered, or was sent.
    is_sent: bool,
    /// Deliveries of messages without ids, and bounces, of which nobody knows which message they are of.
    loose: u64,
    loose_bounced: u64,
    is_answered: bool,
    complaints: u64,
    left: bool,
}

/// What is known of the messages of a customer together.
struct Messages<'a> {
    all: Vec<&'a Message<'a>>,
    /// Channels with a step `delivered`.
    telling: BTreeSet<Option<&'a str>>,
}

impl<'a> Messages<'a> {
    /// Takes those of the window: what was sent before it is answered in it by those alone who take their time.
    fn of(history: &'a History<'a>, judged: &Judged<'_>) -> Self {
        let was_seen =
            |message: &&Message<'_>| !(judged.is_outcome && message.has_id && message.sent + message.delivered == 0);
        let all: Vec<&Message<'_>> = history.messages.iter().filter(was_seen).collect();
        let telling = all.iter().filter(|message| message.delivered > 0).map(|message| message.channel).collect();
        Self { all, telling }
    }

    /// Gives how many messages arrived: those that a step says it of, that were answered, or, of channels without such a step, that were sent and did not
    /// bounce. Without ids nobody knows which bounced.
    fn arrived(&self, message: &Message<'_>) -> u64 {
        let tells = self.telling.contains(&message.channel);
        match message.has_id {
            true => u64::from(
                message.delivered > 0 || message.is_answered() || !tells && message.sent > 0 && message.bounced == 0,
            ),
            false if tells => message.delivered,
            false => message.sent,
        }
    }

    fn by_thing(&self) -> ByThing<'a> {
        let mut steps = ByThing::new();
        for message in &self.all {
            let promotion = message.promotion.map(|promotion| (About::Offer, Some(promotion)));
            let campaign = message.campaign.map(|campaign| (About::Campaign, Some(campaign)));
            let arrived = self.arrived(message);
            let bounced = if self.telling.contains(&message.channel) { 0 } else { message.bounced };
            for thing in [(About::Channel, message.channel)].into_iter().chain(promotion).chain(campaign) {
                steps.entry(thing).or_default().add(message, arrived, bounced);
            }
        }
        steps
    }
}

/// Gives what a customer did with each thing, in its order.
pub fn cells_of<'a>(history: &'a History<'a>, judged: &Judged<'_>) -> Vec<Cell<'a>> {
    let messages = Messages::of(history, judged);
    let steps = messages.by_thing();
    let of_thing = |(thing, steps): (&Thing<'a>, &Steps)| Some((*thing, steps.judged(thing.0, judged.is_outcome)?));
    let mut found: Found<'a> = steps.iter().filter_map(of_thing).collect();
    // An answer without an id may be to what was sent before the window.
    let was_sent = |message: &&&Message<'_>| {
        let campaign = steps.get(&(About::Campaign, message.campaign));
        message.has_id || !judged.is_outcome || campaign.is_some_and(|steps| steps.is_sent)
    };
    let touches: Vec<&Message<'_>> = messages.all.iter().filter(was_sent).copied().collect();
    if judged.has_consents {
        heed_consents(&mut found, &history.granted);
    }
    credit_offers(&mut found, &history.purchases);
    credit_campaigns(&mut found, &touches, &history.purchases, judged.attribution);
    count_contacts(&mut found, &messages, &history.messages, judged);
    let known = messages.all.iter().filter(|message| message.has_id && messages.arrived(message) > 0);
    let answers = known.filter_map(|message| {
        let (day, hour) = message.sent_at?;
        Some(Answered { day, hour, answered: message.clicked + message.converted > 0 })
    });
    found.extend(by_times(&answers.collect::<Vec<_>>()));
    found.into_iter().map(|((about, label), figures)| Cell { about, label, figures }).collect()
}

impl Message<'_> {
    /// Says whether somebody has seen it.
    fn is_answered(&self) -> bool {
        self.opened + self.clicked + self.converted + self.complained > 0 || self.left.is_some()
    }
}

impl Steps {
    fn add(&mut self, message: &Message<'_>, arrived: u64, bounced: u64) {
        // A step counts once, however often it is reported; without ids each report is one.
        let most = |count: u64| if message.has_id { count.min(1) } else { count };
        let own = &mut self.figures;
        own.sent += most(message.sent);
        own.opened += most(message.opened);
        own.clicked += most(message.clicked);
        own.converted += most(message.converted);
        own.responses += most(message.clicked.max(message.converted));
        own.cost += message.cost;
        own.told += message.told;
        own.fixed = own.fixed.max(message.fixed);
        if message.has_id {
            own.delivered += arrived;
        } else {
            self.loose += arrived;
            self.loose_bounced += bounced;
        }
        self.is_sent |= message.sent + message.delivered > 0;
        self.is_answered |= message.is_answered();
        self.complaints += message.complained;
        self.left |= message.left.is_some();
    }

    /// Gives the figures of a customer; none where nothing was sent in the window.
    fn judged(&self, about: About, is_outcome: bool) -> Option<Figures> {
        if is_outcome && !self.is_sent {
            return None;
        }
        let mut own = self.figures.clone();
        own.delivered += self.loose.saturating_sub(self.loose_bounced);
        // Who answers has got something.
        own.delivered = own.delivered.max(u64::from(self.is_answered));
        own.reached = u64::from(own.delivered > 0);
        // An offer is not taken by a click.
        own.answered = u64::from(if about == About::Offer { own.converted > 0 } else { own.responses > 0 });
        own.left = u64::from(self.left);
        own.complained = u64::from(self.complaints > 0);
        Some(own)
    }
}

/// Leaves of channels that the customer has not agreed to nothing but that they were used, and adds those that were agreed to and not used.
fn heed_consents<'a>(found: &mut Found<'a>, granted: &BTreeSet<&'a str>) {
    for ((about, label), figures) in found.iter_mut() {
        let is_granted = label.is_some_and(|label| granted.contains(label));
        if *about == About::Channel && !is_granted {
            *figures = Figures { refused: figures.reached, ..Figures::default() };
        }
    }
    for channel in granted {
        found.entry((About::Channel, Some(channel))).or_default().granted = 1;
    }
}

/// Adds what was bought with each promotion: who got it and bought with it has answered it.
fn credit_offers<'a>(found: &mut Found<'a>, purchases: &[Purchase<'a>]) {
    for purchase in purchases.iter().filter(|purchase| purchase.promotion.is_some()) {
        found.entry((About::Offer, purchase.promotion)).or_default().credit(purchase);
    }
    for ((about, _), figures) in found.iter_mut() {
        if *about == About::Offer && figures.reached == 1 {
            figures.answered |= figures.buyers;
        }
    }
}

/// Credits each purchase to the campaign of one message before it; one that is of no campaign takes the credit too, and nobody gets it.
fn credit_campaigns<'a>(
    found: &mut Found<'a>,
    messages: &[&Message<'a>],
    purchases: &[Purchase<'a>],
    attribution: &Attribution,
) {
    let touches = messages.iter().filter_map(|message| Some((message.touched?, message.campaign)));
    let mut touches: Vec<(f64, Option<&str>)> = touches.collect();
    touches.sort_by(|(left, one), (right, other)| left.total_cmp(right).then(one.cmp(other)));
    for purchase in purchases {
        let earliest = purchase.at - f64::from(attribution.window_days) * DAY;
        let first = touches.partition_point(|(at, _)| *at < earliest);
        let behind = touches.partition_point(|(at, _)| *at <= purchase.at);
        let within = touches.get(first..behind).unwrap_or_default();
        let touch = match attribution.touch {
            Touch::First => within.first(),
            Touch::Last => within.last(),
        };
        if let Some((_, Some(campaign))) = touch {
            found.entry((About::Campaign, Some(campaign))).or_default().credit(purchase);
        }
    }
}

impl Figures {
    fn credit(&mut self, purchase: &Purchase<'_>) {
        self.buyers |= u64::from(purchase.bought);
        self.net += purchase.net;
        self.uncosted += purchase.uncosted;
        if let Some(margin) = purchase.margin {
            self.costed = 1;
            self.margin += margin;
        }
    }
}

/// Counts the messages of the last days before `as_of`, or of the first days of the outcome window, and says whether the customer unsubscribed: in these
/// days, or anywhere in that window, whenever the message was sent.
fn count_contacts(found: &mut Found<'_>, messages: &Messages<'_>, all: &[Message<'_>], judged: &Judged<'_>) {
    let days = judged.contacts.days() as i32;
    let within = |day: i32| match judged.is_outcome {
        true => (judged.as_of..judged.as_of + days).contains(&day),
        false => (judged.as_of - days..judged.as_of).contains(&day),
    };
    let own = messages.all.iter().filter(|message| message.sent_at.is_some_and(|(day, _)| within(day)));
    let number: u64 = own.map(|message| messages.arrived(message)).sum();
    let left = all.iter().filter_map(|message| message.left).any(|day| judged.is_outcome || within(day));
    if number > 0 || left {
        let label = NUMBERS.get(number as usize).or(NUMBERS.last()).copied();
        let figures =
            Figures { reached: u64::from(number > 0), left: u64::from(left), delivered: number, ..Figures::default() };
        found.insert((About::Contacts, label), figures);
    }
}
