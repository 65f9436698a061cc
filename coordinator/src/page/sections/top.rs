//! The page as a whole.

use super::{
    Limits, affinity::affinity, cohorts::cohorts, computed::computed, personas::personas, segmentation::segmentation,
    trust::trust, value::value, verdict::verdict,
};
use crate::{
    page::{
        data::{RunData, Segmentation},
        model::{Page, Section},
        words::{counted, isolated, listed, percentage},
    },
    report::whole,
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
    let job = isolated(&record.job);
    let as_of = record.as_of.format("%-d %B %Y");
    let mut facts = vec![
        ("As of".to_owned(), as_of.to_string()),
        (super::super::words::capital(data.job.many()), whole(customers(data, &all) as i64)),
        ("Segmentations".to_owned(), all.len().to_string()),
        ("Run".to_owned(), record.run.clone()),
    ];
    facts.extend(record.previous.clone().map(|run| ("Compared with run".to_owned(), run)));
    facts.extend(record.model.clone().map(|run| ("By the model of run".to_owned(), run)));
    Page {
        language: "en",
        title: format!("{job}: customer segments as of {as_of}"),
        heading: format!("Customer segments of {job}"),
        lead: lead(data, &all),
        facts,
        sections,
        footer: vec![
            format!(
                "Made by segmenter {} from tables in which no row is of a single person. Levels and segments of fewer than {} {} \
                 have no figures here.",
                record.versions.get("segmenter").map_or("", String::as_str),
                data.job.min_cell,
                data.job.many()
            ),
            "The same job on the same input gives the same page, byte by byte. It needs no network and sends nothing.".to_owned(),
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
    let many = data.job.many();
    let ways = all.iter().map(|own| {
        let segments = counted(own.segments.len() as u64, "segment", "segments");
        format!("{} ({segments})", isolated(&own.name))
    });
    let ways: Vec<String> = ways.collect();
    let mut lead = vec![format!(
        "{} {many} were divided in {}: {}. Nothing that happened on or after {} was looked at to make the segments.",
        whole(customers(data, all) as i64),
        counted(ways.len() as u64, "way", "ways"),
        listed(&ways),
        data.record.as_of.format("%-d %B %Y"),
    )];
    let largest = all.iter().filter_map(|own| {
        let segment =
            own.segments.iter().filter(|segment| !segment.is_rest()).max_by_key(|segment| segment.customers)?;
        let (name, share) = (segment.told(), percentage(segment.share));
        Some(format!("the largest segment of {} is {name} with {share}", isolated(&own.name)))
    });
    let largest: Vec<String> = largest.take(4).collect();
    if !largest.is_empty() {
        lead.push(format!("{}.", super::super::words::capital(&listed(&largest))));
    }
    lead
}
