//! The command line as it is typed: names, help and the form of each value. Nothing is read or written here.

use super::orchestration::OrchestrationArguments;
use crate::prompt::AnswerFormat;
use chrono::NaiveDate;
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use segmenter_worker::{
    network::SecurityArguments,
    program::{ResourceArguments, parse_duration},
};
use std::{ffi::OsString, net::SocketAddr, path::PathBuf, time::Duration};

/// Divide customers into segments: the same bits whatever the machine, the threads or the failures
#[derive(Debug, Parser)]
#[command(name = "segmenter", version, disable_help_subcommand = true, max_term_width = 100)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) resources: ResourceArguments,
    #[command(flatten)]
    pub(super) loudness: LoudnessArguments,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write a commented job file and a small generated data set that it runs on
    Init {
        /// Folder to write to [default: .]
        dir: Option<PathBuf>,
        /// Make a job of these instead of generating some: files, folders (with all that lies below) or globs
        #[arg(long, value_name = "URI", num_args = 1..)]
        from: Vec<String>,
    },
    /// Check a job file and, unless --offline, that its sources and columns exist
    Validate {
        #[command(flatten)]
        job: JobArguments,
        /// Check the file alone
        #[arg(long)]
        offline: bool,
    },
    /// Say what a run would read, need and write; changes nothing
    Plan {
        #[command(flatten)]
        job: JobArguments,
        #[command(flatten)]
        shards: ShardArguments,
    },
    /// Run a job; the last line printed is the folder of the run
    Run {
        #[command(flatten)]
        job: JobArguments,
        #[command(flatten)]
        shards: ShardArguments,
        /// Run again although the same work is committed
        #[arg(long)]
        new_run: bool,
        #[command(flatten)]
        watch: WatchArguments,
        #[command(flatten)]
        orchestration: Box<OrchestrationArguments>,
        #[command(flatten)]
        cluster: Box<ClusterArguments>,
    },
    /// Assign customers by the model of a committed run, which is not changed; the last line printed is the folder of the result
    Score {
        #[command(flatten)]
        job: JobArguments,
        /// The run whose model is taken: its id, or "latest"
        #[arg(long, value_name = "RUN")]
        model: String,
        #[command(flatten)]
        shards: ShardArguments,
        /// Score again although the same work is committed
        #[arg(long)]
        new_run: bool,
        #[command(flatten)]
        watch: WatchArguments,
        #[command(flatten)]
        orchestration: Box<OrchestrationArguments>,
        #[command(flatten)]
        cluster: Box<ClusterArguments>,
    },
    /// Print how many customers the segments would have that need no fit, which overlap, and whom each channel reaches; writes nothing
    Size {
        #[command(flatten)]
        job: JobArguments,
        #[command(flatten)]
        shards: ShardArguments,
    },
    /// Judge the segments of a committed run, which is not changed, by what customers did from its as_of on; the last line printed is the folder of the result
    Evaluate {
        /// Job file
        #[arg(value_name = "JOB")]
        job: PathBuf,
        /// Form of the answer on stdout, and of what stderr says
        #[arg(long, value_name = "FORM", value_enum, default_value_t = Format::Text)]
        output: Format,
        /// The run that is judged: its id, or "latest"
        #[arg(long, value_name = "RUN")]
        run: String,
        /// Evaluate again although the same work is committed
        #[arg(long)]
        new_run: bool,
        #[command(flatten)]
        watch: WatchArguments,
        #[command(flatten)]
        orchestration: Box<OrchestrationArguments>,
        #[command(flatten)]
        cluster: Box<ClusterArguments>,
    },
    /// Write the exports of a committed run again, or anew with other limits; the last lines printed are their folders
    Export {
        /// Job file
        #[arg(value_name = "JOB")]
        job: PathBuf,
        /// Form of the answer on stdout, and of what stderr says
        #[arg(long, value_name = "FORM", value_enum, default_value_t = Format::Text)]
        output: Format,
        /// The run [default: the newest]
        #[arg(long, value_name = "RUN")]
        run: Option<String>,
        /// The export; may be given more than once [default: all of the job]
        #[arg(long = "name", value_name = "NAME")]
        names: Vec<String>,
        /// Write them although more rows go than max_removed_share
        #[arg(long)]
        accept_removed: bool,
    },
    /// Print the folder of the newest committed run
    Latest {
        /// Job file
        #[arg(value_name = "JOB")]
        job: PathBuf,
    },
    /// Compare every file of a committed run with what was committed; prints its folder if it is whole
    Verify {
        #[command(flatten)]
        job: JobArguments,
        /// Id of the run [default: the newest]
        #[arg(long, value_name = "RUN")]
        run: Option<String>,
    },
    /// Say what is different between two committed runs: who moved, and how far features and segments drifted
    Compare {
        #[command(flatten)]
        job: JobArguments,
        /// Id of the earlier run, or `latest`
        #[arg(value_name = "RUN")]
        before: String,
        /// Id of the later run, or `latest`
        #[arg(value_name = "RUN", default_value = "latest")]
        now: String,
        /// Write a page with both runs side by side to a file, and no answer to stdout; it appears when it is whole
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Write the page of a committed run, made anew from its tables: one HTML file that needs no network
    Report {
        /// Job file
        #[arg(value_name = "JOB")]
        job: PathBuf,
        /// Id of the run [default: the newest]
        #[arg(long, value_name = "RUN")]
        run: Option<String>,
        /// Write to a file and not to stdout; it appears when it is whole
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// List the runs of a job, the newest first: committed, damaged, or begun and not committed
    Runs {
        /// Job file
        #[arg(value_name = "JOB")]
        job: PathBuf,
        /// Form of the answer on stdout, and of what stderr says
        #[arg(long, value_name = "FORM", value_enum, default_value_t = Format::Text)]
        output: Format,
    },
    /// Say how far the runs of a job are that are under way, wherever they run
    Status {
        /// Job file
        #[arg(value_name = "JOB")]
        job: PathBuf,
        /// Form of the answer on stdout, and of what stderr says
        #[arg(long, value_name = "FORM", value_enum, default_value_t = Format::Text)]
        output: Format,
    },
    /// List old runs, what is left of others and kept rows that no run takes, and delete them where --yes is said; what something refers to stays, and the newest run does
    Gc {
        /// Job file
        #[arg(value_name = "JOB")]
        job: PathBuf,
        /// Runs that stay: so many of the newest
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        keep: u32,
        /// Of the others only those whose day and whose commit are older, such as 400d
        #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
        older_than: Option<Duration>,
        /// Delete, and do not only list
        #[arg(long)]
        yes: bool,
        /// Form of the answer on stdout, and of what stderr says
        #[arg(long, value_name = "FORM", value_enum, default_value_t = Format::Text)]
        output: Format,
    },
    /// Print what a committed run holds of some customers, and why they are in their segments
    Person {
        /// Job file
        #[arg(value_name = "JOB")]
        job: PathBuf,
        /// File of their ids, one a line; any id of a person finds it
        #[arg(long, value_name = "FILE")]
        ids: PathBuf,
        /// Id of the run [default: the newest]
        #[arg(long, value_name = "RUN")]
        run: Option<String>,
        /// Form of the answer on stdout, and of what stderr says
        #[arg(long, value_name = "FORM", value_enum, default_value_t = Format::Text)]
        output: Format,
    },
    /// List what is held of some customers in all runs, scores, evaluations and exports, and take it out where --yes is said
    Forget {
        /// Job file
        #[arg(value_name = "JOB")]
        job: PathBuf,
        /// File of their ids, one a line; any id of a person finds it. They must stand in the job's exclude_list
        #[arg(long, value_name = "FILE", required_unless_present = "imported")]
        ids: Option<PathBuf>,
        /// Delete the removals that were handed over before, since they are imported
        #[arg(long, conflicts_with = "ids")]
        imported: bool,
        /// Change files, and do not only list
        #[arg(long)]
        yes: bool,
        /// Form of the answer on stdout, and of what stderr says
        #[arg(long, value_name = "FORM", value_enum, default_value_t = Format::Text)]
        output: Format,
    },
    /// Ask a committed run in SQL: its tables, and the job's sources as `source.NAME`; without a query, list the tables
    Sql {
        /// Job file
        #[arg(value_name = "JOB")]
        job: PathBuf,
        /// A query, such as "select segment_key, count(*) from assignments group by segment_key"
        #[arg(value_name = "QUERY")]
        query: Option<String>,
        /// Id of the run [default: the newest]
        #[arg(long, value_name = "RUN")]
        run: Option<String>,
        /// Form of the answer [default: by the name of --out, else table]
        #[arg(long, value_enum, value_name = "FORM")]
        format: Option<AnswerFormat>,
        /// Write the answer to a file and not to stdout; it appears when it is whole
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Print the JSON Schema of the job file
    Schema,
    /// Print the functions that expressions may use
    Functions,
    /// Print the feature presets; `features show NAME` prints the query of one, to be copied and changed
    Features {
        #[command(subcommand)]
        action: Option<FeaturesAction>,
    },
    /// Write realistic synthetic data of any size, with its job file
    Synth {
        /// Folder to write to
        dir: PathBuf,
        /// Number of customers
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
        customers: u64,
        /// Seed of all chance
        #[arg(long, value_name = "S", default_value_t = 7)]
        seed: u64,
        /// Share of the customers of groups that go on buying who change their group, such as 0.02; truth.parquet says who
        #[arg(long, value_name = "SHARE", requires = "moved_at")]
        movers: Option<f64>,
        /// The day from which they buy like another group
        #[arg(long, value_name = "DATE", requires = "movers", value_parser = parse_date)]
        moved_at: Option<NaiveDate>,
    },
    /// Print the script by which a shell completes commands and flags
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: Shell,
    },
    #[command(hide = true)]
    Doctor(Reserved),
}

/// How much is said on stderr.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct LoudnessArguments {
    /// Say nothing on stderr but warnings and errors
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Log what happens too; given twice, each attempt at a task
    #[arg(long, short, global = true, action = ArgAction::Count)]
    pub(super) verbose: u8,
}

