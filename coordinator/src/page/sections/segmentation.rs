//! All that is known of one segmentation.

use super::{
    Limits,
    curves::curves,
    evidence::evidence,
    experiments::experiments,
    heat::heat,
    map::map,
    messages::messages,
    migration::migration,
    outcomes::outcomes,
    profiles::profiles,
    rules::rules,
    sizes::{sizes, who},
    strips::strips,
    worth::worth,
};
use crate::page::{
    data::{RunData, Segmentation},
    model::{Block, Section},
    words::isolated,
};
use segmenter_worker::words::Words;

/// Gives the section; `of` is the number of segmentations that share the page.
pub(super) fn segmentation(data: &RunData, own: &Segmentation, of: usize, limits: Limits) -> Option<Section> {
    let profiles = profiles(data, own);
    let mut blocks: Vec<Block> = Vec::new();
    blocks.extend(sizes(data, own, &profiles));
    blocks.extend(who(data, own, &profiles, limits));
    blocks.extend(heat(data, own, &profiles, of, limits));
    blocks.extend(map(data, own, of, limits));
    blocks.extend(strips(data, own, &profiles, of, limits));
    blocks.extend(worth(data, own));
    blocks.extend(outcomes(data, own, limits));
    blocks.extend(experiments(data, own, limits));
    blocks.extend(curves(data, own, limits));
    blocks.extend(messages(data, own, limits));
    blocks.extend(migration(data, own));
    blocks.extend(rules(data, own, limits));
    blocks.extend(evidence(data, own));
    let title = data.words.say("segmentation-title", [("name", isolated(&own.name).into())]);
    Section::of(title, lead(data.words, own), blocks)
}

/// Says how it divides, for those who do not know the methods.
fn lead(words: &Words, own: &Segmentation) -> Vec<String> {
    let method = match own.method.as_str() {
        "rules" if own.overlapping => "overlapping_rules",
        method => method,
    };
    words.named("method", method).into_iter().collect()
}
