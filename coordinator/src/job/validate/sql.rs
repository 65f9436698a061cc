use super::features::Checker;
use super::job::ReadBeside;
use crate::checks::{Findings, did_you_mean};
use crate::job::raw::{RawDefault, RawSqlFeatures};
use segmenter_proto::jobs::{DefaultValue, SourceKind, SqlFeatures};
use segmenter_worker::expression::query_names;
use std::collections::BTreeMap;

/// Gives the query of a table that has it as text or in a file of its own.
pub(super) fn query(
    query: Option<String>,
    file: Option<String>,
    path: &str,
    read: ReadBeside<'_>,
    findings: &mut Findings,
) -> Option<String> {
    match (query, file) {
        (Some(query), None) => Some(query),
        (None, Some(file)) => read(&file)
            .map_err(|reason| {
                findings
                    .wrong(&format!("{path}.file"), format!("cannot read {file:?}: {reason}"))
                    .expect("a file with a query, its path relative to the job file");
            })
            .ok(),
        (both, _) => {
            let found = if both.is_some() { "both `query` and `file` stand here" } else { "missing key `query`" };
            findings.wrong(path, found).expect("either `query` or `file`");
            None
        }
    }
}

impl Checker<'_> {
    /// Checks a query; what it says of tables and columns is checked against the data.
    pub(super) fn sql(&mut self, raw: RawSqlFeatures, path: &str, read: ReadBeside<'_>) -> Option<SqlFeatures> {
        if let Some(name) = &raw.name {
            self.queries.take(name, "query", &format!("{path}.name"), self.findings);
        }
        self.tables(path);
        let id = self.sources.unit.key();
        let Some(query) = query(raw.query, raw.file, path, read, self.findings) else {
            self.names.incomplete = true;
            return None;
        };
        let columns = query_names(&query).ok().and_then(|names| names.outputs);
        let written = if self.findings.places.value(&format!("{path}.query")).is_some() { "query" } else { "file" };
        match &columns {
            Some(columns) => {
                for column in columns.iter().filter(|column| *column != id && !column.is_empty()) {
                    self.custom_name(column, &format!("{path}.{written}"));
                }
            }
            // Not all of them are known before the tables are.
            None => self.names.incomplete = true,
        }
        let defaults = self.defaults(raw.defaults.unwrap_or_default(), columns.as_deref(), path);
        Some(SqlFeatures { name: raw.name?, query, defaults })
    }

    fn defaults(
        &mut self,
        raw: BTreeMap<String, RawDefault>,
        columns: Option<&[String]>,
        path: &str,
    ) -> BTreeMap<String, DefaultValue> {
        let (mut defaults, id) = (BTreeMap::new(), self.sources.unit.key());
        for (name, value) in raw {
            if let Some(columns) = columns
                && (!columns.contains(&name) || name == id)
            {
                let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
                self.findings
                    .wrong_key(&format!("{path}.defaults.{name}"), format!("`{name}` is not a column of the query"))
                    .expect(format!("a column that the query gives, beside {id}"))
                    .help_if(did_you_mean(&name, &columns));
                continue;
            }
            let value = match value {
                RawDefault::Truth(truth) => DefaultValue::Truth(truth),
                RawDefault::Number(number) => DefaultValue::Number(number),
                RawDefault::Text(text) => DefaultValue::Text(text),
            };
            defaults.insert(name, value);
        }
        defaults
    }

    /// A name of a kind means all sources of the kind, so a source of that name has to be the only one.
    fn tables(&mut self, path: &str) {
        if !path.ends_with("[0]") {
            return;
        }
        // Other kinds are tables only where a source is of them.
        let unit = self.sources.unit;
        let always = [unit.kind(), SourceKind::Transactions];
        let others = SourceKind::ALL.into_iter().filter(|kind| !always.contains(kind) && kind.has_many(unit));
        let used = others.filter(|kind| !self.sources.of_kind(kind.name()).is_empty());
        for kind in always.into_iter().chain(used).map(SourceKind::name) {
            let alone = self.sources.is_alone(kind);
            if let Some(source) = alone.filter(|(_, is_alone)| !is_alone).map(|(source, _)| source.path.clone()) {
                self.findings
                    .wrong(
                        &format!("{source}.name"),
                        format!("in queries `{kind}` means all sources of the kind {kind}"),
                    )
                    .expect("another name, unless it is the only source of that kind");
            }
        }
    }
}
