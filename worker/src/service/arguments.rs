//! The command line as it is typed. Nothing is read or bound here.

use crate::{
    network::SecurityArguments,
    program::{ResourceArguments, parse_duration},
};
use clap::Parser;
use std::{net::SocketAddr, time::Duration};

/// Work for a coordinator: register, perform the tasks of its run, leave when the run ends
#[derive(Debug, Parser)]
#[command(name = "segmenter-worker", version, max_term_width = 100)]
pub(super) struct Arguments {
    /// Where the coordinator listens, such as http://127.0.0.1:7070 or https://coordinator:7070
    #[arg(long, value_name = "URL")]
    pub(super) coordinator: String,
    /// Address and port to serve on [default: 127.0.0.1:0, any free port, where the coordinator is on this machine]
    #[arg(long, value_name = "ADDR", value_parser = parse_address)]
    pub(super) listen: Option<SocketAddr>,
    /// Where the coordinator reaches this worker [default: the address and port it serves on]
    #[arg(long, value_name = "URL")]
    pub(super) advertise: Option<String>,
    /// Stay when the run ends and wait for the next one, until told to stop
    #[arg(long)]
    pub(super) stay: bool,
    /// How long to wait for the coordinator
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = parse_duration)]
    pub(super) wait: Duration,
    /// Address and port to serve metrics on, for Prometheus
    #[arg(long, value_name = "ADDR", value_parser = parse_address)]
    pub(super) metrics: Option<SocketAddr>,
    #[command(flatten)]
    pub(super) security: SecurityArguments,
    #[command(flatten)]
    pub(super) resources: ResourceArguments,
}

fn parse_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "expected an address and a port such as 127.0.0.1:7071 or 0.0.0.0:7071".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_consistent() {
        Arguments::command().debug_assert();
    }
}
