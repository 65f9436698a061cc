//! Cells by hand, sums in any order, and rates by time against many draws of chance.

use super::{
    cells::Cell,
    figures::Figures,
    times::{Answered, Times, by_times},
    *,
};
use crate::measure::{Groups, chance::Chance};
use arrow::array::BinaryArray;
use proptest::prelude::*;
use segmenter_proto::jobs::{Attribution, ContactCap, Contacts, Touch};
use std::collections::BTreeMap;

const AS_OF: i32 = 20_000;
const DAY: f64 = 86_400.0;

fn message<'a>(channel: &'a str, day: i32, hour: u8) -> Message<'a> {
    Message { channel: Some(channel), has_id: true, sent_at: Some((AS_OF + day, hour)), sent: 1, ..Message::default() }
}

fn purchase(day: f64, net: i128) -> Purchase<'static> {
    Purchase { at: day * DAY, promotion: None, bought: net > 0, net, margin: None, uncosted: net }
}

type Cells<'a> = BTreeMap<(About, Option<&'a str>), Figures>;

fn folded<'a>(history: &'a History<'a>, change: impl Fn(&mut Judged<'_>)) -> Cells<'a> {
    folded_by(history, &Attribution::default(), change)
}

fn folded_by<'a>(history: &'a History<'a>, attribution: &Attribution, change: impl Fn(&mut Judged<'_>)) -> Cells<'a> {
    let contacts = Contacts { cap: Some(ContactCap { days: 7, messages: 2 }) };
    let mut judged = Judged { attribution, contacts: &contacts, as_of: AS_OF, is_outcome: false, has_consents: false };
    change(&mut judged);
    cells_of(history, &judged).into_iter().map(|cell| ((cell.about, cell.label), cell.figures)).collect()
}

#[test]
fn what_was_sent_and_not_bounced_is_delivered_unless_the_channel_tells() {
    let history = History {
        messages: vec![
            Message { opened: 3, clicked: 2, cost: 5, ..message("email", -3, 9) },
            Message { bounced: 1, ..message("email", -2, 9) },
            Message { delivered: 1, ..message("sms", -1, 10) },
            message("sms", -1, 11),
        ],
        ..History::default()
    };
    let cells = folded(&history, |_| {});
    let email = &cells[&(About::Channel, Some("email"))];
    assert_eq!((email.sent, email.delivered, email.opened, email.clicked, email.responses), (2, 1, 1, 1, 1));
    assert_eq!((email.reached, email.answered, email.cost), (1, 1, 5));
    // The second SMS has no step `delivered`, though its channel tells of them.
    let sms = &cells[&(About::Channel, Some("sms"))];
    assert_eq!((sms.sent, sms.delivered, sms.answered), (2, 1, 0));
    let contacts = &cells[&(About::Contacts, Some("2"))];
    assert_eq!((contacts.reached, contacts.left), (1, 0));
    let all = &cells[&(About::Everything, None)];
    assert_eq!((all.delivered, all.responses, &all.products[..3]), (2, 1, &[4, 2, 1][..]));
}

#[test]
fn a_channel_without_consent_is_used_and_nothing_else() {
    let history = History {
        messages: vec![Message { clicked: 1, ..message("email", -3, 9) }, message("sms", -3, 9)],
        granted: ["sms", "push"].into(),
        ..History::default()
    };
    let cells = folded(&history, |judged| judged.has_consents = true);
    assert_eq!(cells[&(About::Channel, Some("email"))], Figures { refused: 1, ..Figures::default() });
    let sms = &cells[&(About::Channel, Some("sms"))];
    assert_eq!((sms.granted, sms.reached, sms.refused), (1, 1, 0));
    assert_eq!(cells[&(About::Channel, Some("push"))], Figures { granted: 1, ..Figures::default() });
    let packed: Vec<Cell<'_>> = cells
        .iter()
        .map(|((about, label), figures)| Cell { about: *about, label: *label, figures: figures.clone() })
        .collect();
    assert_eq!(granted_of(&packed_cells(&packed)).unwrap(), ["push", "sms"].into());
}

