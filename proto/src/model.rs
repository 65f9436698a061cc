//! What models are made of: features on their way to the grid, densities, and what is known of the population.

mod category;
mod feature;
mod lifetime;
mod population;
mod posterior;
mod row;

pub use category::{CategoryFeature, LevelShare, MISSING_LEVEL, OTHER_LEVEL};
pub use feature::{AppliedScale, AppliedTransform, FeatureTransform, GRID, Indicator, MOST_UNITS};
pub use lifetime::{
    Calibration, CalibrationRow, FittedConstant, FittedModel, KnownLifetime, LifetimeFit, OrderModel, Step,
};
pub use population::{KnownConstant, Population, PopulationCall, PopulationValue, Spread};
pub use posterior::{Density, Posterior, SHARE_UNITS, posterior};
pub use row::{FeatureDimensions, FeatureModel, Value, feature_dimensions, no_other_level, place_of};
