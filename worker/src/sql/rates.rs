//! Amounts in the currency of the job: each at the last rate at or before its day.

use super::references::References;
use crate::{
    expression::{Settings, prepare},
    partition::{divide_half_away, told_code},
    spec::RunSpec,
};
use arrow::{
    array::{Array, ArrayRef, AsArray, Decimal128Array, Float64Array, RecordBatch, StringArray},
    compute::{CastOptions, cast_with_options},
    datatypes::{DataType, Date32Type, Decimal128Type, Float64Type, TimestampMicrosecondType},
};
use segmenter_proto::{Error, Result, jobs::Fx};
use std::{collections::BTreeMap, sync::Arc};

/// Digits behind the point of a rate: twelve are more than any bank tells.
const RATE_SCALE: i8 = 12;
const RATE: DataType = DataType::Decimal128(30, RATE_SCALE);
const MICROS_A_DAY: i64 = 86_400_000_000;

/// The rates of a run.
#[derive(Debug)]
pub(super) struct Rates {
    fx: Fx,
    settings: Settings,
    /// By currency, days since 1970 and units of the base for one of the currency, in order.
    by_currency: BTreeMap<String, Vec<(i32, i128)>>,
}

impl Rates {
    /// Reads the table of rates; none of a job that converts nothing.
    ///
    /// # Errors
    /// A rate is no number above 0, or lacks its day: Data.
    pub(super) fn of(spec: &RunSpec, references: &References) -> Result<Option<Self>> {
        let Some(fx) = &spec.job.fx else { return Ok(None) };
        let settings = Settings::new(&spec.job.timezone)?;
        let position = spec.job.sources.iter().position(|source| source.name == fx.rates);
        let mut by_currency: BTreeMap<String, Vec<(i32, i128)>> = BTreeMap::new();
        if let Some(table) = position.and_then(|position| references.rows(position)) {
            let wrong = |what: &str| Error::data(format!("source {}: {what}", fx.rates));
            let as_kind = |name: &str, kind: &DataType| -> Result<ArrayRef> {
                let column = table.column_by_name(name).ok_or_else(|| Error::bug(format!("rates have no {name}")))?;
                let seen = prepare(column, settings.zone())
                    .map_err(|error| Error::bug("rates cannot be seen").caused_by(error))?;
                let strict = CastOptions { safe: false, ..CastOptions::default() };
                cast_with_options(&seen, kind, &strict)
                    .map_err(|error| wrong(&format!("`{name}` cannot be read")).caused_by(error))
            };
            let codes = as_kind("currency", &DataType::Utf8)?;
            let days = as_kind("date", &DataType::Date32)?;
            let rates = as_kind("rate", &RATE)?;
            let (codes, days) = (codes.as_string::<i32>(), days.as_primitive::<Date32Type>());
            let rates = rates.as_primitive::<Decimal128Type>();
            for row in 0..table.num_rows() {
                if codes.is_null(row) || days.is_null(row) || rates.is_null(row) || rates.value(row) <= 0 {
                    return Err(wrong("a row lacks its currency, date or rate, or its rate is not above 0")
                        .with_hint("leave such rows out with where = \"rate > 0\" in that source"));
                }
                by_currency.entry(codes.value(row).to_owned()).or_default().push((days.value(row), rates.value(row)));
            }
            for (code, rates) in &mut by_currency {
                rates.sort_unstable();
                if rates.windows(2).any(|pair| pair[0].0 == pair[1].0) {
                    return Err(wrong(&format!("{} has two rates of one day", told_code(code))).with_hint(
                        "make a row unique by key = [\"currency\", \"date\"], and leave one of them out with where",
                    ));
                }
            }
        }
        Ok(Some(Self { fx: fx.clone(), settings, by_currency }))
    }

    /// Converts amounts; `codes` are their currencies, null or empty in the base, and `times` when they were paid. `what` names them in messages.
    /// Decimals are rounded at their own scale, halves away from zero.
    ///
    /// # Errors
    /// There is no rate, or an amount leaves its type: Data.
    pub(super) fn convert(
        &self,
        what: &str,
        values: &ArrayRef,
        codes: &ArrayRef,
        times: &ArrayRef,
    ) -> Result<ArrayRef> {
        let bug = |what: &'static str| move |error| Error::bug(what).caused_by(error);
        let codes = cast_with_options(codes, &DataType::Utf8, &CastOptions::default())
            .map_err(bug("currencies are no texts"))?;
        let codes: &StringArray = codes.as_string();
        let local = prepare(times, self.settings.zone()).map_err(bug("times cannot be seen"))?;
        let local = local.as_primitive_opt::<TimestampMicrosecondType>();
        let local = local.ok_or_else(|| Error::bug("rows with amounts have no times"))?;
        let rate = |row: usize| -> Result<Option<i128>> {
            match codes.is_valid(row).then(|| codes.value(row)).filter(|code| !code.is_empty() && *code != self.fx.base)
            {
                None => Ok(None),
                Some(code) => self.rate(what, code, local.value(row).div_euclid(MICROS_A_DAY)).map(Some),
            }
        };
        match values.data_type() {
            DataType::Decimal128(precision, scale) => {
                let amounts = values.as_primitive::<Decimal128Type>();
                let converted = (0..amounts.len()).map(|row| match amounts.is_valid(row) {
                    false => Ok(None),
                    true => match rate(row)? {
                        None => Ok(Some(amounts.value(row))),
                        Some(rate) => product(amounts.value(row), rate, *precision).map(Some).ok_or_else(|| {
                            Error::data(format!("{what} in {} is beyond {}", self.fx.base, values.data_type()))
                        }),
                    },
                });
                let converted = converted.collect::<Result<Decimal128Array>>()?;
                let converted = converted.with_precision_and_scale(*precision, *scale);
                Ok(Arc::new(converted.map_err(bug("a converted amount has another type"))?))
            }
            DataType::Float64 => {
                let amounts = values.as_primitive::<Float64Type>();
                let one = 10_f64.powi(i32::from(RATE_SCALE));
                let converted = (0..amounts.len()).map(|row| match amounts.is_valid(row) {
                    false => Ok(None),
                    true => {
                        Ok(Some(rate(row)?.map_or(amounts.value(row), |rate| amounts.value(row) * (rate as f64 / one))))
                    }
                });
                Ok(Arc::new(converted.collect::<Result<Float64Array>>()?))
            }
            other => Err(Error::bug(format!("{what} is {other}, which is not converted"))),
        }
    }

