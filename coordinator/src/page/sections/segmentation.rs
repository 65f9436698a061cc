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
    Section::of(format!("Segments by {}", isolated(&own.name)), lead(own), blocks)
}

/// Says how it divides, for those who do not know the methods.
fn lead(own: &Segmentation) -> Vec<String> {
    let by = match own.method.as_str() {
        "rfm" => "By how long ago, how often and for how much they bought: scores from 1 to 5, and groups of scores.",
        "rules" if own.overlapping => "By rules that somebody wrote; whoever meets several is in several segments.",
        "rules" => "By rules that somebody wrote; the first that holds counts.",
        "kmeans" => "Groups that were found: in each are those who are most alike in the features that were given.",
        "bisecting" => "Groups that were found by dividing the least alike in two, again and again.",
        "mixture" => "Groups that were found; a probability says how sure it is who belongs where.",
        "tiers" => "By the size of one number: the first tier has the largest.",
        _ => return Vec::new(),
    };
    vec![by.to_owned()]
}