#[test]
fn a_purchase_is_credited_to_one_message_within_the_window() {
    let clicked = |day: f64, campaign: Option<&'static str>| Message {
        campaign,
        clicked: 1,
        touched: Some(day * DAY),
        ..message("email", -30, 9)
    };
    let history = History {
        messages: vec![clicked(1.0, Some("a")), clicked(5.0, Some("b")), clicked(20.0, None)],
        purchases: vec![
            purchase(0.5, 1),
            purchase(4.0, 10),
            purchase(6.0, 100),
            purchase(12.0, -40),
            purchase(12.5, 1_000),
            purchase(21.0, 10_000),
        ],
        ..History::default()
    };
    let of = |cells: &Cells<'_>, campaign| {
        let figures = &cells[&(About::Campaign, Some(campaign))];
        (figures.buyers, figures.net)
    };
    // The last click before it, at most 7 days ago; the click of no campaign takes the last purchase.
    let last = folded(&history, |_| {});
    assert_eq!((of(&last, "a"), of(&last, "b")), ((1, 10), (1, 60)));
    let by_first = Attribution { touch: Touch::First, ..Attribution::default() };
    let first = folded_by(&history, &by_first, |_| {});
    assert_eq!((of(&first, "a"), of(&first, "b")), ((1, 110), (0, -40)));
}

#[test]
fn an_offer_is_answered_by_who_got_it_and_bought_with_it() {
    let told = |promotion: &'static str| Message { promotion: Some(promotion), ..message("email", -3, 9) };
    let with = |promotion: &'static str, margin: Option<i128>| {
        let uncosted = if margin.is_some() { 0 } else { 50 };
        Purchase { promotion: Some(promotion), margin, uncosted, ..purchase(1.0, 50) }
    };
    let history = History {
        messages: vec![told("ten off"), Message { clicked: 1, ..told("free bag") }],
        purchases: vec![with("ten off", Some(20)), with("ten off", None), with("unsent", Some(1))],
        ..History::default()
    };
    let cells = folded(&history, |_| {});
    let ten = &cells[&(About::Offer, Some("ten off"))];
    assert_eq!((ten.reached, ten.answered, ten.buyers, ten.net), (1, 1, 1, 100));
    assert_eq!((ten.margin, ten.costed, ten.uncosted), (20, 1, 50));
    let bag = &cells[&(About::Offer, Some("free bag"))];
    assert_eq!((bag.reached, bag.answered, bag.buyers), (1, 0, 0));
    let unsent = &cells[&(About::Offer, Some("unsent"))];
    assert_eq!((unsent.reached, unsent.answered, unsent.buyers), (0, 0, 1));
}

#[test]
fn the_outcome_window_leaves_out_what_was_sent_before_it() {
    let history = History {
        messages: vec![
            // Sent before the window, clicked in it.
            Message { sent: 0, sent_at: None, clicked: 1, ..message("email", 0, 9) },
            Message { left: Some(AS_OF + 80), ..message("email", 6, 9) },
            message("email", 7, 9),
        ],
        ..History::default()
    };
    let cells = folded(&history, |judged| judged.is_outcome = true);
    let email = &cells[&(About::Channel, Some("email"))];
    assert_eq!((email.sent, email.clicked, email.answered, email.left), (2, 0, 0, 1));
    // Messages of its first 7 days, and who left in any of them.
    let contacts = &cells[&(About::Contacts, Some("1"))];
    assert_eq!((contacts.reached, contacts.left), (1, 1));
    let before = folded(&history, |_| {});
    assert_eq!(before[&(About::Channel, Some("email"))].clicked, 1);
}

