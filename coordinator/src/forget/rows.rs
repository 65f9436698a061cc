//! Whose the rows of a table of a run are, and what stays of them.

use super::{named::row_names_id, tied::Tied};
use arrow::{
    array::{Array, AsArray, BooleanArray, RecordBatch, StringArray},
    compute::{filter_record_batch, nullif},
    datatypes::Schema,
};
use segmenter_proto::{Error, Result, jobs::Unit};
use segmenter_worker::results::EXPORT_OWNER;
use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

/// The column with the text of a quarantined row, and those that say where it is from and what is wrong.
const RAW: &str = "raw";
const SOURCE: &str = "source";
const COLUMN: &str = "column_name";

/// Who goes from a run.
#[derive(Debug, Clone, Default)]
pub(super) struct Whom {
    pub(super) ids: HashSet<String>,
    pub(super) tied: Tied,
}

/// How a table says whose its rows are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    /// By ids in these columns: a row is of whomever one of them names.
    Ids(Vec<&'static str>),
    /// By the texts of rows of sources.
    Texts,
}

/// What becomes of the rows of a batch.
#[derive(Debug)]
pub(super) struct Judged {
    stays: BooleanArray,
    /// Whether a row that stays loses its text.
    silent: Option<BooleanArray>,
    /// The ids that rows were found of.
    pub(super) found: BTreeSet<String>,
}

impl Judged {
    /// Gives the number of rows that go.
    pub(super) fn rows(&self) -> u64 {
        (self.stays.len() - self.stays.true_count()) as u64
    }

    /// Gives the number of rows that lose their text.
    pub(super) fn texts(&self) -> u64 {
        self.silent.as_ref().map_or(0, |silent| silent.true_count() as u64)
    }
}

