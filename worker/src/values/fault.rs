//! Why a text or a number is not a value of its type, in a word for machines and a sentence for people.

use super::marks::Mark;
use super::time_range::TimeUnit;

/// Why a text or a number is not a value of the type that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueFault {
    NotABool,
    NotAnInteger(Option<Mark>),
    NotANumber(Option<Mark>),
    NotADecimal(Option<Mark>),
    /// More digits behind the point than the type keeps: so many.
    TooManyDecimals(u16),
    NotADate,
    NotATimestamp,
    /// A date, were day and month the other way round.
    OtherOrder,
    /// A number as spreadsheets write dates.
    SerialNumber,
    /// A number for which spreadsheets show no date.
    NotASerial,
    /// A number of such units since 1970.
    EpochNumber(TimeUnit),
    /// Names a zone that has no one meaning here.
    UnknownZone,
    /// A number that its type cannot hold.
    OutOfRange,
    /// A time beyond the years 1 to 9999, with the unit that would fit.
    TimeOutOfRange(Option<TimeUnit>),
    /// A list of keys and values that has a key with two values.
    RepeatedKey,
    /// A text that is no list of keys and values.
    NotParameters,
}

impl ValueFault {
    /// Gives the word for machines.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::NotABool => "not_a_bool",
            Self::NotAnInteger(_) => "not_an_integer",
            Self::NotANumber(_) => "not_a_number",
            Self::NotADecimal(_) => "not_a_decimal",
            Self::TooManyDecimals(_) => "too_many_decimals",
            Self::NotADate => "not_a_date",
            Self::NotATimestamp => "not_a_timestamp",
            Self::OtherOrder => "other_day_month_order",
            Self::SerialNumber => "serial_date",
            Self::EpochNumber(_) => "epoch_number",
            Self::UnknownZone => "unknown_zone",
            Self::RepeatedKey => "repeated_key",
            Self::NotParameters => "not_parameters",
            Self::OutOfRange | Self::NotASerial | Self::TimeOutOfRange(_) => "out_of_range",
        }
    }

    /// Gives what was found and what to do about it, to follow "expected …, found"; none where there is nothing to add.
    pub(crate) fn found(self, place: Place) -> Option<String> {
        let by = |function: String| place.reads(&function);
        let column = place.column();
        match self {
            Self::NotAnInteger(mark) => Some(mark?.found(place, "bigint")),
            Self::NotANumber(mark) => Some(mark?.found(place, "double")),
            Self::NotADecimal(mark) => Some(mark?.found(place, "decimal(18,2)")),
            Self::TooManyDecimals(decimals) => Some(match place {
                Place::Declared { csv: true, .. } => format!(
                    "{decimals} digits behind the decimal mark: declare decimal(38,{decimals}), or set csv.decimal where \
                     the mark separates thousands"
                ),
                Place::Declared { .. } => {
                    format!("{decimals} digits behind the decimal mark: declare decimal(38,{decimals})")
                }
                Place::Expression => format!(
                    "{decimals} digits behind the point: cast to decimal(38,{decimals}), within round(…, 2) to round"
                ),
            }),
            Self::OtherOrder => Some("a date whose day and month are the other way round".to_owned()),
            Self::SerialNumber => {
                let by = by(format!("from_excel_serial(cast({column} as double))"));
                Some(format!("a serial number as spreadsheets keep dates: {by}"))
            }
            Self::NotASerial => Some("a number for which spreadsheets show no date: 1 to 59 and 61 to 2958465".to_owned()),
            Self::EpochNumber(unit) => {
                let by = by(format!("{}(cast({column} as bigint))", unit.function()));
                Some(format!("a number of {} since 1970, as it seems: {by}", unit.name()))
            }
            Self::UnknownZone => Some(
                "a zone that is not UTC, no name such as Europe/Warsaw, and not on the clock of the job's `timezone`: set \
                 `timezone` to where it is used, or write offsets, which %z reads"
                    .to_owned(),
            ),
            Self::TimeOutOfRange(None) => Some("a time beyond the years 1 to 9999".to_owned()),
            Self::TimeOutOfRange(Some(unit)) => {
                let by = by(format!("{}(cast({column} as bigint))", unit.function()));
                Some(format!("a time beyond the years 1 to 9999; {} would fit: {by}", unit.name()))
            }
            Self::RepeatedKey => Some("the key with two values, of which neither is known to be right".to_owned()),
            Self::NotParameters => Some("a text that is no list of keys and values in JSON".to_owned()),
            _ => None,
        }
    }
}

/// Where a text is read: what is said to do depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place<'a> {
    /// By the type that `types` declares for this column, as SQL names it; of CSV, the job says what stands before fractions.
    Declared { column: &'a str, csv: bool },
    /// By a function of an expression.
    Expression,
}

impl Place<'_> {
    /// Says whether `csv.decimal` decides how it is read.
    pub(super) fn is_csv(&self) -> bool {
        matches!(self, Self::Declared { csv: true, .. })
    }

    /// Gives how SQL names what is read.
    pub(super) fn column(&self) -> &str {
        match self {
            Self::Declared { column, .. } => column,
            Self::Expression => "…",
        }
    }

    /// Says that a piece of SQL reads it.
    pub(super) fn reads(&self, sql: &str) -> String {
        match self {
            Self::Declared { .. } => format!("without a type in `types`, {sql} reads it"),
            Self::Expression => format!("{sql} reads it"),
        }
    }
}
