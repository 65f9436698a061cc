//! Gathers the warnings of a run.

use crate::progress::Reporter;
use crate::warning::Warning;
use segmenter_proto::jobs::Unit;

/// The warnings of a run, in the order in which they came up.
#[derive(Debug)]
pub struct Warnings<'a> {
    reporter: &'a Reporter,
    unit: Unit,
    told: Vec<Warning>,
}

impl<'a> Warnings<'a> {
    /// Begins without any; sentences are told of whoever is segmented.
    pub fn new(reporter: &'a Reporter, unit: Unit) -> Self {
        Self { reporter, unit, told: Vec::new() }
    }

    /// Tells warnings at once and keeps them; what was told before is not told again.
    pub fn add<W: Into<Warning>>(&mut self, warnings: impl IntoIterator<Item = W>) {
        for warning in warnings.into_iter().map(Into::into) {
            let Warning { subject, text } = warning;
            let warning = Warning { subject, text: self.unit.told(&text).into_owned() };
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
        let mut warnings = Warnings::new(&reporter, Unit::Customer);
        let odd = || Warning::of(Subject::Source("orders".to_owned()), "2 rows are odd");
        warnings.add([odd(), Warning::of_run("it is late")]);
        warnings.add([odd()]);
        assert_eq!(warnings.sentences(), ["source orders: 2 rows are odd", "it is late"]);
    }
}