impl Told {
    /// Says how the table at `path` within a run's folder tells it; none: it has no row of a single customer.
    ///
    /// # Errors
    /// It has rows of customers, and none of the columns that say of whom: Data.
    pub(super) fn of(path: &str, schema: &Schema) -> Result<Option<Self>> {
        let (names, needed): (&[&'static str], bool) = match path.split('/').next() {
            Some("quarantine") => return Ok(schema.field_with_name(RAW).is_ok().then_some(Self::Texts)),
            Some("exports") => (&[EXPORT_OWNER], true),
            Some("identity") => (&["id", "canonical_id"], true),
            _ => (&[Unit::Customer.key(), Unit::Account.key()], false),
        };
        let names: Vec<&'static str> =
            names.iter().copied().filter(|name| schema.field_with_name(name).is_ok()).collect();
        match (names.is_empty(), needed) {
            (true, true) => Err(Error::data(format!("{path} has no column that says whose its rows are"))
                .with_hint("use the version of segmenter that wrote the run")),
            (true, false) => Ok(None),
            (false, _) => Ok(Some(Self::Ids(names))),
        }
    }

    /// Gives the positions of the columns that are looked at.
    pub(super) fn columns(&self, schema: &Schema) -> Vec<usize> {
        let names = match self {
            Self::Ids(names) => names.as_slice(),
            Self::Texts => &[RAW, SOURCE, COLUMN],
        };
        names.iter().filter_map(|name| schema.index_of(name).ok()).collect()
    }

    /// Decides what becomes of each row.
    ///
    /// # Errors
    /// A column that is looked at is no text: Data.
    pub(super) fn judge(&self, rows: &RecordBatch, whom: &Whom) -> Result<Judged> {
        match self {
            Self::Ids(names) => {
                let columns = names.iter().map(|name| texts(rows, name)).collect::<Result<Vec<_>>>()?;
                let mut found = BTreeSet::new();
                let stays = (0..rows.num_rows()).map(|row| {
                    let of = columns.iter().filter(|column| column.is_valid(row)).map(|column| column.value(row));
                    let mut goes = false;
                    for id in of.filter(|id| whom.ids.contains(*id)) {
                        goes = true;
                        if !found.contains(id) {
                            found.insert(id.to_owned());
                        }
                    }
                    Some(!goes)
                });
                let stays = stays.collect();
                Ok(Judged { stays, silent: None, found })
            }
            Self::Texts => {
                let (raw, source, column) = (texts(rows, RAW)?, texts(rows, SOURCE)?, texts(rows, COLUMN)?);
                let mut found = BTreeSet::new();
                let (mut stays, mut silent) = (Vec::new(), Vec::new());
                for row in 0..rows.num_rows() {
                    let text = raw.is_valid(row).then(|| raw.value(row));
                    let named: Vec<&String> = match text {
                        Some(text) => whom.ids.iter().filter(|id| row_names_id(text, id)).collect(),
                        None => Vec::new(),
                    };
                    let wrong = column.is_valid(row).then(|| column.value(row));
                    stays.push(named.is_empty());
                    silent.push(named.is_empty() && text.is_some() && !whom.tied.names(source.value(row), wrong));
                    found.extend(named.into_iter().cloned());
                }
                Ok(Judged { stays: stays.into(), silent: Some(silent.into()), found })
            }
        }
    }

    /// Gives what stays.
    ///
    /// # Errors
    /// As of [`Self::judge`].
    pub(super) fn without(&self, rows: RecordBatch, whom: &Whom) -> Result<RecordBatch> {
        let judged = self.judge(&rows, whom)?;
        let unfit = |error| Error::bug("rows cannot be left out of a table").caused_by(error);
        let rows = match &judged.silent {
            Some(silent) if judged.texts() > 0 => {
                let at = rows.schema().index_of(RAW).map_err(unfit)?;
                let mut columns = rows.columns().to_vec();
                columns[at] = nullif(&columns[at], silent).map_err(unfit)?;
                RecordBatch::try_new(Arc::clone(rows.schema_ref()), columns).map_err(unfit)?
            }
            _ => rows,
        };
        if judged.rows() == 0 { Ok(rows) } else { filter_record_batch(&rows, &judged.stays).map_err(unfit) }
    }
}

fn texts(rows: &RecordBatch, name: &str) -> Result<StringArray> {
    let column = rows.column_by_name(name).and_then(|column| column.as_string_opt::<i32>());
    column.cloned().ok_or_else(|| Error::data(format!("a table of a run has no text in column {name}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{ArrayRef, Int64Array};
    use segmenter_worker::results::{assignments_schema, changes_schema, identity_schema, quarantine_schema};

    fn text(values: &[Option<&str>]) -> ArrayRef {
        Arc::new(values.iter().copied().collect::<StringArray>())
    }

    fn whom(ids: &[&str]) -> Whom {
        let tied = "[[source]]\nname = \"orders\"\nkind = \"transactions\"\ncolumns = { customer_id = \"c\" }";
        Whom { ids: ids.iter().map(|id| (*id).to_owned()).collect(), tied: Tied::of(tied) }
    }

    #[test]
    fn tables_of_single_customers_are_known_by_their_columns() {
        let told = |path: &str, schema: &Schema| Told::of(path, schema).unwrap();
        assert_eq!(told("changes/p", &changes_schema("customer_id")), Some(Told::Ids(vec!["customer_id"])));
        assert_eq!(told("assignments/a/p", &assignments_schema("account_id")), Some(Told::Ids(vec!["account_id"])));
        assert_eq!(told("identity/p", &identity_schema()), Some(Told::Ids(vec!["id", "canonical_id"])));
        assert_eq!(told("quarantine/p", &quarantine_schema()), Some(Told::Texts));
        assert_eq!(told("segments.parquet", &segmenter_worker::results::segments_schema()), None);
        let error = Told::of("exports/mail/p", &Schema::empty()).unwrap_err();
        assert!(error.message.contains("exports/mail/p"), "{error}");
    }

    #[test]
    fn a_row_goes_with_any_id_that_it_names() {
        let rows = RecordBatch::try_from_iter([
            ("id", text(&[Some("a"), Some("b"), Some("c"), None])),
            ("canonical_id", text(&[Some("a"), Some("a"), Some("d"), Some("e")])),
            ("n", Arc::new(Int64Array::from(vec![1, 2, 3, 4]))),
        ])
        .unwrap();
        let told = Told::Ids(vec!["id", "canonical_id"]);
        let judged = told.judge(&rows, &whom(&["a", "x"])).unwrap();
        assert_eq!((judged.rows(), judged.texts(), judged.found), (2, 0, BTreeSet::from(["a".to_owned()])));
        assert_eq!(told.without(rows.clone(), &whom(&["a"])).unwrap(), rows.slice(2, 2));
        assert_eq!(told.without(rows.clone(), &whom(&["A", ""])).unwrap(), rows);
        let numbers = RecordBatch::try_from_iter([("id", rows.column(2).clone())]).unwrap();
        assert!(Told::Ids(vec!["id"]).judge(&numbers, &whom(&["1"])).is_err());
    }

    #[test]
    fn a_quarantined_row_goes_where_it_names_one_and_loses_its_text_where_nobody_can_say() {
        let rows = RecordBatch::try_from_iter([
            ("source", text(&[Some("orders"), Some("orders"), Some("orders"), Some("others"), Some("others")])),
            ("column_name", text(&[Some("amount"), Some("amount"), None, Some("amount"), Some("amount")])),
            ("raw", text(&[Some("C1;x"), Some("C2;x"), Some("C2"), Some("C3;x"), None])),
        ])
        .unwrap();
        let judged = Told::Texts.judge(&rows, &whom(&["C1"])).unwrap();
        assert_eq!((judged.rows(), judged.texts()), (1, 2));
        let left = Told::Texts.without(rows, &whom(&["C1"])).unwrap();
        let raw: Vec<_> = left.column(2).as_string::<i32>().iter().collect();
        assert_eq!(raw, [Some("C2;x"), None, None, None]);
        assert_eq!(Told::Texts.judge(&left, &whom(&["C1"])).unwrap().texts(), 0, "a second time there is nothing");
    }
}
