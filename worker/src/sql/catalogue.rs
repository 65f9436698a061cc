//! The tables that queries may name.

use super::{constants::constant, tables::SUBSIDIARIES_OF};
use crate::{
    expression::{Operand, Scalar, Settings, seen, seen_type, type_name},
    families::Family,
    partition::tells_subsidiaries,
    spec::{RunSpec, SourceSpec},
};
use arrow::datatypes::{DataType, Field, Schema};
use chrono::NaiveDate;
use segmenter_proto::{
    Result,
    jobs::{SourceKind, Unit},
};
use std::collections::BTreeSet;

/// Where the rows of a table come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Rows {
    /// The used rows of these sources, by their positions in the run's specification, at and after a time (microseconds since 1970 UTC). Of a
    /// view of a kind `source` is the name of the row's source.
    Of { sources: BTreeSet<usize>, start: Option<i64>, is_view: bool },
    /// The population, a row a customer, with the attributes of all customers sources.
    Customers,
    /// The rows of a reference table, by its position, which are nobody's.
    Reference(usize),
    /// Those of a table that was opened for a prompt, by its position.
    Opened(usize),
}

impl Rows {
    fn all(sources: impl IntoIterator<Item = usize>, is_view: bool) -> Self {
        Self::Of { sources: sources.into_iter().collect(), start: None, is_view }
    }
}

/// A table.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) rows: Rows,
    /// Names and types as expressions see them, the id of whoever the rows are of first.
    pub(super) columns: Vec<Field>,
    /// The name of the only source of a view.
    pub(super) one_source: Option<String>,
    /// Columns that sources of one kind have with different types, and what is to be said of them.
    pub(super) disagreeing: Vec<(String, String)>,
}

/// The tables of a run, and what queries over them may ask of it.
#[derive(Debug, Clone)]
pub(crate) struct Catalogue {
    pub(super) tables: Vec<Table>,
    pub(super) settings: Settings,
    pub(super) as_of: NaiveDate,
    /// Constants of the population that queries may name, with their types as expressions see them.
    pub(super) constants: Vec<Field>,
    /// Who is segmented.
    pub(super) unit: Unit,
    /// Whether every row is a customer's and queries look at one customer at a time; else they may look at all rows at once.
    pub(super) is_local: bool,
}

/// The column of a kind's view that has the name of the row's source.
pub(super) const SOURCE: &str = "source";

impl Catalogue {
    /// Gives the tables of a run.
    ///
    /// # Errors
    /// Bug only.
    pub(crate) fn of(spec: &RunSpec) -> Result<Self> {
        let settings = Settings::of(&spec.job)?;
        let unit = spec.job.unit;
        let people = of_kind(spec, unit.kind());
        let mut tables = vec![view(spec, &people, unit.kind().name(), Rows::Customers, settings)?];
        for kind in SourceKind::ALL.into_iter().filter(|kind| kind.has_many(unit)) {
            let lines = of_kind(spec, kind);
            if !lines.is_empty() {
                tables.push(view(spec, &lines, kind.name(), Rows::all(lines.clone(), true), settings)?);
            }
        }
        let is_table = |source: &SourceSpec| source.source.kind != SourceKind::Identities;
        let own = spec.sources.iter().enumerate().take(spec.job.sources.len());
        for (at, source) in own.filter(|(_, source)| is_table(source)) {
            let name = &source.source.name;
            if tables.iter().all(|table| table.name != *name) {
                let columns = seen(source.schema()?.as_ref(), settings.zone());
                let columns = columns.fields().iter().map(|field| field.as_ref().clone()).collect();
                let rows = match source.source.kind {
                    SourceKind::Reference => Rows::Reference(at),
                    _ => Rows::all([at], false),
                };
                tables.push(Table { name: name.clone(), rows, columns, one_source: None, disagreeing: Vec::new() });
            }
        }
        Ok(Self { tables, settings, as_of: spec.job.as_of, constants: Vec::new(), unit, is_local: true })
    }

    /// Says who is segmented.
    pub(crate) fn unit(&self) -> Unit {
        self.unit
    }

    /// Adds constants of the population that queries may name.
    pub(crate) fn with_constants(mut self, constants: &[Field]) -> Self {
        let zone = self.settings.zone();
        let seen = constants.iter().map(|field| field.clone().with_data_type(seen_type(field.data_type(), zone)));
        self.constants = seen.collect();
        self
    }

    /// Gives what stands for a constant, if there is one of this name.
    pub(super) fn constant(&self, name: &str) -> Option<Operand> {
        let found = self.constants.iter().find(|field| field.name() == name)?;
        Some(constant(name, found.data_type()))
    }

