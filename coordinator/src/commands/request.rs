//! The command line as it is meant: checked as a whole, every default filled in.

use super::{
    arguments::{
        Arguments, ClusterArguments, Command, FeaturesAction, Format, JobArguments, LoudnessArguments, WatchArguments,
    },
    orchestration::OrchestrationArguments,
};
use crate::{progress::Loudness, prompt::AnswerFormat, synth::Movers};
use chrono::NaiveDate;
use clap_complete::Shell;
use segmenter_proto::{Error, Result};
use segmenter_worker::{
    network::SecurityArguments,
    program::{Machine, Resources},
};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

/// What is to be done, and with what.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Request {
    pub(super) resources: Resources,
    pub(super) loudness: Loudness,
    pub(super) action: Action,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Action {
    Init { dir: PathBuf, from: Vec<String> },
    Validate { job: JobRequest, offline: bool },
    Plan { job: JobRequest, shards: Option<u32> },
    Run { job: JobRequest, run: Box<RunRequest> },
    Score { job: JobRequest, model: String, run: Box<RunRequest> },
    Size { job: JobRequest, shards: Option<u32> },
    Evaluate { job: JobRequest, judged: String, run: Box<RunRequest> },
    Export { job: JobRequest, request: ExportRequest },
    Latest { job: PathBuf },
    Verify { job: JobRequest, run: Option<String> },
    Compare { job: JobRequest, runs: [String; 2], out: Option<PathBuf> },
    Report { job: PathBuf, run: Option<String>, out: Option<PathBuf> },
    Runs { job: JobRequest },
    Status { job: JobRequest },
    Gc { job: JobRequest, request: GcRequest },
    Person { job: JobRequest, request: PersonRequest },
    Forget { job: JobRequest, request: ForgetRequest },
    Sql { job: PathBuf, request: SqlRequest },
    Schema,
    Completions { shell: Shell },
    Functions,
    Features { action: Option<FeaturesAction> },
    Synth { dir: PathBuf, customers: u64, seed: u64, movers: Option<Movers> },
}

/// Which runs go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GcRequest {
    /// So many of the newest stay.
    pub(super) keep: usize,
    /// Of the others only those that are older.
    pub(super) older_than: Option<Duration>,
    /// Whether they are deleted, and not only listed.
    pub(super) yes: bool,
}

/// Who is looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PersonRequest {
    /// A file of ids.
    pub(super) ids: PathBuf,
    /// None: the newest.
    pub(super) run: Option<String>,
}

/// Who is forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ForgetRequest {
    pub(super) whom: Whom,
    /// Whether files are changed, and not only listed.
    pub(super) yes: bool,
}

/// Whom a forgetting is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Whom {
    /// A file of ids.
    Ids(PathBuf),
    /// Those of before, whose removals are imported.
    Imported,
}

/// Which exports are to be written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ExportRequest {
    /// The run; none: the newest.
    pub(super) run: Option<String>,
    /// Names of exports; none: all of them.
    pub(super) names: Vec<String>,
    /// Whether they are written however many rows go.
    pub(super) accept_removed: bool,
}

/// A question to a committed run.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SqlRequest {
    /// None: what tables there are.
    pub(super) query: Option<String>,
    /// None: the newest.
    pub(super) run: Option<String>,
    pub(super) format: Option<AnswerFormat>,
    pub(super) out: Option<PathBuf>,
}

/// What a run is asked for beside its job.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RunRequest {
    pub(super) shards: Option<u32>,
    pub(super) new_run: bool,
    pub(super) watch: WatchArguments,
    pub(super) orchestration: OrchestrationArguments,
    /// How workers, and those who watch, are told from others.
    pub(super) security: SecurityArguments,
    /// None: embedded.
    pub(super) cluster: Option<ClusterRequest>,
}

/// Workers in other processes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ClusterRequest {
    pub(super) listen: SocketAddr,
    pub(super) workers: usize,
    pub(super) wait: Duration,
    pub(super) grace: Duration,
    pub(super) lost_after: Duration,
    pub(super) task_limit: Duration,
}

/// A job and how to answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct JobRequest {
    pub(super) path: PathBuf,
    pub(super) as_of: Option<NaiveDate>,
    pub(super) json: bool,
}

