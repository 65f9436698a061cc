//! How large the segments are, and who is in them.

use super::{
    Limits,
    profiles::{Profile, standing_out},
};
use crate::{
    page::{
        data::{RunData, Segmentation},
        drawing::{Bar, bars},
        model::{Block, Card, Cell, Form, Part, Picture, Table, figure},
        words::{counted, or_dash, percentage},
    },
    report::whole,
};

/// Gives the block of sizes.
pub(super) fn sizes(data: &RunData, own: &Segmentation, profiles: &[Profile<'_>]) -> Option<Block> {
    let named = || own.segments.iter().filter(|segment| !segment.is_rest());
    let (largest, smallest) = (named().max_by_key(|own| own.customers), named().min_by_key(|own| own.customers));
    let many = data.job.many();
    let mut finding = match (largest, smallest) {
        (Some(largest), Some(smallest)) if largest.key != smallest.key => format!(
            "The largest segment is {} with {} of all {many}, the smallest {} with {}.",
            largest.told(),
            percentage(largest.share),
            smallest.told(),
            percentage(smallest.share)
        ),
        (Some(only), _) => {
            format!("The only segment is {} with {} of all {many}.", only.told(), percentage(only.share))
        }
        _ => format!("No {many} are in any segment by name."),
    };
    if own.overlapping {
        finding.push_str(" Segments overlap: one can be in several, so that shares add up to more than all.");
    }
    if own.empty > 0 {
        finding.push_str(&format!(" {} nobody in it.", counted(own.empty as u64, "segment has", "segments have")));
    }
    let told: Vec<Bar> = own
        .segments
        .iter()
        .map(|segment| Bar {
            name: segment.label(),
            value: segment.customers as f64,
            told: format!("{} · {}", whole(segment.customers as i64), percentage(segment.share)),
        })
        .collect();
    let mut table =
        Table::new("Size of each segment", &["Segment", "Key", &format!("#{many}"), "#share", "what sets it apart"]);
    table.rows.extend(own.segments.iter().map(|segment| {
        let apart = standing_out(profiles, &segment.key).into_iter().next();
        vec![
            Cell::text(segment.label()),
            Cell::text(&segment.key),
            Cell::number(whole(segment.customers as i64)),
            Cell::number(percentage(segment.share)),
            Cell::text(or_dash(apart)),
        ]
    }));
    if own.segments.is_empty() {
        return None;
    }
    let picture =
        Picture::new(format!("{} in each segment", capitalised(many)), finding.as_str(), Form::Narrow, bars(&told));
    Some(Block::new("How large the segments are", finding, figure(picture, table).into()))
}

fn capitalised(many: &str) -> String {
    crate::page::words::capital(many)
}

/// Gives the block of who is in the segments.
pub(super) fn who(data: &RunData, own: &Segmentation, profiles: &[Profile<'_>], limits: Limits) -> Option<Block> {
    let many = data.job.many();
    let cards = own.of_at_least(data.job.min_cell).take(limits.cards).filter_map(|segment| {
        let mut lines = standing_out(profiles, &segment.key);
        if lines.is_empty() {
            if profiles.is_empty() {
                return None;
            }
            lines.push("Close to the average in everything that was looked at.".to_owned());
        }
        let key = if segment.has_name() { format!(" · {}", segment.key) } else { String::new() };
        let below = format!("{} {many} · {}{key}", whole(segment.customers as i64), percentage(segment.share));
        Some(Card { title: segment.label(), below, lines })
    });
    let cards: Vec<Card> = cards.collect();
    let finding = "What sets each segment apart from all, what is furthest from them first; numbers are means, with that of all in brackets.";
    (!cards.is_empty()).then(|| Block::new("Who they are", finding, vec![Part::Cards(cards)]))
}
