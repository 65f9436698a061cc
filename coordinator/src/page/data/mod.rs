//! What a page is made of: what `run.json` tells, the job file, and the tables that have no row a customer.

mod job_facts;
mod run_data;
mod segments;
mod table;

pub(super) use run_data::{RunData, TABLES};
pub(super) use segments::{Segment, Segmentation};
pub(super) use table::{Row, Rows};
