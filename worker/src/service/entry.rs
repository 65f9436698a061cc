//! From the words of the command line to the exit code.

use super::{arguments::Arguments, engines::OwnThreads, life::live, options::ServiceOptions, signals::Signals};
use crate::{
    failpoint::failpoint_warning,
    program::{self, DataBudget, Machine},
};
use clap::Parser;
use segmenter_proto::{Error, Result};
use std::{io::IsTerminal, mem::ManuallyDrop, process::ExitCode, sync::Arc};
use tokio::runtime::Runtime;

/// Threads for the requests to stores.
const STORE_THREADS: usize = 2;
/// Threads for gRPC, heartbeats and signals: apart from the others, so that neither a scan nor a store keeps a
/// heartbeat waiting.
const SERVICE_THREADS: usize = 2;

/// Runs the program on the process's arguments and gives its exit code.
pub fn main() -> ExitCode {
    program::install_panics("segmenter-worker");
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(usage) => {
            // Help for stdout, a wrong line for stderr; nobody is left to tell if that fails.
            let _ = usage.print();
            return ExitCode::from(if usage.use_stderr() { 2 } else { 0 });
        }
    };
    let options = ServiceOptions::new(arguments, Machine::observe()).and_then(ServiceOptions::with_own_token);
    match options.and_then(|options| work(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => program::report(&error, false),
    }
}

fn work(options: &ServiceOptions) -> Result<()> {
    program::install_logging(std::io::stderr().is_terminal(), program::colour(), "info", std::io::stderr);
    let asked = &options.resources;
    let data = DataBudget::new(asked.memory, asked.threads)?;
    program::keep_freed(asked.memory);
    if let Some(fewer) = data.fewer_threads(asked.memory, asked.threads) {
        tracing::warn!("{fewer}");
    }
    // Neither is ever shut down: a task that still runs when the process leaves must not find its runtime gone.
    let stores = ManuallyDrop::new(runtime("segmenter-stores", STORE_THREADS)?);
    let service = ManuallyDrop::new(runtime("segmenter-service", SERVICE_THREADS)?);
    let engines = OwnThreads::new(data, asked.scratch.clone(), stores.handle().clone());
    program::survive_file_limits(service.handle());
    if let Some(warning) = failpoint_warning() {
        tracing::warn!("{warning}");
    }
    service.block_on(async {
        let stop = Signals::catch()?.stop();
        live(options, Arc::new(engines), data, Box::pin(stop)).await
    })
}

fn runtime(name: &str, threads: usize) -> Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .thread_name(name)
        .enable_all()
        .build()
        .map_err(|cause| Error::resources("the threads for input and output cannot be started").caused_by(cause))
}
