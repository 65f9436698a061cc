//! Centroids on the grid.

use segmenter_proto::{Error, Result, models::MOST_UNITS, v1};

/// k centroids of d grid values each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Centroids {
    dimensions: usize,
    units: Vec<i32>,
}

impl Centroids {
    /// Makes centroids of rows of equal length; fails on none, or on values off the grid's range.
    pub fn new(dimensions: usize, units: Vec<i32>) -> Result<Self> {
        let whole = dimensions > 0 && !units.is_empty() && units.len().is_multiple_of(dimensions);
        if !whole || units.iter().any(|unit| unit.unsigned_abs() > MOST_UNITS.unsigned_abs()) {
            return Err(Error::bug(format!("{} values are no centroids of {dimensions} dimensions", units.len())));
        }
        if units.len() / dimensions > usize::from(u16::MAX) {
            return Err(Error::bug("more clusters than a label can name"));
        }
        Ok(Self { dimensions, units })
    }

    /// Gives d.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Gives k.
    pub fn count(&self) -> usize {
        self.units.len() / self.dimensions
    }

    /// Gives one centroid.
    pub fn get(&self, cluster: usize) -> &[i32] {
        &self.units[cluster * self.dimensions..][..self.dimensions]
    }

    /// Gives all centroids, in order.
    pub fn iter(&self) -> impl Iterator<Item = &[i32]> {
        self.units.chunks_exact(self.dimensions)
    }

    /// Gives the values of all centroids, one after the other.
    pub(in crate::segmentation::kmeans) fn units(&self) -> &[i32] {
        &self.units
    }

    /// Replaces one centroid.
    pub fn set(&mut self, cluster: usize, units: &[i32]) {
        self.units[cluster * self.dimensions..][..self.dimensions].copy_from_slice(units);
    }

    /// Gives the first `count` centroids.
    pub(in crate::segmentation::kmeans) fn first(&self, count: usize) -> Self {
        Self { dimensions: self.dimensions, units: self.units[..count * self.dimensions].to_vec() }
    }

    /// Gives the centroids behind the first `count`; `None` where there are none.
    pub(in crate::segmentation::kmeans) fn from(&self, count: usize) -> Option<Self> {
        let units = self.units.get(count * self.dimensions..).filter(|units| !units.is_empty())?;
        Some(Self { dimensions: self.dimensions, units: units.to_vec() })
    }

    /// Gives the message that travels.
    pub fn to_message(&self) -> v1::Centroids {
        v1::Centroids { dimensions: self.dimensions as u32, units: self.units.clone() }
    }

    /// Reads the message; fails like [`Self::new`].
    pub fn from_message(message: &v1::Centroids) -> Result<Self> {
        Self::new(message.dimensions as usize, message.units.clone())
    }
}
