//! The output tables: their schemas, their rows, and Parquet files whose bytes depend on nothing but the rows.

mod affinity;
mod batches;
mod benefits;
mod campaigns;
mod changes;
mod channels;
mod cohorts;
mod contacts;
mod distributions;
mod drift;
mod drivers;
mod experiments;
mod exports;
mod map;
mod mergeable;
mod migration;
mod offers;
mod part_writer;
mod personas;
mod recommendations;
mod repeat_curve;
mod rewritten;
mod rows;
mod rules;
mod schemas;
mod scorecard;
mod store;

pub use affinity::{AffinityRow, affinity_batch, affinity_schema};
pub use batches::{
    AssignedSegment, assignments_batch, calibration_batch, effectiveness_batch, membership_batch, overlaps_batch,
    profiles_batch, quality_batch, quarantine_batch, segments_batch, selection_batch,
};
pub use benefits::{BenefitRow, benefits_batch, benefits_schema};
pub use campaigns::{CampaignRow, campaigns_batch, campaigns_schema};
pub use changes::{ChangeRow, changes_batch, changes_schema};
pub use channels::{ChannelRow, channels_batch, channels_schema};
pub use cohorts::{CohortRow, cohorts_batch, cohorts_schema};
pub use contacts::{ContactRow, contacts_batch, contacts_schema};
pub use distributions::{DistributionRow, distributions_batch, distributions_schema, read_distributions};
pub use drift::{DriftRow, drift_batch, drift_schema};
pub use drivers::{DriverRow, drivers_batch, drivers_schema};
pub use experiments::{ExperimentRow, experiments_batch, experiments_schema};
pub use exports::{EXPORT_KEY, EXPORT_OWNER, arms_schema, exports_schema};
pub use map::{MapAxisRow, MapRow, map_axes_batch, map_axes_schema, map_batch, map_schema};
pub use mergeable::{PartReader, read_part, write_mergeable_part};
pub use migration::{MigrationRow, migration_batch, migration_schema};
pub use offers::{OfferRow, offers_batch, offers_schema};
pub(crate) use part_writer::hex;
pub use part_writer::{FinishedPart, PartWriter, WRITE_BATCH_ROWS, write_table};
pub use personas::{PersonaRow, personas_batch, personas_schema};
pub use recommendations::{RecommendationRow, recommendations_batch, recommendations_schema};
pub use repeat_curve::{RepeatCurveRow, repeat_curve_batch, repeat_curve_schema};
pub use rewritten::rewritten;
pub use rows::{
    CalibratedRow, EffectivenessRow, Membership, OUTLIER_SCORE, OverlapRow, ProfileRow, QualityAction, QualityRow,
    QuarantineRow, SegmentRow, SelectionRow,
};
pub use rules::{RuleRow, rules_batch, rules_schema};
pub use schemas::{
    assignments_schema, calibration_schema, effectiveness_schema, features_schema, identity_schema, membership_schema,
    overlaps_schema, profiles_schema, quality_schema, quarantine_schema, segments_schema, selection_schema,
};
pub use scorecard::{ScorecardRow, scorecard_batch, scorecard_schema};
pub use store::write_part;
