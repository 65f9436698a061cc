//! The program on real files: what it computes, and that the same work gives the same answer however it is done.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../harness/mod.rs"]
mod harness;

mod as_of;
mod cases;
mod cdnow;
mod cluster;
mod committed_once;
mod conditions;
mod consistency;
mod constants;
mod currencies;
mod custom_features;
mod derived_features;
mod derived_population;
mod doubtful_segments;
mod duplicates;
mod edge_data;
mod effectiveness;
mod evaluate;
mod inertia_of_peers;
mod kinds;
mod losses;
mod marketing_campaign;
mod mixed_data;
mod nested_groups;
mod odd_files;
mod online_retail;
mod opt_outs;
mod outputs;
mod overlapping_groups;
mod overlapping_rules;
mod own_metrics;
mod partitions;
mod personal;
mod planted_groups;
mod population;
mod presets;
mod references;
mod rfm_groups;
mod rfm_preset;
mod right_values;
mod row_checks;
mod row_fates;
mod rules;
mod same_answer;
mod score;
mod sql_features;
mod sql_prompt;
mod starbucks_rewards;
mod text_files;
mod tiers;
mod timezones;
mod wide_files;
mod wrong_ids;
