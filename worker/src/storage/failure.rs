//! Turns a store's error into ours: whose fault it is, and which object it was.

use object_store::Error as StoreError;
use segmenter_proto::{Error, NO_ROOM};
use std::error::Error as StdError;
use std::io;

/// A server's answer may be a page of XML; its start says enough.
const LONGEST_CAUSE: usize = 200;

/// Gives the error of `action` ("read", "write", "list", "delete") on the object or folder `uri`.
///
/// What does not exist is the data's fault; refused, unreachable and broken stores are a dependency's.
pub(crate) fn failure(action: &str, uri: &str, error: StoreError) -> Error {
    match error {
        StoreError::NotFound { .. } => Error::data(format!("{uri} does not exist")).caused_by(error),
        StoreError::PermissionDenied { .. } | StoreError::Unauthenticated { .. } => no_permission(action, uri, error),
        StoreError::InvalidPath { .. } => {
            // Where a folder is listed, the cause names what lies in it.
            Error::data(format!("cannot {action} {uri}: a name in it is not a valid path"))
                .with_hint("rename it: control characters are no part of a name")
                .caused_by(error)
        }
        error => match (refusal(&error), action) {
            (Some(Refusal::Permission), _) => no_permission(action, uri, error),
            (Some(Refusal::NoBucket), _) => no_bucket(action, uri, error),
            (None, "write" | "delete") => unwritable(action, uri, error),
            (None, _) => Error::dependency(format!("cannot {action} {uri}: {}", root_cause(&error)))
                .with_hint("check that the store is reachable and the path readable, and run again")
                .caused_by(error),
        },
    }
}

/// What a store's answer means that comes as any error: of a listing, the library tells no more than its text.
enum Refusal {
    Permission,
    NoBucket,
}

fn refusal(error: &StoreError) -> Option<Refusal> {
    let StoreError::Generic { .. } = error else { return None };
    let text = root_cause(error);
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if says(&["401 Unauthorized", "403 Forbidden"]) {
        Some(Refusal::Permission)
    } else if says(&["<Code>NoSuchBucket</Code>", "<Code>ContainerNotFound</Code>"]) {
        Some(Refusal::NoBucket)
    } else {
        None
    }
}

fn no_permission(action: &str, uri: &str, error: StoreError) -> Error {
    Error::dependency(format!("no permission to {action} {uri}"))
        .with_hint("check the credentials in the environment (AWS_*, GOOGLE_*, AZURE_*) and what they allow")
        .caused_by(error)
}

/// Gives the error of `action` in a bucket that is not there; this is not the data's fault.
pub(super) fn no_bucket(action: &str, uri: &str, error: StoreError) -> Error {
    Error::dependency(format!("cannot {action} {uri}: there is no such bucket"))
        .with_hint("create the bucket, or correct the URI in the job")
        .caused_by(error)
}

/// Gives the error of a write or a deletion that failed.
pub(super) fn unwritable(action: &str, uri: &str, error: StoreError) -> Error {
    Error::dependency(format!("cannot {action} {uri}: {}", root_cause(&error)))
        .with_hint("check that the output exists, is writable and has space left")
        .caused_by(error)
}

/// Says whether a write failed because the disk, a quota or the limit of a file's size is reached.
pub(super) fn is_full(error: &(dyn StdError + 'static)) -> bool {
    let full = |cause: &(dyn StdError + 'static)| {
        let kind = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
        matches!(kind, Some(StorageFull | QuotaExceeded | FileTooLarge))
    };
    std::iter::successors(Some(error), |cause| (*cause).source()).any(full)
}

/// Gives the error of a write of so many bytes that found no room.
pub(super) fn no_room(uri: &str, bytes: u64, error: impl StdError + Send + Sync + 'static) -> Error {
    let room = match bytes {
        0..1_000_000 => format!("{bytes} bytes"),
        _ => format!("{} MB", bytes.div_ceil(1_000_000)),
    };
    Error::resources(format!("cannot write {uri}: there is {NO_ROOM} its {room}: {}", root_cause(&error)))
        .with_hint("free space there, or give --scratch or output.uri a larger disk; the same command goes on")
        .caused_by(error)
}

/// Gives the error of `action` in the file system of this machine.
pub(super) fn of_io(action: &str, error: io::Error) -> Error {
    match is_full(&error) {
        true => Error::resources(format!("{action}: there is {NO_ROOM} more: {error}")).caused_by(error),
        false => Error::dependency(format!("{action}: {error}")).caused_by(error),
    }
}

/// Gives the deepest cause as one short line.
fn root_cause(error: &(dyn StdError + 'static)) -> String {
    let mut deepest: &dyn StdError = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    let text = deepest.to_string().replace(['\n', '\r'], " ");
    match text.char_indices().nth(LONGEST_CAUSE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use segmenter_proto::Fault;

    #[test]
    fn names_the_object_and_whose_fault_it_is() {
        let missing = StoreError::NotFound { path: "x".into(), source: "gone".into() };
        let error = failure("read", "s3://lake/x", missing);
        assert_eq!((error.fault, error.message.as_str()), (Fault::Data, "s3://lake/x does not exist"));

        let refused = StoreError::PermissionDenied { path: "x".into(), source: "403".into() };
        assert_eq!(failure("read", "s3://lake/x", refused).fault, Fault::Dependency);

        let broken = StoreError::Generic { store: "S3", source: "503\nslow down".into() };
        let error = failure("write", "s3://lake/x", broken);
        assert_eq!(error.fault, Fault::Dependency);
        assert_eq!(error.message, "cannot write s3://lake/x: 503 slow down");
        assert!(error.hint.is_some());

        // A listing has no error of its own for these.
        let answer = |text: &str| StoreError::Generic { store: "S3", source: text.to_owned().into() };
        let refused =
            failure("list", "s3://lake/x", answer("status code: 403 Forbidden: <Code>SignatureDoesNotMatch</Code>"));
        assert_eq!(refused.message, "no permission to list s3://lake/x");
        let gone = failure("list", "s3://lake/x", answer("status code: 404 Not Found: <Code>NoSuchBucket</Code>"));
        assert_eq!(gone.message, "cannot list s3://lake/x: there is no such bucket");
    }
}
