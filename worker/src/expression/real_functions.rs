//! Functions of float64 with the same bits on every platform.
//!
//! Where the result is not defined (`ln(-1)`, `x / 0`) it is null; where it is too large, the row has an overflow.

use arrow::array::{ArrayRef, AsArray, Float64Array};
use arrow::compute::{try_binary, try_unary};
use arrow::datatypes::{DataType, Float64Type};
use arrow::error::ArrowError;
use datafusion_common::{Result as EngineResult, ScalarValue, exec_err};
use datafusion_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use segmenter_proto::pure_math;
use std::sync::Arc;

/// A function of one or two float64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Real {
    Asinh,
    Divide,
    Exp,
    Ln,
    Log10,
    Log2,
    Power,
    Sqrt,
}

impl Real {
    fn name(self) -> &'static str {
        match self {
            Self::Asinh => "asinh",
            Self::Divide => "divide",
            Self::Exp => "exp",
            Self::Ln => "ln",
            Self::Log10 => "log10",
            Self::Log2 => "log2",
            Self::Power => "power",
            Self::Sqrt => "sqrt",
        }
    }

    fn arity(self) -> usize {
        if matches!(self, Self::Divide | Self::Power) { 2 } else { 1 }
    }

    /// Computes; `y` counts for functions of two. NaN is "not defined", an infinity "too large".
    fn apply(self, x: f64, y: f64) -> f64 {
        let positive_or_undefined = |f: fn(f64) -> f64| if x > 0.0 { f(x) } else { f64::NAN };
        match self {
            Self::Asinh => pure_math::asinh(x),
            Self::Divide if y == 0.0 => f64::NAN,
            Self::Divide => x / y,
            Self::Exp => pure_math::exp(x),
            Self::Ln => positive_or_undefined(pure_math::ln),
            Self::Log10 => positive_or_undefined(pure_math::log10),
            Self::Log2 => positive_or_undefined(pure_math::log2),
            Self::Power if x == 0.0 && y < 0.0 => f64::NAN,
            Self::Power => pure_math::powf(x, y),
            Self::Sqrt => pure_math::sqrt(x),
        }
    }

    /// Gives the function for the engine; its arguments are float64.
    pub(super) fn function(self) -> Arc<ScalarUDF> {
        let signature = Signature::exact(vec![DataType::Float64; self.arity()], Volatility::Immutable);
        Arc::new(ScalarUDF::new_from_impl(RealFunction { real: self, signature }))
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct RealFunction {
    real: Real,
    signature: Signature,
}

impl RealFunction {
    fn checked(&self, x: f64, y: f64) -> Result<f64, ArrowError> {
        let value = self.real.apply(x, y);
        if value.is_infinite() && x.is_finite() && y.is_finite() {
            return Err(ArrowError::ArithmeticOverflow(format!("overflow in {}", self.real.name())));
        }
        Ok(value)
    }

    fn invoke(&self, x: &ColumnarValue, y: Option<&ColumnarValue>, rows: usize) -> EngineResult<Float64Array> {
        let floats = |value: &ColumnarValue| -> EngineResult<ArrayRef> { value.to_array(rows) };
        let x = floats(x)?;
        let x = x.as_primitive::<Float64Type>();
        let computed: Float64Array = match y {
            None => try_unary(x, |x| self.checked(x, 0.0))?,
            // One divisor for all rows is the usual case.
            Some(ColumnarValue::Scalar(ScalarValue::Float64(Some(y)))) => try_unary(x, |x| self.checked(x, *y))?,
            Some(y) => try_binary(x, floats(y)?.as_primitive::<Float64Type>(), |x, y| self.checked(x, y))?,
        };
        if computed.values().iter().all(|value| value.is_finite()) {
            return Ok(computed);
        }
        Ok(computed.unary_opt(|value| value.is_finite().then_some(value)))
    }
}

impl ScalarUDFImpl for RealFunction {
    fn name(&self) -> &str {
        self.real.name()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> EngineResult<DataType> {
        Ok(DataType::Float64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> EngineResult<ColumnarValue> {
        let [x, rest @ ..] = args.args.as_slice() else { return exec_err!("{} has no argument", self.name()) };
        let is_constant = args.args.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        let computed = self.invoke(x, rest.first(), if is_constant { 1 } else { args.number_rows })?;
        if is_constant {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&computed, 0)?));
        }
        Ok(ColumnarValue::Array(Arc::new(computed)))
    }
}
