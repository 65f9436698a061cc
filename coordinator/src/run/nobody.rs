//! Why no customer is left to segment.

use segmenter_proto::{
    Error,
    jobs::{Job, Source},
    v1::{FeaturesDone, SourceFates},
};

/// What became of rows that are not used: the word for it, how many, and what to look at.
type Loss = (&'static str, fn(&SourceFates) -> u64, fn(&Job, &Source) -> String);

const LOSSES: [Loss; 7] = [
    (
        "filtered",
        |fates| fates.filtered,
        |_, source| match &source.filter {
            Some(filter) => format!("no row of source {} passes its where, {filter}", source.name),
            None => format!("check the where of source {}", source.name),
        },
    ),
    (
        "anonymous",
        |fates| fates.anonymous,
        |_, source| match source.column("customer_id") {
            Some(id) => format!("customer_id of source {} is empty: check its expression, {}", source.name, id),
            None => format!("customer_id of source {} is empty", source.name),
        },
    ),
    (
        "not before as_of",
        |fates| fates.not_before_as_of,
        |job, source| {
            format!(
                "the rows of source {} are not before as_of, {}: choose a later day with --as-of",
                source.name, job.as_of
            )
        },
    ),
    (
        "of unknown customers",
        |fates| fates.unknown_customer,
        |job, source| {
            let population = job.population.from.as_deref().unwrap_or("the population");
            format!(
                "the ids of source {} are not in {population}: check that both write them in the same form",
                source.name
            )
        },
    ),
    ("excluded", |fates| fates.excluded, |_, _| "check exclude and exclude_list in [population]".to_owned()),
    ("duplicate", |fates| fates.duplicate, |_, source| format!("check the key of source {}", source.name)),
    (
        "quarantined",
        |fates| fates.quarantined,
        |_, source| {
            format!(
                "check the types of source {}, or let the run stop earlier with max_quarantined_share in [quality]",
                source.name
            )
        },
    ),
];

/// Tells what became of the rows of every source, and what most likely is the cause.
pub fn nobody_left(job: &Job, done: &FeaturesDone) -> Error {
    let none = SourceFates::default();
    let of = |number: usize| done.fates.iter().find(|fates| fates.source as usize == number).unwrap_or(&none);
    let sources: Vec<String> =
        job.sources.iter().enumerate().map(|(number, source)| became(&source.name, of(number))).collect();
    let losses =
        job.sources.iter().enumerate().flat_map(|(number, source)| {
            LOSSES.iter().map(move |(_, rows, advice)| (rows(of(number)), source, advice))
        });
    // Of equally many the first counts, as rows meet these fates in this order.
    let worst = losses.rev().max_by_key(|(rows, ..)| *rows).filter(|(rows, ..)| *rows > 0);
    let hint = match worst {
        Some((_, source, advice)) => advice(job, source),
        None => "the files hold no rows: check the uri of the sources".to_owned(),
    };
    Error::data(format!("no customer is left: {}", sources.join("; "))).with_hint(hint)
}

fn became(name: &str, fates: &SourceFates) -> String {
    let used = (fates.used > 0).then(|| format!(", {} used", fates.used));
    let lost = LOSSES.iter().map(|(word, rows, _)| (rows(fates), word)).filter(|(rows, _)| *rows > 0);
    let lost: String = lost.map(|(rows, word)| format!(", {rows} {word}")).collect();
    format!("source {name}: {} rows read{}{lost}", fates.read, used.unwrap_or_default())
}
