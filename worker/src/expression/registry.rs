//! The one list of functions: what the parser accepts is what `segmenter functions` prints.

use chrono_tz::Tz;
use datafusion_expr::Expr;
use serde::Serialize;

use super::operand::Operand;
use super::{ExpressionError, aggregate_functions, casts, population, scalar_functions, syntax, window_functions};

/// A function as a user reads about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FunctionDoc {
    /// Its name, as it is called.
    pub name: &'static str,
    /// `scalar`, `aggregate`, `window` or `population`.
    pub category: &'static str,
    /// Arguments with their types and the type of the result.
    pub signature: String,
    /// What it gives.
    pub description: &'static str,
    /// An expression that uses it.
    pub example: &'static str,
}

/// What a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// Text.
    Text,
    /// Any number.
    Number,
    /// Any number; handed over as float64.
    Real,
    /// A whole number.
    Integer,
    /// A date, a timestamp, or the difference of two.
    Time,
    /// Text, numbers and dates; handed over as text.
    Shown,
    /// Anything that has the same type as the other parameters of this kind.
    Same,
    /// A list of keys and values, or its JSON text.
    Parameters,
    /// Nothing that is written: the day of the job.
    AsOf,
    /// Nothing that is written: the country that the export takes for all customers.
    Country,
}

impl Takes {
    fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Real => "number",
            Self::Integer => "int",
            Self::Time => "date or timestamp",
            Self::Shown => "any",
            Self::Same => "any",
            Self::Parameters => "list of keys and values",
            Self::AsOf => "date",
            Self::Country => "text",
        }
    }
}

/// A parameter of a scalar function.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) takes: Takes,
    pub(super) is_optional: bool,
}

/// A parameter that must be given.
pub(super) const fn needed(name: &'static str, takes: Takes) -> Parameter {
    Parameter { name, takes, is_optional: false }
}

/// A parameter that may be left out.
pub(super) const fn optional(name: &'static str, takes: Takes) -> Parameter {
    Parameter { name, takes, is_optional: true }
}

/// A last parameter that nobody gives: the day of the job.
pub(super) const AS_OF: Parameter = Parameter { name: "as_of", takes: Takes::AsOf, is_optional: true };

/// A last parameter that nobody gives: the country of the export.
pub(super) const DEFAULT_COUNTRY: Parameter =
    Parameter { name: "default_country", takes: Takes::Country, is_optional: true };

/// A scalar function.
#[derive(Debug)]
pub(super) struct ScalarFunction {
    pub(super) name: &'static str,
    pub(super) parameters: &'static [Parameter],
    /// Whether the last parameter may stand any number of times.
    pub(super) repeats: bool,
    pub(super) result: &'static str,
    pub(super) description: &'static str,
    pub(super) example: &'static str,
    /// Builds the call, in the job's timezone, from arguments that are checked and cast.
    pub(super) build: fn(Vec<Operand>, Tz) -> Result<Expr, ExpressionError>,
}

impl ScalarFunction {
    /// Finds a function by its name, in any case.
    pub(super) fn find(name: &str) -> Option<&'static Self> {
        let name = name.to_lowercase();
        scalar_functions::ALL.iter().copied().flatten().find(|function| function.name == name)
    }

    /// Gives the call's form for messages and the list: `round(x number [, digits int])`.
    pub(super) fn usage(&self) -> String {
        let mut text = format!("{}(", self.name);
        for (i, parameter) in self.written().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            let part = format!("{} {}", parameter.name, parameter.takes.name());
            if parameter.is_optional {
                text += &format!("{}[{comma}{part}]", if i == 0 { "" } else { " " });
            } else {
                text += &format!("{comma}{part}");
            }
        }
        if self.repeats {
            text += ", …";
        }
        text + ")"
    }

    /// Gives the parameters that a call writes.
    fn written(&self) -> impl Iterator<Item = &'static Parameter> {
        self.parameters.iter().filter(|parameter| !matches!(parameter.takes, Takes::AsOf | Takes::Country))
    }

    /// Says whether it looks at the day of the job.
    pub(super) fn needs_as_of(&self) -> bool {
        self.parameters.iter().any(|parameter| parameter.takes == Takes::AsOf)
    }

    /// Says whether it looks at the country of the export.
    pub(super) fn needs_country(&self) -> bool {
        self.parameters.iter().any(|parameter| parameter.takes == Takes::Country)
    }

    /// Says whether `count` arguments can be given.
    pub(super) fn accepts(&self, count: usize) -> bool {
        let needed = self.written().filter(|parameter| !parameter.is_optional).count();
        count >= needed && (self.repeats || count <= self.written().count())
    }

    /// Gives what argument `i` must be.
    pub(super) fn parameter(&self, i: usize) -> Option<&Parameter> {
        self.parameters.get(i).or_else(|| self.parameters.last())
    }
}

