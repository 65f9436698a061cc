//! What the orders of coordinators so far mean for the worker's life.

/// Whether a run is open, and how many were closed; sent from the service to the rest of the process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Phase {
    /// A run is open.
    pub(super) open: bool,
    /// Orders to close so far.
    pub(super) closed: u64,
}

impl Phase {
    pub(super) fn opened(&mut self) {
        self.open = true;
    }

    pub(super) fn closed(&mut self) {
        self.open = false;
        self.closed += 1;
    }

    /// Says whether a worker that was told to stay waits for its next coordinator: as long as it takes, since nobody
    /// knows when the next run is.
    pub(super) fn between_runs(self) -> bool {
        !self.open && self.closed > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_after_a_run_and_before_the_next_one_time_does_not_matter() {
        let mut phase = Phase::default();
        assert!(!phase.between_runs(), "the first coordinator is waited for within --wait");
        phase.opened();
        assert!(!phase.between_runs(), "a run whose coordinator went away is waited for within --wait");
        phase.closed();
        assert!(phase.between_runs());
        phase.opened();
        assert!(!phase.between_runs());
    }
}
