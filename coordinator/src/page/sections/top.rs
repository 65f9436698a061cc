//! The page as a whole.

use super::{
    Limits, affinity::affinity, cohorts::cohorts, computed::computed, personas::personas, segmentation::segmentation,
    trust::trust, value::value, verdict::verdict,
};
use crate::page::{
    data::{RunData, Segmentation},
    model::{Page, Section},
    words::{capital, isolated, listed, percentage},
};

/// Gives the page of a run.
pub(crate) fn page(data: &RunData, limits: Limits) -> Page {
    let all = Segmentation::all(data);
    let record = &data.record;
    let mut sections: Vec<Section> = Vec::new();
    sections.extend(trust(data, &all, limits));
    sections.extend(verdict(data, &all));
    sections.extend(all.iter().filter_map(|own| segmentation(data, own, all.len(), limits)));
    sections.extend(personas(data, limits));
    sections.extend(value(data));
    sections.extend(cohorts(data));
    sections.extend(affinity(data, limits));
    sections.extend(computed(data, &all));
    let words = data.words;
    let (job, as_of) = (isolated(&record.job), words.day(record.as_of));
    let mut facts = vec![
        (words.word("fact-as-of"), as_of.clone()),
        (capital(&data.many()), words.whole(customers(data, &all) as i64)),
        (words.word("fact-segmentations"), all.len().to_string()),
        (words.word("fact-run"), record.run.clone()),
    ];
    facts.extend(record.previous.clone().map(|run| (words.word("fact-compared-with"), run)));
    facts.extend(record.model.clone().map(|run| (words.word("fact-by-model-of"), run)));
    let version = record.versions.get("segmenter").map_or("", String::as_str);
    let fewest = data.job.min_cell.to_string();
    Page {
        language: words.code(),
        skip: words.word("page-skip"),
        contents: words.word("page-sections"),
        title: words.say("top-title", [("job", (&job).into()), ("day", as_of.into())]),
        heading: words.say("top-heading", [("job", job.into())]),
        lead: lead(data, &all),
        facts,
        sections,
        footer: vec![
            words.say("footer-made", [("version", version.into()), ("fewest", fewest.into()), ("unit", data.unit())]),
            words.word("footer-same"),
        ],
    }
    .numbered()
}

/// Gives the number of all customers.
pub(super) fn customers(data: &RunData, all: &[Segmentation]) -> u64 {
    let whole = all.iter().find(|own| !own.overlapping);
    if let Some(own) = whole {
        return own.segments.iter().map(|segment| segment.customers).sum();
    }
    let of_shares = data.rows("segments").find_map(|row| {
        let (customers, share) = (row.whole("customers")? as f64, row.number("share")?);
        (share > 0.0).then(|| (customers / share).round() as u64)
    });
    of_shares.unwrap_or_default()
}

/// What the run was, in two sentences.
fn lead(data: &RunData, all: &[Segmentation]) -> Vec<String> {
    let words = data.words;
    let ways = all.iter().map(|own| {
        words.say("top-way", [("name", isolated(&own.name).into()), ("segments", own.segments.len().into())])
    });
    let ways: Vec<String> = ways.collect();
    let mut lead = vec![words.say(
        "top-lead",
        [
            ("customers", customers(data, all).into()),
            ("unit", data.unit()),
            ("ways", ways.len().into()),
            ("names", listed(words, &ways).into()),
            ("day", words.day(data.record.as_of).into()),
        ],
    )];
    let largest = all.iter().filter_map(|own| {
        let segment =
            own.segments.iter().filter(|segment| !segment.is_rest()).max_by_key(|segment| segment.customers)?;
        let (name, segment, share) = (isolated(&own.name), segment.told(), percentage(words, segment.share));
        let told = [("name", name.into()), ("segment", segment.into()), ("share", share.into())];
        Some(words.say("top-largest", told))
    });
    let largest: Vec<String> = largest.take(4).collect();
    if !largest.is_empty() {
        lead.push(format!("{}.", capital(&listed(words, &largest))));
    }
    lead
}
