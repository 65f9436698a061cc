//! Families of column types, and how they are named to a user.

use arrow::datatypes::DataType;

/// What can be done with values of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Text,
    Number,
    Boolean,
    Date,
    Instant,
    Interval,
    Duration,
    Null,
    Other,
}

impl Family {
    pub(super) fn of(data_type: &DataType) -> Self {
        match data_type {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Self::Text,
            DataType::Boolean => Self::Boolean,
            DataType::Date32 | DataType::Date64 => Self::Date,
            DataType::Timestamp(..) => Self::Instant,
            DataType::Interval(_) => Self::Interval,
            DataType::Duration(_) => Self::Duration,
            DataType::Null => Self::Null,
            DataType::Float16 | DataType::Float32 | DataType::Float64 => Self::Number,
            DataType::Decimal32(..) | DataType::Decimal64(..) | DataType::Decimal128(..) => Self::Number,
            other if other.is_integer() => Self::Number,
            _ => Self::Other,
        }
    }

    /// Says whether it is a date or a point in time.
    pub(super) fn is_temporal(self) -> bool {
        matches!(self, Self::Date | Self::Instant)
    }

    /// Names the family in a sentence: "expects …".
    pub(super) fn expected(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "a number",
            Self::Boolean => "a condition (true or false)",
            Self::Date => "a date",
            Self::Instant => "a timestamp",
            Self::Interval => "an interval",
            Self::Duration => "a duration",
            Self::Null => "null",
            Self::Other => "another type",
        }
    }
}

/// Names a type as the job file does.
pub(crate) fn type_name(data_type: &DataType) -> String {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "text".to_owned(),
        DataType::Boolean => "bool".to_owned(),
        DataType::Date32 | DataType::Date64 => "date".to_owned(),
        DataType::Timestamp(..) => "timestamp".to_owned(),
        DataType::Interval(_) => "interval".to_owned(),
        DataType::Duration(_) => "duration".to_owned(),
        DataType::Null => "null".to_owned(),
        DataType::Float16 | DataType::Float32 | DataType::Float64 => "double".to_owned(),
        DataType::Decimal32(p, s)
        | DataType::Decimal64(p, s)
        | DataType::Decimal128(p, s)
        | DataType::Decimal256(p, s) => format!("decimal({p},{s})"),
        other if other.is_integer() => "int".to_owned(),
        other => other.to_string().to_lowercase(),
    }
}
