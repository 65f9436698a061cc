//! An aggregate in the engine's form.

use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, Decimal128Type, Field, FieldRef, Float32Type, Float64Type, Int8Type,
    Int16Type, Int32Type, Int64Type, TimeUnit, TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use datafusion_common::{Result as EngineResult, ScalarValue};
use datafusion_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion_expr::utils::{AggregateOrderSensitivity, format_state_name};
use datafusion_expr::{Accumulator, AggregateUDF, AggregateUDFImpl, GroupsAccumulator, Signature, Volatility};
use segmenter_proto::{Error, Result};
use std::cmp::Ordering;
use std::sync::Arc;

use super::answer::{Answer, engine_error};
use super::count::Count;
use super::distinct::Distinct;
use super::entropy::Entropy;
use super::extreme::{Extreme, ExtremeText};
use super::floats::Floats;
use super::gathered::key_type;
use super::lists::list_type;
use super::totals::Totals;
use super::truth::Truth;
use super::values::Values;
use super::whole::Whole;
use crate::expression::Kernel;

/// An aggregate as the engine runs it.
#[derive(Debug, Clone)]
pub(crate) struct Exact {
    /// Its result is `Struct { value, lost }` if it can be lost, else the value.
    pub(crate) function: Arc<AggregateUDF>,
    /// Whether a number that is too large can make a result null.
    pub(crate) can_be_lost: bool,
}

