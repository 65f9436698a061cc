//! The arguments of an aggregate: checked and cast, and the type of its result.

use arrow::datatypes::DataType;
use datafusion_common::ScalarValue;
use datafusion_expr::Expr;

use super::ExpressionError;
use super::aggregate_functions::{AggregateFunction, Kernel};
use super::aggregate_kernels::Share;
use super::operand::Operand;
use super::types::{Family, type_name};

/// A call as its kernel takes it.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) kernel: Kernel,
    pub(super) arguments: Vec<Expr>,
    pub(super) data_type: DataType,
}

/// Gives the arguments as `kernel` of the function takes them, and the type of the result.
pub(super) fn prepare(
    function: &AggregateFunction,
    kernel: Kernel,
    arguments: Vec<Operand>,
) -> Result<Prepared, ExpressionError> {
    let (kernel, arguments, data_type) = match kernel {
        Kernel::CountDistinct if arguments.len() > 1 => {
            // What is the same in every row makes no difference.
            let is_constant = |x: &Operand| matches!(&x.expr, Expr::Literal(value, _) if !value.is_null());
            let constant = arguments.iter().filter(|x| is_constant(x)).count();
            let mut arguments = arguments;
            if constant < arguments.len() {
                arguments.retain(|x| !is_constant(x));
            }
            let several = arguments.into_iter().map(|x| orderable(function, x)).collect::<Result<_, _>>()?;
            (kernel, several, DataType::Int64)
        }
        Kernel::Count | Kernel::CountDistinct => {
            let [x] = given(function, arguments)?;
            (kernel, vec![orderable(function, x)?], DataType::Int64)
        }
        Kernel::Sum => {
            let [x] = given(function, arguments)?;
            let x = number(function, x)?;
            let result = match x.data_type {
                DataType::Decimal128(_, scale) => DataType::Decimal128(38, scale),
                ref other => other.clone(),
            };
            (kernel, vec![x], result)
        }
        Kernel::Average | Kernel::Median => {
            let [x] = given(function, arguments)?;
            let x = number(function, x)?;
            let result = middle_type(&x);
            (kernel, vec![x], result)
        }
        Kernel::Quantile(_) => {
            let [x, share] = given(function, arguments)?;
            let x = number(function, x)?;
            let result = middle_type(&x);
            (Kernel::Quantile(written(function, &share)?), vec![x], result)
        }
        Kernel::Minimum | Kernel::Maximum | Kernel::Mode | Kernel::Entropy => {
            let [x] = given(function, arguments)?;
            if x.family() == Family::Null {
                return Err(ExpressionError::new(format!("{} of null is always null", function.name)).at(x.position));
            }
            let x = orderable(function, x)?;
            let result = if kernel == Kernel::Entropy { DataType::Float64 } else { x.data_type.clone() };
            (kernel, vec![x], result)
        }
        Kernel::All | Kernel::Any => {
            let [x] = given(function, arguments)?;
            match x.family() {
                Family::Boolean | Family::Null => (kernel, vec![x.cast(&DataType::Boolean)?], DataType::Boolean),
                _ => return Err(x.expected(function.name, Family::Boolean)),
            }
        }
        Kernel::Spread { .. } | Kernel::Skewness => {
            let [x] = given(function, arguments)?;
            (kernel, vec![real(function, x)?], DataType::Float64)
        }
        Kernel::Correlation => {
            let [x, y] = given(function, arguments)?;
            (kernel, vec![real(function, x)?, real(function, y)?], DataType::Float64)
        }
    };
    Ok(Prepared { kernel, arguments: arguments.into_iter().map(|argument| argument.expr).collect(), data_type })
}

/// Refuses a call without the arguments that the function takes.
pub(super) fn wrong_arguments(function: &AggregateFunction) -> ExpressionError {
    let takes_two = matches!(function.kernel, Kernel::Quantile(_) | Kernel::Correlation);
    let taken = if takes_two { "two arguments" } else { "one argument" };
    ExpressionError::new(format!("{} takes {taken}", function.name)).with_hint(function.signature)
}

fn given<const N: usize>(
    function: &AggregateFunction,
    arguments: Vec<Operand>,
) -> Result<[Operand; N], ExpressionError> {
    arguments.try_into().map_err(|_| wrong_arguments(function))
}

/// Gives the type of what lies between values of `argument`.
fn middle_type(argument: &Operand) -> DataType {
    match argument.data_type {
        DataType::Decimal128(..) => DataType::Decimal128(38, 4),
        _ => DataType::Float64,
    }
}

/// Reads a share that stands in the text of the expression.
fn written(function: &AggregateFunction, share: &Operand) -> Result<Share, ExpressionError> {
    let found = match &share.expr {
        Expr::Literal(ScalarValue::Int64(Some(value)), _) => Share::new((*value).into(), 0),
        Expr::Literal(ScalarValue::Decimal128(Some(value), _, scale), _) => Share::new(*value, *scale),
        _ => None,
    };
    found.ok_or_else(|| {
        let (name, decimals) = (function.name, Share::DECIMALS);
        ExpressionError::new(format!("{name} expects a number from 0 to 1 here, of at most {decimals} decimals"))
            .with_hint(format!("write the share itself: {}", function.example))
            .at(share.position)
    })
}

fn number(function: &AggregateFunction, argument: Operand) -> Result<Operand, ExpressionError> {
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
}

fn real(function: &AggregateFunction, argument: Operand) -> Result<Operand, ExpressionError> {
    number(function, argument)?.cast(&DataType::Float64)
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
