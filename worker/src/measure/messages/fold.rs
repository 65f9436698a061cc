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
    /// The same less what goods cost; none where no cost is known.
    pub margin: Option<i128>,
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

type ByThing<'a> = BTreeMap<(About, Option<&'a str>), Steps>;

/// Steps of the messages that have to do with one thing.
#[derive(Debug, Clone, Default)]
struct Steps {
    figures: Figures,
    bounced: u64,
    complaints: u64,
    left: bool,
}

/// Gives what a customer did with each thing, in its order.
pub fn cells_of<'a>(history: &History<'a>, judged: &Judged<'_>) -> Vec<Cell<'a>> {
    // What was sent before the window is answered in it by those alone who take their time.
    let was_seen =
        |message: &&Message<'_>| !(judged.is_outcome && message.has_id && message.sent + message.delivered == 0);
    let messages: Vec<&Message<'_>> = history.messages.iter().filter(was_seen).collect();
    let steps = steps_by_thing(&messages);
    let tells_delivered =
        |channel: Option<&str>| steps.get(&(About::Channel, channel)).is_some_and(|steps| steps.figures.delivered > 0);
    let was_delivered = |message: &Message<'_>| {
        message.delivered > 0 || !tells_delivered(message.channel) && message.sent > 0 && message.bounced == 0
    };
    let delivered: Vec<&Message<'_>> = messages.iter().copied().filter(|message| was_delivered(message)).collect();
    let mut found: BTreeMap<(About, Option<&str>), Figures> = BTreeMap::new();
    for (thing, steps) in &steps {
        if let Some(figures) = steps.judged(judged.is_outcome) {
            found.insert(*thing, figures);
        }
    }
    if judged.has_consents {
        heed_consents(&mut found, &history.granted);
    }
    credit_offers(&mut found, &history.purchases);
    credit_campaigns(&mut found, history, judged.attribution);
    count_contacts(&mut found, &delivered, &messages, judged);
    let known = delivered.iter().filter(|message| message.has_id);
    let answers = known.filter_map(|message| {
        let (day, hour) = message.sent_at?;
        Some(Answered { day, hour, answered: message.clicked + message.converted > 0 })
    });
    found.extend(by_times(&answers.collect::<Vec<_>>()));
    found.into_iter().map(|((about, label), figures)| Cell { about, label, figures }).collect()
}

fn steps_by_thing<'a>(messages: &[&Message<'a>]) -> ByThing<'a> {
    let mut steps = ByThing::new();
    for message in messages {
        let promotion = message.promotion.map(|promotion| (About::Offer, Some(promotion)));
        let campaign = message.campaign.map(|campaign| (About::Campaign, Some(campaign)));
        for thing in [(About::Channel, message.channel)].into_iter().chain(promotion).chain(campaign) {
            steps.entry(thing).or_default().add(message);
        }
    }
    steps
}

impl Steps {
    fn add(&mut self, message: &Message<'_>) {
        // A step counts once, however often it is reported; without ids each report is one.
        let most = |count: u64| if message.has_id { count.min(1) } else { count };
        let own = &mut self.figures;
        own.sent += most(message.sent);
        own.delivered += most(message.delivered);
        own.opened += most(message.opened);
        own.clicked += most(message.clicked);
        own.converted += most(message.converted);
        own.responses += most(message.clicked.max(message.converted));
        own.cost += message.cost;
        own.told += message.told;
        own.fixed = own.fixed.max(message.fixed);
        self.bounced += most(message.bounced);
        self.complaints += message.complained;
        self.left |= message.left.is_some();
    }

    /// Gives the figures of a customer; none where nothing was sent in the window. Of things without a step `delivered` those sent and not bounced are
    /// taken for delivered; what was answered has been delivered.
    fn judged(&self, is_outcome: bool) -> Option<Figures> {
        let mut own = self.figures.clone();
        if is_outcome && own.sent + own.delivered == 0 {
            return None;
        }
        let arrived = if own.delivered > 0 { own.delivered } else { own.sent.saturating_sub(self.bounced) };
        own.delivered = arrived.max(own.responses).max(own.opened);
        let is_told = self.left || self.complaints > 0;
        own.reached = u64::from(own.delivered > 0 || is_told);
        own.answered = u64::from(own.responses > 0);
        own.left = u64::from(self.left);
        own.complained = u64::from(self.complaints > 0);
        Some(own)
    }
}

/// Leaves of channels that the customer has not agreed to nothing but that they were used, and adds those that were agreed to and not used.
fn heed_consents<'a>(found: &mut BTreeMap<(About, Option<&'a str>), Figures>, granted: &BTreeSet<&'a str>) {
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
fn credit_offers<'a>(found: &mut BTreeMap<(About, Option<&'a str>), Figures>, purchases: &[Purchase<'a>]) {
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
    found: &mut BTreeMap<(About, Option<&'a str>), Figures>,
    history: &History<'a>,
    attribution: &Attribution,
) {
    let touches = history.messages.iter().filter_map(|message| Some((message.touched?, message.campaign)));
    let mut touches: Vec<(f64, Option<&str>)> = touches.collect();
    touches.sort_by(|(left, one), (right, other)| left.total_cmp(right).then(one.cmp(other)));
    for purchase in &history.purchases {
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
        if let Some(margin) = purchase.margin {
            self.costed = 1;
            self.margin += margin;
        }
    }
}

/// Counts the messages of the last days before `as_of`, or of the first days of the outcome window, and says whether the customer unsubscribed: in these
/// days, or anywhere in that window.
fn count_contacts(
    found: &mut BTreeMap<(About, Option<&str>), Figures>,
    delivered: &[&Message<'_>],
    messages: &[&Message<'_>],
    judged: &Judged<'_>,
) {
    let days = judged.contacts.days() as i32;
    let within = |day: i32| match judged.is_outcome {
        true => (judged.as_of..judged.as_of + days).contains(&day),
        false => (judged.as_of - days..judged.as_of).contains(&day),
    };
    let own = delivered.iter().filter(|message| message.sent_at.is_some_and(|(day, _)| within(day)));
    // Of steps without ids each is a message.
    let number: u64 = own.map(|message| if message.has_id { 1 } else { message.delivered.max(message.sent) }).sum();
    let left = messages.iter().filter_map(|message| message.left).any(|day| judged.is_outcome || within(day));
    if number > 0 || left {
        let label = NUMBERS.get(number as usize).or(NUMBERS.last()).copied();
        let figures =
            Figures { reached: u64::from(number > 0), left: u64::from(left), delivered: number, ..Figures::default() };
        found.insert((About::Contacts, label), figures);
    }
}
