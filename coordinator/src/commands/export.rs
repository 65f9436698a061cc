//! `segmenter export`: files for other tools, of a committed run; and the same behind `segmenter run`.

use super::{
    context::Context,
    job_file,
    request::{ExportRequest, JobRequest},
    stdout,
};
use crate::{
    checks::did_you_mean,
    exports::{Asked, Customers, Delivered, Rows, Status, deliver},
    progress::grouped,
    protocol::{Commit, damaged_by_size, damaged_run, read_commit, read_record, repair_latest},
};
use segmenter_proto::{
    Error, Result,
    jobs::{Export, Job, Unit},
    object_keys::RunKeys,
};
use segmenter_worker::{
    program::json_line,
    storage::{Folder, Storage},
};
use serde_json::{Value, json};

/// Writes the exports of run `request.run`, or of the newest, and prints their folders.
pub(super) fn export(context: &Context, request: &JobRequest, asked: &ExportRequest) -> Result<()> {
    let file = job_file::read(request)?;
    let job = &file.job;
    let exports = wanted(job, &asked.names)?;
    let folder = Storage::from_environment().open(&job.output.uri)?;
    let delivered = context.runtime.block_on(async {
        let commit = committed(&folder, job, asked.run.as_deref()).await?;
        delivered(context, &folder, &commit, &exports, job.unit, asked.accept_removed).await
    })?;
    match request.json {
        true => stdout::print(&json_line(
            &json!({ "format_version": 1, "job": job.name, "exports": for_programs(&delivered) }),
        ))?,
        false => {
            let mut written = delivered.iter().filter(|one| one.status != Status::Withheld);
            written.try_for_each(|one| stdout::print(&one.folder))?;
        }
    }
    withheld(&delivered)
}

/// Writes the exports of a run that was just committed, or found to be; of one that is not the newest, nothing.
pub(super) async fn exports_of_run(context: &Context, job: &Job, run: &str) -> Result<Vec<Delivered>> {
    if job.exports.is_empty() {
        return Ok(Vec::new());
    }
    let folder = Storage::from_environment().open(&job.output.uri)?;
    let commit = committed(&folder, job, Some(run)).await?;
    if let Some(newest) = repair_latest(&folder, &job.name).await?.filter(|newest| newest.run != run) {
        let text = format!(
            "exports are of the newest run, {}, and not written of run {run}; `segmenter export JOB --run {run}` writes them",
            newest.run
        );
        context.progress.report("not_exported", &text, [("run", run.into()), ("newest", newest.run.as_str().into())]);
        return Ok(Vec::new());
    }
    delivered(context, &folder, &commit, &job.exports.iter().collect::<Vec<_>>(), job.unit, false).await
}

/// Finds the exports that are asked for by name; without names, all of them.
fn wanted<'a>(job: &'a Job, names: &[String]) -> Result<Vec<&'a Export>> {
    let known: Vec<&str> = job.exports.iter().map(|export| export.name.as_str()).collect();
    if known.is_empty() {
        return Err(Error::job(format!("job {} has no exports", job.name)).with_hint("add [[export]] to the job file"));
    }
    if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
        let hint = did_you_mean(unknown, &known).unwrap_or_else(|| format!("it has {}", known.join(", ")));
        return Err(Error::job(format!("job {} has no export `{unknown}`", job.name)).with_hint(hint));
    }
    Ok(job.exports.iter().filter(|export| names.is_empty() || names.contains(&export.name)).collect())
}

async fn committed(folder: &Folder, job: &Job, run: Option<&str>) -> Result<Commit> {
    let found = match run {
        None => repair_latest(folder, &job.name).await?,
        Some(run) => read_commit(folder, &RunKeys::new(&job.name, run)).await?,
    };
    let commit = found.ok_or_else(|| match run {
        None => Error::data(format!("no run of job {} is committed in {}", job.name, job.output.uri)),
        Some(run) => Error::data(format!("run {run} of job {} is not committed in {}", job.name, job.output.uri))
            .with_hint("`segmenter latest JOB` prints the newest run that is"),
    })?;
    let keys = RunKeys::new(&commit.job, &commit.run);
    match damaged_by_size(folder, &keys, &commit.files).await?.as_slice() {
        [] => Ok(commit),
        damaged => Err(damaged_run(&commit.run, damaged)),
    }
}

async fn delivered(
    context: &Context,
    folder: &Folder,
    commit: &Commit,
    exports: &[&Export],
    unit: Unit,
    accept_removed: bool,
) -> Result<Vec<Delivered>> {
    let record = read_record(folder, &RunKeys::new(&commit.job, &commit.run)).await?;
    let mut done = Vec::new();
    for export in exports {
        let record = record.exports.get(&export.name).ok_or_else(|| {
            Error::job(format!("run {} has no export {}", commit.run, export.name))
                .with_hint("it was made before the export was added: `segmenter run` makes one with it")
        })?;
        let one = deliver(folder, Asked { export, commit, record, accept_removed }).await?;
        tell(context, &one, unit);
        done.push(one);
    }
    Ok(done)
}

/// Says what became of an export, and who is left out.
fn tell(context: &Context, delivered: &Delivered, unit: Unit) {
    let fields = [("status", delivered.status.word().into()), ("export", one_for_programs(delivered))];
    context.progress.report("export", &sentence(delivered, unit), fields);
}

