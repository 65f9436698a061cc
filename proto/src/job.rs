//! The job as validated: every default filled in, every `${NAME}` replaced, every name checked.
//!
//! This is what travels to the workers and, without resources, what the run id is made of. The user's file is read and
//! checked in the coordinator; nothing else makes a [`Job`].

use crate::kind::{Holds, RowsOf};
pub use crate::kind::{SourceKind, Unit};
use crate::method::Method;
pub use crate::model::{OrderModel, Step};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

mod affinity;
mod benefits;
mod cache;
mod effectiveness;
mod experiment;
mod export;
mod features;
mod identity;
mod lifetime;
mod messages;
mod output;
mod persona;
mod privacy;
mod recommendations;
mod report;

pub use affinity::{Affinity, First, Within};
pub use benefits::{BENEFIT_COLUMNS, Benefits};
pub use cache::Cache;
pub use effectiveness::{Confidence, Effectiveness, MetricKind, MetricUnit, OwnMetric};
pub use experiment::Experiment;
pub use export::{Against, Delivery, Export, ExportColumn, ExportFormat, Holdout};
pub use features::{Constant, CustomFeature, DefaultValue, DerivedFeature, Features, Preset, SqlFeatures};
pub use identity::{Identity, OWN_ID};
pub use lifetime::Lifetime;
pub use messages::{Attribution, ContactCap, Contacts, Touch, TouchAction};
pub use output::{Output, Previous, QuarantineDetail};
pub use persona::Persona;
pub use privacy::{Privacy, Protection};
pub use recommendations::Recommendations;
pub use report::{Language, Report};

/// One job: one file, one kind of run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// Name of the job, `[a-z0-9-]`.
    pub name: String,
    /// Who is segmented.
    #[serde(default, skip_serializing_if = "Unit::is_default")]
    pub unit: Unit,
    /// Features see only what happened before 00:00 of this date in `timezone`.
    pub as_of: NaiveDate,
    /// IANA name; day borders, and times that carry no zone.
    pub timezone: String,
    /// ISO 4217 code of every amount; none where no source has amounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Seed of all chance.
    pub seed: u64,
    /// Where results go.
    pub output: Output,
    /// How amounts in other currencies become the job's; none: they stop the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fx: Option<Fx>,
    /// Which ids are one person's; none where no source says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// Who is segmented.
    pub population: Population,
    /// What is read, in the order of the file.
    pub sources: Vec<Source>,
    /// Thresholds that warn or stop.
    pub quality: Quality,
    /// What is shown of persons.
    #[serde(default, skip_serializing_if = "Privacy::is_default")]
    pub privacy: Privacy,
    /// What is computed a customer.
    pub features: Features,
    /// How customers are divided, in the order of the file; rules may use those above them.
    pub segmentations: Vec<Segmentation>,
    /// What is measured of the segments.
    #[serde(default, skip_serializing_if = "Effectiveness::is_default")]
    pub effectiveness: Effectiveness,
    /// How many messages are too many.
    #[serde(default, skip_serializing_if = "Contacts::is_default")]
    pub contacts: Contacts,
    /// Which items go together, in the order of the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub affinities: Vec<Affinity>,
    /// What is recommended to whom; none: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recommendations: Option<Recommendations>,
    /// Of which segments personas are told, in the order of the file; none: of the largest of the first segmentation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub personas: Vec<Persona>,
    /// Which customers get what; none where the job does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub benefits: Option<Benefits>,
    /// What is handed over to other tools, in the order of the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exports: Vec<Export>,
    /// How the run is told to people.
    #[serde(default, skip_serializing_if = "Report::is_default")]
    pub report: Report,
    /// Whether rows are kept for later runs; none: they are not. Nothing that is computed depends on it, so it makes no other run.
    #[serde(skip)]
    pub cache: Option<Cache>,
}

impl Job {
    /// Gives the queries of the job: of features, of metrics, of the arms of experiments, and of what was bought and wished for.
    pub fn queries(&self) -> impl Iterator<Item = &str> {
        let of_features = self.features.sql.iter().map(|features| features.query.as_str());
        let of_metrics = self.effectiveness.metrics.iter().map(|metric| metric.query.as_str());
        let of_arms = self.effectiveness.experiments.iter().map(|experiment| experiment.arms_query.as_str());
        let of_affinities = self.affinities.iter().map(|affinity| affinity.query.as_str());
        let of_recommendations = self.recommendations.iter().map(|recommendations| recommendations.query.as_str());
        of_features.chain(of_metrics).chain(of_arms).chain(of_affinities).chain(of_recommendations)
    }
}

/// How amounts in other currencies become the job's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fx {
    /// ISO 4217 code of the currency that they become, which is the job's.
    pub base: String,
    /// The source of kind reference that has the rates: `currency`, `date`, and `rate`, units of the base for one of the currency.
    pub rates: String,
}

