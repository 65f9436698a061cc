//! The head of a family's file: lines of `-- key: value`.

/// A family of features that is a query.
#[derive(Debug, Clone, PartialEq)]
pub struct Family {
    /// Its name in the job file.
    pub name: &'static str,
    /// What it tells of a customer.
    pub about: &'static str,
    /// Names of the source that have to be mapped.
    pub needs: Vec<&'static str>,
    /// Names that may be missing, with the type of the null that stands there then.
    pub without: Vec<(&'static str, &'static str)>,
    /// The window in days where the job names none; then the family itself asks for it (`$window`), else only rows of the window are
    /// read.
    pub own_window: Option<u32>,
    /// Features that are this number or text, and not null, for customers of whom the query has no row.
    pub defaults: Vec<(&'static str, &'static str)>,
    /// Features that are a value of every customer: one that cannot be computed stops the run.
    pub always: Vec<&'static str>,
    /// A column beside its features, which is none.
    pub beside: Option<&'static str>,
    /// Where its definition comes from.
    pub source: &'static str,
    /// Its features, as the query gives them.
    pub columns: Vec<FamilyColumn>,
    /// Features that are expressions over those; the formula is SQL.
    pub derived: Vec<FamilyColumn>,
    /// The whole file.
    pub text: &'static str,
}

/// A feature of a family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FamilyColumn {
    /// Its name, without suffix.
    pub name: &'static str,
    /// `int`, `double`, `decimal`, `text`, `bool` or `date`.
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
        let derived = values("derived").map(column).collect::<Option<Vec<_>>>()?;
        let without = values("without").flat_map(|value| value.split(", ")).map(|part| part.split_once(' '));
        let defaults = values("default").flat_map(|value| value.split(", ")).map(|part| part.split_once(' '));
        let own_window = match values("window").next() {
            Some(window) => Some(window.split_once('d')?.0.parse().ok()?),
            None => None,
        };
        Some(Self {
            name: values("name").next()?,
            about: values("about").next()?,
            needs: values("needs").flat_map(|value| value.split(", ")).collect(),
            without: without.collect::<Option<_>>()?,
            own_window,
            defaults: defaults.collect::<Option<_>>()?,
            always: values("always").flat_map(|value| value.split(", ")).collect(),
            beside: values("beside").next().and_then(|value| value.split_whitespace().next()),
            source: values("source").next()?,
            columns,
            derived,
            text,
        })
    }

    /// Gives the names of its features, without suffix.
    pub fn feature_names(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().chain(&self.derived).map(|column| column.name)
    }

    /// Gives the query with a window of so many days filled in.
    pub fn query(&self, window_days: Option<u32>) -> String {
        match self.own_window {
            Some(days) => self.text.replace("$window", &format!("'{}d'", window_days.unwrap_or(days))),
            None => self.text.to_owned(),
        }
    }
}

/// Reads `name  type  unit  formula`, two blanks or more between them.
fn column(value: &'static str) -> Option<FamilyColumn> {
    let (name, rest) = value.split_once("  ")?;
    let (kind, rest) = rest.trim_start().split_once("  ")?;
    let (unit, formula) = rest.trim_start().split_once("  ")?;
    Some(FamilyColumn { name, kind, unit: unit.trim(), formula: formula.trim() })
}
