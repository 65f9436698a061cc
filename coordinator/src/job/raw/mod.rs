//! The job file as written: what serde reads and what the published JSON Schema is made of.
//!
//! One definition drives both. The structure of a file (known keys, types, ranges, required keys, reserved keys) is checked
//! against the schema by `structure`, which finds every error at once and leaves out what is wrong; so each field is
//! an `Option` here, and required by its attribute.

mod affinity;
mod benefits;
mod experiment;
mod export;
mod features;
mod job;
mod messages;
mod persona;
mod recommendations;
mod source;

pub(crate) use affinity::{RawAffinity, RawFirst, RawWithin};
pub(crate) use benefits::RawBenefits;
pub(crate) use experiment::{RawArms, RawArmsTable, RawExperiment};
pub(crate) use export::{RawExport, RawExportFormat, RawHoldout};
pub(crate) use features::{
    RawConstant, RawCustomFeature, RawDefault, RawDerivedFeature, RawFeatures, RawGate, RawGateAction, RawOrderModel,
    RawPreset, RawPresetEntry, RawQuality, RawRowCheck, RawSample, RawSqlFeatures, RawStep,
};
pub(crate) use job::{
    RawCache, RawEffectiveness, RawFx, RawIdentity, RawJob, RawMetric, RawMetricKind, RawOutput, RawPopulation,
    RawPrivacy, RawQuarantine, RawReport, RawUnit,
};
pub(crate) use messages::{RawAttribution, RawContacts, RawTouch, RawTouchAction};
pub(crate) use persona::RawPersona;
pub(crate) use recommendations::RawRecommendations;
pub(crate) use source::{RawCsv, RawDuplicates, RawFormat, RawKey, RawPartitions, RawSource};
