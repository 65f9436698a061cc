//! What a worker knows of a run before the first task: the job, and what is kept of each source.

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use segmenter_proto::{
    Error, Result,
    jobs::{BENEFIT_COLUMNS, Duplicates, Job, OWN_ID, Source, SourceKind},
    methods::Condition,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, sync::Arc};

use crate::{
    expression::{self, DerivedSyntax, ExportSyntax},
    families::family,
};

/// The run, sent once to every worker.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunSpec {
    /// Name of the run.
    pub run: String,
    /// The job, validated.
    pub job: Job,
    /// Number of shards.
    pub shards: u32,
    /// The job's sources, and behind them the list of excluded ids where there is one.
    pub sources: Vec<SourceSpec>,
    /// The run that this one is compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<PreviousRun>,
    /// The folder below the output in which rows are kept for later runs; none: they are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<String>,
}

/// The run that this one is compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PreviousRun {
    /// Its id.
    pub run: String,
    /// How many shards it had.
    pub shards: u32,
    /// Segmentations that both runs have by name, in the order of this one's job.
    pub segmentations: Vec<PreviousSegmentation>,
    /// Features that are numbers in both, in the order of this run's.
    pub numbers: Vec<PreviousNumber>,
    /// The feature that has a customer's tier of a loyalty programme, where both have it.
    pub tier: Option<String>,
}

/// A segmentation as it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PreviousSegmentation {
    /// Its name.
    pub name: String,
    /// Its position in this run's job.
    pub at: usize,
    /// Keys of its segments then, sorted.
    pub keys: Vec<String>,
    /// Whether a customer could be in several segments then, and can now.
    pub overlapping: bool,
}

/// A feature that is a number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PreviousNumber {
    /// Its name.
    pub name: String,
    /// Its standard deviation over all customers of the run before: the measure of how far a customer moved.
    pub std: f64,
}

impl PreviousRun {
    /// Says whether the segments of a segmentation overlap in both.
    pub fn overlapping(&self, segmentation: &str) -> bool {
        self.segmentations.iter().any(|own| own.name == segmentation && own.overlapping)
    }

    /// Gives the segmentation at this position in the job, and its position here.
    pub fn segmentation(&self, at: usize) -> Option<(usize, &PreviousSegmentation)> {
        self.segmentations.iter().enumerate().find(|(_, own)| own.at == at)
    }
}

/// A source, and what is kept of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SourceSpec {
    /// The source as in the job.
    pub source: Source,
    /// What its ids do.
    pub role: SourceRole,
    /// The files' own columns that the expressions read, as they are read.
    pub file_columns: Vec<KeptColumn>,
    /// Names that the partition evaluates, in the order of `[source.columns]`.
    pub wanted: Vec<String>,
    /// Names that the job uses after the partition.
    pub kept: Vec<KeptColumn>,
}

/// A name that is kept, with its type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptColumn {
    /// Standard or carried name.
    pub name: String,
    /// Arrow type, as arrow prints and parses it.
    pub data_type: String,
}

/// What the ids of a source do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceRole {
    /// They are part of the population when it is "all".
    Member,
    /// They are the population.
    Population,
    /// They are left out.
    Exclusion,
}

impl SourceSpec {
    /// Gives the schema of the rows that are kept.
    ///
    /// # Errors
    /// Bug only.
    pub fn schema(&self) -> Result<SchemaRef> {
        schema_of(&self.kept)
    }

    /// Gives the schema of the files' own columns that the expressions read.
    ///
    /// # Errors
    /// Bug only.
    pub fn file_schema(&self) -> Result<SchemaRef> {
        schema_of(&self.file_columns)
    }
}

fn schema_of(columns: &[KeptColumn]) -> Result<SchemaRef> {
    let fields: Vec<Field> = columns
        .iter()
        .map(|column| {
            let kind: DataType = column
                .data_type
                .parse()
                .map_err(|error| Error::bug(format!("type {} is not known", column.data_type)).caused_by(error))?;
            Ok(Field::new(&column.name, kind, true))
        })
        .collect::<Result<_>>()?;
    Ok(Arc::new(Schema::new(fields)))
}

