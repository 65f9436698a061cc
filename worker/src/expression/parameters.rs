//! The function that looks up a key in a list of keys and values.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringArray, new_null_array};
use arrow::datatypes::DataType;
use datafusion_common::{DataFusionError, Result as EngineResult, ScalarValue, exec_err};
use datafusion_expr::{ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};

use super::faults::failed;
use crate::values::{value_of_key_in_json, values_of_key};

/// Looks up `key` in what `parameters` gives: lists in the form of [`crate::values::parameters_type`], or their JSON text.
pub(super) fn value_of_key(parameters: Expr, key: String) -> Expr {
    let signature = Signature::any(1, Volatility::Immutable);
    ScalarUDF::new_from_impl(ValueOfKey { key, signature }).call(vec![parameters])
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct ValueOfKey {
    key: String,
    signature: Signature,
}

impl ValueOfKey {
    fn look_up(&self, parameters: &ArrayRef) -> EngineResult<ArrayRef> {
        let found: StringArray = match parameters.data_type() {
            DataType::Null => return Ok(new_null_array(&DataType::Utf8, parameters.len())),
            DataType::Utf8 => {
                let texts = parameters.as_string::<i32>().iter();
                let found = texts.map(|text| text.map_or(Ok(None), |text| value_of_key_in_json(text, &self.key)));
                found.collect::<Result<_, _>>().map_err(failed)?
            }
            _ => {
                let lists = parameters.as_list_opt::<i32>();
                let Some(found) = lists.and_then(|lists| values_of_key(lists, &self.key)) else {
                    return exec_err!("expected a list of keys and values");
                };
                found.collect::<Result<Vec<Option<Cow<'_, str>>>, _>>().map_err(failed)?.into_iter().collect()
            }
        };
        Ok(Arc::new(found))
    }
}

impl ScalarUDFImpl for ValueOfKey {
    fn name(&self) -> &str {
        "ga4_param"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> EngineResult<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> EngineResult<ColumnarValue> {
        match args.args.first() {
            Some(ColumnarValue::Array(parameters)) => Ok(ColumnarValue::Array(self.look_up(parameters)?)),
            Some(ColumnarValue::Scalar(value)) => {
                let found = self.look_up(&value.to_array()?)?;
                Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&found, 0)?))
            }
            None => Err(DataFusionError::Execution("ga4_param has two arguments".to_owned())),
        }
    }
}
