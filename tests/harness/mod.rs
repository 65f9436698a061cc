//! What every test of the program uses: a temporary workspace, inputs in every format, the program as a process, a
//! committed run read back and checked, its two digests, and an S3 server.
//!
//! Each test binary includes this module and uses a part of it.
#![allow(dead_code, unused_imports, reason = "each test binary uses a part of the harness")]

mod agreement;
mod browser;
mod canonical;
mod cases;
mod certificates;
mod cluster;
mod committed;
mod every_kind;
mod fates;
mod forgetting;
mod ga4;
mod golden;
mod html;
mod jobs;
mod lifetimes;
mod listener;
mod metrics;
mod orders;
mod orders_parquet;
mod orders_text;
mod program;
mod ran;
mod running;
mod s3;
mod s3_faithful;
mod s3_proxy;
mod s3_server;
mod shared_data;
mod small_files;
mod table;
mod workspace;

pub use agreement::adjusted_rand_index;
pub use browser::Browser;
pub use canonical::{ByteDigest, LogicalDigest};
pub use cases::Case;
pub use certificates::Authority;
pub use cluster::{Coordinator, Trial, free_port};
pub use committed::CommittedRun;
pub use every_kind::{
    EVERY_KIND, EVERY_KIND_OF_ACCOUNTS, kinds_with_later_rows, write_every_kind, write_every_kind_later,
};
pub use fates::Fates;
pub use forgetting::{
    DAYS_OF_RUNS, EXCLUDING, FORGOTTEN, files_below, files_with, forget, is_whole, job_that_holds, put_back, with_held,
    write_people,
};
pub use ga4::{Parameter, WebEvent, ga4_csv, write_ga4_parquet};
pub use golden::{assert_golden, assert_golden_text};
pub use html::{assert_page, elements};
pub use jobs::{DIGEST_FEATURES, EVERY_METHOD, ONLY_RFM, job, job_of};
pub use lifetimes::leaving_customers;
pub use listener::{Heard, Listener, Manners};
pub use metrics::Metrics;
pub use orders::{Order, Rng, orders_of, planted_orders, timestamp};
pub use orders_parquet::{write_columns, write_orders_parquet};
pub use orders_text::{CSV_TYPES, orders_csv, orders_ndjson, write_orders_csv, write_orders_ndjson};
pub use program::{Program, STAGES, sleep_at};
pub use ran::Ran;
pub use running::Running;
pub use s3::S3;
pub use s3_proxy::{Harm, Rule, S3Proxy};
pub use s3_server::{Mood, S3Server};
pub use shared_data::shared_data;
pub use small_files::{ROWS, assert_rows, gzip, job_over, utf16, with_columns};
pub use table::Table;
pub use workspace::Workspace;
