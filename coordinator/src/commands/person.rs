//! `segmenter person`: what a run holds of some customers, and why they are in their segments.

use super::{
    context::Context,
    job_file,
    person_answer::{for_people, for_programs},
    request::{JobRequest, PersonRequest},
    sql::{committed, open},
    stdout,
};
use crate::{
    forget::names_id,
    job::JobFile,
    prompt::{Answer, AnswerFormat, Target, run_tables},
    protocol::Commit,
    run::given_names,
};
use segmenter_proto::{
    Error, Result,
    jobs::Segmentation,
    methods::{Condition, Method},
};
use segmenter_worker::{
    program::DataBudget,
    sql::{
        Constants, References, Room,
        prompt::{Answering, PromptQuery},
    },
    storage::{Folder, Storage},
};
use serde_json::{Map, Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

/// Ids that are asked for at once.
const MOST: usize = 1000;
/// Of the memory for data: what readers may hold undecoded, and what operators may.
const SHARE: u64 = 8;

/// Prints what a run holds of the customers of a file, an id a line.
pub(super) fn person(context: &Context, request: &JobRequest, asked: &PersonRequest) -> Result<()> {
    let ids = read_ids(&asked.ids)?;
    if ids.len() > MOST {
        let (ids, path) = (ids.len(), asked.ids.display());
        return Err(Error::job(format!("there are {ids} ids in {path}, at most {MOST} are looked up"))
            .with_hint("`segmenter sql` answers questions about many"));
    }
    let budget = DataBudget::new(context.resources.memory, 1)?.memory;
    let storage = Storage::from_environment().reading_within(budget / SHARE);
    let mut file = job_file::read(request)?;
    let folder = storage.open(&file.job.output.uri)?;
    let commit = context.runtime.block_on(committed(&folder, &file, asked.run.as_deref(), &request.path))?;
    file.job.as_of = commit.as_of;
    let tables = context.runtime.block_on(run_tables(&folder, &commit))?.into_iter().map(|table| table.name).collect();
    let asker = Asker { context, file: &file, storage: &storage, folder: &folder, commit: &commit, tables, budget };
    let held = asker.held(&ids)?;
    stdout::print(&if request.json { for_programs(&commit, &held) } else { for_people(&commit, &held) })
}

/// Reads ids, a line each.
pub(super) fn read_ids(path: &Path) -> Result<BTreeSet<String>> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Error::job(format!("the ids in {} cannot be read", path.display()))
            .with_hint("name a text file with an id a line (--ids)")
            .caused_by(error)
    })?;
    // Windows writes one before the first line.
    let text = text.trim_start_matches('\u{feff}');
    let ids: BTreeSet<String> = text.lines().map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect();
    if ids.is_empty() {
        return Err(Error::job(format!("there is no id in {}", path.display())).with_hint("write an id a line"));
    }
    Ok(ids)
}

/// Looks things up in a run.
#[derive(Debug)]
struct Asker<'a> {
    context: &'a Context,
    file: &'a JobFile,
    storage: &'a Storage,
    folder: &'a Folder,
    commit: &'a Commit,
    tables: BTreeSet<String>,
    budget: u64,
}

/// A row, by column.
type Row = Map<String, Value>;

