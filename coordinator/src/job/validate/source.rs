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
    Column, CsvOptions, Duplicates, FileFormat, PartitionRange, Partitions, Source, SourceKind, TextType,
};
use std::collections::BTreeMap;

/// Checks all sources.
pub(super) fn sources(raw: Vec<Option<RawSource>>, findings: &mut Findings) -> Vec<Option<Source>> {
    let mut names = Unique::default();
    let mut checked = Vec::new();
    for (index, source) in raw.into_iter().enumerate() {
        let path = format!("source[{index}]");
        checked.push(source.and_then(|source| {
            if let Some(name) = &source.name {
                names.take(name, "source", &format!("{path}.name"), findings);
            }
            Checker { path: &path, columns: columns_of(&path, findings), findings }.source(source)
        }));
    }
    checked
}

fn columns_of(path: &str, findings: &Findings) -> Vec<String> {
    findings.places.children(&format!("{path}.columns")).to_vec()
}

pub(super) struct Checker<'a> {
    path: &'a str,
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
        self.keys_of_kind(raw.kind.map(|kind| kind.0), raw.duplicates.as_ref(), raw.key.is_some());
        let duplicates = self.duplicates(raw.duplicates);
        let key = self.key(raw.key);
        let sensitive = self.sensitive(raw.sensitive.unwrap_or_default());
        let columns = self.columns(raw.columns.map_or_else(Vec::new, |columns| columns.0), raw.kind.map(|kind| kind.0));
        Some(Source {
            name: raw.name?,
            kind: raw.kind?.0,
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

    fn keys_of_kind(&mut self, kind: Option<SourceKind>, duplicates: Option<&RawDuplicates>, key: bool) {
        if kind.is_some_and(SourceKind::has_many_a_customer) && duplicates.is_some() {
            let path = self.at("duplicates");
            if let Some(RawDuplicates::Error(_)) = duplicates {
                self.findings
                    .wrong(&path, "`duplicates = \"error\"` is for sources of kind customers")
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
            may_lack && kind.has_many_a_customer() && !self.columns.iter().any(|column| column == "time")
        };
        if key && duplicates.is_none() && !self.columns.is_empty() && kind.is_some_and(lacks_time) {
            let path = self.at("key");
            self.findings
                .wrong_key(&path, "rows of one `key` are told apart by `time`, which this source does not map")
                .expect("`time`, or which of them is kept")
                .help("say which: duplicates = { keep = \"last\", by = \"…\" }");
        }
        if kind == Some(SourceKind::Customers) && key {
            let path = self.at("key");
            self.findings
                .wrong_key(&path, "`key` is not for sources of kind customers")
                .expect("no such key here")
                .help("say which row of a customer is kept: duplicates = { keep = \"last\", by = \"…\" }");
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
            if name == "customer_id" {
                self.findings
                    .wrong(&path, "`customer_id` cannot be sensitive: every row of a result is somebody's")
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
        let kind = kind.map_or("", SourceKind::name);
        // Without the table as a whole, its absence is what was said.
        let standard = if self.findings.places.value(&path).is_some() { standard } else { &[] };
        let required = standard.iter().filter(|column| column.needed).map(|column| column.name);
        let missing: Vec<&str> = required.filter(|name| !self.columns.iter().any(|column| column == name)).collect();
        for name in missing {
            let known = self.columns.iter().map(String::as_str);
            let near = nearest(name, known).map(|near| format!("is `{near}` meant? rename it to `{name}`"));
            self.findings
                .wrong(&path, format!("missing column `{name}` of a source of kind {kind}"))
                .expect(format!("`{name}` = SQL over the file's own columns"))
                .help_if(near);
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
