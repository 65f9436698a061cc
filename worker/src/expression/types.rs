//! Families of column types, and how they are named to a user.

use arrow::datatypes::DataType;

/// What can be done with values of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
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
    pub(crate) fn of(data_type: &DataType) -> Self {
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
    pub(crate) fn is_temporal(self) -> bool {
        matches!(self, Self::Date | Self::Instant)
    }

    /// Names the family in a sentence: "expects …".
    pub(crate) fn expected(self) -> &'static str {
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

/// Names a type as SQL and the job file do, for every message.
pub fn type_name(data_type: &DataType) -> String {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "text".to_owned(),
        DataType::Boolean => "bool".to_owned(),
        DataType::Date32 | DataType::Date64 => "date".to_owned(),
        DataType::Timestamp(..) => "timestamp".to_owned(),
        DataType::Time32(_) | DataType::Time64(_) => "time".to_owned(),
        DataType::Interval(_) => "interval".to_owned(),
        DataType::Duration(_) => "duration".to_owned(),
        DataType::Null => "null".to_owned(),
        DataType::Float16 | DataType::Float32 | DataType::Float64 => "double".to_owned(),
        DataType::Decimal32(p, s)
        | DataType::Decimal64(p, s)
        | DataType::Decimal128(p, s)
        | DataType::Decimal256(p, s) => format!("decimal({p},{s})"),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            "binary".to_owned()
        }
        DataType::List(_)
        | DataType::LargeList(_)
        | DataType::ListView(_)
        | DataType::LargeListView(_)
        | DataType::FixedSizeList(..) => "list".to_owned(),
        DataType::Struct(_) => "struct".to_owned(),
        DataType::Map(..) => "map".to_owned(),
        DataType::Dictionary(_, values) => type_name(values),
        DataType::RunEndEncoded(_, values) => type_name(values.data_type()),
        other if other.is_integer() => "int".to_owned(),
        // Unions, which no file that is read has.
        _ => "mixed".to_owned(),
    }
}

/// Names of types as the engine's own messages have them, by what stands before a bracket.
const ENGINE_NAMES: [(&str, &str); 31] = [
    ("Utf8", "text"),
    ("LargeUtf8", "text"),
    ("Utf8View", "text"),
    ("Boolean", "bool"),
    ("Date32", "date"),
    ("Date64", "date"),
    ("Timestamp", "timestamp"),
    ("Time32", "time"),
    ("Time64", "time"),
    ("Interval", "interval"),
    ("Duration", "duration"),
    ("Null", "null"),
    ("Float16", "double"),
    ("Float32", "double"),
    ("Float64", "double"),
    ("Decimal32", "decimal"),
    ("Decimal64", "decimal"),
    ("Decimal128", "decimal"),
    ("Decimal256", "decimal"),
    ("Binary", "binary"),
    ("LargeBinary", "binary"),
    ("BinaryView", "binary"),
    ("FixedSizeBinary", "binary"),
    ("Int8", "int"),
    ("Int16", "int"),
    ("Int32", "int"),
    ("Int64", "int"),
    ("UInt8", "int"),
    ("UInt16", "int"),
    ("UInt32", "int"),
    ("UInt64", "int"),
];

/// Gives a message of the engine with its names of types as [`type_name`] has them.
pub(crate) fn with_type_names(message: &str) -> String {
    let mut text = String::with_capacity(message.len());
    let mut rest = message;
    while let Some(first) = rest.chars().next() {
        let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_';
        let end = match is_letter(first) {
            true => rest.find(|letter| !is_letter(letter)).unwrap_or(rest.len()),
            false => first.len_utf8(),
        };
        let (word, behind) = rest.split_at(end);
        rest = behind;
        let Some((_, name)) = ENGINE_NAMES.iter().find(|(engine, _)| *engine == word) else {
            text.push_str(word);
            continue;
        };
        text.push_str(name);
        if let Some(inner) = behind.strip_prefix('(')
            && let Some(close) = inner.find(')')
        {
            // Timestamp(Microsecond, Some("UTC")): brackets within brackets.
            let close =
                close + inner[close + 1..].find(')').filter(|_| inner[..close].contains('(')).map_or(0, |at| at + 1);
            if *name == "decimal" {
                text.push_str(&format!("({})", inner[..close].replace(' ', "")));
            }
            rest = &inner[close + 1..];
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::datatypes::{Field, TimeUnit};
    use std::sync::Arc;

    #[test]
    fn types_are_named_as_the_job_file_does() {
        let of = |data_type: DataType| type_name(&data_type);
        let item = || Arc::new(Field::new("item", DataType::Int64, true));
        for (data_type, name) in [
            (DataType::Utf8View, "text"),
            (DataType::UInt8, "int"),
            (DataType::Float32, "double"),
            (DataType::Decimal128(18, 4), "decimal(18,4)"),
            (DataType::Decimal256(40, 2), "decimal(40,2)"),
            (DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())), "timestamp"),
            (DataType::Date32, "date"),
            (DataType::FixedSizeBinary(16), "binary"),
            (DataType::List(item()), "list"),
            (DataType::Struct(vec![item()].into()), "struct"),
            (DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)), "text"),
        ] {
            assert_eq!(of(data_type.clone()), name, "{data_type}");
        }
    }

    #[test]
    fn messages_of_the_engine_lose_its_names_of_types() {
        for (message, expected) in [
            ("cannot cast string to value of Int64 type", "cannot cast string to value of int type"),
            ("Cannot coerce Utf8 and Decimal128(18, 4)", "Cannot coerce text and decimal(18,4)"),
            ("to Timestamp(Microsecond, Some(\"UTC\")), or Date32", "to timestamp, or date"),
            ("Timestamp(µs, \"UTC\") (a)", "timestamp (a)"),
            ("Utf8x is żółw Timestamp( é", "Utf8x is żółw timestamp( é"),
        ] {
            assert_eq!(with_type_names(message), expected);
        }
    }
}