/// Who is segmented.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Population {
    /// The source whose ids are the population; none: every id seen in any source.
    pub from: Option<String>,
    /// SQL over that source's names; true leaves the customer out.
    pub exclude: Option<String>,
    /// Files of ids to leave out.
    pub exclude_list: Option<ExcludeList>,
}

/// Files of ids to leave out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExcludeList {
    /// A file, a folder or a glob.
    pub uri: String,
    /// Their format; none: from the extension.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<FileFormat>,
    /// SQL over the files' columns that gives the id.
    #[serde(rename = "customer_id")]
    pub id: String,
    /// How CSV is written.
    pub csv: CsvOptions,
}

/// One source of rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// Its name, unique in the job.
    pub name: String,
    /// What its rows are.
    pub kind: SourceKind,
    /// Who is segmented, whose id every row has that is not nobody's.
    #[serde(default, skip_serializing_if = "Unit::is_default")]
    pub unit: Unit,
    /// A file, a folder (recursive) or a glob.
    pub uri: String,
    /// The files' format; none: from the extension.
    pub format: Option<FileFormat>,
    /// How CSV is written.
    pub csv: CsvOptions,
    /// Types of text columns (CSV, NDJSON, text in Parquet) by the file's own column name; others are text.
    pub types: BTreeMap<String, TextType>,
    /// Pruning by a `k=v` path part.
    pub partitions: Option<Partitions>,
    /// What two rows of one customer mean (kind `customers`), or of one key (kinds of many rows a customer).
    pub duplicates: Duplicates,
    /// Standard or carried names that make a row unique; empty: rows are never dropped.
    pub key: Vec<String>,
    /// Most rows of a source of kind `reference`, which every worker holds; none for other kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_rows: Option<u64>,
    /// SQL over the standard and carried names; false or null drops the row.
    pub filter: Option<String>,
    /// Standard and carried names that are treated as personal ones are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sensitive: Vec<String>,
    /// Standard and carried names with their SQL over the file's own columns, in the order of the file.
    pub columns: Vec<Column>,
}

impl Source {
    /// Gives the SQL of a standard or carried name, if it is mapped.
    pub fn column(&self, name: &str) -> Option<&str> {
        self.columns.iter().find(|column| column.name == name).map(|column| column.expression.as_str())
    }
}

/// A standard or carried name with its SQL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Standard or carried name.
    pub name: String,
    /// SQL over the file's own columns.
    pub expression: String,
}

impl Source {
    /// Gives the names that must have a value: a row where one is null is quarantined. Who has no id is another fate.
    pub fn needed_values(&self) -> Vec<&str> {
        match self.kind.owner() {
            None => {
                let needed = self.kind.kind().columns.iter().filter(|column| column.needed).map(|column| column.name);
                needed.chain(self.key.iter().map(String::as_str)).collect()
            }
            Some(_) if matches!(self.kind.kind().rows, RowsOf::One(_)) => Vec::new(),
            Some(owner) => {
                // Where a source has times, rows that are not before `as_of` must be told apart.
                let is_needed = |name: &str, needed| name != owner.key() && (needed || name == "time");
                let standard = self.kind.kind().columns.iter().filter(|column| column.holds != Holds::AnyOrNull);
                let standard = standard.filter(|column| is_needed(column.name, column.needed));
                let mut names: Vec<&str> = standard.map(|column| column.name).collect();
                if !names.contains(&"time") {
                    names.push("time");
                }
                names.retain(|name| self.column(name).is_some());
                names
            }
        }
    }

    /// Gives the name of the id of whoever a row is of.
    pub fn owner_id(&self) -> &'static str {
        self.unit.key()
    }

    /// Says whether one who is segmented may have any number of its rows.
    pub fn has_many(&self) -> bool {
        self.kind.has_many(self.unit)
    }

    /// Says whether it has a row for each who is segmented.
    pub fn is_of_population(&self) -> bool {
        self.kind == self.unit.kind()
    }

    /// Says whether its rows have times, so that those at and after `as_of` are told apart.
    pub fn has_times(&self) -> bool {
        self.has_many() && self.column("time").is_some()
    }

    /// Gives the name that says since when a row is there; a row without a value has always been.
    pub fn since(&self) -> Option<&'static str> {
        let mut standard = self.kind.kind().columns.iter();
        match self.has_times() {
            true => Some("time"),
            false => {
                let begins = |holds: Holds| matches!(holds, Holds::Beginning | Holds::AnyBeginning);
                standard.find(|column| begins(column.holds)).map(|column| column.name)
            }
        }
        .filter(|name| self.column(name).is_some())
    }
}

/// A file's format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileFormat {
    /// Apache Parquet.
    Parquet,
    /// Delimited text.
    Csv,
    /// One JSON object a line.
    Ndjson,
}

