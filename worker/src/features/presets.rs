//! The registry of feature families: a new one is a file and a line here.

use super::{
    families::{families, query_family},
    purchases::Purchases,
    rfm::Rfm,
};
use crate::expression::DerivedSyntax;
use arrow::{array::ArrayRef, datatypes::Field};
use chrono::NaiveDate;
use chrono_tz::Tz;
use segmenter_proto::{
    Result,
    jobs::{DerivedFeature, Preset},
};

/// A feature family over the purchases of a window.
pub trait PresetFamily: Send + Sync {
    /// Its name in the job file.
    fn name(&self) -> &'static str;
    /// Names and types of its features, without the suffix.
    fn fields(&self) -> Vec<Field>;
    /// Gives an array a field, of one value a customer.
    ///
    /// # Errors
    /// When a sum does not fit its type: Data.
    fn compute(&self, purchases: &Purchases, as_of: NaiveDate, zone: Tz) -> Result<Vec<ArrayRef>>;
}

static FAMILIES: &[&dyn PresetFamily] = &[&Rfm];

/// Gives the family of a preset.
pub fn family(name: &str) -> Option<&'static dyn PresetFamily> {
    FAMILIES.iter().copied().find(|family| family.name() == name)
}

/// Gives the names of all presets, in alphabetical order.
pub fn preset_names() -> Vec<&'static str> {
    let mut names: Vec<&str> = FAMILIES.iter().map(|family| family.name()).collect();
    names.extend(families().iter().map(|family| family.name));
    names.sort_unstable();
    names
}

/// Gives the names of the features of a preset, without suffix; none if there is no such preset.
pub fn feature_names(preset: &str) -> Option<Vec<String>> {
    match (family(preset), query_family(preset)) {
        (Some(family), _) => Some(family.fields().iter().map(|field| field.name().clone()).collect()),
        (None, Some(family)) => Some(family.feature_names().map(str::to_owned).collect()),
        (None, None) => None,
    }
}

/// Gives the derived features of a preset: their names, and those of the features that they are made of, with its suffix.
pub(super) fn preset_derived(preset: &Preset) -> Vec<DerivedFeature> {
    let Some(family) = query_family(&preset.name) else { return Vec::new() };
    let with_suffix = |name: &str| format!("{name}{}", preset.suffix);
    let of_family = |name: &str| family.feature_names().any(|known| known == name).then(|| with_suffix(name));
    let derived = family.derived.iter().map(|column| DerivedFeature {
        name: with_suffix(column.name),
        // A test reads the files; one that cannot be read is refused where it is compiled.
        expression: DerivedSyntax::renamed(column.formula, of_family).unwrap_or_else(|_| column.formula.to_owned()),
    });
    derived.collect()
}
