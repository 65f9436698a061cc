//! From the words of the command line to the exit code.

use super::{
    arguments::Arguments,
    compare, completions,
    context::Context,
    ending::{Ending, misunderstood, printed},
    errors, evaluate, export, features, forget, functions, gc, init, latest,
    orchestration::{RESULT_FILE_VARIABLE, wanted_file},
    person, plan, report,
    request::{Action, Request},
    run, runs, score, signals, size, sql, status, stdout, synth, validate, verify,
};
use crate::{
    cancellation::Cancellation,
    progress::{Reporter, Style},
};
use clap::Parser;
use segmenter_proto::{Error, Result};
use segmenter_worker::{
    failpoint::failpoint_warning,
    program::{self, Machine},
};
use std::{io::IsTerminal, path::PathBuf, process::ExitCode, time::Duration};

/// Threads for object-store calls and signals; the data has its own.
const RUNTIME_THREADS: usize = 2;

/// Gives the result file of a command line that may not be understood.
fn wanted() -> Option<PathBuf> {
    wanted_file(&std::env::args_os().collect::<Vec<_>>(), std::env::var_os(RESULT_FILE_VARIABLE))
}

/// Runs the program on the process's arguments and gives its exit code.
pub fn main() -> ExitCode {
    program::install_panics("segmenter");
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(usage) => {
            // Help for stdout, a wrong line for stderr; nobody is left to tell if that fails.
            let _ = usage.print();
            if !usage.use_stderr() {
                return ExitCode::SUCCESS;
            }
            let error = Error::job(usage.render().to_string().trim().to_owned());
            misunderstood(wanted().as_deref(), &error);
            return ExitCode::from(error.fault.exit_code());
        }
    };
    let request = match Request::new(arguments, Machine::observe()) {
        Ok(request) => request,
        Err(error) => {
            misunderstood(wanted().as_deref(), &error);
            return errors::report(&error, false);
        }
    };
    let json = request.action.json();
    match execute(request) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => errors::report(&error, json),
    }
}

fn execute(request: Request) -> Result<()> {
    let on_terminal = std::io::stderr().is_terminal();
    let style = match (request.action.json(), on_terminal) {
        (true, _) => Style::JsonOnly,
        (false, true) => Style::Bars,
        (false, false) => Style::Lines,
    };
    let progress = Reporter::on_stderr(style, request.loudness);
    program::install_logging(style == Style::Bars, program::colour(), request.loudness.logged(), progress.writer());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(RUNTIME_THREADS)
        .thread_name("segmenter-io")
        .enable_all()
        .build()
        .map_err(|cause| Error::resources("the threads for input and output cannot be started").caused_by(cause))?;
    let ending = match request.action.orchestration() {
        Some(wanted) => Ending::prepare(wanted.clone(), runtime.handle(), &progress)?,
        None => Ending::default(),
    };
    let context = Context {
        runtime: runtime.handle().clone(),
        resources: request.resources,
        cancellation: Cancellation::new(),
        progress,
        ending,
    };
    if let Some(warning) = failpoint_warning() {
        context.progress.warn(&warning);
    }
    let stages_look = matches!(
        request.action,
        Action::Run { .. }
            | Action::Score { .. }
            | Action::Evaluate { .. }
            | Action::Size { .. }
            | Action::Sql { .. }
            | Action::Gc { .. }
            | Action::Person { .. }
            | Action::Forget { .. }
    );
    program::survive_file_limits(&context.runtime);
    signals::listen(&context, if stages_look { signals::PATIENCE } else { Duration::ZERO });
    let (runs, json) = (request.action.orchestration().is_some(), request.action.json());
    let outcome = act(&context, request.action);
    if runs {
        tell_end(&context, &outcome, json);
    }
    // Calls that a failed command left under way are not waited for.
    runtime.shutdown_background();
    outcome
}

/// Tells how a run ended whoever wants to hear of it; that it is committed was told when it was.
fn tell_end(context: &Context, outcome: &Result<()>, json: bool) {
    if let Err(error) = outcome {
        let answer = context.ending.failed(error, context.cancellation.is_stopped());
        if json {
            // The error is told on stderr, and this beside it.
            let _ = stdout::print(&printed(&answer));
        }
    }
    context.ending.hand_over(context, outcome);
}

fn act(context: &Context, action: Action) -> Result<()> {
    match action {
        Action::Init { dir, from } => init::init(context, &dir, &from),
        Action::Validate { job, offline } => validate::validate(context, &job, offline),
        Action::Plan { job, shards } => plan::plan(context, &job, shards),
        Action::Run { job, run } => run::run(context, &job, *run),
        Action::Score { job, model, run } => score::score(context, &job, *run, &model),
        Action::Size { job, shards } => size::size(context, &job, shards),
        Action::Evaluate { job, judged, run } => evaluate::evaluate(context, &job, *run, &judged),
        Action::Export { job, request } => export::export(context, &job, &request),
        Action::Latest { job } => latest::latest(context, &job),
        Action::Verify { job, run } => verify::verify(context, &job, run.as_deref()),
        Action::Compare { job, runs: [before, now], out } => {
            compare::compare(context, &job, [&before, &now], out.as_deref())
        }
        Action::Report { job, run, out } => report::report(context, &job, run.as_deref(), out.as_deref()),
        Action::Runs { job } => runs::runs(context, &job),
        Action::Status { job } => status::status(context, &job),
        Action::Gc { job, request } => gc::gc(context, &job, &request),
        Action::Person { job, request } => person::person(context, &job, &request),
        Action::Forget { job, request } => forget::forget(context, &job, &request),
        Action::Sql { job, request } => sql::sql(context, &job, &request),
        Action::Schema => stdout::print(&super::schema()),
        Action::Completions { shell } => completions::completions(shell),
        Action::Functions => functions::functions(),
        Action::Features { action } => features::features(action.as_ref()),
        Action::Synth { dir, customers, seed, movers } => synth::synth(context, &dir, customers, seed, movers),
    }
}
