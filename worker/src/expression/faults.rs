//! Why a value cannot be read, on its way through the engine.

use datafusion_common::DataFusionError;

use crate::values::{Place, ValueFault};

/// A fault of a value as an error of the engine.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.reason())]
pub(super) struct Failed(pub(super) ValueFault);

impl Failed {
    /// Says what happened, without any value of the row.
    pub(super) fn reason(&self) -> String {
        let found = self.0.found(Place::Expression);
        match (self.0, found) {
            (ValueFault::NotADate, None) => "not a date as the format has it".to_owned(),
            (ValueFault::NotATimestamp, None) => "not a date and time as the format has it".to_owned(),
            (ValueFault::NotADecimal(_), None) => "not a decimal number".to_owned(),
            (ValueFault::OutOfRange, None) => "more digits than the type has".to_owned(),
            (_, found) => format!("found {}", found.unwrap_or_else(|| "another kind of value".to_owned())),
        }
    }
}

/// Hands a fault to the engine.
pub(super) fn failed(fault: ValueFault) -> DataFusionError {
    DataFusionError::External(Box::new(Failed(fault)))
}

/// Takes it out again.
pub(super) fn fault_of(error: &DataFusionError) -> Option<&Failed> {
    match error {
        DataFusionError::External(inner) => inner.downcast_ref(),
        _ => None,
    }
}
