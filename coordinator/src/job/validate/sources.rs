use crate::checks::Findings;
use crate::checks::did_you_mean;
use crate::job::raw::RawSource;
use segmenter_proto::jobs::{SourceKind, Unit};

/// What other parts of the file may say about sources.
#[derive(Debug, Default)]
pub(super) struct Sources {
    all: Vec<KnownSource>,
    /// Who is segmented.
    pub(super) unit: Unit,
    /// A source is so wrong that not even its name is known: nothing is said about unknown names then.
    incomplete: bool,
}

/// One source as other parts see it.
#[derive(Debug)]
pub(super) struct KnownSource {
    pub(super) name: String,
    /// None if it is wrong in the file: nothing is said about it then.
    pub(super) kind: Option<SourceKind>,
    /// Standard and carried names, also of those whose SQL is wrong.
    pub(super) columns: Vec<String>,
    /// Names that are treated as personal ones are.
    sensitive: Vec<String>,
    /// Its place in the file.
    pub(super) path: String,
}

impl Sources {
    /// Takes the sources as written.
    pub(super) fn new(raw: &[Option<RawSource>], unit: Unit, findings: &Findings) -> Self {
        let all: Vec<KnownSource> = raw
            .iter()
            .enumerate()
            .filter_map(|(index, source)| Some((index, source.as_ref()?)))
            .filter_map(|(index, source)| {
                let path = format!("source[{index}]");
                let columns = findings.places.children(&format!("{path}.columns")).to_vec();
                let sensitive = source.sensitive.clone().unwrap_or_default();
                Some(KnownSource {
                    name: source.name.clone()?,
                    kind: source.kind.map(|kind| kind.0),
                    columns,
                    sensitive,
                    path,
                })
            })
            .collect();
        let incomplete = all.len() < raw.len();
        Self { all, unit, incomplete }
    }

    /// Gives the source of a name; notes it as wrong if there is none.
    pub(super) fn find(&self, name: &str, path: &str, findings: &mut Findings) -> Option<&KnownSource> {
        let found = self.named(name);
        if found.is_none() && !self.incomplete {
            let names = self.names();
            findings
                .wrong(path, format!("no source is named `{name}`"))
                .expect("the name of a [[source]]")
                .help_if(did_you_mean(name, &names));
        }
        found
    }

    /// Gives the source of a name, if there is one.
    pub(super) fn named(&self, name: &str) -> Option<&KnownSource> {
        self.all.iter().find(|source| source.name == name)
    }

    /// Gives the names of the sources.
    pub(super) fn names(&self) -> Vec<&str> {
        self.all.iter().map(|source| source.name.as_str()).collect()
    }

    /// Says whether a source maps a name.
    pub(super) fn have_column(&self, name: &str) -> bool {
        self.all.iter().any(|source| source.columns.iter().any(|column| column == name))
    }

    /// Says whether there is a source of a kind, as far as the file tells.
    pub(super) fn may_have(&self, kind: SourceKind) -> bool {
        self.incomplete || self.all.iter().any(|source| source.kind.is_none_or(|own| own == kind))
    }

    /// Says whether a source of a kind maps a name, and none of them keeps it from being used.
    pub(super) fn tell(&self, kind: SourceKind, name: &str) -> bool {
        let of_kind = || self.all.iter().filter(|source| source.kind == Some(kind));
        let is_mapped = of_kind().any(|source| source.columns.iter().any(|column| column == name));
        is_mapped && !of_kind().any(|source| source.sensitive.iter().any(|sensitive| sensitive == name))
    }

    /// Gives the names of the sources of a kind, by the kind's name.
    pub(super) fn of_kind(&self, kind: &str) -> Vec<String> {
        let of_kind = self.all.iter().filter(|source| source.kind.is_some_and(|own| own.name() == kind));
        of_kind.map(|source| source.name.clone()).collect()
    }

    /// Gives a source that has a column of this name.
    pub(super) fn with_column(&self, name: &str) -> Option<&KnownSource> {
        self.all.iter().find(|source| source.columns.iter().any(|column| column == name))
    }

    /// Gives the sources of kind transactions.
    pub(super) fn transactions(&self) -> impl Iterator<Item = &KnownSource> {
        self.all.iter().filter(|source| source.kind == Some(SourceKind::Transactions))
    }

    /// Gives the sources whose columns rules and clusters may use: those that have a row for each who is segmented.
    pub(super) fn customers(&self) -> impl Iterator<Item = &KnownSource> {
        self.all.iter().filter(|source| source.kind == Some(self.unit.kind()))
    }

    /// Gives the source that is named like a kind, and whether it is the only one of that kind.
    pub(super) fn is_alone(&self, kind: &str) -> Option<(&KnownSource, bool)> {
        let named = self.all.iter().find(|source| source.name == kind)?;
        let is_of = |source: &KnownSource| match source.kind {
            Some(own) => own != SourceKind::Reference && own.name() == kind,
            None => true,
        };
        let of_kind = self.all.iter().filter(|source| is_of(source)).count();
        Some((named, is_of(named) && of_kind == 1))
    }

    /// Says whether the kind of every source is known.
    pub(super) fn kinds_known(&self) -> bool {
        !self.incomplete && self.all.iter().all(|source| source.kind.is_some())
    }

    /// Gives the names of the listed transactions sources in the order of the job; of all of them, if none are listed.
    pub(super) fn listed(&self, listed: Option<&[String]>, path: &str, findings: &mut Findings) -> Vec<String> {
        let kinds = [SourceKind::Transactions];
        if let Some(listed) = listed {
            return self.listed_of(&kinds, listed, path, findings);
        }
        let all = self.all_of(&kinds);
        if all.is_empty() && self.kinds_known() {
            findings.wrong(path, "there is no source of kind transactions").expect("one to compute features over");
        }
        all
    }

    /// Gives the names of all sources of some kinds, in the order of the job.
    pub(super) fn all_of(&self, kinds: &[SourceKind]) -> Vec<String> {
        let of_kinds = |source: &&KnownSource| source.kind.is_some_and(|kind| kinds.contains(&kind));
        self.all.iter().filter(of_kinds).map(|source| source.name.clone()).collect()
    }

    /// Gives those of the named sources that are of a kind.
    pub(super) fn among(&self, kind: SourceKind, names: &[String]) -> impl Iterator<Item = &KnownSource> {
        self.all.iter().filter(move |source| source.kind == Some(kind) && names.contains(&source.name))
    }

    /// Gives the names of the listed sources, which are of some kinds, in the order of the job.
    pub(super) fn listed_of(
        &self,
        kinds: &[SourceKind],
        listed: &[String],
        path: &str,
        findings: &mut Findings,
    ) -> Vec<String> {
        for (index, name) in listed.iter().enumerate() {
            let path = format!("{path}[{index}]");
            if listed[..index].contains(name) {
                findings.wrong(&path, format!("source `{name}` is listed twice")).expect("each source once");
            } else if let Some(source) = self.find(name, &path, findings)
                && let Some(kind) = source.kind.filter(|kind| !kinds.contains(kind))
            {
                let wanted: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
                findings
                    .wrong(&path, format!("source `{name}` is of kind {}", kind.name()))
                    .expect(format!("a source of kind {}", wanted.join(" or ")));
            }
        }
        let mut of_kinds = self.all_of(kinds);
        of_kinds.retain(|name| listed.contains(name));
        of_kinds
    }
}
