//! The mergeable statistic of one segmentation's profiles.

use super::{accumulate, levels::LevelCounts, moments::Moments};
use crate::measure::groups::Groups;
use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray},
    compute::filter,
    datatypes::{
        DataType, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type,
        UInt16Type, UInt32Type, UInt64Type,
    },
};
use segmenter_proto::{Error, Result};

/// Says whether a column of this type has a profile: numbers, booleans and texts do, dates and times do not.
pub fn is_profiled(data_type: &DataType) -> bool {
    FeatureStatistic::new(data_type, 0).is_some()
}

/// What a profile needs of one feature, a segment.
#[derive(Debug, Clone, PartialEq)]
pub enum FeatureStatistic {
    /// Of a number.
    Number {
        /// Sums are of integers over 10^scale; 0 for integers and floats.
        scale: u32,
        /// In the order of the segments; where they overlap, of all customers as the last.
        by_segment: Vec<Moments>,
    },
    /// Of a boolean or a text.
    Category(LevelCounts),
}

impl FeatureStatistic {
    fn new(data_type: &DataType, segments: usize) -> Option<Self> {
        let number = |scale| Some(Self::Number { scale, by_segment: vec![Moments::default(); segments] });
        match data_type {
            DataType::Decimal128(_, scale) => u32::try_from(*scale).ok().and_then(number),
            data_type if data_type.is_integer() => number(0),
            DataType::Float32 | DataType::Float64 => number(0),
            DataType::Boolean | DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
                Some(Self::Category(LevelCounts::new(segments)))
            }
            _ => None,
        }
    }

    /// Gives the standard deviation of a number over all customers; none of a category, and of fewer than two values.
    pub fn standard_deviation(&self, overlapping: bool) -> Option<f64> {
        let Self::Number { scale, by_segment } = self else { return None };
        let mut all = Moments::default();
        match by_segment.last().filter(|_| overlapping) {
            Some(everybody) => all.merge(everybody),
            None => by_segment.iter().for_each(|moments| all.merge(moments)),
        }
        // Exact up to 10²².
        let unit = (0..*scale).fold(1.0, |unit, _| unit * 10.0);
        all.standard_deviation().map(|std| std / unit)
    }

    /// Adds a column: at once where everybody is in one segment, else the values of a segment after those of the other, and last all.
    fn add_groups(&mut self, column: &ArrayRef, groups: &Groups<'_>) -> Result<()> {
        let members = match groups {
            Groups::Apart { labels, .. } => return self.add_column(column, labels),
            Groups::Overlapping(members) => members,
            Groups::Everybody => return Err(Error::bug("profiles are of segments")),
        };
        for (segment, who) in (0..).zip(members) {
            let own = filter(column, &BooleanArray::new(who.clone(), None))
                .map_err(|error| Error::bug("the values of a segment could not be taken").caused_by(error))?;
            self.add_column(&own, &vec![segment; own.len()])?;
        }
        self.add_column(column, &vec![members.len() as u32; column.len()])
    }

    fn add_column(&mut self, column: &ArrayRef, labels: &[u32]) -> Result<()> {
        match self {
            Self::Category(counts) => match column.data_type() {
                DataType::Boolean => accumulate::add_booleans(column.as_boolean(), labels, counts),
                DataType::LargeUtf8 => accumulate::add_text(column.as_string::<i64>(), labels, counts),
                DataType::Utf8View => accumulate::add_text(column.as_string_view(), labels, counts),
                _ => accumulate::add_text(column.as_string::<i32>(), labels, counts),
            },
            Self::Number { by_segment, .. } => add_numbers(column, labels, by_segment),
        }
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        match (self, other) {
            (Self::Category(counts), Self::Category(more)) => counts.merge(more),
            (Self::Number { scale, by_segment }, Self::Number { scale: other_scale, by_segment: more })
                if scale == other_scale && by_segment.len() == more.len() =>
            {
                by_segment.iter_mut().zip(more).for_each(|(moments, more)| moments.merge(more));
                Ok(())
            }
            _ => Err(Error::bug("statistics of different features do not merge")),
        }
    }
}

/// What the profiles of one segmentation need, mergeable over shards in any order.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileStatistic {
    /// In the order of the features.
    pub features: Vec<FeatureStatistic>,
}

impl ProfileStatistic {
    /// Gives the statistic of one shard.
    ///
    /// Each column has a name and as many values as there are customers.
    ///
    /// # Errors
    /// The data's fault where a value is not finite; a bug where lengths differ or a type [`is_profiled`] denies.
    pub fn of_shard(groups: &Groups<'_>, columns: &[(String, ArrayRef)]) -> Result<Self> {
        let features = columns
            .iter()
            .map(|(name, column)| {
                groups.check(column.len(), &format!("feature {name}"))?;
                let mut feature = FeatureStatistic::new(column.data_type(), groups.count()).ok_or_else(|| {
                    Error::bug(format!("feature {name} of type {} has no profile", column.data_type()))
                })?;
                feature
                    .add_groups(column, groups)
                    .map_err(|error| Error { message: format!("feature {name}: {}", error.message), ..error })?;
                Ok(feature)
            })
            .collect::<Result<_>>()?;
        Ok(Self { features })
    }

    /// Adds all that `other` holds.
    ///
    /// # Errors
    /// A bug where segments or features differ.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.features.len() != other.features.len() {
            return Err(Error::bug("profiles of different features do not merge"));
        }
        self.features.iter_mut().zip(&other.features).try_for_each(|(feature, more)| feature.merge(more))
    }
}

fn add_numbers(column: &ArrayRef, labels: &[u32], by_segment: &mut [Moments]) -> Result<()> {
    match column.data_type() {
        DataType::Decimal128(..) => {
            accumulate::add_integers(column.as_primitive::<Decimal128Type>(), labels, by_segment)
        }
        DataType::Int8 => accumulate::add_integers(column.as_primitive::<Int8Type>(), labels, by_segment),
        DataType::Int16 => accumulate::add_integers(column.as_primitive::<Int16Type>(), labels, by_segment),
        DataType::Int32 => accumulate::add_integers(column.as_primitive::<Int32Type>(), labels, by_segment),
        DataType::Int64 => accumulate::add_integers(column.as_primitive::<Int64Type>(), labels, by_segment),
        DataType::UInt8 => accumulate::add_integers(column.as_primitive::<UInt8Type>(), labels, by_segment),
        DataType::UInt16 => accumulate::add_integers(column.as_primitive::<UInt16Type>(), labels, by_segment),
        DataType::UInt32 => accumulate::add_integers(column.as_primitive::<UInt32Type>(), labels, by_segment),
        DataType::UInt64 => accumulate::add_integers(column.as_primitive::<UInt64Type>(), labels, by_segment),
        DataType::Float32 => accumulate::add_floats(column.as_primitive::<Float32Type>(), labels, by_segment),
        DataType::Float64 => accumulate::add_floats(column.as_primitive::<Float64Type>(), labels, by_segment),
        other => Err(Error::bug(format!("a column of type {other} is no number"))),
    }
}
