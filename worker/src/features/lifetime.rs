//! Features that models of the whole population give: what customers will order and what that is worth.
//!
//! ```text
//!  features ──► histories ──rounds──► constants ──► what is expected of each customer ──► derived features
//!               (of all customers)    (model.json)
//! ```
//!
//! They are computed wherever a shard's features are read, so nothing of them lies in work files. Beside the features lies what came before
//! a hold-out window and within it: columns that are no features, by which forecasts are judged.

use super::queries::QueryFeatures;
use crate::{
    families::{Family, FamilyColumn, family, held_out},
    lifetime::{Forecast, Forecaster, HeldOut, Histories, History},
    spec::RunSpec,
    sql::{Room, ShardTables},
};
use arrow::{
    array::{Array, ArrayRef, AsArray, Float64Array, Int64Array, RecordBatch},
    compute::cast,
    datatypes::{DataType, Field, Float64Type, Int64Type, Schema},
};
use segmenter_proto::{
    Error, Result, draw,
    jobs::{Lifetime, Preset},
    models::Population,
    v1::FeatureCount,
};
use std::sync::Arc;

/// What the sample of a fit is drawn for.
const PURPOSE: &str = "lifetime";

/// The presets of a run that forecast, in the order of the job.
#[derive(Debug, Default)]
pub struct LifetimePlan {
    presets: Vec<LifetimePreset>,
}

/// A preset that forecasts.
#[derive(Debug)]
pub struct LifetimePreset {
    /// Appended to the names of its features.
    pub suffix: String,
    /// How it forecasts.
    pub lifetime: Lifetime,
    family: &'static Family,
    held_out: &'static Family,
    query: QueryFeatures,
}

impl LifetimePlan {
    /// Compiles what the presets of a run that forecast look at.
    ///
    /// # Errors
    /// A name that one needs is not mapped, or has another type: Job.
    pub(super) fn compile(spec: &RunSpec) -> Result<Self> {
        let mut presets = Vec::new();
        for preset in &spec.job.features.presets {
            let Some(lifetime) = &preset.lifetime else { continue };
            let lacks = || Error::bug("a preset that forecasts has no family");
            let (family, held_out) = (family(&preset.name).ok_or_else(lacks)?, held_out().ok_or_else(lacks)?);
            let before = Preset { window_days: Some(lifetime.holdout_days), ..preset.clone() };
            let query = QueryFeatures::of_preset(spec, &before, held_out)?;
            let (suffix, lifetime) = (preset.suffix.clone(), lifetime.clone());
            presets.push(LifetimePreset { suffix, lifetime, family, held_out, query });
        }
        Ok(Self { presets })
    }

    /// Gives the presets.
    pub fn presets(&self) -> &[LifetimePreset] {
        &self.presets
    }

    /// Gives the features with their types.
    pub fn fields(&self) -> Vec<Field> {
        self.presets.iter().flat_map(LifetimePreset::fields).collect()
    }

    /// Gives the columns by which forecasts are judged.
    pub(super) fn held_out(&self) -> impl Iterator<Item = Field> {
        self.presets.iter().flat_map(|preset| preset.query.fields())
    }

    /// Computes those columns; what could not be computed is counted in `lost`.
    ///
    /// # Errors
    /// See [`QueryFeatures::compute`].
    pub(super) fn compute(
        &self,
        tables: &ShardTables<'_>,
        room: Room<'_>,
        lost: &mut Vec<FeatureCount>,
    ) -> Result<Vec<ArrayRef>> {
        let mut columns = Vec::new();
        for preset in &self.presets {
            let computed = preset.query.compute(tables, room)?;
            if computed.lost > 0 {
                let feature = format!("hold-out of {}{}", preset.family.name, preset.suffix);
                lost.push(FeatureCount { feature, count: computed.lost });
            }
            columns.extend(computed.values);
        }
        Ok(columns)
    }

    /// Adds the features to those of some customers, as far as the models are known.
    ///
    /// # Errors
    /// Bug only.
    pub fn add(&self, mut rows: RecordBatch, population: &Population) -> Result<RecordBatch> {
        for preset in &self.presets {
            let Some(known) = population.lifetime(&preset.suffix) else { continue };
            let mut forecaster = Forecaster::new(&preset.lifetime, &known.fit, preset.lifetime.horizon_days);
            let forecasts: Vec<Forecast> = preset
                .histories(&rows, &preset.family.columns)?
                .map(|history| history.map(|history| forecaster.of(&history)).unwrap_or_default())
                .collect();
            let column =
                |of: fn(&Forecast) -> Option<f64>| Arc::new(forecasts.iter().map(of).collect::<Float64Array>());
            let added: [ArrayRef; 5] = [
                column(|forecast| forecast.alive),
                column(|forecast| forecast.orders),
                column(|forecast| forecast.order_value),
                column(|forecast| forecast.value),
                column(|forecast| forecast.discounted),
            ];
            let mut fields: Vec<Arc<Field>> = rows.schema().fields().iter().cloned().collect();
            fields.extend(preset.fields().map(Arc::new));
            let columns = rows.columns().iter().cloned().chain(added).collect();
            rows = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
                .map_err(|error| Error::bug("forecasts do not stand beside features").caused_by(error))?;
        }
        Ok(rows)
    }
}

