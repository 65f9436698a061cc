//! Reads NDJSON: one JSON object a line.

use super::encodings::misfit;
use super::json_object::{JsonValue, NotAnObject, for_each_value};
use super::rows::Rows;
use super::spec::ReadSpec;
use super::text::BatchBuilder;
use super::window::{MARK, Window, next_line};
use hashbrown::HashMap;
use segmenter_proto::Result;
use std::borrow::Cow;

/// Reads the needed keys of an NDJSON file, batch by batch; a key that a line lacks is null, and one that it has twice with two values
/// is in error.
pub(super) struct NdjsonReader {
    window: Window,
    batch: BatchBuilder,
    places: HashMap<String, usize>,
    encoding: String,
    line_number: u64,
}

impl NdjsonReader {
    pub(super) fn new(window: Window, names: &[String], spec: &ReadSpec, limit: usize) -> Result<Self> {
        let places = names.iter().enumerate().map(|(place, name)| (name.clone(), place)).collect();
        // JSON has one way to write a fraction.
        let batch = BatchBuilder::new(names, spec, None, limit)?;
        Ok(Self { window, batch, places, encoding: spec.csv.encoding.clone(), line_number: 0 })
    }

    /// Gives the next batch; none at the end of the file.
    pub(super) fn next_rows(&mut self) -> Result<Option<Rows>> {
        while !self.batch.is_full() {
            let Some((length, next)) = next_line(&mut self.window)? else { break };
            self.line_number += 1;
            self.take(length);
            self.window.consume(next);
        }
        self.batch.finish()
    }

    fn take(&mut self, length: usize) {
        let line = without_marks(&self.window.data()[..length]);
        if line.is_empty() {
            return;
        }
        let Ok(text) = std::str::from_utf8(line) else {
            let (code, reason) = misfit(&self.encoding);
            return self.batch.push_broken(self.line_number, code, reason, line);
        };
        let mut values: Vec<Option<JsonValue<'_>>> = vec![None; self.places.len()];
        let mut ambiguous: Vec<usize> = Vec::new();
        let parsed = for_each_value(text, |key, value| {
            if let Some(place) = self.places.get(key)
                && let Some(before) = values[*place].replace(value)
                && before.text() != value.text()
            {
                ambiguous.push(*place);
            }
        });
        match parsed {
            Ok(()) => {
                ambiguous.sort_unstable();
                ambiguous.dedup();
                for place in ambiguous {
                    // Readers of JSON take the first or the last; neither is known to be right.
                    values[place] = None;
                    self.batch.reject_cell(place, "repeated_key", "the key comes twice in the line, with two values");
                }
                let no_text = |value: &Option<JsonValue<'_>>| value.is_some_and(JsonValue::is_no_text);
                for (index, _) in values.iter().enumerate().filter(|(_, value)| no_text(value)) {
                    self.batch.not_text(index);
                }
                let texts: Vec<Option<Cow<'_, str>>> =
                    values.into_iter().map(|value| value.and_then(JsonValue::text)).collect();
                self.batch.push(self.line_number, text, |index| texts[index].as_deref());
            }
            Err(NotAnObject { at, expected }) => {
                let reason = format!("expected {expected}, not so at byte {}", at + 1);
                self.batch.push_broken(self.line_number, "invalid_json", reason, line);
            }
        }
    }
}

/// Gives a line without blanks around it and byte order marks at its start.
pub(super) fn without_marks(line: &[u8]) -> &[u8] {
    let mut line = line.trim_ascii();
    while let Some(rest) = line.strip_prefix(MARK) {
        line = rest.trim_ascii_start();
    }
    line
}