/// Gives an aggregate over columns of the types `arguments` (for `count(*)` a column that is null nowhere, or none
/// named here), whose value has the type `result`.
///
/// # Errors
/// No such aggregate takes these arguments.
pub(crate) fn exact(kernel: Kernel, arguments: &[DataType], result: &DataType) -> Result<Exact> {
    let is_decimal = matches!(arguments.first(), Some(DataType::Decimal128(..)));
    let can_be_lost = match kernel {
        Kernel::Sum | Kernel::Spread { .. } | Kernel::Skewness | Kernel::Correlation => true,
        Kernel::Average => arguments.first() != Some(&DataType::Int64),
        Kernel::Median | Kernel::Quantile(_) => is_decimal,
        Kernel::Count
        | Kernel::CountDistinct
        | Kernel::Minimum
        | Kernel::Maximum
        | Kernel::All
        | Kernel::Any
        | Kernel::Mode
        | Kernel::Entropy => false,
    };
    let answer = Answer { value: result.clone(), can_be_lost };
    let signature = Signature::any(arguments.len().max(1), Volatility::Immutable);
    let function = ExactAggregate { kernel, arguments: arguments.to_vec(), answer, signature };
    function.state_types()?;
    function.groups()?;
    Ok(Exact { function: Arc::new(AggregateUDF::from(function)), can_be_lost })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct ExactAggregate {
    kernel: Kernel,
    arguments: Vec<DataType>,
    answer: Answer,
    signature: Signature,
}

impl ExactAggregate {
    fn argument(&self) -> Result<&DataType> {
        self.arguments.first().ok_or_else(|| Error::bug(format!("{:?} has no argument", self.kernel)))
    }

    fn groups(&self) -> Result<Box<dyn GroupsAccumulator>> {
        let answer = self.answer.clone();
        Ok(match self.kernel {
            Kernel::Count => Box::new(Count::default()),
            Kernel::CountDistinct => Box::new(Distinct::default()),
            Kernel::Sum | Kernel::Average => {
                let is_average = self.kernel == Kernel::Average;
                match self.argument()? {
                    DataType::Float64 => Box::new(Floats::new(is_average, answer)),
                    argument => Box::new(Totals::new(argument.clone(), is_average, answer)),
                }
            }
            Kernel::Minimum => extreme(Ordering::Less, self.argument()?)?,
            Kernel::Maximum => extreme(Ordering::Greater, self.argument()?)?,
            Kernel::All => Box::new(Truth::new(true)),
            Kernel::Any => Box::new(Truth::new(false)),
            Kernel::Median
            | Kernel::Quantile(_)
            | Kernel::Spread { .. }
            | Kernel::Mode
            | Kernel::Skewness
            | Kernel::Correlation => Box::new(Values::new(self.kernel, self.arguments.clone(), answer)),
            Kernel::Entropy => Box::new(Entropy::new(answer)),
        })
    }

    fn state_types(&self) -> Result<Vec<DataType>> {
        Ok(match self.kernel {
            Kernel::Count => vec![DataType::Int64],
            Kernel::CountDistinct => vec![list_type(key_type())],
            Kernel::Sum | Kernel::Average if *self.argument()? == DataType::Float64 => Floats::state_types(),
            Kernel::Sum | Kernel::Average => Totals::state_types(),
            Kernel::Minimum | Kernel::Maximum => vec![self.argument()?.clone()],
            Kernel::All | Kernel::Any => vec![DataType::Boolean],
            Kernel::Median
            | Kernel::Quantile(_)
            | Kernel::Spread { .. }
            | Kernel::Mode
            | Kernel::Skewness
            | Kernel::Correlation => self.arguments.iter().cloned().map(list_type).collect(),
            Kernel::Entropy => Entropy::state_types(),
        })
    }
}

fn extreme(wanted: Ordering, data_type: &DataType) -> Result<Box<dyn GroupsAccumulator>> {
    fn of<T: ArrowPrimitiveType>(wanted: Ordering, data_type: &DataType) -> Box<dyn GroupsAccumulator> {
        Box::new(Extreme::<T>::new(wanted, data_type.clone()))
    }
    Ok(match data_type {
        DataType::Utf8 => Box::new(ExtremeText::new(wanted)),
        // False is smaller than true.
        DataType::Boolean => Box::new(Truth::new(wanted == Ordering::Less)),
        DataType::Int8 => of::<Int8Type>(wanted, data_type),
        DataType::Int16 => of::<Int16Type>(wanted, data_type),
        DataType::Int32 => of::<Int32Type>(wanted, data_type),
        DataType::Int64 => of::<Int64Type>(wanted, data_type),
        DataType::UInt8 => of::<UInt8Type>(wanted, data_type),
        DataType::UInt16 => of::<UInt16Type>(wanted, data_type),
        DataType::UInt32 => of::<UInt32Type>(wanted, data_type),
        DataType::UInt64 => of::<UInt64Type>(wanted, data_type),
        DataType::Float32 => of::<Float32Type>(wanted, data_type),
        DataType::Float64 => of::<Float64Type>(wanted, data_type),
        DataType::Decimal128(..) => of::<Decimal128Type>(wanted, data_type),
        DataType::Date32 => of::<Date32Type>(wanted, data_type),
        DataType::Timestamp(TimeUnit::Microsecond, _) => of::<TimestampMicrosecondType>(wanted, data_type),
        other => return Err(Error::bug(format!("values of {other} cannot be ordered"))),
    })
}

impl AggregateUDFImpl for ExactAggregate {
    fn name(&self) -> &str {
        "exact"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> EngineResult<DataType> {
        Ok(self.answer.data_type())
    }

    fn is_nullable(&self) -> bool {
        !matches!(self.kernel, Kernel::Count | Kernel::CountDistinct)
    }

    fn default_value(&self, data_type: &DataType) -> EngineResult<ScalarValue> {
        match self.kernel {
            Kernel::Count | Kernel::CountDistinct => Ok(ScalarValue::Int64(Some(0))),
            _ => ScalarValue::try_from(data_type),
        }
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> EngineResult<Vec<FieldRef>> {
        let types = self.state_types().map_err(engine_error)?.into_iter().enumerate();
        let field =
            |(i, t): (usize, DataType)| Arc::new(Field::new(format_state_name(args.name, &i.to_string()), t, true));
        Ok(types.map(field).collect())
    }

    fn groups_accumulator_supported(&self, _args: AccumulatorArgs<'_>) -> bool {
        true
    }

    fn create_groups_accumulator(&self, _args: AccumulatorArgs<'_>) -> EngineResult<Box<dyn GroupsAccumulator>> {
        self.groups().map_err(engine_error)
    }

    fn accumulator(&self, _args: AccumulatorArgs<'_>) -> EngineResult<Box<dyn Accumulator>> {
        Ok(Box::new(Whole::new(self.groups().map_err(engine_error)?, &self.arguments)?))
    }
}