impl KeptColumn {
    /// Describes the fields of a schema.
    pub fn of(schema: &Schema) -> Vec<Self> {
        let fields = schema.fields().iter();
        fields.map(|field| Self { name: field.name().clone(), data_type: field.data_type().to_string() }).collect()
    }
}

impl RunSpec {
    /// Gives the job's timezone.
    ///
    /// # Errors
    /// When it is unknown; it was checked before.
    pub fn zone(&self) -> Result<Tz> {
        zone(&self.job.timezone)
    }

    /// Gives the names that segmentations and derived features use, in alphabetical order: features, columns and other segmentations.
    ///
    /// # Errors
    /// When an expression cannot be parsed: Job.
    pub fn names_of_segmentations(&self) -> Result<BTreeSet<String>> {
        names_of_segmentations(&self.job)
    }
}

/// Gives the names that a job's segmentations and derived features use, in alphabetical order.
///
/// # Errors
/// When an expression cannot be parsed: Job.
pub fn names_of_segmentations(job: &Job) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for segmentation in &job.segmentations {
        let spec = segmentation.method.spec();
        names.extend(spec.space().into_iter().flat_map(|space| space.features.iter().cloned()));
        for sql in spec.conditions().iter().map(Condition::sql).chain(spec.value()) {
            names.extend(expression::names(sql)?);
        }
    }
    for feature in &job.features.derived {
        names.extend(DerivedSyntax::parse(&feature.expression)?.names()?.into_iter().map(|(name, _)| name));
    }
    Ok(names)
}

/// Gives the names that a job's exports use: features, columns of customers and segmentations.
///
/// # Errors
/// When an expression cannot be parsed: Job.
pub fn names_of_exports(job: &Job) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for export in &job.exports {
        let columns = export.columns.iter().map(|column| &column.expression);
        for sql in columns.chain([&export.key]).chain(&export.filter) {
            names.extend(ExportSyntax::parse(sql)?.names()?);
        }
    }
    Ok(names)
}