impl LifetimePreset {
    /// Gives the names of the features that calibrations are about: expected orders, and their value.
    pub fn calibrated(&self) -> [String; 2] {
        ["expected_orders", "expected_value"].map(|name| format!("{name}{}", self.suffix))
    }

    fn fields(&self) -> impl Iterator<Item = Field> {
        let names = self.family.fitted.iter().map(|column| format!("{}{}", column.name, self.suffix));
        names.map(|name| Field::new(name, DataType::Float64, true))
    }

    /// Gives the histories of those customers who have one and whose draws are not above `up_to`; `before`: as they were before the
    /// hold-out window.
    ///
    /// # Errors
    /// Bug only.
    pub fn sample(&self, rows: &RecordBatch, before: bool, seed: u64, up_to: u64) -> Result<Histories> {
        // The id of whoever is segmented, whatever it is called.
        let ids = rows.columns().first().and_then(|ids| ids.as_string_opt::<i32>());
        let ids = ids.ok_or_else(|| Error::bug("customers have no ids"))?;
        let is_drawn = |id: Option<&str>| up_to == u64::MAX || draw(seed, PURPOSE, id.unwrap_or_default()) <= up_to;
        let columns = if before { &self.held_out.columns } else { &self.family.columns };
        let histories = ids.iter().zip(self.histories(rows, columns)?);
        let drawn = histories.filter_map(|(id, history)| history.filter(|_| is_drawn(id)));
        Ok(Histories::new(drawn.collect(), up_to))
    }

    /// Gives the customers who had ordered before the hold-out window, with what came to pass in it.
    ///
    /// # Errors
    /// Bug only.
    pub fn judged(&self, rows: &RecordBatch) -> Result<Vec<HeldOut>> {
        let columns = &self.held_out.columns;
        let (orders, value) = (self.numbers(rows, columns, 4)?, self.numbers(rows, columns, 5)?);
        let histories = self.histories(rows, columns)?.enumerate();
        let judged = histories.filter_map(|(row, history)| {
            let known = |numbers: &Float64Array| numbers.is_valid(row).then(|| numbers.value(row));
            Some(HeldOut { history: history?, orders: known(&orders), value: known(&value) })
        });
        Ok(judged.collect())
    }

    /// Gives the history of each customer, of these columns; none of those who have not ordered.
    fn histories(&self, rows: &RecordBatch, columns: &[FamilyColumn]) -> Result<impl Iterator<Item = Option<History>>> {
        let whole = |at| {
            self.column(rows, columns, at, &DataType::Int64).map(|column| column.as_primitive::<Int64Type>().clone())
        };
        let [orders, last, age]: [Int64Array; 3] = [whole(0)?, whole(1)?, whole(2)?];
        let value = self.numbers(rows, columns, 3)?;
        Ok((0..rows.num_rows()).map(move |row| {
            let number = |column: &Int64Array| u32::try_from(column.is_valid(row).then(|| column.value(row))?).ok();
            Some(History {
                orders: number(&orders)?,
                last: number(&last)?,
                age: number(&age)?,
                value: if value.is_valid(row) { value.value(row) } else { 0.0 },
            })
        }))
    }

    fn numbers(&self, rows: &RecordBatch, columns: &[FamilyColumn], at: usize) -> Result<Float64Array> {
        let column = self.column(rows, columns, at, &DataType::Float64)?;
        Ok(column.as_primitive::<Float64Type>().clone())
    }

    fn column(&self, rows: &RecordBatch, columns: &[FamilyColumn], at: usize, kind: &DataType) -> Result<ArrayRef> {
        let name = columns.get(at).map(|column| format!("{}{}", column.name, self.suffix));
        let found = name.and_then(|name| rows.column_by_name(&name));
        let found = found.ok_or_else(|| Error::bug("a history lacks a column"))?;
        cast(found, kind).map_err(|error| Error::bug("a history is not of numbers").caused_by(error))
    }
}
