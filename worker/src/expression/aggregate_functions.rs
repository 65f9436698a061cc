//! The aggregate functions: what they take and give.

use arrow::datatypes::DataType;

use super::ExpressionError;
use super::operand::Operand;
use super::types::{Family, type_name};

/// How a group's rows become one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kernel {
    /// Rows, or rows whose argument is not null.
    Count,
    /// Different values that are not null.
    CountDistinct,
    Sum,
    Average,
    Median,
    Minimum,
    Maximum,
    /// Whether all are true.
    All,
    /// Whether one is true.
    Any,
    /// Spread of a sample (n − 1) or of all, as variance or its root.
    Spread {
        of_sample: bool,
        is_root: bool,
    },
}

/// An aggregate function.
#[derive(Debug)]
pub(super) struct AggregateFunction {
    pub(super) name: &'static str,
    pub(super) signature: &'static str,
    pub(super) description: &'static str,
    pub(super) example: &'static str,
    pub(super) kernel: Kernel,
}

/// All aggregate functions. Each may be followed by `filter (where …)`.
pub(super) static ALL: &[AggregateFunction] = &[
    AggregateFunction {
        name: "avg",
        signature: "avg(x number) → double, or decimal(38,4) of decimals",
        description: "the exact sum divided once; decimals half away from zero at scale 4",
        example: "avg(amount)",
        kernel: Kernel::Average,
    },
    AggregateFunction {
        name: "bool_and",
        signature: "bool_and(x bool) → bool",
        description: "whether all values are true",
        example: "bool_and(amount > 0)",
        kernel: Kernel::All,
    },
    AggregateFunction {
        name: "bool_or",
        signature: "bool_or(x bool) → bool",
        description: "whether at least one value is true",
        example: "bool_or(amount > 100)",
        kernel: Kernel::Any,
    },
    AggregateFunction {
        name: "count",
        signature: "count(*), count(x any), count(distinct x any) → int",
        description: "rows, values that are not null, or different values",
        example: "count(distinct city)",
        kernel: Kernel::Count,
    },
    AggregateFunction {
        name: "max",
        signature: "max(x any) → any",
        description: "the largest value",
        example: "max(amount)",
        kernel: Kernel::Maximum,
    },
    AggregateFunction {
        name: "median",
        signature: "median(x number) → double, or decimal(38,4) of decimals",
        description: "the middle value, or the mean of the two in the middle; decimals half away from zero at scale 4",
        example: "median(amount)",
        kernel: Kernel::Median,
    },
    AggregateFunction {
        name: "min",
        signature: "min(x any) → any",
        description: "the smallest value",
        example: "min(time)",
        kernel: Kernel::Minimum,
    },
    AggregateFunction {
        name: "stddev",
        signature: "stddev(x number) → double",
        description: "the standard deviation of a sample (n − 1); null below two values",
        example: "stddev(weight)",
        kernel: Kernel::Spread { of_sample: true, is_root: true },
    },
    AggregateFunction {
        name: "stddev_pop",
        signature: "stddev_pop(x number) → double",
        description: "the standard deviation of all values (n)",
        example: "stddev_pop(weight)",
        kernel: Kernel::Spread { of_sample: false, is_root: true },
    },
    AggregateFunction {
        name: "sum",
        signature: "sum(x number) → int, double, or decimal(38, scale of x)",
        description: "the exact sum, in any order of rows; too large is null",
        example: "sum(amount) filter (where amount > 0)",
        kernel: Kernel::Sum,
    },
    AggregateFunction {
        name: "var_pop",
        signature: "var_pop(x number) → double",
        description: "the variance of all values (n)",
        example: "var_pop(weight)",
        kernel: Kernel::Spread { of_sample: false, is_root: false },
    },
    AggregateFunction {
        name: "var_samp",
        signature: "var_samp(x number) → double",
        description: "the variance of a sample (n − 1); null below two values",
        example: "var_samp(weight)",
        kernel: Kernel::Spread { of_sample: true, is_root: false },
    },
];

/// Finds an aggregate function by its name, in any case.
pub(super) fn find(name: &str) -> Option<&'static AggregateFunction> {
    let name = name.to_lowercase();
    ALL.iter().find(|function| function.name == name)
}

/// Gives the argument as the kernel takes it, and the type of the result.
pub(super) fn prepare(function: &AggregateFunction, argument: Operand) -> Result<(Operand, DataType), ExpressionError> {
    let number = |argument: Operand| {
        let to = match &argument.data_type {
            DataType::UInt64 => DataType::Decimal128(20, 0),
            DataType::Decimal128(..) => argument.data_type.clone(),
            t if t.is_floating() => DataType::Float64,
            _ => DataType::Int64,
        };
        match argument.family() {
            Family::Number | Family::Null => argument.cast(&to),
            Family::Boolean => Err(argument
                .expected(function.name, Family::Number)
                .with_hint("count where it is true: count(*) filter (where …)")),
            _ => Err(argument.expected(function.name, Family::Number)),
        }
    };
    let is_decimal = |argument: &Operand| matches!(argument.data_type, DataType::Decimal128(..));
    match function.kernel {
        Kernel::Count | Kernel::CountDistinct => Ok((orderable(function, argument)?, DataType::Int64)),
        Kernel::Sum => {
            let argument = number(argument)?;
            let result = match argument.data_type {
                DataType::Decimal128(_, scale) => DataType::Decimal128(38, scale),
                ref other => other.clone(),
            };
            Ok((argument, result))
        }
        Kernel::Average | Kernel::Median => {
            let argument = number(argument)?;
            let result = if is_decimal(&argument) { DataType::Decimal128(38, 4) } else { DataType::Float64 };
            Ok((argument, result))
        }
        Kernel::Minimum | Kernel::Maximum => {
            if argument.family() == Family::Null {
                return Err(
                    ExpressionError::new(format!("{} of null is always null", function.name)).at(argument.position)
                );
            }
            let argument = orderable(function, argument)?;
            let result = argument.data_type.clone();
            Ok((argument, result))
        }
        Kernel::All | Kernel::Any => match argument.family() {
            Family::Boolean | Family::Null => Ok((argument.cast(&DataType::Boolean)?, DataType::Boolean)),
            _ => Err(argument.expected(function.name, Family::Boolean)),
        },
        Kernel::Spread { .. } => Ok((number(argument)?.cast(&DataType::Float64)?, DataType::Float64)),
    }
}

fn orderable(function: &AggregateFunction, argument: Operand) -> Result<Operand, ExpressionError> {
    match argument.family() {
        Family::Text => argument.cast(&DataType::Utf8),
        Family::Other | Family::Interval | Family::Duration => {
            let found = type_name(&argument.data_type);
            Err(ExpressionError::new(format!("{} is not possible for {found}", function.name)).at(argument.position))
        }
        _ => Ok(argument),
    }
}