impl Action {
    /// Says whether the answer, and what stderr says, is for a program.
    pub(super) fn json(&self) -> bool {
        match self {
            Self::Validate { job, .. }
            | Self::Plan { job, .. }
            | Self::Verify { job, .. }
            | Self::Compare { job, .. }
            | Self::Export { job, .. } => job.json,
            Self::Runs { job }
            | Self::Status { job }
            | Self::Gc { job, .. }
            | Self::Person { job, .. }
            | Self::Forget { job, .. } => job.json,
            Self::Run { job, .. } | Self::Score { job, .. } | Self::Evaluate { job, .. } | Self::Size { job, .. } => {
                job.json
            }
            _ => false,
        }
    }

    /// Gives what a command that runs is told of those who started it.
    pub(super) fn orchestration(&self) -> Option<&OrchestrationArguments> {
        match self {
            Self::Run { run, .. } | Self::Score { run, .. } | Self::Evaluate { run, .. } => Some(&run.orchestration),
            _ => None,
        }
    }
}

impl Request {
    /// Checks what was typed as a whole.
    ///
    /// # Errors
    /// It asks for something that is not available yet (exit 2).
    pub(super) fn new(arguments: Arguments, machine: Machine) -> Result<Self> {
        let action = match arguments.command {
            Command::Init { dir, from } => init(dir, from),
            Command::Validate { job, offline } => Action::Validate { job: job.into(), offline },
            Command::Plan { job, shards } => Action::Plan { job: job.into(), shards: shards.shards },
            Command::Run { job, shards, new_run, watch, orchestration, cluster } => {
                let run = RunRequest {
                    shards: shards.shards,
                    new_run,
                    watch,
                    orchestration: *orchestration,
                    security: cluster.security(watch.status.is_some())?,
                    cluster: cluster.request(),
                };
                Action::Run { job: job.into(), run: Box::new(run) }
            }
            Command::Score { job, model, shards, new_run, watch, orchestration, cluster } => {
                let run = RunRequest {
                    shards: shards.shards,
                    new_run,
                    watch,
                    orchestration: *orchestration,
                    security: cluster.security(watch.status.is_some())?,
                    cluster: cluster.request(),
                };
                Action::Score { job: job.into(), model, run: Box::new(run) }
            }
            Command::Size { job, shards } => Action::Size { job: job.into(), shards: shards.shards },
            Command::Evaluate { job, output, run: judged, new_run, watch, orchestration, cluster } => {
                let run = RunRequest {
                    shards: None,
                    new_run,
                    watch,
                    orchestration: *orchestration,
                    security: cluster.security(watch.status.is_some())?,
                    cluster: cluster.request(),
                };
                let job = JobRequest { path: job, as_of: None, json: output == Format::Json };
                Action::Evaluate { job, judged, run: Box::new(run) }
            }
            Command::Export { job, output, run, names, accept_removed } => Action::Export {
                job: JobRequest { path: job, as_of: None, json: output == Format::Json },
                request: ExportRequest { run, names, accept_removed },
            },
            Command::Latest { job } => Action::Latest { job },
            Command::Verify { job, run } => Action::Verify { job: job.into(), run },
            Command::Status { job, output } => {
                Action::Status { job: JobRequest { path: job, as_of: None, json: output == Format::Json } }
            }
            Command::Runs { job, output } => {
                Action::Runs { job: JobRequest { path: job, as_of: None, json: output == Format::Json } }
            }
            Command::Gc { job, keep, older_than, yes, output } => {
                let job = JobRequest { path: job, as_of: None, json: output == Format::Json };
                Action::Gc { job, request: GcRequest { keep: keep as usize, older_than, yes } }
            }
            Command::Person { job, ids, run, output } => {
                let job = JobRequest { path: job, as_of: None, json: output == Format::Json };
                Action::Person { job, request: PersonRequest { ids, run } }
            }
            Command::Forget { job, ids, imported: _, yes, output } => {
                let job = JobRequest { path: job, as_of: None, json: output == Format::Json };
                Action::Forget { job, request: ForgetRequest { whom: ids.map_or(Whom::Imported, Whom::Ids), yes } }
            }
            Command::Sql { job, query, run, format, out } => {
                Action::Sql { job, request: SqlRequest { query, run, format, out } }
            }
            Command::Schema => Action::Schema,
            Command::Completions { shell } => Action::Completions { shell },
            Command::Functions => Action::Functions,
            Command::Features { action } => Action::Features { action },
            Command::Synth { dir, customers, seed, movers, moved_at } => {
                // One without the other is refused before.
                let movers = movers.zip(moved_at).map(|(share, at)| Movers { share, at });
                Action::Synth { dir, customers, seed, movers }
            }
            Command::Compare { job, before, now, out } => Action::Compare { job: job.into(), runs: [before, now], out },
            Command::Report { job, run, out } => Action::Report { job, run, out },
            Command::Doctor(_) => return Err(not_available("segmenter doctor")),
        };
        let LoudnessArguments { quiet, verbose } = arguments.loudness;
        let loudness = match (quiet, verbose) {
            (true, _) => Loudness::Quiet,
            (false, 0) => Loudness::Normal,
            (false, 1) => Loudness::Verbose,
            (false, _) => Loudness::VeryVerbose,
        };
        Ok(Self { resources: Resources::new(arguments.resources, machine), loudness, action })
    }
}