/// How CSV is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CsvOptions {
    /// One ASCII character between fields; `\t` for a tab.
    pub delimiter: char,
    /// The decimal separator of numbers: `.` or `,`.
    pub decimal: char,
    /// Whether the first row names the columns; else they are `column_1`, `column_2`, …
    pub header: bool,
    /// One ASCII character around fields that hold the delimiter.
    pub quote: char,
    /// The encoding of CSV and NDJSON, by its name in the WHATWG standard in lower case: `utf-8`, `windows-1252`, …
    pub encoding: String,
    /// Lines before the header, or before the first row, that are passed over.
    pub skip_rows: u32,
    /// A line that starts with this ASCII character is no row.
    pub comment: Option<char>,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self {
            delimiter: ',',
            decimal: '.',
            header: true,
            quote: '"',
            encoding: "utf-8".to_owned(),
            skip_rows: 0,
            comment: None,
        }
    }
}

/// The declared type of a text column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextType {
    /// Text as it stands; empty is null.
    Text,
    /// true/false, t/f, yes/no, y/n, 1/0 in any case.
    Bool,
    /// 64-bit integer.
    Int,
    /// 64-bit float.
    Double,
    /// decimal(precision, scale).
    Decimal(u8, i8),
    /// A date in this strftime format.
    Date(String),
    /// A point in time in this strftime format; without a zone in it, in the job's `timezone`.
    Timestamp(String),
}

/// Pruning by a `k=v` path part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partitions {
    /// The `k` of the path part; its values are dates (`2026-11-21` or `20261121`).
    pub column: String,
    /// Which values are read.
    pub take: PartitionRange,
}

/// Which values of a `k=v` path part are read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartitionRange {
    /// The newest one up to `as_of`.
    Last,
    /// From this many days after `as_of` (negative: before) up to and including this many; none: no bound.
    Days(Option<i64>, Option<i64>),
}

/// What two rows of one customer mean, or of one key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duplicates {
    /// Of one customer: the run stops with exit 3. Of one key: the earliest by time is kept.
    Error,
    /// The row with the largest value of this name is kept.
    KeepLast(String),
}

/// Thresholds that warn or stop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// Largest share of quarantined rows a source; above it the run stops.
    pub max_quarantined_share: Option<f64>,
    /// Largest share of rows without an id a source; above it the run stops.
    pub max_anonymous_share: Option<f64>,
    /// Further checks.
    pub gates: Vec<Gate>,
    /// Checks of the user's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<RowCheck>,
    /// How much may change from run to run.
    #[serde(default, skip_serializing_if = "DriftLimits::is_none")]
    pub drift: DriftLimits,
}

/// How much may change from the run before to this one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DriftLimits {
    /// Largest share of the customers of both runs who are in another segment, a segmentation.
    pub max_moved_share: Option<f64>,
    /// Largest population stability index, of a feature or of the sizes of segments.
    pub max_psi: Option<f64>,
    /// What more does.
    pub action: GateAction,
}

impl Default for DriftLimits {
    fn default() -> Self {
        Self { max_moved_share: None, max_psi: None, action: GateAction::Stop }
    }
}

impl DriftLimits {
    /// Says whether nothing is limited.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// What the rows of a source must be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RowCheck {
    /// Its name, unique in the job.
    pub name: String,
    /// The source whose rows are judged.
    pub source: String,
    /// SQL over the source's standard and carried names: true is right, null cannot be told.
    pub expression: String,
    /// The largest share of wrong rows, of those that can be told, that passes.
    pub max_failed_share: f64,
    /// What a larger one does.
    pub action: GateAction,
}

/// A check with its limit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// The source that is checked.
    pub source: String,
    /// The name of the check, as in `quality.parquet`.
    pub check: String,
    /// The column, for checks that have one.
    pub column: Option<String>,
    /// The largest value that passes.
    pub max: Option<f64>,
    /// The smallest value that passes.
    pub min: Option<f64>,
    /// What a failure does.
    pub action: GateAction,
}

/// What a failed check does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GateAction {
    /// The run stops with exit 3.
    Stop,
    /// The run goes on and says so.
    Warn,
}

/// One way to divide customers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Segmentation {
    /// Its name, unique in the job: `[a-z][a-z0-9_]*`.
    pub name: String,
    /// How it divides.
    pub method: Method,
    /// What the model of the run before is to it.
    #[serde(default, skip_serializing_if = "Refit::is_fresh")]
    pub refit: Refit,
}

/// What the model of the run before is to a segmentation; where there is none, it is fitted anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refit {
    /// Nothing but keys and names: it is fitted anew.
    #[default]
    Fresh,
    /// Where the fit starts.
    Warm,
    /// The model.
    Frozen,
}

impl Refit {
    /// Says whether it is fitted anew, which need not be told.
    pub fn is_fresh(&self) -> bool {
        *self == Self::Fresh
    }
}
