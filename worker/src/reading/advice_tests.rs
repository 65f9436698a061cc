//! What a cell's error says to do reads the cell.

use super::*;
use crate::expression::{Scalar, Settings};
use arrow::array::{Array, RecordBatch, StringArray};
use arrow::util::display::array_value_to_string;

/// The error of a cell, with `decimal` before fractions, in a column whose name has to be quoted.
fn error(declared: &TextType, decimal: char, text: &str) -> CellError {
    let mut column = CellColumn::new("Gross value", declared, Some(decimal), chrono_tz::Europe::Warsaw).unwrap();
    let fault = column.push(Some(text)).expect_err(text);
    assert!(column.finish().is_null(0), "{text}");
    column.error(0, fault, None)
}

/// Evaluates the SQL that an error's reason says to write, over the cell as text.
fn as_advised(error: &CellError, text: &str) -> String {
    let (_, advice) =
        error.reason.split_once("without a type in `types`, ").unwrap_or_else(|| panic!("{}", error.reason));
    let sql = advice.strip_suffix(" reads it").unwrap();
    let cells: ArrayRef = Arc::new(StringArray::from(vec![text]));
    let rows = RecordBatch::try_from_iter([("Gross value", cells)]).unwrap();
    let parsed = Scalar::parse(sql, &rows.schema(), &Settings::new("Europe/Warsaw").unwrap());
    let values = parsed.unwrap_or_else(|error| panic!("{sql}: {error}")).evaluate(&rows).unwrap();
    array_value_to_string(&values, 0).unwrap()
}

#[test]
fn marks_in_amounts_are_named_and_taken_off() {
    let money = TextType::Decimal(18, 2);
    for (decimal, text, what, read) in [
        ('.', "'-70.00", "an apostrophe", "-70.00"),
        ('.', "1'234.50", "an apostrophe", "1234.50"),
        ('.', "1’234.50", "an apostrophe", "1234.50"),
        (',', "'5,50", "an apostrophe", "5.50"),
        ('.', "1,234.50", "a separator of thousands (',')", "1234.50"),
        ('.', "1,234,567", "a separator of thousands (',')", "1234567.00"),
        ('.', "1.234.567", "a separator of thousands ('.')", "1234567.00"),
        (',', "1.234,50", "a separator of thousands ('.')", "1234.50"),
        ('.', "1 234.50", "a blank as separator", "1234.50"),
        (',', "1\u{a0}234,50", "a blank as separator", "1234.50"),
        ('.', "1.234,50", "',' as decimal mark", "1234.50"),
        (',', "1,234.50", "'.' as decimal mark", "1234.50"),
        ('.', "€ 5.00", "letters or the sign of a currency", "5.00"),
        (',', "-5,00 PLN", "letters or the sign of a currency", "-5.00"),
        ('.', "5.00-", "a minus that is written in another way", "-5.00"),
        ('.', "(5.00)", "a minus that is written in another way", "-5.00"),
        (',', "\u{2212}5,00", "a minus that is written in another way", "-5.00"),
    ] {
        let error = error(&money, decimal, text);
        assert_eq!(
            (error.reason_code, error.reason.contains(what)),
            ("not_a_decimal", true),
            "{text}: {}",
            error.reason
        );
        assert!(!error.reason.contains(text), "the value stays where it is: {}", error.reason);
        assert_eq!(as_advised(&error, text), read, "{text}: {}", error.reason);
    }
    assert_eq!(as_advised(&error(&TextType::Int, '.', "1,234"), "1,234"), "1234");
    assert_eq!(as_advised(&error(&TextType::Double, '.', "1 234.5"), "1 234.5"), "1234.5");
    let many = error(&money, '.', "1.234");
    assert_eq!(many.reason_code, "too_many_decimals");
    assert!(many.reason.contains("3 digits behind the decimal mark: declare decimal(38,3)"), "{}", many.reason);
    CellColumn::new("x", &TextType::Decimal(38, 3), Some('.'), Tz::UTC).unwrap().push(Some("1.234")).unwrap();
    CellColumn::new("x", &TextType::Decimal(18, 2), Some(','), Tz::UTC).unwrap().push(Some("1234")).unwrap();
}