#[test]
fn what_was_answered_has_been_delivered() {
    let delivered = |messages: Vec<Message<'static>>| {
        let history = History { messages, ..History::default() };
        let cells = folded(&history, |_| {});
        let contacts = cells.keys().find(|(about, _)| *about == About::Contacts).and_then(|(_, label)| *label);
        let all = cells.get(&(About::Everything, None)).map_or(0, |all| all.delivered);
        let email = &cells[&(About::Channel, Some("email"))];
        (email.reached, email.delivered, contacts.map(str::to_owned), all)
    };
    let sent = message("email", -3, 9);
    let both = (1, 2, Some("2".to_owned()), 2);
    assert_eq!(delivered(vec![Message { delivered: 1, ..sent }, Message { clicked: 1, ..sent }]), both);
    assert_eq!(delivered(vec![Message { bounced: 1, opened: 1, ..sent }, sent]), both);
    // Another has no step `delivered` where its channel tells of them, and nobody did anything with it.
    assert_eq!(delivered(vec![Message { delivered: 1, ..sent }, sent]), (1, 1, Some("1".to_owned()), 1));
    // Without ids a bounce is of one of the messages.
    let loose = Message { has_id: false, ..sent };
    assert_eq!(
        delivered(vec![Message { sent: 2, ..loose }, Message { sent: 0, sent_at: None, bounced: 1, ..loose }]).1,
        1
    );
    let answers = Message { sent: 0, sent_at: None, clicked: 2, converted: 1, ..loose };
    assert_eq!(delivered(vec![Message { delivered: 1, ..loose }, answers]).1, 1);
}

#[test]
fn purchases_of_the_outcome_are_credited_to_what_was_sent_in_it() {
    let clicked = |sent, campaign| Message {
        campaign: Some(campaign),
        clicked: 1,
        touched: Some(2.0 * DAY),
        sent,
        ..message("email", 1, 9)
    };
    let history = History {
        messages: vec![clicked(0, "old"), clicked(1, "new")],
        purchases: vec![purchase(3.0, 70)],
        ..History::default()
    };
    let cells = folded(&history, |judged| judged.is_outcome = true);
    assert_eq!(cells[&(About::Campaign, Some("new"))].net, 70);
    assert!(!cells.contains_key(&(About::Campaign, Some("old"))));
}

#[test]
fn steps_without_ids_are_counted_one_by_one() {
    let step = |day: i32, sent, clicked| Message { has_id: false, sent, clicked, ..message("email", day, 9) };
    let history = History {
        messages: vec![step(-3, 2, 0), step(-2, 1, 0), Message { sent_at: None, ..step(-1, 0, 5) }],
        ..History::default()
    };
    let cells = folded(&history, |_| {});
    let email = &cells[&(About::Channel, Some("email"))];
    assert_eq!((email.sent, email.delivered, email.clicked, email.answered), (3, 3, 5, 1));
    assert_eq!(cells[&(About::Contacts, Some("3"))].reached, 1);
    // Nobody knows which of them was clicked.
    assert!(!cells.contains_key(&(About::Everything, None)));
}

#[test]
fn weekdays_and_hours_are_those_of_the_calendar() {
    // 2024-10-04 was a Friday.
    let cells = by_times(&[Answered { day: 20_000, hour: 23, answered: true }]);
    let keys: Vec<_> = cells.keys().copied().collect();
    assert_eq!(keys, [(About::Everything, None), (About::Weekday, Some("5")), (About::Hour, Some("23"))]);
}

fn figures() -> impl Strategy<Value = Figures> {
    (0_u64..3, any::<u64>(), -(1_i128 << 96)..(1_i128 << 96), proptest::option::of(-5_i128..5)).prop_map(
        |(reached, sent, cost, fixed)| Figures {
            reached,
            sent,
            cost,
            fixed,
            products: [cost; 7],
            ..Figures::default()
        },
    )
}

proptest! {
    #[test]
    fn what_is_packed_is_unpacked(
        cells in proptest::collection::vec((0_u8..7, proptest::option::of("\\PC{0,9}"), figures()), 0..9)
    ) {
        let about = |number: u8| About::of_number(number.into()).unwrap();
        let cells: Vec<Cell<'_>> = cells
            .iter()
            .map(|(number, label, figures)| Cell { about: about(*number), label: label.as_deref(), figures: figures.clone() })
            .collect();
        let packed = packed_cells(&cells);
        prop_assert_eq!(unpacked_cells(&packed).unwrap(), cells);
    }

    #[test]
    fn bytes_that_are_no_cells_are_refused_or_read(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        let _ = unpacked_cells(&bytes);
    }
}

/// Each customer has one cell with a label of its own.
fn shard(labels: std::ops::Range<usize>) -> MessagesStatistic {
    let packed = labels.map(|label| {
        let label = format!("c{label}");
        let figures = Figures { reached: 1, ..Figures::default() };
        let offer = Cell { about: About::Offer, label: Some(&label), figures: figures.clone() };
        packed_cells(&[Cell { about: About::Channel, label: Some("email"), figures }, offer])
    });
    let packed = BinaryArray::from_iter_values(packed);
    let groups = vec![0; arrow::array::Array::len(&packed)];
    MessagesStatistic::of_shard(&Groups::apart(&groups, 1).unwrap(), &packed).unwrap()
}

