//! What the segments are: profiles, effectiveness and quality, from mergeable statistics computed a shard at a time.
//!
//! A statistic is exact, so that merging it in any order, over any number of shards, gives the same bits; only the
//! finaliser, which runs once over the merged statistic, rounds.

mod affinity;
mod benefits;
#[cfg(test)]
mod chance;
mod drift;
mod drivers;
mod effectiveness;
mod experiments;
mod groups;
mod inference;
mod leb128;
mod map;
mod messages;
mod personas;
mod prediction;
mod profile;
mod quality;
mod recommend;
mod retention;
mod scorecard;
mod wide;

pub use affinity::{
    AffinityFound, AffinityLists, AffinityScope, AffinitySolver, FEWEST_TOGETHER, Lift, PackedItem, Packer,
    affinity_answer, affinity_memory, affinity_rows, merge_affinity_answers,
};
pub use benefits::{BenefitScope, benefit_rows};
pub use drift::{
    ComparedFeature, DistributedFeature, MovedShare, compared_features, distribution_rows, feature_drift,
    migration_rows, moved_shares, psi, segmentation_drift,
};
pub use drivers::{
    BinnedFeature, Bins, DriverValues, DriversFound, DriversScope, DriversSolver, FEWEST_CLAIMED, FeatureKind,
    FeatureScope, MOST_PERSONAS, NamedFeature, OutcomeDriversScope, RankedDrivers, RulesScope, SegmentDriversScope,
    TreeScope, drivers_answer, merge_drivers_answers, outcome_drivers, rounded, rule_rows, segment_drivers, written,
};
pub use effectiveness::{
    Basis, CustomerValues, EffectivenessScope, EffectivenessStatistic, METRICS, OwnValues, SegmentTotals,
    effectiveness_rows,
};
pub use experiments::{
    ArmValues, EXPERIMENT_METRICS, ExperimentGroups, ExperimentScope, ExperimentStatistic, IN_TWO_ARMS, MetricValues,
    OTHER_ARM, TOO_LATE, experiment_rows, unequal_arms,
};
pub use groups::Groups;
pub use inference::benjamini_hochberg;
pub use map::{
    CustomerMap, FoundMap, MapScope, MapSolver, MappedCustomers, MappedSpace, NoMap, map_answer, map_axis_rows,
    map_memory, map_rows, merge_map_answers,
};
pub use messages::{
    About, Figures, History, Judged, Message, MessagesScope, MessagesStatistic, Purchase, campaign_rows, cells_of,
    channel_rows, contact_rows, granted_of, offer_rows, packed_cells, unpacked_cells,
};
pub use personas::{PersonaFeature, PersonaScope, Topic, persona_rows};
pub use prediction::{
    PredictionScope, PredictionSolver, PredictionStatistic, PredictivePower, Spending, prediction_answer,
    predictive_power,
};
pub use profile::{
    FeatureStatistic, LevelCounts, Moments, OTHER_LEVELS, ProfileScope, ProfileStatistic, is_profiled, profile_rows,
};
pub use quality::{
    Check, CheckOf, Evaluated, OtherCounts, QualityWarning, RejectedRows, SourceCounts, checks, evaluate,
};
pub use recommend::{Chosen, Rule, Rules, Taste, TasteLists, choose, merge_recommend_counts, merge_repeats};
pub use retention::{
    CohortScope, Cohorts, CurveScope, CurveStatistic, OrderDays, cohort_rows, curve_rows, packed_gaps, unpacked_gaps,
};
pub use scorecard::{CRITERIA, ScorecardScope, Segment, scorecard_rows};