/// How a run is watched from elsewhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Args)]
pub(super) struct WatchArguments {
    /// Address that serves metrics to Prometheus at /metrics
    #[arg(long, value_name = "ADDR")]
    pub(super) metrics: Option<SocketAddr>,
    /// Address that serves a page of the run while it goes on, such as 127.0.0.1:8080, and /status.json; off this machine it needs a token and TLS
    #[arg(long, value_name = "ADDR")]
    pub(super) status: Option<SocketAddr>,
}

/// A job and how to answer.
#[derive(Debug, Args)]
pub(super) struct JobArguments {
    /// Job file
    #[arg(value_name = "JOB")]
    pub(super) job: PathBuf,
    /// Features see only what happened before this date, whatever the job file says
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    pub(super) as_of: Option<NaiveDate>,
    /// Form of the answer on stdout, and of what stderr says
    #[arg(long, value_enum, value_name = "FORM", default_value_t = Format::Text)]
    pub(super) output: Format,
}

/// How the data is cut.
#[derive(Debug, Args)]
pub(super) struct ShardArguments {
    /// Number of shards; no result depends on it [default: by the rows of the inputs]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=65536))]
    pub(super) shards: Option<u32>,
}

/// Runs on workers in other processes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Cluster")]
pub(super) struct ClusterArguments {
    /// Address on which workers register, such as 0.0.0.0:7070; without it the run is embedded in this process
    #[arg(long, value_name = "ADDR")]
    pub(super) listen: Option<SocketAddr>,
    /// Workers to wait for before the run begins; more may come later
    #[arg(long, value_name = "N", default_value_t = 1, requires = "listen", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) workers: u32,
    /// How long to wait for them
    #[arg(long, value_name = "DURATION", default_value = "10m", requires = "listen", value_parser = parse_duration)]
    pub(super) wait: Duration,
    /// How long the run stays without any worker before it ends with exit code 4
    #[arg(long, value_name = "DURATION", default_value = "60s", requires = "listen", value_parser = parse_duration)]
    pub(super) grace: Duration,
    /// A worker that says nothing for so long is lost: its tasks go to others
    #[arg(long, value_name = "DURATION", default_value = "10s", requires = "listen", value_parser = parse_duration)]
    pub(super) lost_after: Duration,
    /// A task that runs longer than this, and ten times as long as the slowest of the others, hangs: it goes to another worker
    #[arg(long, value_name = "DURATION", default_value = "30m", requires = "listen", value_parser = parse_duration)]
    pub(super) task_limit: Duration,
    #[command(flatten)]
    pub(super) security: SecurityArguments,
}

/// Whatever follows a command that is not available yet.
#[derive(Debug, Args)]
#[command(disable_help_flag = true)]
pub(super) struct Reserved {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    _rest: Vec<OsString>,
}

/// Form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Text,
    Json,
}

fn parse_date(text: &str) -> Result<NaiveDate, String> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| "expected a date such as 2026-11-21".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn help_is_what_was_agreed() {
        let mut command = Arguments::command().term_width(100);
        command.build();
        let mut help = command.render_long_help().to_string();
        for subcommand in command.get_subcommands_mut().filter(|subcommand| !subcommand.is_hide_set()) {
            let text = subcommand.render_long_help();
            help.push_str(&format!("\n──── {}\n{text}", subcommand.get_name()));
        }
        insta::assert_snapshot!(help);
    }
}

/// What `segmenter features` does.
#[derive(Debug, Clone, PartialEq, clap::Subcommand)]
pub(super) enum FeaturesAction {
    /// Print a preset: its features with units and formulas, and its query
    Show {
        /// The preset
        name: String,
    },
}
