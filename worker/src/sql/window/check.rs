//! What a plan must keep to, looked at before a row is read.

use arrow::datatypes::{DataType, Schema};
use datafusion_common::{DataFusionError, Result, ScalarValue};
use segmenter_proto::Error;

use super::plan::{Bound, Frame, FrameUnit, WindowCall, WindowFunction, WindowPlan};
use super::range::Distance;
use crate::expression::Kernel;

/// What takes two arguments.
const CORRELATION: WindowFunction = WindowFunction::Aggregate(Kernel::Correlation);

/// Hands an error of ours through the engine.
pub(super) fn through(error: Error) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

/// Hands a bug of ours through the engine.
pub(super) fn bug(message: impl Into<String>) -> DataFusionError {
    through(Error::bug(message))
}

/// Gives the rows or groups of a bound's distance.
pub(super) fn steps(distance: &ScalarValue) -> Option<usize> {
    let number = match distance {
        ScalarValue::UInt8(Some(n)) => u64::from(*n),
        ScalarValue::UInt16(Some(n)) => u64::from(*n),
        ScalarValue::UInt32(Some(n)) => u64::from(*n),
        ScalarValue::UInt64(Some(n)) => *n,
        ScalarValue::Int8(Some(n)) => u64::try_from(*n).ok()?,
        ScalarValue::Int16(Some(n)) => u64::try_from(*n).ok()?,
        ScalarValue::Int32(Some(n)) => u64::try_from(*n).ok()?,
        ScalarValue::Int64(Some(n)) => u64::try_from(*n).ok()?,
        _ => return None,
    };
    usize::try_from(number).ok()
}

impl WindowPlan {
    /// Says what does not fit the input.
    pub(super) fn check(&self, input: &Schema) -> Result<()> {
        let columns = self.partition.iter().chain(self.order.iter().map(|(column, _)| column)).chain(&self.ties);
        for column in columns {
            column_type(input, *column)?;
        }
        self.calls.iter().try_for_each(|call| {
            call.check(input)?;
            if call.function.has_frame() { self.check_frame(&call.frame, input) } else { Ok(()) }
        })
    }

    fn check_frame(&self, frame: &Frame, input: &Schema) -> Result<()> {
        if frame.start == Bound::UnboundedFollowing || frame.end == Bound::UnboundedPreceding {
            return Err(bug("a frame starts behind its end"));
        }
        for distance in [&frame.start, &frame.end].into_iter().filter_map(Bound::distance) {
            match (frame.unit, self.order.as_slice()) {
                (FrameUnit::Rows | FrameUnit::Groups, _) => {
                    steps(distance).ok_or_else(|| bug(format!("{distance} is no number of rows or groups")))?;
                }
                (FrameUnit::Range, [(column, _)]) => {
                    Distance::new(distance, column_type(input, *column)?)?;
                }
                (FrameUnit::Range, _) => return Err(bug("a range with a distance has one order column")),
            }
        }
        Ok(())
    }
}

impl WindowCall {
    fn check(&self, input: &Schema) -> Result<()> {
        let argument = match (self.arguments.as_slice(), self.function) {
            ([], _) => None,
            ([column], function) if function != CORRELATION => Some(column_type(input, *column)?),
            ([x, y], CORRELATION) if column_type(input, *x)? == column_type(input, *y)? => {
                Some(column_type(input, *x)?)
            }
            _ => return Err(bug(format!("`{}` has other arguments than it takes", self.name))),
        };
        if let Some(filter) = self.filter
            && (!matches!(self.function, WindowFunction::Aggregate(_))
                || *column_type(input, filter)? != DataType::Boolean)
        {
            return Err(bug(format!("`{}` cannot have its filter", self.name)));
        }
        let given = self.result(input, argument)?;
        match given == self.data_type {
            true => Ok(()),
            false => Err(bug(format!("`{}` gives {given}, not {}", self.name, self.data_type))),
        }
    }

    /// Gives the type that the function gives.
    fn result(&self, input: &Schema, argument: Option<&DataType>) -> Result<DataType> {
        let value = || argument.cloned().ok_or_else(|| bug(format!("`{}` lacks its argument", self.name)));
        Ok(match self.function {
            WindowFunction::Ntile(0) => return Err(bug("ntile needs a bucket")),
            WindowFunction::NthValue { n: 0, .. } => return Err(bug("nth_value counts from 1")),
            WindowFunction::RowNumber | WindowFunction::Rank | WindowFunction::DenseRank | WindowFunction::Ntile(_) => {
                DataType::Int64
            }
            WindowFunction::PercentRank | WindowFunction::CumeDist => DataType::Float64,
            WindowFunction::Lag { default, .. } | WindowFunction::Lead { default, .. } => {
                let value = value()?;
                match default {
                    Some(default) if *column_type(input, default)? != value => {
                        return Err(bug(format!("`{}` has a default of another type", self.name)));
                    }
                    _ => value,
                }
            }
            WindowFunction::FirstValue { .. } | WindowFunction::LastValue { .. } | WindowFunction::NthValue { .. } => {
                value()?
            }
            WindowFunction::Aggregate(Kernel::Count) => DataType::Int64,
            WindowFunction::Aggregate(kernel) => aggregated(kernel, value()?)
                .ok_or_else(|| bug(format!("`{}` cannot be computed of its argument", self.name)))?,
        })
    }
}

/// Gives the type of an aggregate of values; none if it cannot be computed.
fn aggregated(kernel: Kernel, value: DataType) -> Option<DataType> {
    let number = |of_decimals: fn(i8) -> DataType, otherwise: DataType| match value {
        DataType::Int64 | DataType::Float64 => Some(otherwise),
        DataType::Decimal128(_, scale) => Some(of_decimals(scale)),
        _ => None,
    };
    match kernel {
        Kernel::Count | Kernel::CountDistinct => Some(DataType::Int64),
        Kernel::Sum => number(|scale| DataType::Decimal128(38, scale), value.clone()),
        Kernel::Average | Kernel::Median | Kernel::Quantile(_) => {
            number(|_| DataType::Decimal128(38, 4), DataType::Float64)
        }
        Kernel::Minimum | Kernel::Maximum | Kernel::Mode => Some(value),
        Kernel::Entropy => Some(DataType::Float64),
        Kernel::All | Kernel::Any => (value == DataType::Boolean).then_some(DataType::Boolean),
        Kernel::Spread { .. } | Kernel::Skewness | Kernel::Correlation => {
            (value == DataType::Float64).then_some(DataType::Float64)
        }
    }
}

fn column_type(input: &Schema, column: usize) -> Result<&DataType> {
    let field = input.fields().get(column);
    field.map(|field| field.data_type()).ok_or_else(|| bug(format!("a window has no column {column} to look at")))
}
