//! Gathers the warnings of a run.

use crate::progress::Reporter;
use crate::warning::Warning;

/// The warnings of a run, in the order in which they came up.
#[derive(Debug)]
pub struct Warnings<'a> {
    reporter: &'a Reporter,
    told: Vec<Warning>,
}

impl<'a> Warnings<'a> {
    /// Begins without any.
    pub fn new(reporter: &'a Reporter) -> Self {
        Self { reporter, told: Vec::new() }
    }

    /// Tells warnings at once and keeps them; what was told before is not told again.
    pub fn add<W: Into<Warning>>(&mut self, warnings: impl IntoIterator<Item = W>) {
        for warning in warnings.into_iter().map(Into::into) {
            if !self.told.contains(&warning) {
                self.reporter.warn(&warning.to_string());
                self.told.push(warning);
            }
        }
    }

    /// Gives them as sentences.
    pub fn sentences(&self) -> Vec<String> {
        self.told.iter().map(Warning::to_string).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use segmenter_worker::notes::Subject;

    #[test]
    fn a_warning_is_told_once_and_says_whose_it_is() {
        let reporter = Reporter::silent();
        let mut warnings = Warnings::new(&reporter);
        let odd = || Warning::of(Subject::Source("orders".to_owned()), "2 rows are odd");
        warnings.add([odd(), Warning::of_run("it is late")]);
        warnings.add([odd()]);
        assert_eq!(warnings.sentences(), ["source orders: 2 rows are odd", "it is late"]);
    }
}
