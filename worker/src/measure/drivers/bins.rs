//! The bins that values of a feature are told apart by: readable cuts of a number, levels of a category.

use arrow::array::{ArrayAccessor, ArrayRef, AsArray, Float64Array};
use hashbrown::HashMap;
use segmenter_proto::{Error, Result, v1};

use crate::segmentation::transform::feature_values;

/// Levels of a category that have a bin of their own.
pub(super) const MOST_LEVELS: usize = 20;
/// Digits of a cut at least.
const FEWEST_DIGITS: usize = 2;
/// Digits that tell any two numbers apart.
const ALL_DIGITS: usize = 17;
/// Characters of a cut that a person would read.
const LONGEST_CUT: usize = 20;

/// A feature and its bins: those of values, and last that of nothing known.
#[derive(Debug, Clone, PartialEq)]
pub struct BinnedFeature {
    /// Position in `features/`.
    pub column: u32,
    /// How its values are told apart.
    pub by: Bins,
}

/// How values of a feature are told apart.
#[derive(Debug, Clone, PartialEq)]
pub enum Bins {
    /// A number, by rising cuts; a value on a cut is below it.
    Cuts(Vec<f64>),
    /// A category, by levels; the others have a bin behind them.
    Levels(Vec<String>),
}

impl BinnedFeature {
    /// Gives the number of bins of values.
    pub fn values(&self) -> usize {
        1 + match &self.by {
            Bins::Cuts(cuts) => cuts.len(),
            Bins::Levels(levels) => levels.len(),
        }
    }

    /// Gives the number of all bins.
    pub fn bins(&self) -> usize {
        self.values() + 1
    }

    /// Adds customers by the bin of a number, those without a value last.
    pub fn count(&self, values: &Float64Array, customers: &mut [u64]) {
        let Bins::Cuts(cuts) = &self.by else { return };
        for value in values {
            let bin = value.map_or(self.values(), |value| cuts.partition_point(|cut| *cut < value));
            customers[bin] += 1;
        }
    }

    /// Gives the bin of each customer.
    ///
    /// # Errors
    /// Bug only: a column of another type.
    pub(super) fn codes(&self, name: &str, column: &ArrayRef) -> Result<Vec<u8>> {
        let unknown = self.values() as u8;
        match &self.by {
            Bins::Cuts(cuts) => {
                let values = feature_values(name, column)?;
                let code = |value: f64| cuts.partition_point(|cut| *cut < value) as u8;
                Ok(values.iter().map(|value| value.map_or(unknown, code)).collect())
            }
            Bins::Levels(levels) => {
                let codes: HashMap<&str, u8> = levels.iter().map(String::as_str).zip(0..).collect();
                let others = levels.len() as u8;
                let code = |level: Option<&str>| match level {
                    None => unknown,
                    Some(level) => codes.get(level).copied().unwrap_or(others),
                };
                if let Some(values) = column.as_boolean_opt() {
                    let text = |value| if value { "true" } else { "false" };
                    return Ok(values.iter().map(|value| code(value.map(text))).collect());
                }
                if let Some(values) = column.as_string_opt::<i32>() {
                    return Ok(coded(values, code));
                }
                if let Some(values) = column.as_string_opt::<i64>() {
                    return Ok(coded(values, code));
                }
                match column.as_string_view_opt() {
                    Some(values) => Ok(coded(values, code)),
                    None => Err(Error::bug(format!("feature {name} is no category"))),
                }
            }
        }
    }

    /// Says whether it is a category.
    pub fn is_category(&self) -> bool {
        matches!(self.by, Bins::Levels(_))
    }

    /// Gives it as a request has it.
    pub fn to_message(&self) -> v1::BinnedFeature {
        let (cuts, levels) = match &self.by {
            Bins::Cuts(cuts) => (cuts.clone(), Vec::new()),
            Bins::Levels(levels) => (Vec::new(), levels.clone()),
        };
        v1::BinnedFeature { column: self.column, cuts, levels, is_category: self.is_category() }
    }

