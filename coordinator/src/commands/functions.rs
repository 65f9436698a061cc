//! `segmenter functions`: what expressions may use.

use super::stdout;
use segmenter_proto::Result;

/// Prints the allowed functions.
pub(super) fn functions() -> Result<()> {
    let functions = segmenter_worker::expression::functions();
    let width = functions.iter().map(|function| function.signature.len()).max().unwrap_or_default();
    let mut text = String::new();
    for function in functions {
        text.push_str(&format!("{:<10} {:<width$}  {}\n", function.category, function.signature, function.description));
    }
    stdout::print(&text)
}
