use crate::checks::{JobError, JobErrors};
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents};
use miette::{SourceCode, SourceSpan, SpanContents};
use segmenter_worker::program::printable;
use std::fmt;

impl JobErrors {
    /// Draws every error with the lines of the file around it, for a person; `width` in characters.
    ///
    /// Without colour it says the same.
    pub fn render(&self, width: usize, colour: bool) -> String {
        let theme = if colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(width)
            .with_context_lines(1)
            .with_links(false)
            .with_break_words(false);
        let mut drawn = String::new();
        for error in &self.errors {
            let report = Report { errors: self, error };
            if handler.render_report(&mut drawn, &report).is_err() {
                // Drawing is a comfort; the error is said in any case.
                drawn.push_str(&error.message);
            }
            drawn.push('\n');
        }
        let count = self.errors.len();
        drawn.push_str(&format!("{count} error{} in {}\n", if count == 1 { "" } else { "s" }, printable(&self.path)));
        drawn
    }
}

/// One error with the file around it.
#[derive(Debug)]
struct Report<'a> {
    errors: &'a JobErrors,
    error: &'a JobError,
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.error.span.is_none() {
            write!(formatter, "{}: ", printable(&self.errors.path))?;
        }
        formatter.write_str(&printable(&self.error.message))
    }
}

impl std::error::Error for Report<'_> {}

impl Diagnostic for Report<'_> {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.error.hint.as_ref().map(|hint| Box::new(printable(hint)) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.error.span.as_ref().map(|_| self.errors as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.error.span.clone()?;
        let label = self.error.expected.as_ref().map(|expected| format!("expected {expected}"));
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(label, span))))
    }
}

/// The file under its name, with columns in characters, where miette's own count bytes.
impl SourceCode for JobErrors {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let contents = self.text.read_span(span, before, after)?;
        let column = if before == 0 { crate::checks::position(&self.text, span.offset()).1 - 1 } else { 0 };
        Ok(Box::new(MietteSpanContents::new_named(
            self.path.clone(),
            contents.data(),
            *contents.span(),
            contents.line(),
            column,
            contents.line_count(),
        )))
    }
}