/// Gives, of one source, the names that the partition evaluates and those that are kept after it, both in the order
/// of `[source.columns]`.
///
/// # Errors
/// When an expression cannot be parsed: Job.
pub fn names_of_source(job: &Job, source: &Source, role: SourceRole) -> Result<(Vec<String>, Vec<String>)> {
    let mut kept: BTreeSet<String> = BTreeSet::from([source.owner_id().to_owned()]);
    match source.kind {
        kind if source.has_many() => {
            kept.insert("time".to_owned());
            kept.extend(source.since().map(str::to_owned));
            kept.extend(source.key.iter().cloned());
            if let Duplicates::KeepLast(by) = &source.duplicates {
                kept.insert(by.clone());
            }
            if kind == SourceKind::Transactions {
                kept.extend(["amount", "order_id", "is_refund"].map(str::to_owned));
            }
            if has_known_products(job, source) {
                kept.insert(PRODUCT.to_owned());
            }
            if kind == SourceKind::Consents {
                kept.extend(["channel", "granted"].map(str::to_owned));
            }
            kept.extend(names_of_messages(job, kind).iter().map(|name| (*name).to_owned()));
            for feature in job.features.custom.iter().filter(|feature| feature.sources.contains(&source.name)) {
                kept.extend(expression::names(&feature.expression)?);
            }
            kept.extend(names_of_constants(job, source)?);
            kept.extend(names_of_queries(job, source, kind.name())?);
        }
        kind if source.is_of_population() => {
            kept.extend(names_of_constants(job, source)?);
            kept.extend(names_of_queries(job, source, kind.name())?);
            kept.extend(names_of_segmentations(job)?);
            kept.extend(names_of_exports(job)?);
            if let Duplicates::KeepLast(by) = &source.duplicates {
                kept.insert(by.clone());
            }
            kept.extend(source.since().map(str::to_owned));
            if job.identity.is_some() && role != SourceRole::Exclusion {
                kept.insert("updated_at".to_owned());
            }
            if let Some(exclude) = job.population.exclude.as_ref().filter(|_| role == SourceRole::Population) {
                kept.extend(expression::names(exclude)?);
            }
        }
        // What they say is known before the partition.
        SourceKind::Identities => kept.clear(),
        _ => {
            kept.extend(source.key.iter().cloned());
            if job.recommendations.is_some() && stock_table(job).is_some_and(|at| job.sources[at].name == source.name) {
                kept.insert(IN_STOCK.to_owned());
            }
            kept.extend(names_of_queries(job, source, &source.name)?);
            if campaign_table(job) == Some(source.name.as_str()) {
                kept.insert("cost".to_owned());
            }
        }
    }
    if job.benefits.as_ref().is_some_and(|benefits| benefits.source == source.name) {
        kept.extend(BENEFIT_COLUMNS.map(str::to_owned));
    }
    if job.keeps_own_ids(source.kind) {
        kept.insert(OWN_ID.to_owned());
    }
    for preset in job.features.presets.iter().filter(|preset| preset.sources.contains(&source.name)) {
        let table = family(&preset.name).and_then(|family| family.table(source.kind));
        kept.extend(table.into_iter().flat_map(|table| table.names()).map(str::to_owned));
    }
    if let Some(fx) = &job.fx {
        if source.name == fx.rates {
            kept.extend(["currency", "date", "rate"].map(str::to_owned));
        } else if is_converted(job, source) {
            kept.insert("currency".to_owned());
        }
    }
    // Companies are counted by the one that they belong to.
    if kept.contains("subsidiaries") {
        kept.insert("parent_id".to_owned());
    }
    let mut wanted = kept.clone();
    if source.kind == SourceKind::Identities {
        wanted.extend(source.kind.kind().columns.iter().map(|column| column.name.to_owned()));
    }
    // Rows are judged by what their kind needs, whether a feature looks at it or not.
    wanted.extend(source.needed_values().into_iter().map(str::to_owned));
    if let Some(filter) = &source.filter {
        wanted.extend(expression::names(filter)?);
    }
    // The currencies of a table of rates are what it is about.
    if source.column("currency").is_some() && source.kind.has_money() {
        wanted.insert("currency".to_owned());
    }
    let of_source = job.quality.gates.iter().filter(|gate| gate.source == source.name);
    wanted.extend(of_source.filter_map(|gate| gate.column.clone()));
    for check in job.quality.checks.iter().filter(|check| check.source == source.name) {
        wanted.extend(expression::names(&check.expression)?);
    }
    let in_order = |names: BTreeSet<String>| {
        source.columns.iter().map(|column| column.name.clone()).filter(|name| names.contains(name)).collect()
    };
    Ok((in_order(wanted), in_order(kept)))
}

/// Says whether amounts of a source are converted to the job's currency.
pub fn is_converted(job: &Job, source: &Source) -> bool {
    job.fx.is_some() && !source.kind.amounts().is_empty() && source.column("currency").is_some()
}

/// The name of products.
pub const PRODUCT: &str = "product_id";

/// Gives the position of the reference table of products: the first whose `key` is `product_id`.
pub fn product_table(job: &Job) -> Option<usize> {
    job.sources.iter().position(|source| source.kind == SourceKind::Reference && source.key == [PRODUCT])
}

/// The name that says whether a product is in stock.
pub const IN_STOCK: &str = "in_stock";

/// Gives the position of the reference table that says what is in stock: that of products, where it does.
pub fn stock_table(job: &Job) -> Option<usize> {
    product_table(job).filter(|at| job.sources.get(*at).is_some_and(|source| source.column(IN_STOCK).is_some()))
}

