//! Text to booleans, integers, floats and decimals, without a detour that loses digits.

use super::fault::ValueFault;
use super::marks::Mark;

/// Reads true/false, t/f, yes/no, y/n or 1/0 in any case.
pub(crate) fn parse_bool(text: &str) -> Result<bool, ValueFault> {
    let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(&["true", "t", "yes", "y", "1"]) {
        Ok(true)
    } else if is(&["false", "f", "no", "n", "0"]) {
        Ok(false)
    } else {
        Err(ValueFault::NotABool)
    }
}

/// Reads decimal digits with an optional sign.
pub(crate) fn parse_int(text: &str) -> Result<i64, ValueFault> {
    use std::num::IntErrorKind::{NegOverflow, PosOverflow};
    text.parse::<i64>().map_err(|error| match error.kind() {
        PosOverflow | NegOverflow => ValueFault::OutOfRange,
        _ => ValueFault::NotAnInteger(Mark::of(text, b'.')),
    })
}

/// Reads a finite float, correctly rounded; `decimal` stands before the fraction.
pub(crate) fn parse_double(text: &str, decimal: u8) -> Result<f64, ValueFault> {
    let plain = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'e' | b'E') || byte == decimal;
    // Also keeps `nan` and `inf` out, which the standard parser takes.
    let wrong = || ValueFault::NotANumber(Mark::of(text, decimal));
    if !text.bytes().all(plain) {
        return Err(wrong());
    }
    let value = if decimal == b'.' { text.parse::<f64>() } else { text.replace(char::from(decimal), ".").parse() };
    match value {
        Ok(value) if value.is_finite() => Ok(value),
        Ok(_) => Err(ValueFault::OutOfRange),
        Err(_) => Err(wrong()),
    }
}

/// Reads a decimal as an integer multiple of 10^−scale. Digits past the scale are a fault, since a text that is rounded
/// in silence may have been a thousand times as much (`1.234` as some write 1234); zeros are not, unless they end a group
/// of three. An exponent is taken, since spreadsheets and dataframes write it.
pub(crate) fn parse_decimal(text: &str, decimal: u8, precision: u8, scale: i8) -> Result<i128, ValueFault> {
    let wrong = || ValueFault::NotADecimal(Mark::of(text, decimal));
    let bytes = text.as_bytes();
    let (negative, digits) = match bytes.first() {
        Some(b'-') => (true, &bytes[1..]),
        Some(b'+') => (false, &bytes[1..]),
        _ => (false, bytes),
    };
    let (mantissa, exponent) = match digits.iter().position(|byte| matches!(byte, b'e' | b'E')) {
        Some(at) => (&digits[..at], parse_exponent(&digits[at + 1..]).ok_or_else(wrong)?),
        None => (digits, 0),
    };
    let (whole, fraction) = match mantissa.iter().position(|byte| *byte == decimal) {
        Some(at) => (&mantissa[..at], &mantissa[at + 1..]),
        None => (mantissa, &[][..]),
    };
    let all_digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    if whole.is_empty() && fraction.is_empty() || !all_digits(whole) || !all_digits(fraction) {
        return Err(wrong());
    }
    let kept = whole.len() as i64 + exponent + i64::from(scale);
    let looks_grouped = fraction.len() == 3 && scale < 3 && exponent == 0;
    let mut value: i128 = 0;
    let mut position = 0;
    for digit in whole.iter().chain(fraction) {
        if position >= kept && (*digit != b'0' || looks_grouped) {
            return Err(ValueFault::TooManyDecimals(decimals(fraction.len() as i64 - exponent)));
        }
        if position < kept {
            let more = value.checked_mul(10).and_then(|value| value.checked_add(i128::from(digit - b'0')));
            value = more.ok_or(ValueFault::OutOfRange)?;
        }
        position += 1;
    }
    while position < kept && value != 0 {
        value = value.checked_mul(10).ok_or(ValueFault::OutOfRange)?;
        position += 1;
    }
    if value >= 10_i128.pow(u32::from(precision)) {
        return Err(ValueFault::OutOfRange);
    }
    Ok(if negative { -value } else { value })
}

