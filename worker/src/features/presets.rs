//! The registry of feature families: a new one is a file and a line here.

use super::{
    families::{families, query_family},
    purchases::Purchases,
    rfm::Rfm,
};
use arrow::{array::ArrayRef, datatypes::Field};
use chrono::NaiveDate;
use chrono_tz::Tz;
use segmenter_proto::Result;

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
        (None, Some(family)) => Some(family.columns.iter().map(|column| column.name.to_owned()).collect()),
        (None, None) => None,
    }
}
