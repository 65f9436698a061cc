//! Functions that know the whole population: what they are called with, and what they answer with the constants that were found.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, StringArray};
use arrow::datatypes::DataType;
use segmenter_proto::models::PopulationValue;
use segmenter_proto::{Error, Result};
use sqlparser::ast::{Expr as Syntax, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Value};

use super::ExpressionError;
use super::registry::FunctionDoc;

/// Most bins.
const MOST_BINS: u32 = 1000;
/// Most values that are named: rarer ones are not counted.
const MOST_VALUES: u32 = 100;
/// Ranks are told to so many parts of 1.
pub(crate) const RANKS: u64 = 1000;
/// What stands for values that are not named.
const OTHER: &str = "other";

/// A function over all customers who have a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PopulationFunction {
    /// Which of so many bins a value falls into.
    Bin(u32),
    /// The share of smaller values.
    PercentRank,
    /// The distance from the mean in standard deviations.
    Zscore,
    /// Whether a value is among this share of the largest.
    IsTop(f64),
    /// A text, if it is among so many of the most frequent.
    TopValues(u32),
}

/// The functions as people read about them.
static ALL: [(&str, &str, &str, &str); 5] = [
    (
        "is_top",
        "is_top(x number, share number) → bool",
        "whether at least 1 - share of all customers' values are smaller: so never more of them than the share",
        "is_top(amount, 0.05)",
    ),
    (
        "population_bin",
        "population_bin(x number, n int) → int",
        "the bin, 1 to n, of n bins with as many customers each; equal values share a bin",
        "population_bin(amount, 10)",
    ),
    (
        "population_percent_rank",
        "population_percent_rank(x number) → number",
        "the share of the other customers' values that are smaller, 0 to 1, cut to thousandths",
        "population_percent_rank(amount)",
    ),
    (
        "population_zscore",
        "population_zscore(x number) → number",
        "(x - mean) / standard deviation of all customers' values; null where all are equal",
        "population_zscore(amount)",
    ),
    (
        "top_values",
        "top_values(x text, n int) → text",
        "x where it is one of the n values that most customers have, at least one in a hundred each; else 'other'",
        "top_values(city, 5)",
    ),
];

/// Lists the functions.
pub(super) fn documented() -> impl Iterator<Item = FunctionDoc> {
    ALL.iter().map(|(name, signature, description, example)| FunctionDoc {
        name,
        category: "population",
        signature: (*signature).to_owned(),
        description,
        example,
    })
}

/// Says whether a function of this name, in small letters, knows the population.
pub(super) fn is_known(name: &str) -> bool {
    ALL.iter().any(|(known, ..)| *known == name)
}

/// Reads a call: the function with its constants, and the argument; none of other functions.
pub(super) fn read(call: &Function) -> Option<Result<(PopulationFunction, Syntax), ExpressionError>> {
    let name = call.name.to_string().to_lowercase();
    let (_, signature, _, example) = *ALL.iter().find(|(known, ..)| *known == name)?;
    let refused = |what: &str| {
        Err(ExpressionError::new(format!("{name} {what}")).with_hint(format!("{signature}, for example {example}")))
    };
    let mut arguments = Vec::new();
    let list = match &call.args {
        FunctionArguments::List(list) => list,
        _ => return Some(refused("needs its arguments in brackets")),
    };
    let is_plain = call.over.is_none()
        && call.filter.is_none()
        && call.within_group.is_empty()
        && call.null_treatment.is_none()
        && list.duplicate_treatment.is_none()
        && list.clauses.is_empty();
    if !is_plain {
        return Some(refused("takes arguments alone"));
    }
    for argument in &list.args {
        match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(argument)) => arguments.push(argument),
            _ => return Some(refused("takes expressions only")),
        }
    }
    let whole = |text: &str, from: u32, to: u32| text.parse().ok().filter(|number| (from..=to).contains(number));
    let function = match (name.as_str(), arguments.as_slice()) {
        ("population_percent_rank", [_]) => Some(PopulationFunction::PercentRank),
        ("population_zscore", [_]) => Some(PopulationFunction::Zscore),
        ("population_bin", [_, n]) => number(n).and_then(|n| whole(n, 2, MOST_BINS)).map(PopulationFunction::Bin),
        ("top_values", [_, n]) => number(n).and_then(|n| whole(n, 1, MOST_VALUES)).map(PopulationFunction::TopValues),
        ("is_top", [_, share]) => {
            let share = number(share).and_then(|share| share.parse::<f64>().ok());
            share.filter(|share| *share > 0.0 && *share < 1.0).map(PopulationFunction::IsTop)
        }
        (_, arguments) => return Some(refused(&format!("does not take {} arguments", arguments.len()))),
    };
    Some(match (function, arguments.first()) {
        (Some(function), Some(argument)) => Ok((function, (*argument).clone())),
        _ if name == "is_top" => refused("takes a share between 0 and 1 as a number"),
        _ if name == "top_values" => refused(&format!("takes a whole number from 1 to {MOST_VALUES}")),
        _ => refused(&format!("takes a whole number from 2 to {MOST_BINS}")),
    })
}

