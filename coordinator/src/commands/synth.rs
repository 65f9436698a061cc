//! `segmenter synth`: data of any size.

use super::{context::Context, stdout};
use crate::tally::StageTally;
use crate::{
    progress::grouped,
    synth::{self, Movers},
};
use segmenter_proto::{Error, Result};
use std::{
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

/// Writes generated data with its job file into `dir` and prints the job file's path.
pub(super) fn synth(context: &Context, dir: &Path, customers: u64, seed: u64, movers: Option<Movers>) -> Result<()> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(context.resources.threads)
        .thread_name(|number| format!("segmenter-synth-{number}"))
        .build()
        .map_err(|cause| Error::resources("the threads cannot be started").caused_by(cause))?;
    let options = synth::SynthOptions { movers, ..synth::SynthOptions::new(dir, customers, seed) };
    let stage = context.progress.stage("synth", customers);
    let before = AtomicU64::new(0);
    let tell = |done| {
        let new = done - before.swap(done, Ordering::Relaxed);
        stage.add(new, new, 0);
    };
    let written = pool.install(|| synth::write(&options, tell))?;
    stage.add(0, 0, written.bytes);
    stage.finish(&StageTally::default());
    let rows = written.customers + written.orders + written.receipts;
    let text = format!("wrote {} rows in {} files", grouped(rows), grouped(written.files));
    context.progress.tell("written", &text, [("rows", rows.into()), ("files", written.files.into())]);
    stdout::print(&written.job_file.to_string_lossy())
}