    /// Gives the population, and the tables of a preset's family: of each kind the rows of those of the sources, at and after a time unless
    /// the family wants them whole, with the columns that it needs, those that may be missing, which are null then, and the source's name.
    ///
    /// # Errors
    /// Bug only.
    pub(crate) fn of_family(spec: &RunSpec, family: &Family, sources: &[String], start: Option<i64>) -> Result<Self> {
        let mut whole = Self::of(spec)?;
        whole.tables.retain(|table| table.name == whole.unit.kind().name());
        for wanted in &family.tables {
            let of_kind = of_kind(spec, wanted.kind).into_iter();
            let of_kind: Vec<usize> = of_kind.filter(|at| sources.contains(&spec.sources[*at].source.name)).collect();
            let rows = match wanted.kind.has_many(whole.unit) {
                true => {
                    let start = start.filter(|_| !wanted.is_whole);
                    Rows::Of { sources: of_kind.iter().copied().collect(), start, is_view: true }
                }
                false => Rows::Customers,
            };
            let of_customers = rows == Rows::Customers;
            let mut table = view(spec, &of_kind, wanted.kind.name(), rows, whole.settings)?;
            // A source may map another column of this name.
            let named = |name: &str| wanted.names().any(|known| known == name);
            table.columns.retain(|field| field.name() == whole.unit.key() || named(field.name()));
            table.disagreeing.retain(|(name, _)| named(name));
            if !of_customers {
                table.columns.push(Field::new(SOURCE, DataType::Utf8, true));
            }
            for (name, kind) in &wanted.without {
                if table.columns.iter().all(|field| field.name() != name) {
                    let kind = cast_target(kind, whole.settings)?;
                    table.columns.push(Field::new(*name, kind, true));
                }
            }
            whole.tables.retain(|known| known.name != table.name);
            whole.tables.push(table);
        }
        Ok(whole)
    }
}

/// Gives the positions of the job's sources of a kind.
fn of_kind(spec: &RunSpec, kind: SourceKind) -> Vec<usize> {
    let sources = spec.sources.iter().enumerate().take(spec.job.sources.len());
    sources.filter(|(_, source)| source.source.kind == kind).map(|(at, _)| at).collect()
}

/// Gives the type that a family's head names.
fn cast_target(kind: &str, settings: Settings) -> Result<DataType> {
    let typed = Scalar::parse(&format!("cast(null as {kind})"), &Schema::empty(), &settings)?;
    Ok(seen_type(typed.data_type(), settings.zone()))
}

/// The view of several sources of a kind.
fn view(spec: &RunSpec, sources: &[usize], name: &str, rows: Rows, settings: Settings) -> Result<Table> {
    let mut fields: Vec<Field> = vec![Field::new(spec.job.unit.key(), DataType::Utf8, false)];
    let mut disagreeing: Vec<(String, String)> = Vec::new();
    for source in sources.iter().map(|at| &spec.sources[*at]) {
        for field in seen(source.schema()?.as_ref(), settings.zone()).fields() {
            match fields.iter().find(|known| known.name() == field.name()) {
                Some(known) if known.data_type() != field.data_type() => {
                    let (one, other) = (type_name(known.data_type()), type_name(field.data_type()));
                    let what =
                        format!("`{}` is {one} in one source and {other} in {}", field.name(), source.source.name);
                    disagreeing.push((field.name().clone(), what));
                }
                Some(_) => {}
                None => fields.push(field.as_ref().clone()),
            }
        }
    }
    if rows != Rows::Customers && fields.iter().any(|field| field.name() == SOURCE) {
        let what =
            format!("`{SOURCE}` of {name} is the name of a row's source, and a source maps a column of that name");
        disagreeing.push((SOURCE.to_owned(), what));
    }
    if rows != Rows::Customers && fields.iter().all(|field| field.name() != SOURCE) {
        fields.push(Field::new(SOURCE, DataType::Utf8, false));
    }
    let told = sources.iter().any(|at| tells_subsidiaries(&spec.sources[*at]));
    if told && rows == Rows::Customers && fields.iter().all(|field| field.name() != SUBSIDIARIES_OF) {
        fields.push(Field::new(SUBSIDIARIES_OF, DataType::Int64, false));
    }
    let columns = seen(&Schema::new(fields), settings.zone());
    let columns = columns.fields().iter().map(|field| field.as_ref().clone()).collect();
    let one_source = match (&rows, sources) {
        (Rows::Of { .. }, [only]) => Some(spec.sources[*only].source.name.clone()),
        _ => None,
    };
    Ok(Table { name: name.to_owned(), rows, columns, one_source, disagreeing })
}