#[test]
fn a_power_of_ten_beside_marks_stays_what_it_is() {
    for (decimal, marked, others) in [
        (
            '.',
            "5.00 PLN",
            vec![("1e2", "100.00"), ("2.5E+1", "25.00"), ("12EUR", "12.00"), ("EUR 7", "7.00"), ("-3", "-3.00")],
        ),
        (',', "1 234,50", vec![("1,5e2", "150.00"), ("7,00", "7.00")]),
    ] {
        let error = error(&TextType::Decimal(18, 2), decimal, marked);
        for (text, read) in others {
            assert_eq!(as_advised(&error, text), read, "{text}: {}", error.reason);
        }
    }
}

#[test]
fn only_csv_is_told_to_say_its_decimal_mark() {
    let money = TextType::Decimal(18, 2);
    for (decimal, said) in [(Some('.'), true), (None, false)] {
        let mut column = CellColumn::new("x", &money, decimal, Tz::UTC).unwrap();
        for text in ["1.234,50", "1.234"] {
            let fault = column.push(Some(text)).unwrap_err();
            let reason = column.error(0, fault, None).reason;
            assert_eq!(reason.contains("csv.decimal"), said, "{reason}");
            assert!(
                reason.contains("without a type in `types`, cast(") || reason.ends_with("decimal(38,3)") || said,
                "{reason}"
            );
        }
    }
}

#[test]
fn numbers_for_times_are_named_and_read() {
    let date = TextType::Date("%Y-%m-%d".to_owned());
    let seconds = TextType::Timestamp("%s".to_owned());
    for (declared, text, code, read) in [
        (&date, "45383", "serial_date", "2024-03-31T22:00:00Z"),
        (&date, "45383.604166667", "serial_date", "2024-04-01T12:30:00Z"),
        (&date, "1741392000", "epoch_number", "2025-03-08T00:00:00Z"),
        (&date, "1741392000000", "epoch_number", "2025-03-08T00:00:00Z"),
        (&seconds, "1741392000000", "out_of_range", "2025-03-08T00:00:00Z"),
        (&seconds, "1741392000000000", "out_of_range", "2025-03-08T00:00:00Z"),
        (&seconds, "1741392000000000000", "out_of_range", "2025-03-08T00:00:00Z"),
    ] {
        let error = error(declared, '.', text);
        assert_eq!(error.reason_code, code, "{text}: {}", error.reason);
        assert_eq!(as_advised(&error, text), read, "{text}: {}", error.reason);
    }
    let unit = error(&seconds, '.', "1741392000000");
    assert!(unit.reason.contains("milliseconds would fit"), "{}", unit.reason);
    let zero = error(&date, '.', "0000-01-01");
    assert_eq!(zero.reason, "expected a date as %Y-%m-%d, found a time beyond the years 1 to 9999");
}

#[test]
fn the_other_order_of_day_and_month_is_named_and_reads_it() {
    for (format, other, text) in
        [("%d/%m/%Y", "%m/%d/%Y", "12/31/2025"), ("%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M", "31/12/2025 10:00")]
    {
        let error = error(&TextType::Timestamp(format.to_owned()), '.', text);
        assert_eq!(error.reason_code, "other_day_month_order");
        assert!(error.reason.ends_with(&format!("the other way round: {other} reads it")), "{}", error.reason);
        let declared = TextType::Timestamp(other.to_owned());
        CellColumn::new("x", &declared, Some('.'), Tz::UTC).unwrap().push(Some(text)).unwrap();
    }
    let zone = error(&TextType::Timestamp("%Y-%m-%d %H:%M %Z".to_owned()), '.', "2025-01-01 10:00 EST");
    assert_eq!(zone.reason_code, "unknown_zone");
    assert!(zone.reason.contains("set `timezone`") && zone.reason.contains("%z"), "{}", zone.reason);
    let declared = TextType::Timestamp("%Y-%m-%d %H:%M %Z".to_owned());
    let there = chrono_tz::America::New_York;
    CellColumn::new("x", &declared, Some('.'), there).unwrap().push(Some("2025-01-01 10:00 EST")).unwrap();
}