    fn rate(&self, what: &str, code: &str, day: i64) -> Result<i128> {
        let rates = self.by_currency.get(code).map(Vec::as_slice).unwrap_or_default();
        let known = rates.partition_point(|(from, _)| i64::from(*from) <= day);
        let found = known.checked_sub(1).and_then(|last| rates.get(last));
        found.map(|(_, rate)| *rate).ok_or_else(|| {
            let day = chrono::DateTime::from_timestamp(day * 86_400, 0).map(|time| time.date_naive().to_string());
            Error::data(format!(
                "{what} of {} is in {}, and source {} has no rate of it at or before that day",
                day.unwrap_or_else(|| "a far day".to_owned()),
                told_code(code),
                self.fx.rates
            ))
            .with_hint(format!(
                "add the rate, or leave such rows out with where = \"coalesce(currency, '{}') <> '{}'\" in the source",
                self.fx.base,
                if told_code(code) == code { code } else { "\u{2026}" }
            ))
        })
    }
}

/// Gives amount · rate, rounded to the scale of the amount, halves away from zero; none where it has more digits than `precision`.
fn product(amount: i128, rate: i128, precision: u8) -> Option<i128> {
    let rounded = divide_half_away(amount.checked_mul(rate)?, 10_i128.pow(RATE_SCALE as u32));
    (rounded.unsigned_abs() < 10_u128.pow(u32::from(precision))).then_some(rounded)
}

/// Gives the columns of a batch that a conversion looks at, where the source says in which currency its amounts are.
pub(super) fn currencies_of(rows: &RecordBatch) -> Option<(&ArrayRef, &ArrayRef)> {
    rows.column_by_name("currency").zip(rows.column_by_name("time"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::TimestampMicrosecondArray;

    fn rates() -> Rates {
        let usd = vec![(10, 900_000_000_000), (20, 800_000_000_000)];
        Rates {
            fx: Fx { base: "EUR".to_owned(), rates: "rates".to_owned() },
            settings: Settings::new("UTC").unwrap(),
            by_currency: BTreeMap::from([("USD".to_owned(), usd)]),
        }
    }

    fn on(days: &[i64]) -> ArrayRef {
        let micros = days.iter().map(|day| day * MICROS_A_DAY + 5);
        Arc::new(TimestampMicrosecondArray::from_iter_values(micros).with_timezone("UTC"))
    }

    #[test]
    fn the_last_rate_at_or_before_the_day_counts() {
        let amounts = Decimal128Array::from(vec![Some(10_005), Some(10_000), Some(-10_000), Some(7), None]);
        let amounts: ArrayRef = Arc::new(amounts.with_precision_and_scale(18, 4).unwrap());
        let codes: ArrayRef =
            Arc::new(StringArray::from(vec![Some("USD"), Some("USD"), Some("USD"), None, Some("USD")]));
        let converted = rates().convert("amount of source o", &amounts, &codes, &on(&[10, 19, 20, 1, 10])).unwrap();
        let converted: Vec<_> = converted.as_primitive::<Decimal128Type>().iter().collect();
        // 1.0005 · 0.9 = 0.90045, a half away from zero.
        assert_eq!(converted, [Some(9_005), Some(9_000), Some(-8_000), Some(7), None]);
        let doubles: ArrayRef = Arc::new(Float64Array::from(vec![2.0]));
        let codes: ArrayRef = Arc::new(StringArray::from(vec!["USD"]));
        let converted = rates().convert("cost", &doubles, &codes, &on(&[25])).unwrap();
        assert_eq!(converted.as_primitive::<Float64Type>().value(0), 1.6);
    }

    #[test]
    fn without_a_rate_nothing_is_converted() {
        let amounts: ArrayRef = Arc::new(Decimal128Array::from(vec![1]).with_precision_and_scale(18, 4).unwrap());
        for (code, day, told) in [("USD", 9, "of 1970-01-10 is in USD"), ("Kim", 30, "is in a text that is no code")] {
            let codes: ArrayRef = Arc::new(StringArray::from(vec![code]));
            let error = rates().convert("amount of source o", &amounts, &codes, &on(&[day])).unwrap_err();
            assert!(error.message.contains(told) && error.fault.exit_code() == 3, "{error}");
        }
    }

    #[test]
    fn halves_go_away_from_zero_and_too_much_is_none() {
        let half = 500_000_000_000;
        assert_eq!([product(1, half, 18), product(-1, half, 18), product(3, half, 18)], [Some(1), Some(-1), Some(2)]);
        assert_eq!(product(10_i128.pow(17), 10 * 10_i128.pow(12), 18), None);
        assert_eq!(product(i128::MAX, 2, 38), None);
    }
}
