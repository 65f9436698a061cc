//! How workers went away, for the message when a task cost too many of them: one that the system ended is another thing than one that the
//! network hides.

use super::scheduler::WorkerId;
use segmenter_proto::Error;
use std::collections::BTreeMap;

/// How each worker went away.
#[derive(Debug, Default)]
pub(super) struct Departures {
    of: BTreeMap<WorkerId, Departure>,
}

#[derive(Debug)]
struct Departure {
    reason: String,
    /// Its connection was ended from the other side: the process is likely to have ended.
    ended: bool,
}

impl Departures {
    /// A call to a worker broke.
    pub(super) fn broke(&mut self, worker: WorkerId, reason: &str) {
        // Goes by what the transport says of a peer that no longer answers.
        let ended = !["timed out", "timeout", "keep-alive", "deadline"].iter().any(|word| reason.contains(word));
        let departure = self.of.entry(worker).or_insert_with(|| Departure { reason: reason.to_owned(), ended });
        departure.ended |= ended;
    }

    /// A worker is gone; where a call broke before, that says more.
    pub(super) fn went(&mut self, worker: WorkerId, reason: &str) {
        self.of.entry(worker).or_insert_with(|| Departure { reason: reason.to_owned(), ended: false });
    }

    /// Gives the error of a task, named `place`, over which these workers went away.
    pub(super) fn over(&self, place: &str, workers: &[WorkerId]) -> Error {
        let known = || workers.iter().filter_map(|worker| self.of.get(worker));
        let reasons: Vec<&str> = known().map(|departure| departure.reason.as_str()).collect();
        let (count, reasons) = (workers.len(), reasons.join("; "));
        if known().any(|departure| departure.ended) {
            return Error::resources(format!("{count} workers went away while they worked on {place}: {reasons}"))
                .with_hint("the workers' logs say why; if the system ended them for want of memory, give them more");
        }
        Error::dependency(format!("{count} workers fell silent while they worked on {place}: {reasons}")).with_hint(
            "see that the network between coordinator and workers holds, and that the workers' machines are not stopped; \
             --lost-after waits longer for a word, and the same command goes on from the last stage that was done",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_that_fell_silent_are_not_told_as_want_of_memory() {
        let mut departures = Departures::default();
        departures.went(1, "worker http://10.0.0.1:1 said nothing for 10.0 s");
        departures.broke(2, "worker http://10.0.0.2:1 went away (Unavailable: keep-alive timed out)");
        departures.went(2, "worker http://10.0.0.2:1 said nothing for 10.0 s");
        let error = departures.over("shard 3 of stage features", &[1, 2]);
        assert_eq!(error.fault.exit_code(), 4);
        assert!(error.message.starts_with("2 workers fell silent while they worked on shard 3"), "{error}");
        assert!(error.message.contains("10.0.0.1:1 said nothing") && error.message.contains("keep-alive"), "{error}");
        assert!(error.hint.is_some_and(|hint| !hint.contains("memory")));
    }

    #[test]
    fn a_worker_whose_connection_was_ended_may_have_lacked_memory() {
        let mut departures = Departures::default();
        departures.went(1, "worker http://10.0.0.1:1 said nothing for 10.0 s");
        departures.broke(2, "worker http://10.0.0.2:1 went away (Unknown: connection reset)");
        departures.broke(3, "of another task");
        let error = departures.over("shard 3 of stage features", &[1, 2]);
        assert_eq!(error.fault.exit_code(), 6);
        assert!(error.message.contains("connection reset") && !error.message.contains("another task"), "{error}");
    }
}