#[test]
fn too_much_of_one_kind_is_untold_in_whatever_order_shards_come() {
    let most = statistic::MOST;
    let parts = [shard(0..most / 2), shard(most / 2..most), shard(most - 1..most + 1)];
    let merged = |order: [usize; 3]| {
        let mut total = MessagesStatistic::from_message(&parts[order[0]].to_message()).unwrap();
        for at in &order[1..] {
            total.merge(&MessagesStatistic::from_message(&parts[*at].to_message()).unwrap()).unwrap();
        }
        total
    };
    let all = merged([0, 1, 2]);
    assert_eq!(all, merged([2, 1, 0]));
    assert_eq!(all, merged([1, 2, 0]));
    assert!(all.untold.contains(&About::Offer) && !all.untold.contains(&About::Channel));
    let mut fits = shard(0..most / 2);
    fits.merge(&shard(most / 2..most)).unwrap();
    assert!(fits.untold.is_empty() && fits.of(About::Offer).count() == most);
}

/// Customers with some messages each, at one of two times, who answer by a rate of their own.
fn drawn(chance: &mut Chance, customers: usize, better: f64) -> BTreeMap<(About, Option<&'static str>), Figures> {
    let mut total: BTreeMap<(About, Option<&'static str>), Figures> = BTreeMap::new();
    for _ in 0..customers {
        let own = 0.3 * chance.share();
        let messages = 1 + (chance.bits() % 6) as usize;
        let messages: Vec<Answered> = (0..messages)
            .map(|_| {
                let hour = (chance.bits() % 4) as u8;
                let rate = own + if hour == 3 { better } else { 0.0 };
                Answered { day: 20_000, hour, answered: chance.share() < rate }
            })
            .collect();
        by_times(&messages).into_iter().for_each(|(thing, figures)| total.entry(thing).or_default().add(&figures));
    }
    total
}

fn judged(cells: &BTreeMap<(About, Option<&'static str>), Figures>) -> Vec<times::Time> {
    let hours = ["0", "1", "2", "3"].map(|hour| &cells[&(About::Hour, Some(hour))]);
    Times::of(&cells[&(About::Everything, None)], &hours, 0.95).0
}

/// 3,000 draws of 600 customers: intervals of rates at one hour hold the truth, 0.15, as often as they say, though messages of one customer hang together;
/// and where hours do not differ, one is called best in at most 5 % of the draws, and in nearly all where one does.
#[test]
fn times_are_judged_as_often_right_as_they_say() {
    let mut chance = Chance(11);
    const TIMES: usize = 3_000;
    let (mut held, mut wrong, mut found, mut drawn_in) = (0, 0, 0, 0);
    for _ in 0..TIMES {
        let times = judged(&drawn(&mut chance, 600, 0.0));
        let (low, high) = times[0].interval.unwrap();
        held += usize::from((low..=high).contains(&0.15));
        wrong += usize::from(times.iter().any(|time| time.is_best == Some(true)));
        let spread = |of: fn(&times::Time) -> Option<f64>| {
            let rates: Vec<f64> = times.iter().filter_map(of).collect();
            rates.iter().copied().fold(0.0, f64::max) - rates.iter().copied().fold(1.0, f64::min)
        };
        drawn_in += usize::from(spread(|time| time.shrunk) <= spread(|time| time.rate) / 2.0);
    }
    for _ in 0..100 {
        let times = judged(&drawn(&mut chance, 600, 0.15));
        found +=
            usize::from(times[3].is_best == Some(true) && times[..3].iter().all(|time| time.is_best == Some(false)));
    }
    assert!((TIMES * 94 / 100..=TIMES * 96 / 100).contains(&held), "{held}");
    assert!(wrong <= TIMES * 55 / 1_000, "{wrong}");
    assert!(found >= 90, "{found}");
    assert!(drawn_in >= TIMES * 3 / 4, "{drawn_in}");
}
