//! What a refused or failed request means for the one who made it.

use segmenter_proto::Error;
use std::error::Error as StdError;
use tonic::{Code, Status};

/// Makes an error of a request that failed; `what` says what was tried, such as "registering with http://…".
///
/// Job where the two programs do not fit together, so that a retry cannot help: the wrong token, certificate or version. Dependency
/// for all else.
pub fn call_failed(what: &str, status: &Status) -> Error {
    let message = format!("{what} failed: {}", status.message());
    let error = match status.code() {
        Code::Unauthenticated => {
            Error::job(message).with_hint("give both programs a --token-file with the same first line")
        }
        Code::PermissionDenied => Error::job(message).with_hint(
            "issue each program's certificate to its own DNS name: segmenter-coordinator or segmenter-worker",
        ),
        Code::Unimplemented => {
            Error::job(message).with_hint("check the address: another program, or another version, answers there")
        }
        Code::FailedPrecondition => Error::job(message).with_hint("run the same version of both programs"),
        _ => Error::dependency(message),
    };
    match causes(status) {
        causes if causes.is_empty() => error,
        causes => error.caused_by(causes),
    }
}

/// What stands behind a status, without what is said already: such as the refusal of a certificate.
fn causes(status: &Status) -> String {
    let mut said = status.message().to_owned();
    let mut texts = Vec::new();
    let mut next = status.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if !said.contains(&text) {
            said = text.clone();
            texts.push(text);
        }
        next = cause.source();
    }
    texts.join(": ")
}
