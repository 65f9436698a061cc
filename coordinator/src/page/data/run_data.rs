//! All that is known of a run, as far as a page may tell it.

use super::{
    job_facts::JobFacts,
    table::{Row, Rows},
};
use crate::protocol::RunRecord;
use segmenter_worker::words::{Arg, Words};
use std::collections::BTreeMap;

/// The tables that a page is made of. None has a row a customer. Of some that may be long, rows that have a value in a column are left out.
pub const TABLES: [(&str, Option<&str>); 25] = [
    ("affinity", Some("segment_key")),
    ("benefits", None),
    ("calibration", None),
    ("campaigns", None),
    ("channels", None),
    ("cohorts", None),
    ("contacts", None),
    ("distributions", None),
    ("drift", None),
    ("drivers", None),
    ("effectiveness", None),
    ("experiments", None),
    ("map", None),
    ("map_axes", None),
    ("migration", None),
    ("offers", None),
    ("overlaps", None),
    ("personas", None),
    ("profiles", None),
    ("quality", None),
    ("repeat_curve", None),
    ("rules", None),
    ("scorecard", None),
    ("segments", None),
    ("selection", None),
];

/// What a page is made of.
#[derive(Debug, Clone)]
pub struct RunData {
    /// What `run.json` tells. A page takes nothing of it that differs between two coordinators, such as timings.
    pub record: RunRecord,
    /// What the job file tells.
    pub job: JobFacts,
    /// The words that the run is told in.
    pub words: &'static Words,
    pub(in crate::page) tables: BTreeMap<String, Rows>,
}

impl RunData {
    /// Takes what was read, the tables by their names.
    pub fn new(record: RunRecord, tables: BTreeMap<String, Rows>) -> Self {
        let words = record.language.as_ref().map_or_else(Words::english, Words::of);
        Self { job: JobFacts::of(&record.job_text), words, record, tables }
    }

    /// Gives who is segmented, for messages.
    pub fn unit(&self) -> Arg<'static> {
        Arg::from(if self.job.accounts { "account" } else { "customer" })
    }

    /// Gives the word for those who are segmented.
    pub fn many(&self) -> String {
        self.words.say("unit-many", [("unit", self.unit())])
    }

    /// Gives the currency of amounts; none where the job says none.
    pub fn currency(&self) -> Option<&str> {
        self.rows("effectiveness").find_map(|row| row.text("currency"))
    }

    /// Gives the rows of a table; none where the run has no such table.
    pub fn rows(&self, table: &str) -> impl Iterator<Item = Row<'_>> {
        self.tables.get(table).into_iter().flat_map(Rows::iter)
    }

    /// Gives the rows of a table that are of a segmentation.
    pub fn rows_of<'a>(&'a self, table: &str, segmentation: &'a str) -> impl Iterator<Item = Row<'a>> {
        self.rows(table).filter(move |row| row.is("segmentation", segmentation))
    }

    /// Gives a text of the evidence that `run.json` keeps of a segmentation.
    pub fn evidence(&self, segmentation: &str, name: &str) -> Option<&str> {
        self.record.clustering.get(segmentation)?.get(name)?.as_str()
    }
}
