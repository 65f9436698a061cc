//! What is refused before the coordinator is looked for, with what to do about it.

use crate::program::run;
use std::net::TcpListener;

const HERE: &str = "http://127.0.0.1:1";

/// Runs the program, which must say all of this, and gives its exit code.
fn refused(words: &[&str], said: &[&str]) -> Option<i32> {
    let ran = run(words);
    for part in said {
        assert!(ran.stderr.contains(part), "{part:?} is missing:\n{}", ran.stderr);
    }
    assert_eq!(ran.stdout, "");
    ran.code
}

#[test]
fn a_coordinator_must_be_named() {
    assert_eq!(refused(&[], &["--coordinator <URL>"]), Some(2));
}

#[test]
fn what_is_no_url_is_told_how_to_write_it() {
    for url in ["127.0.0.1:7070", "http://127.0.0.1", "ftp://127.0.0.1:7070", "http://127.0.0.1:7070/path"] {
        assert_eq!(refused(&["--coordinator", url], &["error: ", url, "hint: ", "http://HOST:PORT"]), Some(2), "{url}");
    }
    let advertise = ["--coordinator", HERE, "--advertise", "worker-1"];
    assert_eq!(refused(&advertise, &["worker-1", "hint: "]), Some(2));
}

#[test]
fn plaintext_stays_on_this_machine() {
    let elsewhere = ["--coordinator", "http://10.0.0.7:7070", "--listen", "127.0.0.1:0"];
    assert_eq!(refused(&elsewhere, &["http://10.0.0.7:7070", "--token-file", "--tls-cert", "--insecure"]), Some(2));
    let open = ["--coordinator", HERE, "--listen", "0.0.0.0:0"];
    assert_eq!(refused(&open, &["0.0.0.0:0", "--token-file", "--tls-cert", "--insecure"]), Some(2));
}

#[test]
fn every_address_is_none_that_a_coordinator_can_reach() {
    for (listen, hint) in [("0.0.0.0:7071", "http://HOST:7071"), ("[::]:7072", "http://HOST:7072")] {
        let words = ["--coordinator", HERE, "--insecure", "--listen", listen];
        assert_eq!(refused(&words, &[listen, "--advertise", hint]), Some(2));
    }
}

#[test]
fn files_that_are_not_there_are_named() {
    let token = ["--coordinator", HERE, "--token-file", "/nowhere/token"];
    assert_eq!(refused(&token, &["/nowhere/token"]), Some(2));
    let half = ["--coordinator", HERE, "--tls-cert", "/nowhere/cert.pem"];
    assert_eq!(refused(&half, &["--tls-key"]), Some(2));
}

#[test]
fn forms_are_told_with_an_example() {
    assert_eq!(refused(&["--coordinator", HERE, "--wait", "soon"], &["10m"]), Some(2));
    assert_eq!(refused(&["--coordinator", HERE, "--listen", "7071"], &["127.0.0.1:7071"]), Some(2));
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    assert_eq!(refused(&["--coordinator", HERE, "--listen", &address], &[&address, "--listen"]), Some(2));
    assert_eq!(refused(&["--coordinator", HERE, "--metrics", &address], &[&address, "--metrics"]), Some(2));
}

#[test]
fn too_little_memory_says_how_much_is_needed() {
    assert_eq!(refused(&["--coordinator", HERE, "--memory", "1M"], &["96M", "--memory"]), Some(6));
}
