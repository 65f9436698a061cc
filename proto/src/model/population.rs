//! What functions of the population know, in `model.json`: constants that were found over all customers.

use super::KnownLifetime;
use serde::{Deserialize, Serialize};

/// What a run knows of its population beside the models of segmentations.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Population {
    /// What each call of a function of the population in a derived feature knows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<PopulationCall>,
    /// The constants of the job.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub constants: Vec<KnownConstant>,
    /// What presets that forecast know, in the order of the job.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lifetimes: Vec<KnownLifetime>,
}

/// A constant of the job, with what was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownConstant {
    /// Its name.
    pub name: String,
    /// Its type, as arrow prints and parses it.
    #[serde(rename = "type")]
    pub data_type: String,
    /// Its value, as arrow prints and parses it; null where it cannot be known.
    pub value: Option<String>,
    /// Customers whose rows are not in it, since something of them could not be computed.
    pub customers_left_out: u64,
}

/// What a call of a function of the population knows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PopulationCall {
    /// The derived feature in which it stands.
    pub feature: String,
    /// The call, such as `population_bin(monetary, 10)`.
    pub call: String,
    /// Customers who have a value.
    pub customers: u64,
    /// The constants.
    #[serde(flatten)]
    pub known: PopulationValue,
}

/// The constants of a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PopulationValue {
    /// Values, not falling: where bins, ranks and the top end. None where nobody has a value.
    Cuts(Vec<f64>),
    /// Of z-scores; none where nobody has a value, or where values lie too far apart for it.
    Spread(Option<Spread>),
    /// The most frequent values, that of most customers first.
    Values(Vec<String>),
}

/// Where values lie.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Mean.
    pub mean: f64,
    /// Standard deviation of the population: divided by n.
    pub standard_deviation: f64,
}

impl Population {
    /// Says whether there is nothing to know.
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty() && self.constants.is_empty() && self.lifetimes.is_empty()
    }

    /// Gives what the preset of a suffix that forecasts knows, if that was found.
    pub fn lifetime(&self, suffix: &str) -> Option<&KnownLifetime> {
        self.lifetimes.iter().find(|known| known.suffix == suffix)
    }

    /// Gives what a call in a feature knows, if that was found.
    pub fn find(&self, feature: &str, call: &str) -> Option<&PopulationCall> {
        self.calls.iter().find(|known| known.feature == feature && known.call == call)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_keep_every_bit_in_json() {
        let call = |known| PopulationCall { feature: "f".to_owned(), call: "c".to_owned(), customers: 3, known };
        let spread = Spread { mean: 0.1 + 0.2, standard_deviation: 1.0 / 3.0 };
        let calls = vec![
            call(PopulationValue::Cuts(vec![-0.0, 5e-324, 0.1, f64::MAX])),
            call(PopulationValue::Spread(Some(spread))),
            call(PopulationValue::Spread(None)),
            call(PopulationValue::Values(vec!["a \"b\"".to_owned()])),
        ];
        let population = Population { calls, ..Population::default() };
        let text = serde_json::to_string(&population).unwrap();
        assert_eq!(serde_json::from_str::<Population>(&text).unwrap(), population);
        assert!(text.contains(r#""customers":3,"cuts":[-0.0,"#), "{text}");
        assert!(population.find("f", "c").is_some() && population.find("f", "d").is_none());
    }
}