/// The number of decimals for a message.
fn decimals(count: i64) -> u16 {
    count.clamp(0, 999) as u16
}

fn parse_exponent(digits: &[u8]) -> Option<i64> {
    std::str::from_utf8(digits).ok()?.parse::<i16>().ok().map(i64::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn booleans_and_integers() {
        assert_eq!(["TRUE", "t", "Yes", "y", "1"].map(parse_bool), [Ok(true); 5]);
        assert_eq!(["false", "F", "no", "N", "0"].map(parse_bool), [Ok(false); 5]);
        assert_eq!(parse_bool("2"), Err(ValueFault::NotABool));
        assert_eq!(parse_int("-9223372036854775808"), Ok(i64::MIN));
        assert_eq!(parse_int("9223372036854775808"), Err(ValueFault::OutOfRange));
        assert_eq!(parse_int("1.0"), Err(ValueFault::NotAnInteger(None)));
        assert_eq!(parse_int("1,234"), Err(ValueFault::NotAnInteger(Mark::of("1,234", b'.'))));
    }

    #[test]
    fn floats_are_finite_and_use_the_separator() {
        assert_eq!(parse_double("1,5", b','), Ok(1.5));
        assert_eq!(parse_double("-2.5e3", b'.'), Ok(-2500.0));
        for text in ["1.5", "nan", "inf", "1,2,3", "", "e"] {
            assert!(matches!(parse_double(text, b','), Err(ValueFault::NotANumber(_))), "{text}");
        }
        assert_eq!(parse_double("1e999", b'.'), Err(ValueFault::OutOfRange));
    }

    #[test]
    fn decimals_keep_every_digit_or_are_refused() {
        let parse = |text| parse_decimal(text, b'.', 18, 2);
        assert_eq!(parse("19.99"), Ok(1999));
        assert_eq!(parse("19.9900"), Ok(1999), "as databases write money");
        assert_eq!(parse("-0.0"), Ok(0));
        assert_eq!(parse(".5"), Ok(50));
        assert_eq!(parse("5."), Ok(500));
        assert_eq!(parse("1.5E+3"), Ok(150_000));
        assert_eq!(parse("1.999E+1"), Ok(1999));
        for (text, decimals) in [
            ("1.234", 3),
            ("-0.005", 3),
            ("19.990000000000002", 15),
            ("1.500", 3),
            ("5e-3", 3),
            ("5e-4", 4),
            ("12e-3", 3),
        ] {
            assert_eq!(parse(text), Err(ValueFault::TooManyDecimals(decimals)), "{text}");
        }
        assert_eq!(parse_decimal("1.500", b'.', 18, 3), Ok(1500));
        assert_eq!(parse("0e300"), Ok(0));
        assert_eq!(parse("99999999999999999.99"), Err(ValueFault::OutOfRange));
        assert_eq!(parse("1e40"), Err(ValueFault::OutOfRange));
        for text in ["", "-", ".", "1,5", "1 000", "abc", "1e", "--1", "1.2.3"] {
            assert!(matches!(parse(text), Err(ValueFault::NotADecimal(_))), "{text}");
        }
        assert_eq!(parse("'-70.00"), Err(ValueFault::NotADecimal(Mark::of("'1", b'.'))));
        let grouped = ValueFault::NotADecimal(Mark::of("1.234,5", b','));
        assert_eq!(parse_decimal("1.234,5", b',', 18, 2), Err(grouped));
        assert_eq!(parse_decimal("1234,5", b',', 18, 2), Ok(123_450));
    }

    proptest! {
        #[test]
        fn a_decimal_reads_back(value in -999_999_999_999_999_999_i128..=999_999_999_999_999_999, scale in 0_i8..=10) {
            let unit = 10_i128.pow(scale as u32);
            let sign = if value < 0 { "-" } else { "" };
            let text = format!("{sign}{}.{:0width$}", value.abs() / unit, value.abs() % unit, width = scale as usize);
            let text = if scale == 0 { text.split('.').next().unwrap().to_owned() } else { text };
            prop_assert_eq!(parse_decimal(&text, b'.', 18, scale), Ok(value));
        }
    }
}