fn sentence(delivered: &Delivered, unit: Unit) -> String {
    let manifest = &delivered.manifest;
    let name = &manifest.export;
    let Rows { full, added, changed, removed, .. } = manifest.rows;
    let what = match (delivered.status, &manifest.previous) {
        (Status::WrittenBefore, _) => format!("export {name}: written before, {} rows", grouped(full)),
        // What changed is not looked at before it is written.
        (Status::Withheld, _) => {
            format!("export {name}: withheld; {} rows would be added, {} removed", grouped(added), grouped(removed))
        }
        (_, None) => format!("export {name}: {} rows, all of them new", grouped(full)),
        (_, Some(previous)) => format!(
            "export {name}: {} rows; since run {previous} {} added, {} changed, {} removed",
            grouped(full),
            grouped(added),
            grouped(changed),
            grouped(removed)
        ),
    };
    let Customers {
        selected,
        without_consent,
        without_contact,
        unusable_contact,
        without_key,
        held_out,
        same_key,
        not_computed,
    } = manifest.customers;
    let reasons = [
        (without_consent, "without consent"),
        (without_contact, "without a contact"),
        (unusable_contact, "with a contact that cannot be used"),
        (without_key, "without a key"),
        (same_key, "with the key of another"),
        (held_out, "held back"),
    ];
    let left_out: Vec<String> = reasons
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, reason)| format!("{} {reason}", grouped(*count)))
        .collect();
    let left_out = match left_out.is_empty() {
        true => String::new(),
        false => format!("; of {} {} left out are {}", grouped(selected), unit.many(), left_out.join(", ")),
    };
    let lost = match not_computed {
        0 => String::new(),
        lost => format!("; {} values could not be computed, and are empty", grouped(lost)),
    };
    format!("{what}{left_out}{lost}")
}

/// Gives what became of exports for programs.
pub(super) fn for_programs(delivered: &[Delivered]) -> Value {
    delivered.iter().map(one_for_programs).collect()
}

fn one_for_programs(one: &Delivered) -> Value {
    let rows = one.manifest.rows;
    // What changed is not looked at before it is written.
    let rows = match one.status {
        Status::Withheld => json!({ "full": rows.full, "added": rows.added, "removed": rows.removed }),
        Status::Written | Status::WrittenBefore => json!(rows),
    };
    json!({
        "export": one.manifest.export,
        "status": one.status.word(),
        "folder": one.folder,
        "run": one.manifest.run,
        "previous": one.manifest.previous,
        "customers": one.manifest.customers,
        "rows": rows,
    })
}

/// Fails where an export is withheld; the run is committed all the same.
pub(super) fn withheld(delivered: &[Delivered]) -> Result<()> {
    let mut withheld = delivered.iter().filter(|one| one.status == Status::Withheld).map(|one| &one.manifest);
    let Some(first) = withheld.next() else { return Ok(()) };
    let others = match withheld.count() {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let (rows, run) = (&first.rows, &first.run);
    let percent = |share: f64| format!("{:.1} %", 100.0 * share);
    Err(Error::data(format!(
        "export {} is withheld{others}: {} of {} rows would be removed ({}), and {} may be",
        first.export,
        grouped(rows.removed),
        grouped(rows.before()),
        percent(rows.removed_share()),
        percent(first.delivery.max_removed_share)
    ))
    .with_hint(format!(
        "run {run} is committed; look for what is missing in its inputs. If the customers are right, `segmenter export JOB --run {run} --accept-removed` writes it"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exports::Manifest;
    use segmenter_proto::jobs::Delivery;

    fn one(status: Status, previous: Option<&str>) -> Delivered {
        let manifest = Manifest {
            format_version: 1,
            job: "club".to_owned(),
            export: "mail".to_owned(),
            run: "2026-11-21-000000000001".to_owned(),
            as_of: "2026-11-21".parse().unwrap(),
            sequence: 1,
            previous: previous.map(str::to_owned),
            definition: String::new(),
            delivery: Delivery::default(),
            columns: Vec::new(),
            customers: Customers { selected: 1500, without_consent: 400, held_out: 100, ..Customers::default() },
            rows: Rows { full: 1000, added: 10, changed: 20, removed: 500, unchanged: 480 },
            files: Vec::new(),
        };
        Delivered { folder: "/lake/club/exports/mail/r".to_owned(), status, manifest }
    }

    #[test]
    fn what_became_of_an_export_is_one_sentence() {
        assert_eq!(
            sentence(&one(Status::Written, Some("2026-11-20-000000000001")), Unit::Customer),
            "export mail: 1,000 rows; since run 2026-11-20-000000000001 10 added, 20 changed, 500 removed; of 1,500 customers left out are 400 without \
             consent, 100 held back"
        );
        assert!(
            sentence(&one(Status::Written, None), Unit::Customer)
                .starts_with("export mail: 1,000 rows, all of them new; of")
        );
    }

    #[test]
    fn one_that_is_withheld_says_how_it_is_written_all_the_same() {
        assert!(withheld(&[one(Status::Written, None)]).is_ok());
        let error = withheld(&[one(Status::Written, None), one(Status::Withheld, None)]).unwrap_err();
        assert_eq!(error.fault.exit_code(), 3);
        assert_eq!(
            error.message,
            "export mail is withheld: 500 of 1,000 rows would be removed (50.0 %), and 30.0 % may be"
        );
        assert!(error.hint.unwrap().contains("--run 2026-11-21-000000000001 --accept-removed"));
    }
}
