//! What the coordinator's refusal of a registration means: whether to try again, or what a person must change.

use crate::network::call_failed;
use segmenter_proto::{ALGORITHM_VERSION, Error, Fault};
use std::error::Error as StdError;
use tonic::{Code, Status};

/// Gives the error that ends the worker, or none where another attempt may succeed.
pub(super) fn refusal(url: &str, status: &Status) -> Option<Error> {
    let why = status.message();
    let error = match status.code() {
        Code::FailedPrecondition => Error::job(format!(
            "the coordinator at {url} refuses algorithm version {ALGORITHM_VERSION} of this worker: {why}"
        ))
        .with_hint("run `segmenter` and `segmenter-worker` of the same release"),
        Code::InvalidArgument => {
            Error::job(format!("the coordinator at {url} refuses what this worker says of itself: {why}"))
                .with_hint("check --advertise and --listen")
        }
        _ => call_failed(&format!("registering at {url}"), status),
    };
    (error.fault == Fault::Job).then_some(error)
}

/// Says why an attempt failed, with what lies beneath: a connection's error says only in its causes what it is.
pub(super) fn reason(status: &Status) -> String {
    let mut text = match status.message() {
        "" => status.code().description().to_owned(),
        message => message.to_owned(),
    };
    let mut cause = status.source();
    while let Some(error) = cause {
        let said = error.to_string();
        // What the transport says of itself names nothing; what lies beneath it does.
        if said != "transport error" && !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_must_change_ends_the_worker() {
        for code in [
            Code::FailedPrecondition,
            Code::Unauthenticated,
            Code::PermissionDenied,
            Code::InvalidArgument,
            Code::Unimplemented,
        ] {
            let error = refusal("http://127.0.0.1:1", &Status::new(code, "because")).unwrap();
            assert_eq!(error.fault, Fault::Job);
            assert!(error.hint.is_some());
            assert!(error.message.contains("http://127.0.0.1:1"));
        }
    }

    #[test]
    fn another_algorithm_is_told_with_both_versions() {
        let status = Status::failed_precondition("the coordinator's algorithm version is 9");
        let message = refusal("http://127.0.0.1:1", &status).unwrap().message;
        assert!(message.contains(&format!("version {ALGORITHM_VERSION} of this worker")), "{message}");
        assert!(message.contains("version is 9"), "{message}");
    }

    #[test]
    fn what_may_pass_by_itself_is_tried_again() {
        for code in [Code::Unavailable, Code::DeadlineExceeded, Code::Unknown, Code::Internal, Code::Cancelled] {
            assert!(refusal("http://127.0.0.1:1", &Status::new(code, "because")).is_none());
        }
    }

    #[test]
    fn a_reason_names_what_lies_beneath() {
        let cause = std::io::Error::other("connection refused");
        assert_eq!(reason(&Status::from_error(Box::new(cause))), "connection refused");
        assert_eq!(reason(&Status::new(Code::Unavailable, "")), Code::Unavailable.description());
    }
}
