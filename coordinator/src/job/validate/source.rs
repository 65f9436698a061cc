use super::csv::csv;
use super::identity::check_pairs;
use super::reference::check_reference;
use super::text::{offset_days, text_type};
use super::uri::check_uri;
use crate::checks::Findings;
use crate::checks::{Unique, check_name};
use crate::checks::{did_you_mean, nearest};
use crate::job::raw::{RawDuplicates, RawKey, RawPartitions, RawSource};
use segmenter_proto::jobs::{
    Column, CsvOptions, Duplicates, FileFormat, PartitionRange, Partitions, Source, SourceKind, TextType, Unit,
};
use std::collections::BTreeMap;

/// Checks all sources.
pub(super) fn sources(raw: Vec<Option<RawSource>>, unit: Unit, findings: &mut Findings) -> Vec<Option<Source>> {
    let mut names = Unique::default();
    let mut has_companies = false;
    let mut checked = Vec::new();
    for (index, source) in raw.into_iter().enumerate() {
        let path = format!("source[{index}]");
        checked.push(source.and_then(|source| {
            if let Some(name) = &source.name {
                names.take(name, "source", &format!("{path}.name"), findings);
            }
            if source.kind.map(|kind| kind.0) == Some(SourceKind::Accounts) {
                if has_companies {
                    refuse_more_companies(&path, findings);
                }
                has_companies = true;
            }
            Checker { path: &path, unit, columns: columns_of(&path, findings), findings }.source(source)
        }));
    }
    checked
}

/// Companies that two sources know would be counted twice by those that they belong to.
fn refuse_more_companies(path: &str, findings: &mut Findings) {
    findings
        .wrong(&format!("{path}.kind"), "a second source of kind accounts is not available yet")
        .expect("one source of kind accounts")
        .help("join the files before, or carry the columns in one source");
}

fn columns_of(path: &str, findings: &Findings) -> Vec<String> {
    findings.places.children(&format!("{path}.columns")).to_vec()
}

pub(super) struct Checker<'a> {
    path: &'a str,
    pub(super) unit: Unit,
    pub(super) columns: Vec<String>,
    pub(super) findings: &'a mut Findings,
}

