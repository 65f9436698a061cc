use super::{JobError, Places};
use std::collections::BTreeMap;
use std::ops::Range;

/// Collects what is wrong, each with its place.
#[derive(Debug)]
pub(crate) struct Findings {
    /// Where everything stands.
    pub(crate) places: Places,
    text: String,
    errors: Vec<JobError>,
    remarks: BTreeMap<String, String>,
}

impl Findings {
    pub(crate) fn new(text: &str, places: Places) -> Self {
        Self { places, text: text.to_owned(), errors: Vec::new(), remarks: BTreeMap::new() }
    }

    /// Notes that a value, or one missing in a table, is wrong.
    pub(crate) fn wrong(&mut self, path: &str, message: impl Into<String>) -> &mut JobError {
        let span = self.places.nearest(path);
        self.push(path, span, message.into())
    }

    /// Notes that a key is wrong.
    pub(crate) fn wrong_key(&mut self, path: &str, message: impl Into<String>) -> &mut JobError {
        let span = self.places.key(path).unwrap_or_else(|| self.places.nearest(path));
        self.push(path, span, message.into())
    }

    /// Notes that a part of a text is wrong, `within` in bytes of the text.
    pub(crate) fn wrong_within(
        &mut self,
        path: &str,
        within: Range<usize>,
        message: impl Into<String>,
    ) -> &mut JobError {
        let span = self.places.within(path, within).unwrap_or_else(|| self.places.nearest(path));
        self.push(path, span, message.into())
    }

    /// Leaves a hint for an error that may come at this place.
    pub(crate) fn remark(&mut self, path: &str, hint: String) {
        self.remarks.insert(path.to_owned(), hint);
    }

    /// Gives the hint that was left for this place.
    pub(crate) fn take_remark(&mut self, path: &str) -> Option<String> {
        self.remarks.remove(path)
    }

    /// Gives the line, from 1, of a value.
    pub(crate) fn line_of(&self, path: &str) -> usize {
        super::errors::position(&self.text, self.places.nearest(path).start).0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// Gives the places, and the errors in the order of the file.
    pub(crate) fn finish(mut self) -> (Places, Vec<JobError>) {
        self.errors.sort_by_key(|error| error.span.clone().map(|span| (span.start, span.end)));
        (self.places, self.errors)
    }

    fn push(&mut self, path: &str, span: Range<usize>, message: String) -> &mut JobError {
        let index = self.errors.len();
        self.errors.push(JobError { path: path.to_owned(), span: Some(span), message, expected: None, hint: None });
        &mut self.errors[index]
    }
}
