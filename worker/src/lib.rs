//! The data plane: reads sources, partitions them by customer, computes features, clusters and measures.
//!
//! Everything works on one piece of input or one shard at a time and answers mergeable statistics.

pub mod engine;
pub mod export;
pub mod expression;
pub mod failpoint;
pub mod families;
pub mod features;
pub mod frame;
pub mod identity;
pub mod keymap;
pub mod lifetime;
pub mod measure;
pub mod metrics;
pub mod network;
pub mod notes;
pub mod partition;
pub mod previous;
pub mod program;
pub mod reading;
pub mod results;
pub mod segmentation;
pub mod service;
pub mod shard;
pub mod spec;
pub mod sql;
pub mod storage;
pub mod values;
pub mod words;