impl Checker<'_> {
    fn source(mut self, raw: RawSource) -> Option<Source> {
        if let Some(name) = &raw.name {
            self.name(name);
        }
        if let Some(uri) = &raw.uri {
            check_uri(uri, &self.at("uri"), self.findings);
        }
        let max_rows = check_reference(&mut self, &raw);
        check_pairs(&mut self, &raw);
        let csv = raw.csv.map_or_else(
            || Some(CsvOptions::default()),
            |raw| {
                let path = self.at("csv");
                csv(&raw, &path, self.findings)
            },
        );
        let types = self.types(raw.types.map_or_else(Vec::new, |types| types.0));
        let partitions = raw.partitions.map(|partitions| self.partitions(partitions));
        self.kind_of_unit(raw.kind.map(|kind| kind.0));
        self.keys_of_kind(raw.kind.map(|kind| kind.0), raw.duplicates.as_ref(), raw.key.is_some());
        let duplicates = self.duplicates(raw.duplicates);
        let key = self.key(raw.key);
        let sensitive = self.sensitive(raw.sensitive.unwrap_or_default());
        let columns = self.columns(raw.columns.map_or_else(Vec::new, |columns| columns.0), raw.kind.map(|kind| kind.0));
        Some(Source {
            name: raw.name?,
            kind: raw.kind?.0,
            unit: self.unit,
            uri: raw.uri?,
            format: raw.format.map(FileFormat::from),
            csv: csv?,
            types: types?,
            partitions: match partitions {
                Some(checked) => Some(checked?),
                None => None,
            },
            duplicates: duplicates?,
            key,
            max_rows,
            filter: raw.filter,
            sensitive,
            columns,
        })
    }

    pub(super) fn at(&self, key: &str) -> String {
        format!("{}.{key}", self.path)
    }

    fn name(&mut self, name: &str) {
        let path = self.at("name");
        if name == "all" {
            self.findings
                .wrong(&path, "a source cannot be named `all`")
                .expect("another name: `from = \"all\"` means every source");
        } else {
            check_name(name, "source", &path, self.findings);
        }
    }

    fn types(&mut self, raw: Vec<(String, String)>) -> Option<BTreeMap<String, TextType>> {
        let mut types = BTreeMap::new();
        let mut complete = true;
        for (column, text) in raw {
            match text_type(&text) {
                Ok(text_type) => {
                    types.insert(column, text_type);
                }
                Err(expected) => {
                    let word = text.split('(').next().unwrap_or_default();
                    let known = ["text", "bool", "int", "double", "decimal", "date", "timestamp"];
                    let near = nearest(word, known).filter(|_| !known.contains(&word));
                    let path = self.at(&format!("types.{column}"));
                    self.findings
                        .wrong(&path, format!("\"{text}\" is not a type"))
                        .expect(expected)
                        .help_if(near.map(|near| format!("did you mean {near}?")));
                    complete = false;
                }
            }
        }
        complete.then_some(types)
    }

    fn partitions(&mut self, raw: RawPartitions) -> Option<Partitions> {
        let path = self.at("partitions");
        let from = self.offset(raw.from.as_deref(), "from");
        let to = self.offset(raw.to.as_deref(), "to");
        let bounded = raw.from.is_some() || raw.to.is_some();
        if raw.take.is_some() && bounded {
            self.findings
                .wrong(&path, "`take` stands together with `from` or `to`")
                .expect("either take = \"last\", or `from` and `to`");
            return None;
        }
        let written = self.findings.places.children(&path).iter().any(|key| key != "column");
        if !written {
            self.findings
                .wrong(&path, "`partitions` says not what to read")
                .expect("take = \"last\", or `from` and `to`");
            return None;
        }
        if let (Some(first), Some(last)) = (from, to)
            && first > last
        {
            self.findings.wrong(&path, "`from` is after `to`").expect("`from` before `to`");
            return None;
        }
        let take = if raw.take.is_some() { PartitionRange::Last } else { PartitionRange::Days(from, to) };
        Some(Partitions { column: raw.column?, take })
    }

    fn offset(&mut self, text: Option<&str>, key: &str) -> Option<i64> {
        let text = text?;
        let days = offset_days(text);
        if days.is_none() {
            let path = self.at(&format!("partitions.{key}"));
            self.findings
                .wrong(&path, format!("`{key}` is \"{text}\""))
                .expect("days from as_of such as \"-1095d\" or \"+3d\"");
        }
        days
    }

    /// Companies are not people's: their rows have no customer, and ids that are linked are people's.
    fn kind_of_unit(&mut self, kind: Option<SourceKind>) {
        if kind == Some(SourceKind::Identities) && self.unit == Unit::Account {
            let path = self.at("kind");
            self.findings
                .wrong(&path, "a source of kind identities links ids of customers, and the job segments accounts")
                .expect("no such source where unit = \"account\"")
                .help("map `account_id` to one id a company in the sources, or in the files before");
        }
        if let Some(kind) = kind.filter(|kind| kind.owner() == Some(Unit::Account) && self.unit == Unit::Customer) {
            let path = self.at("kind");
            self.findings
                .wrong(
                    &path,
                    format!("a source of kind {} is of accounts, and the job segments customers", kind.name()),
                )
                .expect("a source of rows of customers")
                .help("to segment companies, write unit = \"account\" at the top of the file");
        }
    }

    fn keys_of_kind(&mut self, kind: Option<SourceKind>, duplicates: Option<&RawDuplicates>, key: bool) {
        if kind.is_some_and(|kind| kind.has_many(self.unit)) && duplicates.is_some() {
            let path = self.at("duplicates");
            if let Some(RawDuplicates::Error(_)) = duplicates {
                self.findings
                    .wrong(&path, format!("`duplicates = \"error\"` is for sources of kind {}", self.unit.many()))
                    .expect("duplicates = { keep = \"last\", by = \"…\" }")
                    .help("without it the earliest row of a `key` is kept, and rows that differ are warned of");
            } else if !key {
                self.findings
                    .wrong_key(&path, "`duplicates` stands without `key`")
                    .expect("`key`: the names of [source.columns] that make a row unique");
            }
        }
        let lacks_time = |kind: SourceKind| {
            let may_lack = kind.kind().column("time").is_none_or(|column| !column.needed);
            may_lack && kind.has_many(self.unit) && !self.columns.iter().any(|column| column == "time")
        };
        if key && duplicates.is_none() && !self.columns.is_empty() && kind.is_some_and(lacks_time) {
            let path = self.at("key");
            self.findings
                .wrong_key(&path, "rows of one `key` are told apart by `time`, which this source does not map")
                .expect("`time`, or which of them is kept")
                .help("say which: duplicates = { keep = \"last\", by = \"…\" }");
        }
        if kind == Some(self.unit.kind()) && key {
            let path = self.at("key");
            self.findings
                .wrong_key(&path, format!("`key` is not for sources of kind {}", self.unit.many()))
                .expect("no such key here")
                .help(format!(
                    "say which row of {} is kept: duplicates = {{ keep = \"last\", by = \"…\" }}",
                    self.unit.a()
                ));
        }
    }

    fn duplicates(&mut self, raw: Option<RawDuplicates>) -> Option<Duplicates> {
        match raw {
            None | Some(RawDuplicates::Error(_)) => Some(Duplicates::Error),
            Some(RawDuplicates::Keep(keep)) => {
                let by = keep.by?;
                let path = self.at("duplicates.by");
                self.mapped(&by, &path);
                keep.keep.map(|_| Duplicates::KeepLast(by))
            }
        }
    }

    fn key(&mut self, raw: Option<RawKey>) -> Vec<String> {
        let key = match raw {
            None => Vec::new(),
            Some(RawKey::One(name)) => {
                let path = self.at("key");
                self.mapped(&name, &path);
                return vec![name];
            }
            Some(RawKey::Several(names)) => names,
        };
        for (index, name) in key.iter().enumerate() {
            let path = self.at(&format!("key[{index}]"));
            if key[..index].contains(name) {
                self.findings.wrong(&path, format!("`{name}` is listed twice")).expect("each name once");
            } else {
                self.mapped(name, &path);
            }
        }
        key
    }

    fn sensitive(&mut self, names: Vec<String>) -> Vec<String> {
        for (index, name) in names.iter().enumerate() {
            let path = self.at(&format!("sensitive[{index}]"));
            if name == self.unit.key() {
                self.findings
                    .wrong(&path, format!("`{name}` cannot be sensitive: every row of a result is somebody's"))
                    .expect("another name of [source.columns]")
                    .help("map an id that tells nothing of the person");
            } else if names[..index].contains(name) {
                self.findings.wrong(&path, format!("`{name}` is listed twice")).expect("each name once");
            } else {
                self.mapped(name, &path);
            }
        }
        names
    }

    /// Checks that a name is one of [source.columns].
    fn mapped(&mut self, name: &str, path: &str) {
        if !self.columns.iter().any(|column| column == name) {
            let known: Vec<&str> = self.columns.iter().map(String::as_str).collect();
            self.findings
                .wrong(path, format!("`{name}` is not a name of [source.columns]"))
                .expect("a standard or carried name")
                .help_if(did_you_mean(name, &known));
        }
    }

    fn columns(&mut self, raw: Vec<(String, String)>, kind: Option<SourceKind>) -> Vec<Column> {
        let path = self.at("columns");
        let standard = kind.map_or(&[][..], |kind| kind.kind().columns);
        let owner = kind.and_then(SourceKind::owner);
        let kind = kind.map_or("", SourceKind::name);
        // Without the table as a whole, its absence is what was said.
        let standard = if self.findings.places.value(&path).is_some() { standard } else { &[] };
        // Rows of others count for whoever is segmented, whose id they have to have; a contact's own id is one more column.
        let is_of_others = owner.is_some_and(|owner| owner != self.unit);
        let of_owner = standard.iter().filter(|column| column.needed).map(|column| column.name);
        let of_owner = of_owner.filter(|name| !is_of_others || Some(*name) != owner.map(Unit::key));
        let required = of_owner.chain((is_of_others && !standard.is_empty()).then(|| self.unit.key()));
        let missing: Vec<&str> = required.filter(|name| !self.columns.iter().any(|column| column == name)).collect();
        for name in missing {
            let known = self.columns.iter().map(String::as_str);
            let near = nearest(name, known).map(|near| format!("is `{near}` meant? rename it to `{name}`"));
            self.findings
                .wrong(&path, format!("missing column `{name}` of a source of kind {kind}"))
                .expect(format!("`{name}` = SQL over the file's own columns"))
                .help_if(near);
        }
        let is_mapped = |name: &str| self.columns.iter().any(|column| column == name);
        let untimed = standard.iter().filter(|column| is_mapped(column.name)).filter_map(|column| {
            let hangs = column.hangs_on.filter(|hangs| !is_mapped(hangs.time))?;
            Some((column.name, hangs.time))
        });
        for (name, time) in untimed.collect::<Vec<_>>() {
            self.findings
                .wrong(
                    &format!("{path}.{name}"),
                    format!("`{name}` stands without `{time}`, by which it is told what was known"),
                )
                .expect(format!("`{time}` in [source.columns] too"))
                .help(format!("a name of your own carries along what is known whatever `{time}` is"));
        }
        for (name, expression) in &raw {
            let path = format!("{path}.{name}");
            if name.trim().is_empty() {
                self.findings.wrong_key(&path, "a column's name is empty").expect("a standard or carried name");
            }
            if expression.trim().is_empty() {
                self.findings
                    .wrong(&path, format!("the SQL of `{name}` is empty"))
                    .expect("SQL over the file's columns");
            }
        }
        raw.into_iter().map(|(name, expression)| Column { name, expression }).collect()
    }
}