    pub(super) fn from_message(message: &v1::BinnedFeature) -> Result<Self> {
        let by = match message.is_category {
            true => Bins::Levels(message.levels.clone()),
            false => Bins::Cuts(message.cuts.clone()),
        };
        let feature = Self { column: message.column, by };
        match feature.bins() <= usize::from(u8::MAX) {
            true => Ok(feature),
            false => Err(Error::bug("a feature has more bins than a byte tells apart")),
        }
    }
}

fn coded<'a>(values: impl ArrayAccessor<Item = &'a str>, code: impl Fn(Option<&str>) -> u8) -> Vec<u8> {
    let value = |row: usize| values.is_valid(row).then(|| values.value(row));
    (0..values.len()).map(|row| code(value(row))).collect()
}

/// Gives cuts that can be read: rounded to the fewest digits, two at least, that keep three in four of them apart.
///
/// `quantiles` rise; equal ones are one cut. Where a number is too long to be read it is no cut.
pub(super) fn readable(quantiles: &[f64]) -> Vec<f64> {
    let mut exact = quantiles.to_vec();
    exact.dedup();
    let mut cuts = Vec::new();
    for digits in FEWEST_DIGITS..=ALL_DIGITS {
        cuts = exact.iter().map(|value| rounded(*value, digits)).collect();
        cuts.dedup();
        if cuts.len() * 4 >= exact.len() * 3 {
            break;
        }
    }
    cuts.retain(|cut| written(*cut).len() <= LONGEST_CUT);
    cuts
}

/// Gives a number to so many significant digits.
pub fn rounded(value: f64, digits: usize) -> f64 {
    // By way of the decimal, so that the nearest double to what is read is compared with. Zero has one sign.
    let text = format!("{value:.*e}", digits.saturating_sub(1));
    text.parse::<f64>().map_or(value, |rounded| rounded + 0.0)
}

/// Writes a number with the fewest digits that give the same bits back.
pub fn written(value: f64) -> String {
    format!("{value}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{BooleanArray, Float64Array, StringArray, StringViewArray};
    use std::sync::Arc;

    #[test]
    fn cuts_are_read_easily_and_keep_most_values_apart() {
        assert_eq!(readable(&[1.0, 1.0, 2.0, 17.0, 137.4, 1234.0]), [1.0, 2.0, 17.0, 140.0, 1200.0]);
        // Two digits would make one of all.
        assert_eq!(readable(&[1001.0, 1002.0, 1003.0, 1004.0]), [1001.0, 1002.0, 1003.0, 1004.0]);
        assert_eq!(readable(&[-0.0, 0.0473]).iter().map(|cut| written(*cut)).collect::<Vec<_>>(), ["0", "0.047"]);
        assert_eq!(readable(&[1e-300, 1.0, 1e300]), [1.0]);
        assert_eq!(readable(&[]), [0.0; 0]);
    }

    #[test]
    fn values_fall_into_their_bins() {
        let number = BinnedFeature { column: 0, by: Bins::Cuts(vec![1.0, 2.5]) };
        let column: ArrayRef = Arc::new(Float64Array::from(vec![Some(1.0), Some(1.5), None, Some(2.6), Some(-9.0)]));
        assert_eq!((number.bins(), number.codes("x", &column).unwrap()), (4, vec![0, 1, 3, 2, 0]));
        let levels = BinnedFeature { column: 0, by: Bins::Levels(vec!["b".to_owned(), "a".to_owned()]) };
        let values = [Some("a"), None, Some("b"), Some("c")];
        for column in
            [Arc::new(StringArray::from_iter(values)) as ArrayRef, Arc::new(StringViewArray::from_iter(values))]
        {
            assert_eq!(levels.codes("x", &column).unwrap(), [1, 3, 0, 2]);
        }
        let truths = BinnedFeature { column: 0, by: Bins::Levels(vec!["true".to_owned(), "false".to_owned()]) };
        let column: ArrayRef = Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)]));
        assert_eq!(truths.codes("x", &column).unwrap(), [0, 3, 1]);
        assert!(levels.codes("x", &(Arc::new(Float64Array::from(vec![1.0])) as ArrayRef)).is_err());
        assert_eq!(BinnedFeature::from_message(&levels.to_message()).unwrap(), levels);
    }
}
