//! The head of a family's file: lines of `-- key: value`.

use segmenter_proto::{
    jobs::{SourceKind, Unit},
    kinds::RowsOf,
};

/// A family of features that is a query.
#[derive(Debug, Clone, PartialEq)]
pub struct Family {
    /// Its name in the job file.
    pub name: &'static str,
    /// What it tells of a customer.
    pub about: &'static str,
    /// The kinds of sources that it looks at, each a table of all rows of their sources.
    pub tables: Vec<FamilyTable>,
    /// The window in days where the job names none; then the family itself asks for it (`$window`), else only rows of the window are
    /// read.
    pub own_window: Option<u32>,
    /// Features that are this number, text or truth, and not null, for customers of whom the query has no row.
    pub defaults: Vec<(&'static str, &'static str)>,
    /// Features that are a value of every customer: one that cannot be computed stops the run.
    pub always: Vec<&'static str>,
    /// Features that are null where the job has no source of a kind, which the family may do without.
    pub unless: Vec<(SourceKind, &'static str)>,
    /// Personal names that no feature shows as they are: they come out as bands and levels of many.
    pub blunts: Vec<&'static str>,
    /// A column beside its features, which is none.
    pub beside: Option<&'static str>,
    /// Where its definition comes from.
    pub source: &'static str,
    /// Its features, as the query gives them.
    pub columns: Vec<FamilyColumn>,
    /// Features that models of the whole population give, which are fitted; none of most families.
    pub fitted: Vec<FamilyColumn>,
    /// Features that are expressions over those; the formula is SQL.
    pub derived: Vec<FamilyColumn>,
    /// The whole file.
    pub text: &'static str,
}

/// A kind of sources that a family looks at: `-- kind: consents optional whole`, with the `needs` and `without` behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct FamilyTable {
    /// The kind.
    pub kind: SourceKind,
    /// Whether a job may have no source of it: the table is empty then.
    pub is_optional: bool,
    /// Whether a window of the job cuts none of its rows: they say what a customer has, not what the customer did.
    pub is_whole: bool,
    /// Names that have to be mapped.
    pub needs: Vec<&'static str>,
    /// Names that may be missing, with the type of the null that stands there then.
    pub without: Vec<(&'static str, &'static str)>,
}

/// A feature of a family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FamilyColumn {
    /// Its name, without suffix.
    pub name: &'static str,
    /// `int`, `double`, `decimal`, `number` (as the source has it), `text`, `bool` or `date`.
    pub kind: &'static str,
    /// What one of it is.
    pub unit: &'static str,
    /// How it is computed.
    pub formula: &'static str,
}

impl Family {
    /// Reads a file; none where its head is not as it should be.
    pub(super) fn read(text: &'static str) -> Option<Self> {
        let head = || text.lines().map_while(|line| line.strip_prefix("-- ")?.split_once(':'));
        let values = |key: &'static str| head().filter(move |(known, _)| *known == key).map(|(_, value)| value.trim());
        let columns = values("column").map(column).collect::<Option<Vec<_>>>()?;
        let fitted = values("fitted").map(column).collect::<Option<Vec<_>>>()?;
        let derived = values("derived").map(column).collect::<Option<Vec<_>>>()?;
        let defaults = values("default").flat_map(|value| value.split(", ")).map(|part| part.split_once(' '));
        let own_window = match values("window").next() {
            Some(window) => Some(window.split_once('d')?.0.parse().ok()?),
            None => None,
        };
        let mut tables: Vec<FamilyTable> = Vec::new();
        for (key, value) in head() {
            match (key, value.trim()) {
                ("kind", value) => tables.push(FamilyTable::read(value)?),
                ("needs", value) => tables.last_mut()?.needs.extend(value.split(", ")),
                ("without", value) => {
                    let parts = value.split(", ").map(|part| part.split_once(' '));
                    tables.last_mut()?.without.extend(parts.collect::<Option<Vec<_>>>()?);
                }
                _ => {}
            }
        }
        Some(Self {
            name: values("name").next()?,
            about: values("about").next()?,
            tables,
            own_window,
            defaults: defaults.collect::<Option<_>>()?,
            unless: values("unless").map(unless).collect::<Option<Vec<_>>>()?.concat(),
            always: values("always").flat_map(|value| value.split(", ")).collect(),
            blunts: values("blunts").flat_map(|value| value.split(", ")).collect(),
            beside: values("beside").next().and_then(|value| value.split_whitespace().next()),
            source: values("source").next()?,
            columns,
            fitted,
            derived,
            text,
        })
    }

    /// Gives the names of its features, without suffix.
    pub fn feature_names(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().chain(&self.fitted).chain(&self.derived).map(|column| column.name)
    }

    /// Gives what it wants of a kind of sources, if it looks at it.
    pub fn table(&self, kind: SourceKind) -> Option<&FamilyTable> {
        self.tables.iter().find(|table| table.kind == kind)
    }

    /// Says whether a window of the job changes anything.
    pub fn takes_window(&self) -> bool {
        self.own_window.is_some() || self.tables.iter().any(|table| !table.is_whole)
    }

    /// Gives the query for who is segmented, with a window of so many days filled in: files say `customer_id` for whoever that is.
    pub fn query(&self, window_days: Option<u32>, unit: Unit) -> String {
        let query = match self.own_window {
            Some(days) => self.text.replace("$window", &format!("'{}d'", window_days.unwrap_or(days))),
            None => self.text.to_owned(),
        };
        query.replace("$population", unit.kind().name()).replace(Unit::Customer.key(), unit.key())
    }

    /// Says whether it can be computed of who is segmented: what persons are is not what a company is.
    pub fn fits(&self, unit: Unit) -> bool {
        let needed = self.tables.iter().filter(|table| !table.is_optional);
        needed.into_iter().all(|table| !matches!(table.kind.kind().rows, RowsOf::One(own) if own != unit))
    }
}

impl FamilyTable {
    /// Reads `kind [optional] [whole]`.
    fn read(value: &'static str) -> Option<Self> {
        let mut words = value.split_whitespace();
        let name = words.next()?;
        let kind = SourceKind::ALL.into_iter().find(|kind| kind.name() == name)?;
        let (mut is_optional, mut is_whole) = (false, false);
        for word in words {
            match word {
                "optional" => is_optional = true,
                "whole" => is_whole = true,
                _ => return None,
            }
        }
        Some(Self { kind, is_optional, is_whole, needs: Vec::new(), without: Vec::new() })
    }

    /// Gives all names that it looks at.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.needs.iter().copied().chain(self.without.iter().map(|(name, _)| *name))
    }
}

/// Reads `kind name, name, …`.
fn unless(value: &'static str) -> Option<Vec<(SourceKind, &'static str)>> {
    let (kind, names) = value.split_once(' ')?;
    let kind = SourceKind::ALL.into_iter().find(|known| known.name() == kind)?;
    Some(names.split(", ").map(|name| (kind, name.trim())).collect())
}

/// Reads `name  type  unit  formula`, two blanks or more between them.
fn column(value: &'static str) -> Option<FamilyColumn> {
    let (name, rest) = value.split_once("  ")?;
    let (kind, rest) = rest.trim_start().split_once("  ")?;
    let (unit, formula) = rest.trim_start().split_once("  ")?;
    Some(FamilyColumn { name, kind, unit: unit.trim(), formula: formula.trim() })
}
