use super::features::Checker;
use crate::checks::did_you_mean;
use crate::job::raw::RawConstant;
use segmenter_proto::jobs::{Constant, SourceKind};

impl Checker<'_> {
    /// Checks a constant of the population; its expression is checked against the data.
    pub(super) fn constant(&mut self, raw: RawConstant, path: &str) -> Option<Constant> {
        if let Some(name) = &raw.name {
            let path = format!("{path}.name");
            self.own_name(name, "constant", &path);
            self.unique.take(name, "features or constant", &path, self.findings);
            if let Some(source) = self.sources.with_column(name) {
                self.findings
                    .wrong(&path, format!("`{name}` is also the name of a column of source `{}`", source.name))
                    .expect("a name that queries and rules cannot confuse");
            }
            self.names.constants.push(name.clone());
        }
        let sources = raw.from.as_deref().and_then(|from| self.rows_of(from, &format!("{path}.from")));
        Some(Constant { name: raw.name?, sources: sources?, expression: raw.expression? })
    }

    /// Gives the names of the sources whose rows are meant.
    fn rows_of(&mut self, from: &str, path: &str) -> Option<Vec<String>> {
        if let Some(source) = self.sources.named(from) {
            if source.kind.is_some_and(|kind| kind.owner().is_none()) {
                self.findings
                    .wrong(
                        path,
                        format!(
                            "source `{from}` is of kind {}, whose rows are nobody's",
                            source.kind.map_or("", SourceKind::name)
                        ),
                    )
                    .expect("a source of rows of customers")
                    .help("a query may join it, group it and compute with it");
                return None;
            }
            return Some(vec![source.name.clone()]);
        }
        let of_kind = self.sources.of_kind(from);
        if of_kind.is_empty() && self.sources.kinds_known() {
            let mut names = self.sources.names();
            names.extend(["transactions", "customers"]);
            let what = match SourceKind::ALL.iter().any(|kind| kind.name() == from) {
                true => format!("there is no source of kind {from}"),
                false => format!("no source is named `{from}`"),
            };
            self.findings
                .wrong(path, what)
                .expect("the name of a [[source]], or a kind such as \"transactions\" or \"customers\"")
                .help_if(did_you_mean(from, &names));
        }
        Some(of_kind)
    }
}
