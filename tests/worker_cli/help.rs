//! What can be typed.

use crate::program::run;

#[test]
fn help_names_every_flag_and_goes_to_stdout() {
    let ran = run(&["--help"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    for flag in [
        "--coordinator <URL>",
        "--listen <ADDR>",
        "--advertise <URL>",
        "--stay",
        "--wait <DURATION>",
        "--metrics <ADDR>",
        "--token-file <FILE>",
        "--tls-cert <FILE>",
        "--tls-key <FILE>",
        "--tls-ca <FILE>",
        "--insecure",
        "--threads <N>",
        "--memory <SIZE>",
        "--scratch <DIR>",
    ] {
        assert!(ran.stdout.contains(flag), "{flag} is missing:\n{}", ran.stdout);
    }
    assert!(ran.stdout.contains("[default: 10m]"), "{}", ran.stdout);
}

#[test]
fn the_version_is_the_release() {
    let ran = run(&["--version"]);
    let version = concat!("segmenter-worker ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), version));
}
