//! How telephone numbers of countries begin, and how long they are.
//!
//! Calling codes as ITU-T E.164 assigns them; what stands before a number within a country (the trunk prefix) and the digits of a number behind the
//! calling code as the national numbering plans that the ITU publishes say (itu.int/oth/T0202). Where a plan has several lengths, the shortest and the
//! longest are told: a number is not looked up, so that one of a right length need not exist.

/// A country's numbers.
#[derive(Debug, PartialEq, Eq)]
pub struct Country {
    /// Its code by ISO 3166-1.
    pub code: &'static str,
    /// What its numbers begin with for the world.
    pub calling_code: &'static str,
    /// What stands before a number within the country, and goes for the world; empty where nothing does.
    pub trunk: &'static str,
    /// Digits behind the calling code, at least and at most.
    pub digits: (usize, usize),
}

/// Finds a country by its code, in any case.
pub fn country(code: &str) -> Option<&'static Country> {
    let code = code.trim();
    COUNTRIES.iter().find(|known| known.code.eq_ignore_ascii_case(code))
}

/// Gives the codes of all countries that are known, in alphabetical order.
pub fn countries() -> impl Iterator<Item = &'static str> {
    COUNTRIES.iter().map(|country| country.code)
}

const fn of(code: &'static str, calling_code: &'static str, trunk: &'static str, least: usize, most: usize) -> Country {
    Country { code, calling_code, trunk, digits: (least, most) }
}

const COUNTRIES: &[Country] = &[
    of("AE", "971", "0", 8, 9),
    of("AL", "355", "0", 8, 9),
    of("AT", "43", "0", 6, 13),
    of("AU", "61", "0", 9, 9),
    of("BA", "387", "0", 8, 9),
    of("BE", "32", "0", 8, 9),
    of("BG", "359", "0", 7, 9),
    of("BR", "55", "0", 10, 11),
    of("CA", "1", "1", 10, 10),
    of("CH", "41", "0", 9, 9),
    of("CL", "56", "", 9, 9),
    of("CN", "86", "0", 10, 11),
    of("CO", "57", "", 10, 10),
    of("CY", "357", "", 8, 8),
    of("CZ", "420", "", 9, 9),
    of("DE", "49", "0", 6, 12),
    of("DK", "45", "", 8, 8),
    of("EE", "372", "", 7, 8),
    of("EG", "20", "0", 8, 10),
    of("ES", "34", "", 9, 9),
    of("FI", "358", "0", 6, 11),
    of("FR", "33", "0", 9, 9),
    of("GB", "44", "0", 9, 10),
    of("GE", "995", "0", 9, 9),
    of("GR", "30", "", 10, 10),
    of("HK", "852", "", 8, 8),
    of("HR", "385", "0", 8, 9),
    of("HU", "36", "06", 8, 9),
    of("IE", "353", "0", 7, 9),
    of("IL", "972", "0", 8, 9),
    of("IN", "91", "0", 10, 10),
    of("IS", "354", "", 7, 7),
    // A zero in front belongs to Italian numbers, for the world too.
    of("IT", "39", "", 6, 11),
    of("JP", "81", "0", 9, 10),
    of("KR", "82", "0", 8, 10),
    of("LT", "370", "0", 8, 8),
    of("LU", "352", "", 5, 11),
    of("LV", "371", "", 8, 8),
    of("MA", "212", "0", 9, 9),
    of("MD", "373", "0", 8, 8),
    of("ME", "382", "0", 8, 8),
    of("MK", "389", "0", 8, 8),
    of("MT", "356", "", 8, 8),
    of("MX", "52", "", 10, 10),
    of("MY", "60", "0", 8, 10),
    of("NL", "31", "0", 9, 11),
    of("NO", "47", "", 8, 8),
    of("NZ", "64", "0", 8, 10),
    of("PL", "48", "", 9, 9),
    of("PT", "351", "", 9, 9),
    of("RO", "40", "0", 9, 9),
    of("RS", "381", "0", 7, 10),
    of("SA", "966", "0", 9, 9),
    of("SE", "46", "0", 7, 10),
    of("SG", "65", "", 8, 8),
    of("SI", "386", "0", 8, 8),
    of("SK", "421", "0", 9, 9),
    of("TH", "66", "0", 8, 9),
    of("TR", "90", "0", 10, 10),
    of("TW", "886", "0", 8, 9),
    of("UA", "380", "0", 9, 9),
    of("US", "1", "1", 10, 10),
    of("VN", "84", "0", 9, 10),
    of("ZA", "27", "0", 9, 9),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_in_order_and_found_in_any_case() {
        let codes: Vec<&str> = countries().collect();
        assert!(codes.is_sorted() && codes.iter().all(|code| code.len() == 2));
        assert_eq!(country(" pl").map(|found| found.calling_code), Some("48"));
        assert_eq!(country("XX"), None);
    }
}
