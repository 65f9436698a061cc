//! A feature of levels: text, or true and false.

use serde::{Deserialize, Serialize};

/// The level of values that have none of their own.
pub const OTHER_LEVEL: &str = "(other)";
/// The level of null.
pub const MISSING_LEVEL: &str = "(missing)";

/// How a text or boolean feature enters k-means, and why so.
///
/// In the space of the distance it has a dimension a level: a customer has `units` in that of the own level and 0 in the
/// others. Two customers of different levels are so √2 · units apart.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CategoryFeature {
    /// The feature.
    pub name: String,
    /// By falling share, then by name; behind them `(other)`, and `(missing)` if there was null when it was fitted.
    pub levels: Vec<LevelShare>,
    /// What the own level counts, in grid units of 2⁻²⁰; 0: every customer has the same level.
    pub units: i32,
    /// Of the feature in the distance; the largest of a segmentation is 1.
    pub weight: f64,
    /// Nulls of the scope.
    pub nulls: u64,
    /// What was decided from which figures.
    pub reasons: Vec<String>,
}

/// A level.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct LevelShare {
    /// The value; `true` and `false` of a boolean.
    pub name: String,
    /// Of the customers in scope.
    pub share: f64,
}

impl CategoryFeature {
    /// Says whether a level is that of values that have none of their own.
    pub fn is_other(&self, level: usize) -> bool {
        self.levels.get(level).is_some_and(|level| level.name == OTHER_LEVEL)
    }

    /// Gives the position of a value's level; a value that is not among them, null too, is `(other)`.
    ///
    /// None only of a model without that level, which no fit makes.
    pub fn level_of(&self, value: Option<&str>) -> Option<usize> {
        let position = |name: &str| self.levels.iter().position(|level| level.name == name);
        position(value.unwrap_or(MISSING_LEVEL)).or_else(|| position(OTHER_LEVEL))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn city(names: &[&str]) -> CategoryFeature {
        let levels = names.iter().map(|name| LevelShare { name: (*name).to_owned(), share: 0.5 });
        CategoryFeature { levels: levels.collect(), ..CategoryFeature::default() }
    }

    #[test]
    fn a_value_nobody_had_is_another() {
        let with_null = city(&["Kraków", "(other)", "(missing)"]);
        let levels = [Some("Kraków"), Some("Radom"), None, Some("(missing)"), Some("kraków"), Some("")];
        assert_eq!(levels.map(|level| with_null.level_of(level)), [0, 1, 2, 2, 1, 1].map(Some));
        assert_eq!(city(&["Kraków", "(other)"]).level_of(None), Some(1));
        assert_eq!(city(&["Kraków"]).level_of(None), None);
    }
}
