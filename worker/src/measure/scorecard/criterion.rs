//! What a criterion is, and what it is judged by.

use crate::{
    measure::{effectiveness::Basis, prediction::PredictivePower},
    results::ProfileRow,
    words::Words,
};
use segmenter_proto::{
    methods,
    v1::{self, SelectionFigure},
};
use std::fmt;

/// What is known of a segmentation.
#[derive(Debug, Clone)]
pub struct ScorecardScope<'a> {
    /// Name of the segmentation.
    pub segmentation: &'a str,
    /// Its segments, in the order of their ids.
    pub segments: Vec<Segment<'a>>,
    /// Customers of the run, in scope or not.
    pub customers: u64,
    /// Whether a customer can be in several segments.
    pub overlapping: bool,
    /// Its rows of `profiles.parquet`.
    pub profiles: Vec<&'a ProfileRow>,
    /// What spoke for the number of clusters; empty where nothing was fitted in this run.
    pub selection: &'a [SelectionFigure],
    /// What the table at the end says of all clusters; empty where nothing was fitted in this run.
    pub figures: &'a [v1::Figure],
    /// Whether segments are clusters, which another sample could have made otherwise.
    pub is_clustered: bool,
    /// Whether somebody was asked whether they may be written to.
    pub has_consents: bool,
    /// Whether there are transactions.
    pub has_purchases: bool,
    /// What judges the segments; none of a job without an outcome window.
    pub outcome: Option<Basis>,
    /// What segments tell of spending in that window; none where nothing can be known of it.
    pub power: Option<PredictivePower>,
    /// Days of that window.
    pub outcome_days: u32,
    /// Customers that a segment must have to be named.
    pub min_cell: u64,
    /// Level of intervals.
    pub level: f64,
    /// The words that it is told in.
    pub words: &'a Words,
}

/// A segment.
#[derive(Debug, Clone, Copy)]
pub struct Segment<'a> {
    /// Its key.
    pub key: &'a str,
    /// Customers in it.
    pub customers: u64,
    /// Those of them whom some channel reaches.
    pub reachable: u64,
}

impl ScorecardScope<'_> {
    /// Gives the segments in scope that have customers.
    pub(super) fn taken(&self) -> impl Iterator<Item = &Segment<'_>> {
        self.segments.iter().filter(|segment| segment.customers > 0 && segment.key != methods::OUT_OF_SCOPE)
    }

    /// Gives those of them that may be named.
    pub(super) fn named(&self) -> impl Iterator<Item = &Segment<'_>> {
        self.taken().filter(|segment| segment.customers >= self.min_cell)
    }

    /// Gives the customers in scope.
    pub(super) fn in_scope(&self) -> u64 {
        let outside = self.segments.iter().filter(|segment| segment.key == methods::OUT_OF_SCOPE);
        self.customers.saturating_sub(outside.map(|segment| segment.customers).sum())
    }
}

/// A figure of a criterion.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Figure {
    /// What is measured.
    pub measure: &'static str,
    /// The segment that is meant; none: all of them.
    pub segment_key: Option<String>,
    /// The value, or why there is none.
    pub value: Result<f64, String>,
    /// Customers that it is of.
    pub n: u64,
    /// What it is put beside.
    pub comparison: Option<(&'static str, f64)>,
    /// The difference of both with its interval; a verdict follows where that leaves out 0.
    pub difference: Option<(f64, (f64, f64))>,
    /// What it says; empty where there is no value.
    pub sentence: String,
}

impl Figure {
    /// Makes one that has a value.
    pub fn known(measure: &'static str, value: f64, n: u64, sentence: String) -> Self {
        Self { measure, segment_key: None, value: Ok(value), n, comparison: None, difference: None, sentence }
    }

    /// Makes one that has none.
    pub fn unknown(measure: &'static str, n: u64, why: impl Into<String>) -> Self {
        let (value, sentence) = (Err(why.into()), String::new());
        Self { measure, segment_key: None, value, n, comparison: None, difference: None, sentence }
    }

    #[must_use]
    pub fn of(mut self, segment: &Segment<'_>) -> Self {
        self.segment_key = Some(segment.key.to_owned());
        self
    }

    #[must_use]
    pub fn beside(mut self, what: &'static str, value: f64) -> Self {
        self.comparison = Some((what, value));
        self
    }
}

/// Something that a segmentation can be good or bad at.
pub(super) trait Criterion: fmt::Debug + Sync {
    /// Its name in the table.
    fn name(&self) -> &'static str;
    /// Says whether it is judged by what came after `as_of`.
    fn is_of_outcome(&self) -> bool {
        false
    }
    /// Measures it.
    fn figures(&self, scope: &ScorecardScope<'_>) -> Vec<Figure>;
}

/// Gives a share in words.
pub(super) fn percent(words: &Words, share: f64) -> String {
    let text = format!("{:.1}", share * 100.0);
    // No difference is below 0.
    words.percent(&words.written(if text == "-0.0" { "0.0" } else { &text }))
}
