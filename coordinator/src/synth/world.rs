//! Where customers live.

use super::random::Stream;

/// A country with its weight and its cities.
#[derive(Debug)]
pub(super) struct Country {
    /// ISO 3166-1 alpha-2.
    pub(super) code: &'static str,
    weight: f64,
    /// Names with weights: a few large ones and the rest.
    cities: &'static [(&'static str, f64)],
}

/// Countries with the euro; the shops of [`TILL_COUNTRY`] have tills of their own.
pub(super) const COUNTRIES: [Country; 6] = [
    Country {
        code: "DE",
        weight: 0.40,
        cities: &[
            ("Berlin", 0.26),
            ("Hamburg", 0.15),
            ("München", 0.14),
            ("Köln", 0.10),
            ("Leipzig", 0.08),
            ("Freiburg", 0.05),
            ("Görlitz", 0.02),
        ],
    },
    Country {
        code: "FR",
        weight: 0.18,
        cities: &[("Paris", 0.38), ("Lyon", 0.16), ("Marseille", 0.15), ("Nantes", 0.08), ("Colmar", 0.03)],
    },
    Country {
        code: "ES",
        weight: 0.12,
        cities: &[("Madrid", 0.35), ("Barcelona", 0.28), ("Sevilla", 0.12), ("A Coruña", 0.05), ("Ronda", 0.02)],
    },
    Country {
        code: "IT",
        weight: 0.11,
        cities: &[("Roma", 0.30), ("Milano", 0.28), ("Torino", 0.14), ("Bologna", 0.09), ("Forlì", 0.03)],
    },
    Country {
        code: "NL",
        weight: 0.09,
        cities: &[("Amsterdam", 0.36), ("Rotterdam", 0.24), ("Utrecht", 0.16), ("'s-Hertogenbosch", 0.06)],
    },
    Country {
        code: "AT",
        weight: 0.10,
        cities: &[("Wien", 0.50), ("Graz", 0.17), ("Linz", 0.12), ("Salzburg", 0.09), ("Bad Ischl", 0.02)],
    },
];

/// Position in [`COUNTRIES`] of the one whose shops still have the old tills.
pub(super) const TILL_COUNTRY: usize = 5;

/// Shops of [`TILL_COUNTRY`]; a name with the delimiter in it has to be quoted.
pub(super) const SHOPS: [&str; 4] = ["Wien; Mariahilfer Straße", "Wien; Praterstern", "Graz Hauptplatz", "Linz Süd"];

/// Draws a country's position in [`COUNTRIES`].
pub(super) fn country(stream: &mut Stream) -> usize {
    stream.choice(&COUNTRIES.each_ref().map(|country| country.weight))
}

/// Draws a city of a country.
pub(super) fn city(stream: &mut Stream, country: usize) -> &'static str {
    let cities = COUNTRIES[country].cities;
    let mut left = stream.uniform() * cities.iter().map(|city| city.1).sum::<f64>();
    for (name, weight) in cities {
        left -= weight;
        if left < 0.0 {
            return name;
        }
    }
    cities[0].0
}