/// Lists every allowed function, sorted by name.
pub fn functions() -> Vec<FunctionDoc> {
    let scalar = scalar_functions::ALL.iter().copied().flatten().map(|function| FunctionDoc {
        name: function.name,
        category: "scalar",
        signature: format!("{} → {}", function.usage(), function.result),
        description: function.description,
        example: function.example,
    });
    let aggregate = aggregate_functions::ALL.iter().map(|function| FunctionDoc {
        name: function.name,
        category: "aggregate",
        signature: function.signature.to_owned(),
        description: function.description,
        example: function.example,
    });
    let window = window_functions::ALL.iter().map(|function| FunctionDoc {
        name: function.name,
        category: "window",
        signature: function.signature.to_owned(),
        description: function.description,
        example: function.example,
    });
    let mut all: Vec<FunctionDoc> =
        scalar.chain(aggregate).chain(window).chain(population::documented()).chain(casts::documented()).collect();
    all.sort_unstable_by_key(|function| function.name);
    all
}

/// Refuses a function that is not in the list, saying why where that is known.
pub(super) fn check_known(name: &str) -> Result<(), ExpressionError> {
    let lower = name.to_lowercase();
    if ScalarFunction::find(&lower).is_some() || aggregate_functions::find(&lower).is_some() {
        return Ok(());
    }
    let why = match lower.as_str() {
        "random" | "rand" | "uuid" => Some("its answer differs from run to run"),
        "now" | "current_date" | "current_time" | "current_timestamp" | "today" | "localtime" | "localtimestamp" => {
            Some("its answer differs from run to run; features end at `as_of` by themselves")
        }
        "first" | "last" | "array_agg" | "string_agg" | "any_value" => {
            Some("its answer depends on the order of the rows")
        }
        other if other.starts_with("approx_") => Some("its answer depends on how the rows are divided"),
        _ => None,
    };
    if window_functions::find(&lower).is_some() {
        return Err(ExpressionError::new(format!("`{lower}` is a window function and needs over (…)")).with_hint(
            format!("in a query of [[features.sql]]: {lower}(…) over (partition by customer_id order by time)"),
        ));
    }
    if population::is_known(&lower) {
        return Err(ExpressionError::new(format!(
            "`{lower}` knows all customers, and stands in derived features alone"
        ))
        .with_hint("make a feature of it in [[features.derived]], and use its name in rules and segmentations"));
    }
    if ["cast", "try_cast"].contains(&lower.as_str()) {
        return Err(
            ExpressionError::new(format!("`{name}` needs a type")).with_hint(format!("write {lower}(x as int)"))
        );
    }
    if let Some(why) = why {
        return Err(ExpressionError::new(format!("the function `{name}` is not allowed: {why}"))
            .with_hint("`segmenter functions` lists what is allowed"));
    }
    let known: Vec<&str> = functions().iter().map(|function| function.name).collect();
    let error = ExpressionError::new(format!("there is no function `{name}`"));
    Err(match syntax::nearest(&lower, &known).first() {
        Some(near) => error.with_hint(format!("did you mean `{near}`? `segmenter functions` lists what is allowed")),
        None => error.with_hint("`segmenter functions` lists what is allowed"),
    })
}
