//! What the rounds about drivers look at of a shard.

use super::{measured::Measured, worker::Worker};
use crate::{
    features::{OUTCOME_NET, OUTCOME_ORDERS},
    frame::FrameSchema,
    measure::{DriverValues, drivers_answer, is_profiled},
};
use arrow::{
    array::AsArray,
    datatypes::{Decimal128Type, Field, Int64Type},
};
use segmenter_proto::{
    Result,
    methods::FittedModels,
    v1::{DriversAnswer, DriversRequest},
};

impl Worker {
    /// Answers what is asked of what goes with segments and with the outcome.
    pub(super) fn drivers(
        &self,
        request: &DriversRequest,
        measured: &Measured,
        models: &FittedModels,
    ) -> Result<DriversAnswer> {
        let fields = FrameSchema::of(&self.spec, &self.plan).features;
        let feature = |field: &Field| match is_profiled(field.data_type()) {
            true => Ok(Some(measured.column(field.name())?)),
            false => Ok(None),
        };
        let columns = fields.iter().map(feature).collect::<Result<Vec<_>>>()?;
        let features = fields.iter().zip(columns).map(|(field, column)| Some((field.name().as_str(), column?)));
        let numbered = || models.segmentations.iter().enumerate();
        let assigned = numbered().map(|(number, model)| Ok((measured.labels(number)?, model.segments().len())));
        let outcome = match self.plan.measured_columns().iter().any(|name| name == OUTCOME_ORDERS) {
            true => Some((
                measured.column(OUTCOME_ORDERS)?.as_primitive::<Int64Type>().values().as_ref(),
                measured.column(OUTCOME_NET)?.as_primitive::<Decimal128Type>().values().as_ref(),
            )),
            false => None,
        };
        let values = DriverValues {
            customers: measured.customers(),
            features: features.collect(),
            groups: numbered().map(|(number, model)| measured.groups(number, model)).collect::<Result<_>>()?,
            assigned: assigned.collect::<Result<_>>()?,
            outcome,
        };
        drivers_answer(request, &values)
    }
}