fn number(part: &Syntax) -> Option<&str> {
    match part {
        Syntax::Value(value) => match &value.value {
            Value::Number(text, _) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

impl PopulationFunction {
    /// Says whether its argument is text; else it is a number.
    pub fn is_of_text(self) -> bool {
        matches!(self, Self::TopValues(_))
    }

    /// Gives the type of its answers.
    pub(super) fn data_type(self) -> DataType {
        match self {
            Self::Bin(_) => DataType::Int64,
            Self::PercentRank | Self::Zscore => DataType::Float64,
            Self::IsTop(_) => DataType::Boolean,
            Self::TopValues(_) => DataType::Utf8,
        }
    }

    /// Answers every value, null for null and where nobody of the population had one.
    ///
    /// # Errors
    /// The constants are another function's: Bug.
    pub(super) fn answer(self, values: &ArrayRef, known: &PopulationValue) -> Result<ArrayRef> {
        let numbers = || values.as_primitive_opt::<arrow::datatypes::Float64Type>();
        Ok(match (self, known) {
            (Self::TopValues(_), PopulationValue::Values(kept)) => {
                let kept: BTreeSet<&str> = kept.iter().map(String::as_str).collect();
                let texts = values.as_string_opt::<i32>().ok_or_else(|| unfit(values))?.iter();
                let named = texts.map(|text| text.map(|text| if kept.contains(text) { text } else { OTHER }));
                Arc::new(named.collect::<StringArray>())
            }
            (Self::Zscore, PopulationValue::Spread(spread)) => {
                let spread = spread.filter(|spread| spread.standard_deviation > 0.0);
                let distance = |value: f64| {
                    let spread = spread?;
                    Some((value - spread.mean) / spread.standard_deviation).filter(|distance| distance.is_finite())
                };
                let numbers = numbers().ok_or_else(|| unfit(values))?.iter();
                Arc::new(numbers.map(|value| value.and_then(distance)).collect::<Float64Array>())
            }
            (_, PopulationValue::Cuts(cuts)) => {
                // How many cuts lie below.
                let below = |value: f64| (!cuts.is_empty()).then(|| cuts.partition_point(|cut| *cut < value));
                let below = numbers().ok_or_else(|| unfit(values))?.iter().map(|value| value.and_then(below));
                match self {
                    Self::Bin(_) => Arc::new(below.map(|below| Some(below? as i64 + 1)).collect::<Int64Array>()),
                    Self::IsTop(_) => Arc::new(below.map(|below| Some(below? > 0)).collect::<BooleanArray>()),
                    _ => Arc::new(below.map(|below| Some(below? as f64 / RANKS as f64)).collect::<Float64Array>()),
                }
            }
            _ => return Err(Error::bug("the constants of a call are another function's")),
        })
    }
}

fn unfit(values: &ArrayRef) -> Error {
    Error::bug(format!("a function of the population is asked of {}", values.data_type()))
}
