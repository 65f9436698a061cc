//! Without a coordinator: how long it waits, and that it listens to signals meanwhile.

use crate::program::{Running, run};
use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

/// Nothing listens on port 1.
const NOBODY: [&str; 2] = ["--coordinator", "http://127.0.0.1:1"];

#[test]
fn it_gives_up_in_time_and_a_retry_helps() {
    let begun = Instant::now();
    let ran = run(&[NOBODY[0], NOBODY[1], "--wait", "1s"]);
    assert_eq!(ran.code, Some(4), "{}", ran.stderr);
    assert!(begun.elapsed() >= Duration::from_secs(1));
    for part in ["error: no coordinator at http://127.0.0.1:1 within 1s", "refused", "hint: "] {
        assert!(ran.stderr.contains(part), "{part:?} is missing:\n{}", ran.stderr);
    }
}

#[test]
fn told_to_stop_while_it_waits_it_leaves_and_says_that_the_run_did_not_end() {
    for (signal, stay, code) in [("TERM", false, 4), ("INT", false, 4), ("TERM", true, 0)] {
        let arguments = [NOBODY[0], NOBODY[1], "--stay"];
        let mut running = Running::start(&arguments[..if stay { 3 } else { 2 }]);
        let url = running.says("listening")["url"].as_str().unwrap().to_owned();
        assert!(url.starts_with("http://127.0.0.1:") && !url.ends_with(":0"), "{url}");
        running.says("waiting for the coordinator");
        running.signal(signal);
        running.says("draining");
        running.says("left");
        let (found, rest) = running.end();
        assert_eq!((found, rest.contains("before the run ended")), (Some(code), !stay), "{rest}");
    }
}

#[test]
fn metrics_are_there_before_the_coordinator_is() {
    let mut running =
        Running::start(&[NOBODY[0], NOBODY[1], "--metrics", "127.0.0.1:0", "--memory", "1G", "--threads", "1"]);
    let address = running.says("serving metrics")["address"].as_str().unwrap().to_owned();
    let mut connection = TcpStream::connect(address).unwrap();
    connection.write_all(b"GET /metrics HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n").unwrap();
    let mut page = String::new();
    connection.read_to_string(&mut page).unwrap();
    assert!(page.contains("segmenter_worker_memory_budget_bytes 1006632960"), "{page}");
    running.signal("TERM");
    assert_eq!(running.end().0, Some(4));
}
