use super::{
    super::{Role, Security, SecurityArguments},
    authority::{Authority, COORDINATOR, WORKER},
};
use segmenter_proto::Error;
use std::path::PathBuf;

fn refused(arguments: &SecurityArguments) -> Error {
    let error = Security::load(arguments).unwrap_err();
    assert_eq!(error.fault.exit_code(), 2, "{error}");
    assert!(error.hint.is_some() || error.source.is_some(), "{error}");
    error
}

#[test]
fn all_three_files_or_none() {
    let all = Authority::new().issue(&[WORKER]);
    let error = refused(&SecurityArguments { tls_key: None, ..all.clone() });
    assert!(error.message.starts_with("--tls-cert and --tls-ca needs --tls-key"), "{error}");
    let error = refused(&SecurityArguments { tls_key: None, tls_ca: None, ..all });
    assert!(error.message.starts_with("--tls-cert needs --tls-key and --tls-ca"), "{error}");
}

#[test]
fn what_is_wrong_is_said_with_the_name_of_its_file() {
    let authority = Authority::new();
    let good = authority.issue(&[WORKER]);
    let junk = authority.file("junk.pem", "canary\n");
    let broken = authority.file("broken.pem", "-----BEGIN CERTIFICATE-----\nY2FuYXJ5\n-----END CERTIFICATE-----\n");
    let broken_key = authority.file("broken.key", "-----BEGIN PRIVATE KEY-----\nY2FuYXJ5\n-----END PRIVATE KEY-----\n");
    let missing = PathBuf::from("/nowhere/missing.pem");
    let change = |change: fn(&mut SecurityArguments, PathBuf), file: &PathBuf| {
        let mut arguments = good.clone();
        change(&mut arguments, file.clone());
        let error = refused(&arguments);
        assert!(error.message.contains(file.to_str().unwrap()), "{error}");
        assert!(!format!("{error:?}").contains("canary") && !format!("{error:?}").contains("Y2Fu"), "{error:?}");
    };
    for file in [&junk, &broken, &missing] {
        change(|arguments, file| arguments.tls_cert = Some(file), file);
        change(|arguments, file| arguments.tls_ca = Some(file), file);
    }
    for file in [&junk, &broken_key, &missing, good.tls_cert.as_ref().unwrap()] {
        change(|arguments, file| arguments.tls_key = Some(file), file);
    }
}

#[test]
fn a_certificate_without_a_role_or_with_anothers_key_is_refused() {
    let authority = Authority::new();
    for name in ["worker.example.com", "segmenter-worker.example.com", "*"] {
        let error = refused(&authority.issue(&[name]));
        assert!(error.message.contains("has no role") && error.hint.unwrap().contains("segmenter-worker"));
    }
    let (own, other) = (authority.issue(&[WORKER]), authority.issue(&[COORDINATOR]));
    let error = refused(&SecurityArguments { tls_key: other.tls_key, ..own });
    assert!(error.message.contains("segmenter-coordinator.key"), "{error}");
}

#[test]
fn secrets_are_not_shown() {
    let authority = Authority::new();
    let arguments = authority.issue(&[WORKER]);
    let key = std::fs::read_to_string(arguments.tls_key.as_ref().unwrap()).unwrap();
    let token_file = Some(authority.file("token", "canary-0123456789"));
    let security = Security::load(&SecurityArguments { token_file, ..arguments }).unwrap();
    let shown = format!("{security:?} {security:#?} {:?}", security.guard(Role::Worker));
    assert!(!shown.contains("canary") && !shown.contains(key.lines().nth(1).unwrap()), "{shown}");
    // `{:?}` of bytes would show them as numbers.
    assert!(shown.len() < 1000, "{shown}");
}

#[test]
fn nothing_is_connected_that_would_show_the_token_to_others() {
    let authority = Authority::new();
    let token_file = Some(authority.file("token", "canary-0123456789"));
    let arguments = SecurityArguments { token_file, ..SecurityArguments::default() };
    let security = Security::load(&arguments).unwrap();
    let error = security.connect("http://10.0.0.7:7070", Role::Worker).map(drop).unwrap_err();
    assert!(error.message.contains("needs --tls-cert, --tls-key and --tls-ca"), "{error}");
    let error = security.bind("0.0.0.0:0".parse().unwrap()).map(drop).unwrap_err();
    assert!(error.message.contains("needs --tls-cert, --tls-key and --tls-ca"), "{error}");
}
