//! A customer's place in the space of the distance, of values in original units.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{CategoryFeature, FeatureTransform};
use crate::{Error, Result};

/// A feature as a model knows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum FeatureModel {
    /// A number, with an indicator of two levels, known and missing, if there was null when it was fitted.
    Number(FeatureTransform),
    /// Text, or true and false.
    Category(CategoryFeature),
}

/// One customer's value of a feature.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// Of a number, in original units.
    Number(f64),
    /// Of text; of a boolean `true` or `false`.
    Text(&'a str),
}

/// Where a feature's dimensions are in a place: numbers of all features come first, in the order of the features, then
/// their levels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeatureDimensions {
    /// One of a number, none of a category.
    pub number: Option<usize>,
    /// One a level: of a category its own, of a number its indicator's, if there is one.
    pub levels: Range<usize>,
}

impl FeatureModel {
    /// Gives the feature's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Number(number) => &number.name,
            Self::Category(category) => &category.name,
        }
    }

    /// Gives the number of levels and the units of the own one: of a category, or of a number's indicator.
    pub fn levels(&self) -> Option<(usize, i32)> {
        match self {
            Self::Number(number) => number.indicator.as_ref().map(|indicator| (2, indicator.units)),
            Self::Category(category) => Some((category.levels.len(), category.units)),
        }
    }

    /// Says whether every customer has the same place in all its dimensions.
    pub fn is_constant(&self) -> bool {
        let same_level = self.levels().is_none_or(|(_, units)| units == 0);
        match self {
            Self::Number(number) => number.scale == 0.0 && same_level,
            Self::Category(_) => same_level,
        }
    }
}

/// Gives where each feature's dimensions are.
pub fn feature_dimensions(features: &[FeatureModel]) -> Vec<FeatureDimensions> {
    let numbers = features.iter().filter(|feature| matches!(feature, FeatureModel::Number(_))).count();
    let (mut next_number, mut next_level) = (0, numbers);
    let of = |feature: &FeatureModel| {
        let number = matches!(feature, FeatureModel::Number(_)).then_some(next_number);
        next_number += usize::from(number.is_some());
        let start = next_level;
        next_level += feature.levels().map_or(0, |(levels, _)| levels);
        FeatureDimensions { number, levels: start..next_level }
    };
    features.iter().map(of).collect()
}

/// Gives where a customer lies, in grid units: the numbers, then a dimension a level. Fails on values that do not fit the
/// features in number or kind.
pub fn place_of(features: &[FeatureModel], values: &[Option<Value<'_>>]) -> Result<Vec<i32>> {
    if values.len() != features.len() {
        return Err(Error::bug(format!("{} values for {} features", values.len(), features.len())));
    }
    let dimensions = feature_dimensions(features);
    let count = dimensions.iter().map(|of| of.levels.len() + usize::from(of.number.is_some())).sum();
    let mut place = vec![0; count];
    for ((feature, at), value) in features.iter().zip(dimensions).zip(values) {
        let wrong = || Error::bug(format!("a value of feature {} is of another kind than the feature", feature.name()));
        match (feature, value) {
            (FeatureModel::Number(number), None | Some(Value::Number(_))) => {
                let value = value.and_then(|value| if let Value::Number(value) = value { Some(value) } else { None });
                if let Some(at) = at.number {
                    place[at] = number.apply(value);
                }
                if let Some(indicator) = &number.indicator {
                    place[at.levels.start + FeatureTransform::missing_level(value)] = indicator.units;
                }
            }
            (FeatureModel::Category(category), None | Some(Value::Text(_))) => {
                let value = value.and_then(|value| if let Value::Text(value) = value { Some(value) } else { None });
                let level = category.level_of(value).ok_or_else(|| no_other_level(&category.name))?;
                place[at.levels.start + level] = category.units;
            }
            _ => return Err(wrong()),
        }
    }
    Ok(place)
}

/// The error of a model whose category has no `(other)`.
pub fn no_other_level(name: &str) -> Error {
    Error::bug(format!("feature {name} has no level {}", super::OTHER_LEVEL))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{GRID, Indicator, LevelShare};

    fn features() -> Vec<FeatureModel> {
        let level = |name: &str, share| LevelShare { name: name.to_owned(), share };
        let city = CategoryFeature {
            name: "city".to_owned(),
            levels: vec![level("Kraków", 0.7), level("(other)", 0.3)],
            units: 5,
            ..CategoryFeature::default()
        };
        let income = FeatureTransform {
            name: "income".to_owned(),
            scale: 1.0,
            imputed: Some(2.0),
            indicator: Some(Indicator { units: 9, missing_share: 0.1 }),
            ..FeatureTransform::default()
        };
        let age = FeatureTransform { name: "age".to_owned(), scale: 1.0, ..FeatureTransform::default() };
        vec![FeatureModel::Category(city), FeatureModel::Number(income), FeatureModel::Number(age)]
    }

    #[test]
    fn numbers_come_first_and_then_levels_in_the_order_of_the_features() {
        let dimensions = feature_dimensions(&features());
        let of = |number, levels| FeatureDimensions { number, levels };
        assert_eq!(dimensions, [of(None, 2..4), of(Some(0), 4..6), of(Some(1), 6..6)]);
        let grid = GRID as i32;
        let place = |values: [Option<Value<'_>>; 3]| place_of(&features(), &values).unwrap();
        let known = place([Some(Value::Text("Kraków")), Some(Value::Number(3.0)), Some(Value::Number(-1.0))]);
        assert_eq!(known, [3 * grid, -grid, 5, 0, 9, 0]);
        assert_eq!(place([None; 3]), [2 * grid, 0, 0, 5, 0, 9]);
        assert_eq!(place([None, Some(Value::Number(f64::NAN)), None])[4..], [0, 9]);
    }

    #[test]
    fn values_that_do_not_fit_are_refused() {
        assert!(place_of(&features(), &[]).is_err());
        assert!(place_of(&features(), &[Some(Value::Number(1.0)), None, None]).is_err());
        assert!(place_of(&features(), &[None, Some(Value::Text("1")), None]).is_err());
    }
}
