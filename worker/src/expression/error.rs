//! The error of an expression that a user wrote.

pub use segmenter_proto::Position;
use sqlparser::tokenizer::Location;

/// Gives the place that the parser recorded, if it did.
pub(crate) fn position_of(location: Location) -> Option<Position> {
    (location.line > 0).then_some(Position { line: location.line, column: location.column })
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
        let converted = segmenter_proto::Error::job(error.message).at_word(error.position);
        match error.hint {
            Some(hint) => converted.with_hint(hint),
            None => converted,
        }
    }
}
