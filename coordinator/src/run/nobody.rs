//! Why no customer is left to segment.

use segmenter_proto::{
    Error, Fate, RowFates,
    jobs::{Job, Source, Unit},
    v1::FeaturesDone,
};

/// Says what to look at where rows of a source were lost this way.
fn advice(fate: Fate, job: &Job, source: &Source) -> String {
    let name = &source.name;
    match fate {
        Fate::Filtered => match &source.filter {
            Some(filter) => format!("no row of source {name} passes its where, {filter}"),
            None => format!("check the where of source {name}"),
        },
        Fate::Anonymous => match source.column(source.owner_id()) {
            Some(id) => format!("{} of source {name} is empty: check its expression, {id}", source.owner_id()),
            None => format!("{} of source {name} is empty", source.owner_id()),
        },
        Fate::NotBeforeAsOf => {
            format!("the rows of source {name} are not before as_of, {}: choose a later day with --as-of", job.as_of)
        }
        Fate::UnknownCustomer => {
            let population = job.population.from.as_deref().unwrap_or("the population");
            format!("the ids of source {name} are not in {population}: check that both write them in the same form")
        }
        Fate::Excluded => "check exclude and exclude_list in [population]".to_owned(),
        Fate::Duplicate => format!("check the key of source {name}"),
        Fate::Used | Fate::Quarantined => format!(
            "check the types of source {name}, or let the run stop earlier with max_quarantined_share in [quality]"
        ),
    }
}

/// Tells what became of the rows of every source, and what most likely is the cause.
pub fn nobody_left(job: &Job, done: &FeaturesDone) -> Error {
    let fates_of = |number: usize| {
        let counted = done.fates.iter().find(|fates| fates.source as usize == number);
        counted.map(RowFates::from).unwrap_or_default()
    };
    let sources: Vec<(&Source, RowFates)> =
        job.sources.iter().enumerate().map(|(number, source)| (source, fates_of(number))).collect();
    let losses = sources.iter().flat_map(|(source, fates)| fates.lost().map(move |(fate, rows)| (rows, fate, *source)));
    // Of equally many the first counts, as rows meet these fates in this order.
    let worst = losses.rev().max_by_key(|(rows, ..)| *rows);
    let hint = match worst {
        Some((_, fate, source)) => advice(fate, job, source),
        None => "the files hold no rows: check the uri of the sources".to_owned(),
    };
    let became: Vec<String> = sources.iter().map(|(source, fates)| became(job.unit, &source.name, fates)).collect();
    Error::data(format!("no {} is left: {}", job.unit.one(), became.join("; "))).with_hint(hint)
}

fn became(unit: Unit, name: &str, fates: &RowFates) -> String {
    let used = (fates.used > 0).then(|| format!(", {} used", fates.used));
    let lost: String = fates.lost().map(|(fate, rows)| format!(", {rows} {}", unit.told(fate.word()))).collect();
    format!("source {name}: {} rows read{}{lost}", fates.read, used.unwrap_or_default())
}
