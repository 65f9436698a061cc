//! How large the segments are, and who is in them.

use super::{
    Limits,
    profiles::{Profile, standing_out},
};
use crate::page::{
    data::{RunData, Segmentation},
    drawing::{Bar, bars},
    model::{Block, Card, Cell, Form, Head, Part, Picture, Table, figure},
    words::{capital, isolated, listed, or_dash, percentage},
};

/// Gives the block of sizes.
pub(super) fn sizes(data: &RunData, own: &Segmentation, profiles: &[Profile<'_>]) -> Option<Block> {
    let named = || own.segments.iter().filter(|segment| !segment.is_rest());
    let (largest, smallest) = (named().max_by_key(|own| own.customers), named().min_by_key(|own| own.customers));
    let (words, unit) = (data.words, || ("unit", data.unit()));
    let mut finding = match (largest, smallest) {
        (Some(largest), Some(smallest)) if largest.key != smallest.key => words.say(
            "sizes-finding",
            [
                ("largest", largest.told().into()),
                ("most", percentage(words, largest.share).into()),
                unit(),
                ("smallest", smallest.told().into()),
                ("least", percentage(words, smallest.share).into()),
            ],
        ),
        (Some(only), _) => {
            let share = percentage(words, only.share);
            words.say("sizes-only", [("segment", only.told().into()), ("share", share.into()), unit()])
        }
        _ => words.say("sizes-none", [unit()]),
    };
    if own.overlapping {
        finding = format!("{finding} {}", words.word("sizes-overlap"));
    }
    if !own.empty.is_empty() {
        let names = own.empty.iter().map(|key| isolated(key)).collect::<Vec<_>>();
        let told = [("segments", own.empty.len().into()), ("names", listed(words, &names).into())];
        finding = format!("{finding} {}", words.say("sizes-empty", told));
    }
    let told: Vec<Bar> = own
        .segments
        .iter()
        .map(|segment| Bar {
            name: segment.label(),
            value: segment.customers as f64,
            told: format!("{} · {}", words.whole(segment.customers as i64), percentage(words, segment.share)),
        })
        .collect();
    let mut table = Table::new(words, words.word("sizes-table"), &["head-segment", "head-key"]);
    table.heads.extend([
        Head::number(data.many()),
        Head::of(words, "#head-share"),
        Head::of(words, "head-what-sets-apart"),
    ]);
    table.rows.extend(own.segments.iter().map(|segment| {
        let apart = standing_out(data, profiles, &segment.key).into_iter().next();
        vec![
            Cell::text(segment.label()),
            Cell::text(&segment.key),
            Cell::number(words.whole(segment.customers as i64)),
            Cell::number(percentage(words, segment.share)),
            Cell::text(or_dash(apart)),
        ]
    }));
    if own.segments.is_empty() {
        return None;
    }
    let title = words.say("sizes-picture", [("many", capital(&data.many()).into())]);
    let picture = Picture::new(title, finding.as_str(), Form::Narrow, bars(&told));
    Some(Block::new(words.word("sizes-title"), finding, figure(picture, table).into()))
}

/// Gives the block of who is in the segments.
pub(super) fn who(data: &RunData, own: &Segmentation, profiles: &[Profile<'_>], limits: Limits) -> Option<Block> {
    let words = data.words;
    let cards = own.of_at_least(data.job.min_cell).take(limits.cards).filter_map(|segment| {
        let mut lines = standing_out(data, profiles, &segment.key);
        if lines.is_empty() {
            if profiles.is_empty() {
                return None;
            }
            lines.push(words.word("who-average"));
        }
        let key = if segment.has_name() { format!(" · {}", segment.key) } else { String::new() };
        let customers =
            words.say("customers-counted", [("customers", segment.customers.into()), ("unit", data.unit())]);
        let below = format!("{customers} · {}{key}", percentage(words, segment.share));
        Some(Card { title: segment.label(), below, lines })
    });
    let cards: Vec<Card> = cards.collect();
    let title = || words.word("who-title");
    (!cards.is_empty()).then(|| Block::new(title(), words.word("who-finding"), vec![Part::Cards(cards)]))
}
