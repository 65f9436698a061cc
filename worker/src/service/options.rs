//! The command line, validated: what can be refused before anything is bound is refused here.

use super::arguments::Arguments;
use crate::{
    network::Security,
    program::{Machine, Resources},
};
use segmenter_proto::{Error, Result};
use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};
use url::{Host, Url};

/// What tasks that run get to finish after the process was told to stop: with the rest of the way out less than the
/// 25 s that are promised.
const DRAIN: Duration = Duration::from_secs(22);

/// What the process is started with.
#[derive(Debug, Clone)]
pub(super) struct ServiceOptions {
    pub(super) coordinator: String,
    pub(super) listen: SocketAddr,
    /// None: where it listens.
    pub(super) advertise: Option<String>,
    pub(super) stay: bool,
    /// How long to look for the coordinator.
    pub(super) wait: Duration,
    /// How long tasks may take to finish after a signal.
    pub(super) drain: Duration,
    pub(super) metrics: Option<SocketAddr>,
    pub(super) resources: Resources,
    pub(super) security: Security,
}

impl ServiceOptions {
    /// Validates a command line; reads the files of the security arguments.
    ///
    /// # Errors
    /// What cannot be served or reached as typed: Job.
    pub(super) fn new(arguments: Arguments, machine: Machine) -> Result<Self> {
        let security = Security::load(&arguments.security)?;
        security.check_url(&arguments.coordinator)?;
        let listen = match arguments.listen {
            Some(address) => address,
            None if on_this_machine(&arguments.coordinator) => SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            None => {
                return Err(Error::job("--listen is needed where the coordinator is on another machine")
                    .with_hint("give an address that it can reach, such as --listen 10.0.0.7:7071"));
            }
        };
        security.check_listen(listen)?;
        match &arguments.advertise {
            Some(url) => security.check_url(url)?,
            None if listen.ip().is_unspecified() => {
                return Err(Error::job(format!(
                    "--listen {listen} does not say where the coordinator reaches this worker"
                ))
                .with_hint(format!("give --advertise {}://HOST:{}", security.scheme(), listen.port())));
            }
            None => {}
        }
        Ok(Self {
            coordinator: arguments.coordinator,
            listen,
            advertise: arguments.advertise,
            stay: arguments.stay,
            wait: arguments.wait,
            drain: DRAIN,
            metrics: arguments.metrics,
            resources: Resources::new(arguments.resources, machine),
            security,
        })
    }

    /// Takes the token of this user's programs where the coordinator is on this machine and no other was given.
    ///
    /// # Errors
    /// It cannot be kept: Job.
    pub(super) fn with_own_token(mut self) -> Result<Self> {
        if on_this_machine(&self.coordinator) {
            self.security = self.security.on_this_machine()?;
        }
        Ok(self)
    }

    /// Gives the URL under which the coordinator reaches a worker that listens on `bound`, its port known.
    pub(super) fn advertised(&self, bound: SocketAddr) -> String {
        self.advertise.clone().unwrap_or_else(|| format!("{}://{bound}", self.security.scheme()))
    }
}

fn on_this_machine(url: &str) -> bool {
    match Url::parse(url).ok().as_ref().and_then(Url::host) {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use segmenter_proto::Fault;

    fn options(words: &[&str]) -> Result<ServiceOptions> {
        let words = ["segmenter-worker"].iter().chain(words);
        let machine = Machine { cores: 2, memory: Some(1 << 30), temporary: "/tmp".into() };
        ServiceOptions::new(Arguments::try_parse_from(words).unwrap(), machine)
    }

    fn refused(words: &[&str]) -> Error {
        let error = options(words).unwrap_err();
        assert_eq!(error.fault, Fault::Job, "{error}");
        assert!(error.hint.is_some(), "{error}");
        error
    }

    #[test]
    fn on_one_machine_the_url_of_the_coordinator_is_enough() {
        for url in ["http://127.0.0.1:7070", "http://localhost:7070", "http://[::1]:7070"] {
            let options = options(&["--coordinator", url]).unwrap();
            assert_eq!(options.listen.to_string(), "127.0.0.1:0");
            assert_eq!(options.advertised("127.0.0.1:4711".parse().unwrap()), "http://127.0.0.1:4711");
            assert_eq!((options.wait, options.stay), (Duration::from_secs(600), false));
        }
    }

    #[test]
    fn what_is_advertised_wins_over_what_is_bound() {
        let words = ["--coordinator", "http://coordinator:7070", "--insecure", "--listen", "0.0.0.0:7071"];
        let error = refused(&words);
        assert_eq!(error.hint.as_deref(), Some("give --advertise http://HOST:7071"));
        let options = options(&[&words[..], &["--advertise", "http://worker-1:7071"]].concat()).unwrap();
        assert_eq!(options.advertised("0.0.0.0:7071".parse().unwrap()), "http://worker-1:7071");
    }

    #[test]
    fn a_coordinator_elsewhere_needs_an_address_that_it_can_reach() {
        assert!(refused(&["--coordinator", "http://coordinator:7070", "--insecure"]).message.contains("--listen"));
    }

    #[test]
    fn plaintext_stays_on_this_machine() {
        refused(&["--coordinator", "http://coordinator:7070", "--listen", "127.0.0.1:0"]);
        refused(&["--coordinator", "http://127.0.0.1:7070", "--listen", "10.0.0.7:7071"]);
    }
}