/// Says whether the products of a source are looked up in the reference table.
pub fn has_known_products(job: &Job, source: &Source) -> bool {
    let is_standard = source.kind != SourceKind::Reference && source.kind.kind().column(PRODUCT).is_some();
    is_standard && source.column(PRODUCT).is_some() && product_table(job).is_some()
}

/// The name of campaigns.
pub const CAMPAIGN: &str = "campaign_id";

/// Gives the name of the reference table with what campaigns cost: the first whose `key` is `campaign_id` and that has a `cost`.
pub fn campaign_table(job: &Job) -> Option<&str> {
    let is_one = |source: &&Source| {
        source.kind == SourceKind::Reference && source.key == [CAMPAIGN] && tells(job, source, "cost")
    };
    job.sources.iter().find(is_one).map(|source| source.name.as_str())
}

/// Says whether there is something to be known of how customers answer messages and promotions.
pub fn judges_messages(job: &Job) -> bool {
    job.sources.iter().any(|source| match source.kind {
        SourceKind::Messages => true,
        SourceKind::Transactions => tells(job, source, "promotion_id"),
        _ => false,
    })
}

/// Says whether a source maps a name that results may show.
pub fn tells(job: &Job, source: &Source, name: &str) -> bool {
    source.column(name).is_some() && job.protects(source, name).is_none()
}

/// Gives the names that tell of a kind of rows how customers answer messages.
fn names_of_messages(job: &Job, kind: SourceKind) -> &'static [&'static str] {
    match kind {
        SourceKind::Messages => &["action", "message_id", CAMPAIGN, "promotion_id", "channel", "cost", "amount"],
        SourceKind::Transactions if judges_messages(job) => &["promotion_id", "cost"],
        _ => &[],
    }
}

/// Gives the names that constants of the population look at in a source.
fn names_of_constants(job: &Job, source: &Source) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for constant in job.features.constants.iter().filter(|constant| constant.sources.contains(&source.name)) {
        names.extend(expression::names(&constant.expression)?);
    }
    Ok(names)
}

/// Gives the names that queries over a source may look at.
fn names_of_queries(job: &Job, source: &Source, kind: &str) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for query in job.queries() {
        let named = expression::query_names(query)?;
        if named.tables.contains(&source.name) || named.tables.contains(kind) {
            match named.every_column {
                true => names.extend(source.columns.iter().map(|column| column.name.clone())),
                false => names.extend(named.columns),
            }
        }
    }
    Ok(names)
}

/// Gives a timezone by its IANA name.
///
/// # Errors
/// When it is unknown; it was checked before.
pub fn zone(name: &str) -> Result<Tz> {
    name.parse().map_err(|_| Error::bug(format!("timezone {name} is not known any more")))
}

/// Gives 00:00 of a date in the job's timezone, as microseconds since 1970 UTC.
///
/// # Errors
/// See [`zone`].
pub fn midnight(date: NaiveDate, timezone: &str) -> Result<i64> {
    let local = date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_micros();
    Ok(crate::values::local_to_utc(local, zone(timezone)?))
}

/// Gives the first instant behind the outcome window; none of a job without one.
///
/// # Errors
/// See [`zone`].
pub fn outcome_end(job: &Job) -> Result<Option<i64>> {
    outcome_end_day(job).map(|date| midnight(date, &job.timezone)).transpose()
}

/// Gives the day before which the outcome window ends; none of a job without one.
pub fn outcome_end_day(job: &Job) -> Option<NaiveDate> {
    job.effectiveness.outcome_days.and_then(|days| job.as_of.checked_add_days(Days::new(days.into())))
}

/// Gives the first instant of the window of `days` calendar days before `as_of`; none: no bound.
///
/// # Errors
/// See [`zone`].
pub fn window_start(job: &Job, days: Option<u32>) -> Result<Option<i64>> {
    days.and_then(|days| job.as_of.checked_sub_days(Days::new(days.into())))
        .map(|date| midnight(date, &job.timezone))
        .transpose()
}
