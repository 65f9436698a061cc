//! Places in the text of a query.

use crate::{
    checks::{JobError, JobErrors},
    plan::word_at,
};
use segmenter_worker::expression::ExpressionError;

/// Puts what is wrong with a query at its place in the text.
pub fn in_text(query: &str, error: ExpressionError) -> JobErrors {
    let ExpressionError { message, hint, position } = error;
    let span = position.and_then(|position| word_at(query, position));
    let error = JobError { path: String::new(), span, message, expected: None, hint };
    JobErrors { path: "query".to_owned(), text: query.to_owned(), errors: vec![error] }
}
