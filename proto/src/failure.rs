//! Errors on their way between processes: whose fault it is, what to do and what caused it arrive as they left.

use crate::{Error, Fault, v1};
use std::error::Error as StdError;

impl From<Fault> for v1::Fault {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Bug => Self::Bug,
            Fault::Job => Self::Job,
            Fault::Data => Self::Data,
            Fault::Dependency => Self::Dependency,
            Fault::Fenced => Self::Fenced,
            Fault::Resources => Self::Resources,
        }
    }
}

impl From<v1::Fault> for Fault {
    fn from(fault: v1::Fault) -> Self {
        match fault {
            v1::Fault::Job => Self::Job,
            v1::Fault::Data => Self::Data,
            v1::Fault::Dependency => Self::Dependency,
            v1::Fault::Fenced => Self::Fenced,
            v1::Fault::Resources => Self::Resources,
            v1::Fault::Bug | v1::Fault::Unspecified => Self::Bug,
        }
    }
}

impl From<&Error> for v1::Failure {
    fn from(error: &Error) -> Self {
        let causes = std::iter::successors(error.source(), |cause| (*cause).source());
        Self {
            fault: v1::Fault::from(error.fault).into(),
            message: error.to_string(),
            hint: error.hint.clone().unwrap_or_default(),
            lost_work: error.lost_work.clone().unwrap_or_default(),
            causes: causes.map(ToString::to_string).collect(),
        }
    }
}

impl From<v1::Failure> for Error {
    fn from(failure: v1::Failure) -> Self {
        let mut causes: Option<Cause> = None;
        for message in failure.causes.iter().rev() {
            causes = Some(Cause { message: message.clone(), source: causes.map(Box::new) });
        }
        let mut error = Self::new(failure.fault().into(), failure.message);
        error.hint = Some(failure.hint).filter(|hint| !hint.is_empty());
        error.lost_work = Some(failure.lost_work).filter(|object| !object.is_empty());
        error.source = causes.map(|cause| cause.into());
        error
    }
}

/// What caused an error in another process.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
struct Cause {
    message: String,
    #[source]
    source: Option<Box<Cause>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_arrives_as_it_left() {
        let disk = std::io::Error::other("no space left on device");
        let write = Error::resources("cannot write chunks/1").caused_by(disk).with_hint("give the scratch volume more");
        let outer = Error::dependency("task 1 of partition failed").caused_by(write);
        let lost = Error::lost_work("features/00001.arrow", "work file features/00001.arrow is damaged");
        for error in [outer, lost, Error::data("2 rows").with_hint("look"), Error::bug("x")] {
            let arrived = Error::from(v1::Failure::from(&error));
            assert_eq!((arrived.fault, &arrived.message, &arrived.hint), (error.fault, &error.message, &error.hint));
            assert_eq!(arrived.lost_work, error.lost_work);
            let causes = |error: &Error| v1::Failure::from(error).causes;
            assert_eq!(causes(&arrived), causes(&error));
        }
    }

    #[test]
    fn every_fault_survives() {
        for fault in [Fault::Bug, Fault::Job, Fault::Data, Fault::Dependency, Fault::Fenced, Fault::Resources] {
            assert_eq!(Fault::from(v1::Fault::from(fault)), fault);
        }
    }
}
