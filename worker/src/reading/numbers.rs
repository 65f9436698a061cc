//! Text to booleans, integers, floats and decimals, without a detour that loses digits.

/// Why a cell's text is not a value of its declared type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CellFault {
    NotABool,
    NotAnInteger,
    NotANumber,
    NotADecimal,
    NotADate,
    NotATimestamp,
    OutOfRange,
}

impl CellFault {
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::NotABool => "not_a_bool",
            Self::NotAnInteger => "not_an_integer",
            Self::NotANumber => "not_a_number",
            Self::NotADecimal => "not_a_decimal",
            Self::NotADate => "not_a_date",
            Self::NotATimestamp => "not_a_timestamp",
            Self::OutOfRange => "out_of_range",
        }
    }
}

/// Reads true/false, t/f, yes/no, y/n or 1/0 in any case.
pub(super) fn parse_bool(text: &str) -> Result<bool, CellFault> {
    let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(&["true", "t", "yes", "y", "1"]) {
        Ok(true)
    } else if is(&["false", "f", "no", "n", "0"]) {
        Ok(false)
    } else {
        Err(CellFault::NotABool)
    }
}

/// Reads decimal digits with an optional sign.
pub(super) fn parse_int(text: &str) -> Result<i64, CellFault> {
    use std::num::IntErrorKind::{NegOverflow, PosOverflow};
    text.parse::<i64>().map_err(|error| match error.kind() {
        PosOverflow | NegOverflow => CellFault::OutOfRange,
        _ => CellFault::NotAnInteger,
    })
}

/// Reads a finite float, correctly rounded; `decimal` stands before the fraction.
pub(super) fn parse_double(text: &str, decimal: u8) -> Result<f64, CellFault> {
    let plain = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'e' | b'E') || byte == decimal;
    // Also keeps `nan` and `inf` out, which the standard parser takes.
    if !text.bytes().all(plain) {
        return Err(CellFault::NotANumber);
    }
    let value = if decimal == b'.' { text.parse::<f64>() } else { text.replace(char::from(decimal), ".").parse() };
    match value {
        Ok(value) if value.is_finite() => Ok(value),
        Ok(_) => Err(CellFault::OutOfRange),
        Err(_) => Err(CellFault::NotANumber),
    }
}

/// Reads a decimal as an integer multiple of 10^−scale; digits past the scale are rounded half away from zero, as all
/// money is. An exponent is taken, since spreadsheets and dataframes write it.
pub(super) fn parse_decimal(text: &str, decimal: u8, precision: u8, scale: i8) -> Result<i128, CellFault> {
    let bytes = text.as_bytes();
    let (negative, digits) = match bytes.first() {
        Some(b'-') => (true, &bytes[1..]),
        Some(b'+') => (false, &bytes[1..]),
        _ => (false, bytes),
    };
    let (mantissa, exponent) = match digits.iter().position(|byte| matches!(byte, b'e' | b'E')) {
        Some(at) => (&digits[..at], parse_exponent(&digits[at + 1..])?),
        None => (digits, 0),
    };
    let (whole, fraction) = match mantissa.iter().position(|byte| *byte == decimal) {
        Some(at) => (&mantissa[..at], &mantissa[at + 1..]),
        None => (mantissa, &[][..]),
    };
    let all_digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    if whole.is_empty() && fraction.is_empty() || !all_digits(whole) || !all_digits(fraction) {
        return Err(CellFault::NotADecimal);
    }
    // Digits from here on are cut off; the first of them decides the rounding.
    let kept = whole.len() as i64 + exponent + i64::from(scale);
    let mut value: i128 = 0;
    let mut position = 0;
    for digit in whole.iter().chain(fraction) {
        if position >= kept {
            break;
        }
        value = value
            .checked_mul(10)
            .and_then(|value| value.checked_add(i128::from(digit - b'0')))
            .ok_or(CellFault::OutOfRange)?;
        position += 1;
    }
    while position < kept && value != 0 {
        value = value.checked_mul(10).ok_or(CellFault::OutOfRange)?;
        position += 1;
    }
    let first_cut = usize::try_from(kept).ok().and_then(|kept| whole.iter().chain(fraction).nth(kept));
    if first_cut.is_some_and(|digit| *digit >= b'5') {
        value += 1;
    }
    if value >= 10_i128.pow(u32::from(precision)) {
        return Err(CellFault::OutOfRange);
    }
    Ok(if negative { -value } else { value })
}

fn parse_exponent(digits: &[u8]) -> Result<i64, CellFault> {
    let text = std::str::from_utf8(digits).map_err(|_| CellFault::NotADecimal)?;
    let exponent: i64 = text.parse::<i16>().map_err(|_| CellFault::NotADecimal)?.into();
    Ok(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn booleans_and_integers() {
        assert_eq!(["TRUE", "t", "Yes", "y", "1"].map(parse_bool), [Ok(true); 5]);
        assert_eq!(["false", "F", "no", "N", "0"].map(parse_bool), [Ok(false); 5]);
        assert_eq!(parse_bool("2"), Err(CellFault::NotABool));
        assert_eq!(parse_int("-9223372036854775808"), Ok(i64::MIN));
        assert_eq!(parse_int("9223372036854775808"), Err(CellFault::OutOfRange));
        assert_eq!(parse_int("1.0"), Err(CellFault::NotAnInteger));
    }

    #[test]
    fn floats_are_finite_and_use_the_separator() {
        assert_eq!(parse_double("1,5", b','), Ok(1.5));
        assert_eq!(parse_double("-2.5e3", b'.'), Ok(-2500.0));
        for text in ["1.5", "nan", "inf", "1,2,3", "", "e"] {
            assert_eq!(parse_double(text, b','), Err(CellFault::NotANumber), "{text}");
        }
        assert_eq!(parse_double("1e999", b'.'), Err(CellFault::OutOfRange));
    }

    #[test]
    fn decimals_keep_every_digit_and_round_half_away_from_zero() {
        let parse = |text| parse_decimal(text, b'.', 18, 2);
        assert_eq!(parse("19.99"), Ok(1999));
        assert_eq!(parse("-0.005"), Ok(-1));
        assert_eq!(parse("0.00499999"), Ok(0));
        assert_eq!(parse("19.990000000000002"), Ok(1999));
        assert_eq!(parse(".5"), Ok(50));
        assert_eq!(parse("5."), Ok(500));
        assert_eq!(parse("1.5E+3"), Ok(150_000));
        assert_eq!(parse("5e-3"), Ok(1));
        assert_eq!(parse("5e-4"), Ok(0));
        assert_eq!(parse("0e300"), Ok(0));
        assert_eq!(parse("99999999999999999.99"), Err(CellFault::OutOfRange));
        assert_eq!(parse("1e40"), Err(CellFault::OutOfRange));
        for text in ["", "-", ".", "1,5", "1 000", "abc", "1e", "--1", "1.2.3"] {
            assert_eq!(parse(text), Err(CellFault::NotADecimal), "{text}");
        }
        assert_eq!(parse_decimal("1.234,5", b',', 18, 2), Err(CellFault::NotADecimal));
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