impl Asker<'_> {
    /// Gives what is held of each id, in their order.
    fn held(&self, ids: &BTreeSet<String>) -> Result<Vec<Value>> {
        let id_column = self.file.job.unit.key();
        let linked = self.linked(ids)?;
        let person_of =
            |id: &String| linked.iter().find(|row| row["id"] == id.as_str()).map_or(id.as_str(), canonical).to_owned();
        let people: BTreeSet<String> = ids.iter().map(person_of).collect();
        let all_ids = self.linked(&people)?;
        let features = self.by_person("features", id_column, &people)?;
        let segments = self.segments(id_column, &people, &features)?;
        let members = self.by_person("membership", id_column, &people)?;
        let recommended = self.by_person("recommendations", id_column, &people)?;
        let known = all_ids.iter().filter_map(|row| row["id"].as_str().map(str::to_owned));
        let quarantined = self.quarantined(&ids.iter().cloned().chain(known).collect())?;
        let told = ids.iter().map(|id| {
            let person = person_of(id);
            let of = |rows: &BTreeMap<String, Vec<Row>>| rows.get(&person).cloned().unwrap_or_default();
            let own: Vec<&Row> = all_ids.iter().filter(|row| canonical(row) == person).collect();
            let names: BTreeSet<&str> = own.iter().filter_map(|row| row["id"].as_str()).chain([id.as_str()]).collect();
            let bad_rows = quarantined.iter().filter(|row| names.iter().any(|name| names_id(raw(row), name)));
            json!({
                "id": id,
                id_column: person,
                "is_in_run": features.contains_key(&person),
                "ids": own,
                "features": of(&features).into_iter().next(),
                "segments": segments.get(&person).cloned().unwrap_or_default(),
                "membership": of(&members),
                "recommendations": of(&recommended),
                "quarantine": bad_rows.collect::<Vec<_>>(),
            })
        });
        Ok(told.collect())
    }

    /// Gives the ids that are linked to these, and these.
    fn linked(&self, ids: &BTreeSet<String>) -> Result<Vec<Row>> {
        if !self.tables.contains("identity") {
            return Ok(Vec::new());
        }
        let list = list(ids);
        self.rows("identity", &format!("select * from identity where id in ({list}) or canonical_id in ({list})"))
    }

    /// Gives the rows of a table by whose they are, without that column.
    fn by_person(&self, table: &str, id_column: &str, people: &BTreeSet<String>) -> Result<BTreeMap<String, Vec<Row>>> {
        let mut found: BTreeMap<String, Vec<Row>> = BTreeMap::new();
        if !self.tables.contains(table) {
            return Ok(found);
        }
        let query = format!("select * from {table} where {id_column} in ({})", list(people));
        for mut row in self.rows(table, &query)? {
            let Some(Value::String(person)) = row.shift_remove(id_column) else { continue };
            found.entry(person).or_default().push(row);
        }
        Ok(found)
    }

    /// Gives the segments of each, and why: what the segmentation was given, beside the means of the segment and of all.
    fn segments(
        &self,
        id_column: &str,
        people: &BTreeSet<String>,
        features: &BTreeMap<String, Vec<Row>>,
    ) -> Result<BTreeMap<String, Vec<Value>>> {
        let mut assigned = self.by_person("assignments", id_column, people)?;
        let profiles = match assigned.is_empty() {
            true => Vec::new(),
            false => self.rows(
                "profiles",
                "select segmentation, segment_key, feature, mean, population_mean from profiles where level is null",
            )?,
        };
        let mut told = BTreeMap::new();
        for (person, rows) in &mut assigned {
            let own = features.get(person).and_then(|rows| rows.first());
            let in_order = self.file.job.segmentations.iter();
            let segments: Result<Vec<Value>> = in_order
                .filter_map(|segmentation| {
                    let row = rows.iter().find(|row| row["segmentation"] == segmentation.name.as_str())?.clone();
                    Some(why(segmentation, row, own, &profiles))
                })
                .collect();
            told.insert(person.clone(), segments?);
        }
        Ok(told)
    }

    /// Gives the quarantined rows whose text holds one of these ids, at least as a part of a longer word: with `quarantine = "full"` alone is there a text.
    fn quarantined(&self, ids: &BTreeSet<String>) -> Result<Vec<Row>> {
        if !self.tables.contains("quarantine") {
            return Ok(Vec::new());
        }
        let names: Vec<String> = ids.iter().map(|id| format!("strpos(raw, {}) > 0", literal(id))).collect();
        self.rows("quarantine", &format!("select * from quarantine where {}", names.join(" or ")))
    }

    fn rows(&self, table: &str, query: &str) -> Result<Vec<Row>> {
        let named = BTreeSet::from([table.to_owned()]);
        let of_run = (self.folder, self.commit);
        let tables =
            self.context.runtime.block_on(open(self.context, self.file, self.storage, of_run, Some(&named)))?;
        let bound = PromptQuery::bind(query, tables)??;
        let written = Written::default();
        let mut answer = Answer::new(AnswerFormat::Ndjson, bound.schema(), Target::of(Box::new(written.clone())))?;
        let memory = usize::try_from(self.budget / SHARE).unwrap_or(usize::MAX);
        let scratch = self.context.resources.scratch.join(format!("segmenter-person-{}", std::process::id()));
        let (references, constants) = (References::default(), Constants::default());
        let room = Room { memory, scratch: &scratch, references: &references, constants: &constants };
        let with = Answering { storage: self.storage.clone(), runtime: self.context.runtime.clone(), room };
        let stopped = || self.context.cancellation.is_stopped();
        let answered = bound.answer(&with, &stopped, &mut |rows| answer.write(rows));
        // What is left in it is of no use, whatever became of the query.
        let _ = std::fs::remove_dir_all(&scratch);
        answered?;
        answer.finish()?;
        written.rows()
    }
}

/// Adds to a row of assignments why the customer is there.
fn why(segmentation: &Segmentation, mut row: Row, features: Option<&Row>, profiles: &[Row]) -> Result<Value> {
    let key = row["segment_key"].clone();
    let (mut seen, mut given) = (BTreeSet::new(), given_names(&segmentation.method)?);
    given.retain(|name| seen.insert(name.clone()));
    let of_segment =
        |profile: &&Row| profile["segmentation"] == segmentation.name.as_str() && profile["segment_key"] == key;
    let mean = |name: &str, column: &str| {
        let found = profiles.iter().filter(of_segment).find(|profile| profile["feature"] == name);
        found.map_or(Value::Null, |profile| profile[column].clone())
    };
    let told = given.iter().filter_map(|name| {
        Some(json!({
            "feature": name,
            "value": features?.get(name)?,
            "mean_of_segment": mean(name, "mean"),
            "mean_of_all": mean(name, "population_mean"),
        }))
    });
    let told: Vec<Value> = told.collect();
    let rules = segmentation.method.spec().conditions();
    let when = rules.iter().find_map(|rule| match rule {
        Condition::When { key: name, sql, .. } if key == *name => Some(*sql),
        _ => None,
    });
    row.insert("method".to_owned(), method(&segmentation.method));
    row.insert("rule".to_owned(), when.into());
    row.insert("given".to_owned(), told.into());
    Ok(Value::Object(row))
}

/// Gives the name of a method, as the job file has it.
fn method(method: &Method) -> Value {
    serde_json::to_value(method).map_or(Value::Null, |method| method["method"].clone())
}

/// Gives the text of a quarantined row.
fn raw(row: &Row) -> &str {
    row["raw"].as_str().unwrap_or_default()
}

fn canonical(row: &Row) -> &str {
    row["canonical_id"].as_str().unwrap_or_default()
}

fn list(ids: &BTreeSet<String>) -> String {
    ids.iter().map(|id| literal(id)).collect::<Vec<_>>().join(", ")
}

/// Writes text as SQL does.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// What an answer wrote; clones share it.
#[derive(Debug, Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Written {
    fn rows(&self) -> Result<Vec<Row>> {
        let text = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = serde_json::Deserializer::from_slice(&text).into_iter::<Row>();
        rows.map(|row| row.map_err(|error| Error::bug("an answer is no JSON").caused_by(error))).collect()
    }
}
