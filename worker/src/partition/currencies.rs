//! Amounts in another currency than the job's.

use super::fates::ForeignAmount;
use crate::spec::is_converted;
use segmenter_proto::{
    Error,
    jobs::{Job, Source},
};

/// ISO 4217: what stands here is a code and nobody's name.
const CODES: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLF \
    CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD \
    IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR \
    MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC \
    SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG";

/// Gives the currency that amounts of a source must be in; none where there are none, or they are converted later.
pub(super) fn expected_currency<'a>(job: &'a Job, source: &Source) -> Option<&'a str> {
    job.currency.as_deref().filter(|_| !is_converted(job, source))
}

/// Gives the error of an amount of `source` in another currency than `expected`. A text that is no code may be anybody's, and stays where
/// it is.
pub(super) fn foreign_amount(source: &Source, file: &str, expected: &str, foreign: &ForeignAmount) -> Error {
    let ForeignAmount { row_number, currency: found } = foreign;
    let column = source.column("currency").unwrap_or_default();
    let place = format!("source {}: row {row_number} of {file}: currency = {column}", source.name);
    if found.trim().eq_ignore_ascii_case(expected) {
        return Error::data(format!("{place} is {expected} in small letters or with blanks around it"))
            .with_hint(format!("write currency = \"upper(trim({column}))\" in the source"));
    }
    let found = told_code(found);
    Error::data(format!("{place} is {found}, expected the job's {expected}")).with_hint(format!(
        "keep one currency with where = \"currency = '{expected}'\" in the source, or have amounts converted by [fx] and a \
         table of rates"
    ))
}

/// Gives a currency as it may be told: a text that is no code of ISO 4217 may be anybody's.
pub(crate) fn told_code(code: &str) -> &str {
    if is_code(code) { code } else { "a text that is no code" }
}

fn is_code(text: &str) -> bool {
    CODES.split_ascii_whitespace().any(|code| code == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_codes() {
        let codes: Vec<&str> = CODES.split_ascii_whitespace().collect();
        assert!(codes.is_sorted() && codes.iter().all(|code| code.len() == 3), "{codes:?}");
        assert!(is_code("USD") && !is_code("usd") && !is_code("Kim") && !is_code("KIM") && !is_code(""));
    }
}
