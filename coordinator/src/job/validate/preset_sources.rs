//! What a preset wants of the job's sources.

use super::features::Checker;
use super::sources::KnownSource;
use segmenter_proto::jobs::{SourceKind, Unit};
use segmenter_worker::families::{Family, FamilyTable, family};

impl Checker<'_> {
    /// Gives the sources that a preset looks at: those listed, else all of its kinds. Checks that there are some of each, and that they map
    /// what it needs.
    pub(super) fn sources_of(
        &mut self,
        preset: &str,
        listed: Option<&[String]>,
        has_window: bool,
        path: &str,
    ) -> Vec<String> {
        let Some(family) = family(preset) else { return Vec::new() };
        let kinds: Vec<SourceKind> = family.tables.iter().map(|table| table.kind).collect();
        let key = format!("{path}.sources");
        if listed.is_none() && self.findings.places.value(&key).is_some() {
            return Vec::new();
        }
        let sources = match listed {
            Some(listed) => self.sources.listed_of(&kinds, listed, &key, self.findings),
            None => self.sources.all_of(&kinds),
        };
        if has_window && !family.takes_window() {
            let what = match family.fitted.is_empty() {
                true => format!("the preset `{preset}` looks at what customers are, which no window changes"),
                false => format!("the preset `{preset}` goes by all that customers have done, which no window may cut"),
            };
            self.findings.wrong(&format!("{path}.window"), what).expect("no `window` here");
        }
        let unit = self.sources.unit;
        if !family.fits(unit) {
            let looks_at = family.tables.iter().map(|table| table.kind.name()).collect::<Vec<_>>().join(" and ");
            let what = format!("the preset `{preset}` looks at {looks_at}, and the job segments {}", unit.many());
            self.findings.wrong(path, what).expect("a preset of whoever is segmented");
            return sources;
        }
        for table in &family.tables {
            self.table_of(family, table, &sources, listed.is_some(), path);
            if has_window && !table.is_whole {
                self.times_of(family, table, &sources, path);
            }
        }
        sources
    }

    /// Checks that a table of a preset has a source, and that each maps what is needed.
    fn table_of(&mut self, family: &Family, table: &FamilyTable, sources: &[String], is_listed: bool, path: &str) {
        let (preset, kind) = (family.name, table.kind.name());
        let own: Vec<&KnownSource> = self.sources.among(table.kind, sources).collect();
        // Wrong names in the list are told already.
        let is_complete = self.sources.kinds_known() && (!is_listed || !sources.is_empty());
        if own.is_empty() && !table.is_optional && is_complete {
            let (found, expected) = match self.sources.all_of(&[table.kind]).is_empty() {
                true => ("no source is of that kind", format!("a [[source]] of kind = \"{kind}\"{}", mapping(table))),
                false => ("`sources` names none of that kind", format!("a source of kind {kind} in the list too")),
            };
            let found = format!("the preset `{preset}` looks at {kind}, and {found}");
            self.findings.wrong(path, found).expect(expected);
        }
        // A customer's columns may stand in several tables, and rows of other kinds in one each.
        let tables: Vec<&[&KnownSource]> = match table.kind.has_many(self.sources.unit) {
            true => own.chunks(1).collect(),
            false => own.chunks(own.len().max(1)).collect(),
        };
        for sources in tables {
            let is_mapped = |name: &str| sources.iter().any(|source| source.columns.iter().any(|known| known == name));
            let named = sources.iter().map(|source| format!("source `{}`", source.name));
            let named = named.collect::<Vec<_>>().join(" and ");
            let (does, maps) = if sources.len() == 1 { ("does", "maps") } else { ("do", "map") };
            for name in table.needs.iter().filter(|name| !is_mapped(name)) {
                self.findings
                    .wrong(path, format!("the preset `{preset}` needs `{name}`, which {named} {does} not map"))
                    .expect(format!("`{name}` in [source.columns], or other `sources` for the preset"));
            }
            // A row of a customer says nothing by itself.
            let says_nothing =
                !table.kind.has_many(self.sources.unit) && table.needs.is_empty() && table.names().next().is_some();
            if says_nothing && !table.names().any(is_mapped) {
                let names: Vec<String> = table.names().map(|name| format!("`{name}`")).collect();
                self.findings
                    .wrong(path, format!("{named} {maps} nothing that the preset `{preset}` looks at"))
                    .expect(format!("one of these at least in [source.columns]: {}", names.join(", ")));
            }
        }
    }

    /// Checks that rows can be told by a window.
    fn times_of(&mut self, family: &Family, table: &FamilyTable, sources: &[String], path: &str) {
        let own = self.sources.among(table.kind, sources);
        for source in own.filter(|source| source.columns.iter().all(|name| name != "time")) {
            self.findings
                .wrong(
                    &format!("{path}.window"),
                    format!(
                        "a window of the preset `{}` goes by `time`, which source `{}` does not map",
                        family.name, source.name
                    ),
                )
                .expect("`time` in [source.columns], or no `window`");
        }
    }
}

/// Says which names a source has to map beside the customer.
fn mapping(table: &FamilyTable) -> String {
    let standard = table
        .kind
        .kind()
        .columns
        .iter()
        .filter(|column| column.needed && Some(column.name) != table.kind.owner().map(Unit::key));
    let mut names: Vec<&str> = standard.map(|column| column.name).collect();
    names.extend(table.needs.iter().filter(|name| !names.contains(name)).collect::<Vec<_>>());
    match names.is_empty() {
        true => String::new(),
        false => format!(" that maps {}", names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")),
    }
}
