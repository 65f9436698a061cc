//! What a window operator is asked for.

use arrow::compute::SortOptions;
use arrow::datatypes::{DataType, Field, Fields, Schema};
use datafusion_common::ScalarValue;

use crate::expression::Kernel;

/// Calls over one PARTITION BY and ORDER BY. Columns are places in the input.
#[derive(Debug, Clone)]
pub(crate) struct WindowPlan {
    /// Rows that are equal here are a partition; nulls are equal. Without any, all rows are one.
    pub(crate) partition: Vec<usize>,
    /// Rows of a partition that are equal here are peers. Without any, all are peers.
    pub(crate) order: Vec<(usize, SortOptions)>,
    /// What decides the positions of peers, ascending and nulls last.
    pub(crate) ties: Vec<usize>,
    pub(crate) calls: Vec<WindowCall>,
}

/// One function over one frame: a column of the output.
#[derive(Debug, Clone)]
pub(crate) struct WindowCall {
    /// The column of the output.
    pub(crate) name: String,
    pub(crate) function: WindowFunction,
    /// The value, where the function takes one; two of a correlation.
    pub(crate) arguments: Vec<usize>,
    /// A column of truths: rows on which an aggregate looks.
    pub(crate) filter: Option<usize>,
    /// Where aggregates, first, last and nth value look; the others have no frame.
    pub(crate) frame: Frame,
    /// The type of the value.
    pub(crate) data_type: DataType,
}

/// A window function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WindowFunction {
    RowNumber,
    Rank,
    DenseRank,
    PercentRank,
    CumeDist,
    /// Into so many buckets, the first ones larger by one row where they cannot be equal.
    Ntile(u64),
    /// The value `offset` rows before, or the column `default` of this row where there is no such row.
    Lag {
        offset: i64,
        default: Option<usize>,
        ignore_nulls: bool,
    },
    /// As `Lag`, after.
    Lead {
        offset: i64,
        default: Option<usize>,
        ignore_nulls: bool,
    },
    FirstValue {
        ignore_nulls: bool,
    },
    LastValue {
        ignore_nulls: bool,
    },
    /// Counted from 1.
    NthValue {
        n: u64,
        ignore_nulls: bool,
    },
    Aggregate(Kernel),
}

/// The rows around a row on which a function looks.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Frame {
    pub(crate) unit: FrameUnit,
    pub(crate) start: Bound,
    pub(crate) end: Bound,
}

/// What a frame is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FrameUnit {
    Rows,
    /// Values of the order column.
    Range,
    /// Runs of peers.
    Groups,
}

/// An end of a frame. A distance is not negative: a whole number for ROWS and GROUPS, for RANGE a number of the order
/// column's kind, or an interval of a fixed length.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Bound {
    UnboundedPreceding,
    Preceding(ScalarValue),
    CurrentRow,
    Following(ScalarValue),
    UnboundedFollowing,
}

impl Frame {
    /// Gives the frame of all rows of a partition.
    pub(crate) fn whole() -> Self {
        Self { unit: FrameUnit::Range, start: Bound::UnboundedPreceding, end: Bound::UnboundedFollowing }
    }
}

impl Bound {
    /// Gives the distance, if it has one.
    pub(super) fn distance(&self) -> Option<&ScalarValue> {
        match self {
            Self::Preceding(distance) | Self::Following(distance) => Some(distance),
            _ => None,
        }
    }
}

impl WindowFunction {
    /// Says whether the function looks at a frame.
    pub(super) fn has_frame(&self) -> bool {
        matches!(self, Self::FirstValue { .. } | Self::LastValue { .. } | Self::NthValue { .. } | Self::Aggregate(_))
    }
}

impl WindowCall {
    /// Says whether a value may not be known because a number is too large: then the column has the value and whether it is
    /// lost. `argument` is the type of the first argument.
    pub(crate) fn can_be_lost(&self, argument: Option<&DataType>) -> bool {
        match self.function {
            WindowFunction::Aggregate(Kernel::Sum | Kernel::Spread { .. } | Kernel::Skewness | Kernel::Correlation) => {
                true
            }
            WindowFunction::Aggregate(Kernel::Average) => argument != Some(&DataType::Int64),
            WindowFunction::Aggregate(Kernel::Median | Kernel::Quantile(_)) => {
                matches!(argument, Some(DataType::Decimal128(..)))
            }
            _ => false,
        }
    }

    /// Gives the column of the output.
    pub(super) fn field(&self, input: &Schema) -> Field {
        let argument = self.arguments.first().and_then(|column| input.fields().get(*column));
        let data_type = match self.can_be_lost(argument.map(|field| field.data_type())) {
            true => DataType::Struct(value_and_lost(&self.data_type)),
            false => self.data_type.clone(),
        };
        Field::new(&self.name, data_type, true)
    }
}

/// Gives the fields of a value that can be lost.
pub(super) fn value_and_lost(data_type: &DataType) -> Fields {
    Fields::from(vec![Field::new("value", data_type.clone(), true), Field::new("lost", DataType::Boolean, false)])
}
