//! Functions of decimals that no function of the engine computes exactly.

use arrow::array::{ArrayRef, AsArray, Decimal128Array};
use arrow::datatypes::{DataType, Decimal128Type, Int64Type, i256};
use datafusion_common::{Result as EngineResult, ScalarValue, exec_err};
use datafusion_expr::{ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use std::sync::Arc;

use super::ExpressionError;
use super::aggregate_kernels::divide_half_away;
use super::operand::Operand;
use super::types::type_name;

/// Gives the quotient of a decimal and a whole number.
pub(super) fn divide(arguments: Vec<Operand>) -> Result<Expr, ExpressionError> {
    let [x, count] = <[Operand; 2]>::try_from(arguments)
        .map_err(|_| ExpressionError::new("divide takes a decimal and a whole number"))?;
    let x = match &x.data_type {
        DataType::Decimal128(..) => x,
        whole if whole.is_integer() => x.cast(&DataType::Decimal128(20, 0))?,
        other => {
            return Err(ExpressionError::new(format!("divide takes decimals, and this is {}", type_name(other)))
                .with_hint("write x / n, or cast(x as decimal(18, 4))")
                .at(x.position));
        }
    };
    let signature = Signature::any(2, Volatility::Immutable);
    Ok(ScalarUDF::new_from_impl(Divide { signature }).call(vec![x.expr, count.expr]))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Divide {
    signature: Signature,
}

impl ScalarUDFImpl for Divide {
    fn name(&self) -> &'static str {
        "divide"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> EngineResult<DataType> {
        Ok(DataType::Decimal128(38, 4))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> EngineResult<ColumnarValue> {
        let [x, count] = args.args.as_slice() else { return exec_err!("divide takes two arguments") };
        let is_constant = args.args.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        let rows = if is_constant { 1 } else { args.number_rows };
        let (x, count): (ArrayRef, ArrayRef) = (x.to_array(rows)?, count.to_array(rows)?);
        let DataType::Decimal128(_, scale) = *x.data_type() else { return exec_err!("divide takes decimals") };
        let pairs = x.as_primitive::<Decimal128Type>().iter().zip(count.as_primitive::<Int64Type>());
        let quotients = pairs.map(|pair| match pair {
            (Some(x), Some(count)) if count != 0 => {
                let x = if count < 0 { -i256::from_i128(x) } else { i256::from_i128(x) };
                match divide_half_away(x, scale, i128::from(count.unsigned_abs())) {
                    Some(quotient) => Ok(Some(quotient)),
                    None => exec_err!("overflow in divide"),
                }
            }
            _ => Ok(None),
        });
        let quotients = quotients.collect::<EngineResult<Decimal128Array>>()?.with_precision_and_scale(38, 4)?;
        if is_constant {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&quotients, 0)?));
        }
        Ok(ColumnarValue::Array(Arc::new(quotients)))
    }
}
