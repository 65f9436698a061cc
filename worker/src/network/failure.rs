//! What a refused or failed request means for the one who made it.

use segmenter_proto::Error;
use std::error::Error as StdError;
use tonic::{Code, Status};

/// Makes an error of a request that failed; `what` says what was tried, such as "registering with http://…".
///
/// Job where the two programs do not fit together, so that a retry cannot help: the wrong token, role or version. Dependency for all
/// else; a certificate that is not trusted is among it, since it looks like any broken connection from the other side.
pub fn call_failed(what: &str, status: &Status) -> Error {
    let message = format!("{what} failed: {}", status.message());
    let causes = causes(status);
    let error = match status.code() {
        Code::Unauthenticated => {
            Error::job(message).with_hint("give both programs a --token-file with the same first line")
        }
        Code::PermissionDenied => Error::job(message)
            .with_hint("issue each program's certificate to its own DNS name: segmenter-coordinator or segmenter-worker"),
        Code::Unimplemented => {
            Error::job(message).with_hint("check the address: another program, or another version, answers there")
        }
        Code::FailedPrecondition => Error::job(message).with_hint("run the same version of both programs"),
        _ if is_about_tls(&message) || is_about_tls(&causes) => Error::dependency(message).with_hint(
            "give both programs TLS or neither; each needs a certificate of its own role, issued by an authority in the other's --tls-ca",
        ),
        _ => Error::dependency(message),
    };
    if causes.is_empty() { error } else { error.caused_by(causes) }
}

/// Goes by what rustls says: only the hint depends on it.
fn is_about_tls(text: &str) -> bool {
    ["certificate", "fatal alert", "corrupt message"].iter().any(|word| text.contains(word))
}

/// What stands behind a status, without what is said already.
fn causes(status: &Status) -> String {
    let mut said = format!("{} transport error", status.message());
    let mut texts = Vec::new();
    let mut next = status.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if !said.contains(&text) {
            said.push_str(&text);
            texts.push(text);
        }
        next = cause.source();
    }
    texts.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_retry_may_cure_is_a_dependency() {
        for (code, exit_code) in [
            (Code::Unauthenticated, 2),
            (Code::PermissionDenied, 2),
            (Code::Unimplemented, 2),
            (Code::FailedPrecondition, 2),
            (Code::Unavailable, 4),
            (Code::DeadlineExceeded, 4),
            (Code::Unknown, 4),
        ] {
            let error = call_failed("registering with http://10.0.0.7:7070", &Status::new(code, "no"));
            assert_eq!(error.fault.exit_code(), exit_code, "{code:?}");
            assert_eq!(error.message, "registering with http://10.0.0.7:7070 failed: no");
            assert_eq!(error.hint.is_some(), exit_code == 2, "{code:?}");
        }
    }
}
