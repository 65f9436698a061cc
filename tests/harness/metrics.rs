//! What a program tells Prometheus, read over HTTP.

use super::Running;
use std::io::{Read, Write};
use std::net::TcpStream;

/// The metrics of a program at one moment.
#[derive(Debug)]
pub struct Metrics {
    /// As they were sent.
    pub text: String,
}

impl Metrics {
    /// Reads the metrics of a coordinator that was started with `--metrics 127.0.0.1:0`.
    #[track_caller]
    pub fn of(coordinator: &Running) -> Self {
        Self::at(&address(coordinator, "\"event\":\"metrics\"", |line| &line["address"]))
    }

    /// Reads the metrics of a worker that was started with `--metrics 127.0.0.1:0`.
    #[track_caller]
    pub fn of_worker(worker: &Running) -> Self {
        Self::at(&address(worker, "serving metrics", |line| &line["fields"]["address"]))
    }

    fn at(address: &str) -> Self {
        assert_eq!(http_get(address, "/healthz"), "ok\n");
        let text = http_get(address, "/metrics");
        assert!(text.ends_with("# EOF\n"), "{text}");
        Self { text }
    }

    /// Gives the value of a metric, named with its labels.
    #[track_caller]
    pub fn value(&self, name: &str) -> f64 {
        self.find(name).unwrap_or_else(|| panic!("no {name} in\n{}", self.text))
    }

    /// Gives the value of a metric that may not have been counted yet.
    pub fn value_or_zero(&self, name: &str) -> f64 {
        self.find(name).unwrap_or_default()
    }

    fn find(&self, name: &str) -> Option<f64> {
        let value = self.text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
        Some(value.parse().unwrap())
    }
}

#[track_caller]
fn address(program: &Running, event: &str, field: impl Fn(&serde_json::Value) -> &serde_json::Value) -> String {
    let said = program.stderr();
    let line = said.lines().find(|line| line.contains(event)).unwrap_or_else(|| panic!("no {event} in\n{said}"));
    field(&serde_json::from_str(line).unwrap()).as_str().unwrap().to_owned()
}

#[track_caller]
fn http_get(address: &str, path: &str) -> String {
    let mut connection = TcpStream::connect(address).unwrap();
    write!(connection, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    body.to_owned()
}
