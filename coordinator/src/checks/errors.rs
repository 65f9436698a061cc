use segmenter_proto::Error;
use serde_json::{Value, json};
use std::fmt;
use std::ops::Range;

/// One thing that is wrong in a job file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobError {
    /// The dotted path of the key, such as `source[1].columns.amount`; empty for the file as a whole.
    pub path: String,
    /// Bytes of the file; none if the file could not be read.
    pub span: Option<Range<usize>>,
    /// What is wrong; lower case, no full stop.
    pub message: String,
    /// What was expected there.
    pub expected: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
}

impl JobError {
    /// Says what was expected at the place.
    pub fn expect(&mut self, expected: impl Into<String>) -> &mut Self {
        self.expected = Some(expected.into());
        self
    }

    /// Says what to do about it.
    pub fn help(&mut self, hint: impl Into<String>) -> &mut Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says what to do about it, if that is known.
    pub(crate) fn help_if(&mut self, hint: Option<String>) -> &mut Self {
        self.hint = hint.or(self.hint.take());
        self
    }
}

/// All that is wrong in a job file, in the order of the file; never empty.
#[derive(Debug, Clone)]
pub struct JobErrors {
    /// The file's path as it was given.
    pub path: String,
    /// The file's text; empty if it could not be read.
    pub text: String,
    /// What is wrong.
    pub errors: Vec<JobError>,
}

impl JobErrors {
    /// Makes the error of a file that cannot be read at all.
    pub(crate) fn unreadable(path: String, message: String, hint: Option<String>) -> Self {
        let error = JobError { path: String::new(), span: None, message, expected: None, hint };
        Self { path, text: String::new(), errors: vec![error] }
    }

    /// Gives line and column of an error, both from 1, the column in characters.
    pub fn position(&self, error: &JobError) -> Option<(usize, usize)> {
        let start = error.span.as_ref()?.start;
        Some(position(&self.text, start))
    }

    /// Gives the errors for `--output json`: a list of {path, line, column, message, expected, hint}; what is not known is null.
    pub fn to_json(&self) -> Value {
        let error = |error: &JobError| {
            let position = self.position(error);
            json!({
                "path": error.path,
                "line": position.map(|(line, _)| line),
                "column": position.map(|(_, column)| column),
                "message": error.message,
                "expected": error.expected,
                "hint": error.hint,
            })
        };
        Value::Array(self.errors.iter().map(error).collect())
    }
}

impl fmt::Display for JobErrors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.errors.iter().enumerate() {
            if index > 0 {
                formatter.write_str("\n")?;
            }
            formatter.write_str(&self.path)?;
            if let Some((line, column)) = self.position(error) {
                write!(formatter, ":{line}:{column}")?;
            }
            write!(formatter, ": {}", error.message)?;
            if let Some(expected) = &error.expected {
                write!(formatter, "; expected {expected}")?;
            }
            if let Some(hint) = &error.hint {
                write!(formatter, " (hint: {hint})")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for JobErrors {}

/// The message lists all errors, one a line; the errors themselves stay as its source, to be shown with their lines.
impl From<JobErrors> for Error {
    fn from(errors: JobErrors) -> Self {
        Self::job(errors.to_string()).caused_by(errors)
    }
}

/// Gives line and column of a byte of a text, both from 1, the column in characters.
pub(crate) fn position(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        assert_eq!(position("a\nż = 1", 5), (2, 3));
        assert_eq!(position("", 0), (1, 1));
    }

    #[test]
    fn stays_whole_as_the_source_of_the_one_error_type() {
        let errors = JobErrors::unreadable("job.toml".into(), "cannot read the file".into(), None);
        let error = Error::from(errors);
        assert_eq!(error.fault.exit_code(), 2);
        assert_eq!(error.message, "job.toml: cannot read the file");
        let source = error.source.unwrap();
        assert_eq!(source.downcast_ref::<JobErrors>().unwrap().to_json()[0]["line"], Value::Null);
    }
}
