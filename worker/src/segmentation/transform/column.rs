//! The columns that a segmentation looks at, as the rounds of its fit see them.

use crate::expression::type_name;
use arrow::{
    array::{Array, ArrayRef, AsArray, Float64Array, StringArray},
    compute::cast,
    datatypes::{DataType, Float64Type},
};
use segmenter_proto::{Error, Result, models::Value};

/// A column of customers' values.
#[derive(Debug, Clone)]
pub enum FeatureColumn {
    /// Of a number.
    Number(Float64Array),
    /// Of a category: text, or `true` and `false`.
    Text(StringArray),
}

impl FeatureColumn {
    /// Gives the number of rows.
    pub fn len(&self) -> usize {
        self.array().len()
    }

    /// Says whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Gives the bytes that it takes.
    pub fn bytes(&self) -> usize {
        self.array().get_array_memory_size()
    }

    /// Gives one row's value.
    pub fn value(&self, row: usize) -> Option<Value<'_>> {
        match self {
            Self::Number(values) => values.is_valid(row).then(|| Value::Number(values.value(row))),
            Self::Text(values) => values.is_valid(row).then(|| Value::Text(values.value(row))),
        }
    }

    fn array(&self) -> &dyn Array {
        match self {
            Self::Number(values) => values,
            Self::Text(values) => values,
        }
    }
}

/// Says whether a feature of this type is a category; one that is neither that nor a number cannot be clustered.
pub fn is_category(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Boolean)
}

/// Gives a feature's column: copied, so that it does not keep alive what it was read from. Fails on types that are neither
/// a number nor a category, naming the feature.
pub fn feature_column(name: &str, column: &ArrayRef) -> Result<FeatureColumn> {
    if !is_category(column.data_type()) {
        return Ok(FeatureColumn::Number(feature_values(name, column)?.iter().collect()));
    }
    if let Some(values) = column.as_boolean_opt() {
        let text = |value| if value { "true" } else { "false" };
        return Ok(FeatureColumn::Text(values.iter().map(|value| value.map(text)).collect()));
    }
    let values = cast(column, &DataType::Utf8)
        .map_err(|error| Error::bug(format!("feature `{name}` cannot become text")).caused_by(error))?;
    Ok(FeatureColumn::Text(values.as_string::<i32>().iter().collect()))
}

/// Gives a numeric feature column as f64; fails on text and booleans, naming the feature.
///
/// A decimal becomes unscaled value / 10^scale; integers beyond 2⁵³ are rounded to the nearest f64.
pub fn feature_values(name: &str, column: &ArrayRef) -> Result<Float64Array> {
    let numeric = column.data_type().is_numeric();
    // Days since 1970, by way of the integer.
    let column = if column.data_type() == &DataType::Date32 {
        cast(column, &DataType::Int32).map_err(|error| Error::bug("a date is not a number of days").caused_by(error))?
    } else if numeric {
        column.clone()
    } else {
        return Err(Error::job(format!(
            "feature `{name}` is of type {}, expected a number",
            type_name(column.data_type())
        ))
        .with_hint("turn it into a number with an expression, or leave it out of `features`"));
    };
    let values = cast(&column, &DataType::Float64)
        .map_err(|error| Error::bug(format!("feature `{name}` cannot become a float")).caused_by(error))?;
    Ok(values.as_primitive::<Float64Type>().clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{BooleanArray, Int32Array, StringViewArray, TimestampMicrosecondArray};
    use std::sync::Arc;

    #[test]
    fn text_and_booleans_are_categories_and_the_rest_numbers() {
        let values = |column: ArrayRef| {
            let column = feature_column("x", &column).unwrap();
            (0..column.len()).map(|row| format!("{:?}", column.value(row))).collect::<Vec<_>>()
        };
        assert_eq!(
            values(Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)]))),
            ["Some(Text(\"true\"))", "None", "Some(Text(\"false\"))"]
        );
        assert_eq!(values(Arc::new(StringViewArray::from(vec![Some("a"), None]))), ["Some(Text(\"a\"))", "None"]);
        assert_eq!(values(Arc::new(Int32Array::from(vec![Some(3), None]))), ["Some(Number(3.0))", "None"]);
        let times: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![1]));
        assert!(feature_column("x", &times).unwrap_err().message.contains("`x`"));
    }
}
