//! The error of an expression that a user wrote.

use sqlparser::tokenizer::Location;

use sqlparser;

/// A place in an expression's text; both from 1, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Line of the expression's text.
    pub line: u64,
    /// Character in the line.
    pub column: u64,
}

impl Position {
    /// Gives the place that the parser recorded, if it did.
    pub(crate) fn of(location: Location) -> Option<Self> {
        (location.line > 0).then_some(Self { line: location.line, column: location.column })
    }
}

/// What is wrong with an expression: always the job file's fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ExpressionError {
    /// What is wrong and what was expected; lower case, no full stop.
    pub message: String,
    /// What to write instead.
    pub hint: Option<String>,
    /// Where in the expression.
    pub position: Option<Position>,
}

impl ExpressionError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, position: None }
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn at(mut self, position: Option<Position>) -> Self {
        self.position = self.position.or(position);
        self
    }
}

impl From<ExpressionError> for segmenter_proto::Error {
    fn from(error: ExpressionError) -> Self {
        let message = match error.position {
            Some(Position { line: 1, column }) => format!("{} (at character {column})", error.message),
            Some(Position { line, column }) => format!("{} (at line {line}, character {column})", error.message),
            None => error.message,
        };
        let converted = segmenter_proto::Error::job(message);
        match error.hint {
            Some(hint) => converted.with_hint(hint),
            None => converted,
        }
    }
}
