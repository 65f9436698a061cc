//! The registry of feature families: a new one is a file and a line here.

use super::{purchases::Purchases, rfm::Rfm};
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