impl ClusterArguments {
    /// Gives how connections are secured; `watched`: others than workers connect too.
    ///
    /// # Errors
    /// Connections are to be secured that there are not (exit 2).
    fn security(&self, watched: bool) -> Result<SecurityArguments> {
        let unused = self.listen.is_none() && !watched && self.security != SecurityArguments::default();
        match unused {
            false => Ok(self.security.clone()),
            true => {
                Err(Error::job("certificates, tokens and --insecure are for workers and for those who watch a run")
                    .with_hint(
                        "give an address for workers with --listen or for a page with --status, or leave them out",
                    ))
            }
        }
    }

    /// Gives what was typed; none where the run is embedded.
    fn request(self) -> Option<ClusterRequest> {
        let Self { listen, workers, wait, grace, lost_after, task_limit, security: _ } = self;
        let workers = workers as usize;
        listen.map(|listen| ClusterRequest { listen, workers, wait, grace, lost_after, task_limit })
    }
}

impl From<JobArguments> for JobRequest {
    fn from(arguments: JobArguments) -> Self {
        Self { path: arguments.job, as_of: arguments.as_of, json: arguments.output == Format::Json }
    }
}

/// Takes the last of several places for the folder to write to where no other was named, and no file can be meant: `init --from shop mine`.
fn init(dir: Option<PathBuf>, mut from: Vec<String>) -> Action {
    let is_new = |place: &String| {
        let path = Path::new(place);
        let is_empty = || path.read_dir().is_ok_and(|mut entries| entries.next().is_none());
        !place.contains("://") && !place.contains(['*', '?', '{']) && (path.symlink_metadata().is_err() || is_empty())
    };
    let last = if dir.is_none() && from.len() > 1 { from.pop_if(|place| is_new(place)) } else { None };
    Action::Init { dir: dir.or(last.map(PathBuf::from)).unwrap_or_else(|| PathBuf::from(".")), from }
}

