//! A network that breaks between two hosts: the worker beyond it is lost, and comes back when it heals. Hosts are network
//! namespaces, which the machine must allow.

use crate::harness::*;
use std::process::{Command, Output};

const NEAR: &str = "10.77.0.1";
const FAR: &str = "10.77.0.2";

/// Two hosts with a cable between them; gone when dropped.
#[derive(Debug)]
struct Hosts {
    near: String,
    far: String,
}

impl Hosts {
    /// Makes them, or says why the machine does not let it.
    fn make() -> Result<Self, String> {
        let id = std::process::id();
        let hosts = Self { near: format!("segmenter-near-{id}"), far: format!("segmenter-far-{id}") };
        let (near, far) = (&hosts.near, &hosts.far);
        for words in [
            format!("netns add {near}"),
            format!("netns add {far}"),
            format!("-n {near} link add cable type veth peer name cable netns {far}"),
            format!("-n {near} addr add {NEAR}/24 dev cable"),
            format!("-n {far} addr add {FAR}/24 dev cable"),
            format!("-n {near} link set lo up"),
            format!("-n {near} link set cable up"),
            format!("-n {far} link set cable up"),
        ] {
            let output = ip(&words).map_err(|error| format!("ip: {error}"))?;
            if !output.status.success() {
                return Err(format!("ip {words}: {}", String::from_utf8_lossy(&output.stderr).trim()));
            }
        }
        Ok(hosts)
    }

    fn cable(&self, state: &str) {
        let output = ip(&format!("-n {} link set cable {state}", self.near)).unwrap();
        assert!(output.status.success(), "{output:?}");
    }
}

impl Drop for Hosts {
    fn drop(&mut self) {
        for host in [&self.near, &self.far] {
            // One that was not made is not there.
            let _ = ip(&format!("netns del {host}"));
        }
    }
}

fn ip(words: &str) -> std::io::Result<Output> {
    Command::new("ip").args(words.split(' ')).output()
}

fn on(host: &str, address: &str, program: Program) -> Program {
    program.args(&["--listen", &format!("{address}:0"), "--insecure"]).behind(&["ip", "netns", "exec", host])
}

#[test]
fn a_worker_beyond_a_broken_network_is_lost_and_comes_back() {
    let hosts = match Hosts::make() {
        Ok(hosts) => hosts,
        Err(reason) => return println!("SKIPPED: this machine does not allow network namespaces ({reason})"),
    };
    let trial = Trial::new();
    // The coordinator waits until the worker is back, so that it takes part again.
    let program = trial.coordinator(2).args(&["--lost-after", "1s"]).failpoint("fit.start:1=sleep(8000)");
    let mut coordinator = Coordinator::start(on(&hosts.near, NEAR, program.env("SEGMENTER_LOG", "info")));
    let far = trial.worker(&coordinator).failpoint("features.middle:2=sleep(500)");
    let mut far = on(&hosts.far, FAR, far).start().until_open();
    let near = on(&hosts.near, NEAR, trial.worker(&coordinator)).start();
    far.until_fired("features.middle");
    hosts.cable("down");
    coordinator.until("worker lost");
    coordinator.until_fired("fit.start");
    hosts.cable("up");
    far.until_times("\"message\":\"registered\"", 2);
    let run = trial.assert_same(&coordinator.wait().succeeded());
    assert!(run.figure("features", "retries") >= 1, "its shard was done on this side");
    assert_eq!(run.figure("assign", "workers"), 2, "it took part again");
    near.wait().succeeded();
    far.wait().succeeded();
}