fn not_available(what: &str) -> Error {
    Error::job(format!("{what} is not available yet"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    fn request(line: &str) -> Result<Request> {
        let arguments = Arguments::try_parse_from(line.split_whitespace()).unwrap_or_else(|error| panic!("{error}"));
        Request::new(arguments, Machine { cores: 2, memory: Some(1000), temporary: "/tmp".into() })
    }

    fn refused(line: &str) -> String {
        Arguments::try_parse_from(line.split_whitespace()).unwrap_err().to_string()
    }

    #[test]
    fn what_is_not_typed_comes_from_the_machine() {
        let Request { resources, loudness, action } = request("segmenter run job.toml").unwrap();
        assert_eq!(loudness, Loudness::Normal);
        assert_eq!(resources, Resources { threads: 2, memory: 800, scratch: "/tmp".into() });
        let job = JobRequest { path: "job.toml".into(), as_of: None, json: false };
        assert_eq!(
            action,
            Action::Run {
                job,
                run: Box::new(RunRequest {
                    shards: None,
                    new_run: false,
                    watch: WatchArguments::default(),
                    orchestration: OrchestrationArguments::default(),
                    security: SecurityArguments::default(),
                    cluster: None
                })
            }
        );
    }

    #[test]
    fn resources_stand_before_or_after_the_command() {
        let before = request("segmenter --threads 7 --memory 256M --scratch /fast run job.toml --shards 8").unwrap();
        let after = request("segmenter run job.toml --shards 8 --threads 7 --memory 256M --scratch /fast").unwrap();
        assert_eq!(before, after);
        assert_eq!(before.resources, Resources { threads: 7, memory: 256 << 20, scratch: "/fast".into() });
    }

    #[test]
    fn a_score_names_the_run_whose_model_it_is_by() {
        let request = request("segmenter score job.toml --model latest --as-of 2026-11-21").unwrap();
        let Action::Score { job, model, run } = request.action else { panic!("no score") };
        assert_eq!((model.as_str(), job.as_of, run.new_run), ("latest", NaiveDate::from_ymd_opt(2026, 11, 21), false));
        assert!(refused("segmenter score job.toml").contains("--model <RUN>"));
    }

    #[test]
    fn loudness_is_asked_for_before_or_after_the_command() {
        let loudness = |line: &str| request(line).unwrap().loudness;
        assert_eq!(loudness("segmenter -q run job.toml"), Loudness::Quiet);
        assert_eq!(loudness("segmenter run job.toml --quiet"), Loudness::Quiet);
        assert_eq!(loudness("segmenter run job.toml -v"), Loudness::Verbose);
        assert_eq!(loudness("segmenter -vv latest job.toml"), Loudness::VeryVerbose);
        assert!(refused("segmenter run job.toml -q -v").contains("cannot be used with"));
    }

    #[test]
    fn a_run_that_is_watched_may_be_secured() {
        let line = "segmenter run job.toml --status 0.0.0.0:8080 --token-file token";
        let Action::Run { run, .. } = request(line).unwrap().action else { panic!("no run") };
        assert!(run.cluster.is_none() && run.security.token_file.is_some() && run.watch.status.is_some());
        let error = request("segmenter run job.toml --token-file token").unwrap_err();
        assert!(error.hint.unwrap().contains("--status"));
    }

    #[test]
    fn a_job_takes_its_date_and_form_of_answer() {
        let request = request("segmenter validate job.toml --offline --as-of 2026-11-21 --output json").unwrap();
        let job = JobRequest { path: "job.toml".into(), as_of: NaiveDate::from_ymd_opt(2026, 11, 21), json: true };
        assert!(request.action.json());
        assert_eq!(request.action, Action::Validate { job, offline: true });
    }

    #[test]
    fn reserved_commands_and_flags_say_so_whatever_follows() {
        for line in ["segmenter doctor --fast -x", "segmenter doctor"] {
            let error = request(line).unwrap_err();
            assert_eq!(error.fault.exit_code(), 2);
            assert!(error.message.ends_with("is not available yet"), "{error}");
        }
    }

    #[test]
    fn who_is_forgotten_is_said_and_that_it_is_meant() {
        let asked = |line: &str| match request(line).unwrap().action {
            Action::Forget { request, .. } => request,
            other => panic!("{other:?}"),
        };
        let ids = Whom::Ids("ids.txt".into());
        assert_eq!(asked("segmenter forget job.toml --ids ids.txt"), ForgetRequest { whom: ids.clone(), yes: false });
        assert_eq!(asked("segmenter forget job.toml --ids ids.txt --yes"), ForgetRequest { whom: ids, yes: true });
        assert_eq!(asked("segmenter forget job.toml --imported"), ForgetRequest { whom: Whom::Imported, yes: false });
        assert!(refused("segmenter forget job.toml --yes").contains("--ids <FILE>"));
        assert!(refused("segmenter forget job.toml --ids a --imported").contains("cannot be used with"));
    }

    #[test]
    fn a_cluster_is_asked_for_by_an_address() {
        let line = "segmenter run job.toml --listen 0.0.0.0:7000 --workers 3 --wait 2m --token-file token";
        let Action::Run { run, .. } = request(line).unwrap().action else { panic!("no run") };
        let cluster = run.cluster.unwrap();
        assert_eq!(
            (cluster.workers, cluster.wait, cluster.grace),
            (3, Duration::from_secs(120), Duration::from_secs(60))
        );
        assert!(refused("segmenter run job.toml --workers 3").contains("--listen"));
        let error = request("segmenter run job.toml --insecure").unwrap_err();
        assert!(error.fault.exit_code() == 2 && error.hint.unwrap().contains("--listen"));
    }

    #[test]
    fn wrong_values_are_refused_with_what_was_expected() {
        assert!(refused("segmenter run job.toml --memory 8X").contains("such as 256M or 8G"));
        assert!(refused("segmenter run job.toml --as-of yesterday").contains("such as 2026-11-21"));
        assert!(refused("segmenter run job.toml --shards 0").contains("1..=65536"));
        assert!(refused("segmenter run job.toml --threads 0").contains("1..=4096"));
        assert!(refused("segmenter synth dir --customers 0").contains("0 is not in"));
        assert!(refused("segmenter synth dir").contains("--customers <N>"));
        assert!(refused("segmenter synth dir --customers 9 --movers 0.1").contains("--moved-at <DATE>"));
        assert!(refused("segmenter latest job.toml --as-of 2026-11-21").contains("--as-of"));
        assert!(refused("segmenter rum job.toml").contains("run"), "the nearest command is named");
    }
}
