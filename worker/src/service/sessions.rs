//! Which run is open, and who may still speak for it: pure decisions, told by run and generation.
//!
//! ```text
//!            Open                     Open of another run, or of a later generation
//!   nothing ──────► open (run, generation) ─────► open (run', generation')
//!      ▲              │
//!      └──── Close ───┘
//! ```
//! While a run is open, a coordinator of an earlier generation is refused. A closed run is forgotten: one that comes late can do no
//! harm here, since what it writes has the same bytes, and cannot commit.

use segmenter_proto::{Error, Fault, Result};

/// A run, as one coordinator drives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RunId {
    pub(super) run: String,
    pub(super) generation: u64,
}

impl RunId {
    pub(super) fn new(run: &str, generation: u64) -> Self {
        Self { run: run.to_owned(), generation }
    }
}

/// What an order to open asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opening {
    /// It is open already: the message came twice.
    Done,
    /// It must be opened, in the place of what is open.
    Needed,
}

/// The run that is open, with what performs its tasks.
#[derive(Debug)]
pub(super) struct Sessions<E> {
    open: Option<(RunId, E)>,
}

impl<E: Clone> Sessions<E> {
    pub(super) fn new() -> Self {
        Self { open: None }
    }

    /// Decides on an order to open.
    ///
    /// # Errors
    /// When the coordinator was fenced off: Fenced.
    pub(super) fn opening(&self, asked: &RunId) -> Result<Opening> {
        self.check_generation(asked)?;
        let open = matches!(&self.open, Some((id, _)) if id == asked);
        Ok(if open { Opening::Done } else { Opening::Needed })
    }

    /// Lets go of what is open, for another that is being opened.
    pub(super) fn give_way(&mut self) {
        self.open = None;
    }

    /// Puts an opened run in the place of what was open.
    pub(super) fn opened(&mut self, id: RunId, engine: E) {
        self.open = Some((id, engine));
    }

    /// Gives what performs the tasks of a run.
    ///
    /// # Errors
    /// When the coordinator was fenced off: Fenced. When another run or none is open: Dependency, so that the task is
    /// tried again once the run is.
    pub(super) fn engine(&self, asked: &RunId) -> Result<E> {
        self.check_generation(asked)?;
        match &self.open {
            Some((id, engine)) if id == asked => Ok(engine.clone()),
            _ => Err(Error::dependency(format!(
                "run {} in generation {} is not open on this worker",
                asked.run, asked.generation
            ))),
        }
    }

    /// Forgets a run; says whether there is nothing left to do here. It is not where another run took its place.
    ///
    /// # Errors
    /// When the coordinator was fenced off: Fenced.
    pub(super) fn close(&mut self, asked: &RunId) -> Result<bool> {
        self.check_generation(asked)?;
        let another = matches!(&self.open, Some((id, _)) if id.run != asked.run);
        if !another {
            self.open = None;
        }
        Ok(!another)
    }

    fn check_generation(&self, asked: &RunId) -> Result<()> {
        match &self.open {
            Some((id, _)) if id.run == asked.run && asked.generation < id.generation => Err(Error::new(
                Fault::Fenced,
                format!(
                    "run {} is driven by a coordinator of generation {}, and this one is of generation {}",
                    asked.run, id.generation, asked.generation
                ),
            )),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(run: &str, generation: u64) -> RunId {
        RunId::new(run, generation)
    }

    fn open(run: &str, generation: u64) -> Sessions<char> {
        let mut sessions = Sessions::new();
        sessions.opened(id(run, generation), 'x');
        sessions
    }

    fn fault<T: std::fmt::Debug>(result: Result<T>) -> Fault {
        result.unwrap_err().fault
    }

    #[test]
    fn a_message_that_comes_twice_opens_once() {
        let sessions = open("a", 2);
        assert_eq!(Sessions::<char>::new().opening(&id("a", 1)).unwrap(), Opening::Needed);
        assert_eq!(sessions.opening(&id("a", 2)).unwrap(), Opening::Done);
        assert_eq!(sessions.opening(&id("a", 3)).unwrap(), Opening::Needed);
        assert_eq!(sessions.opening(&id("b", 1)).unwrap(), Opening::Needed);
    }

    #[test]
    fn an_earlier_generation_is_fenced_off_whatever_it_asks() {
        let mut sessions = open("a", 2);
        assert_eq!(fault(sessions.opening(&id("a", 1))), Fault::Fenced);
        assert_eq!(fault(sessions.engine(&id("a", 1))), Fault::Fenced);
        assert_eq!(fault(sessions.close(&id("a", 1))), Fault::Fenced);
        assert!(sessions.engine(&id("a", 2)).is_ok(), "the order of the fenced one did nothing");
    }

    #[test]
    fn a_closed_run_is_forgotten() {
        let mut sessions = open("a", 2);
        assert!(sessions.close(&id("a", 2)).unwrap());
        assert!(sessions.close(&id("a", 2)).unwrap(), "a repeated message is answered alike");
        // The same job again, after its results were deleted, begins at generation 1.
        assert_eq!(sessions.opening(&id("a", 1)).unwrap(), Opening::Needed);
        assert!(open("a", 2).close(&id("a", u64::MAX)).unwrap(), "it was committed, whoever did it");
    }

    #[test]
    fn tasks_of_what_is_not_open_are_to_be_tried_again() {
        let mut sessions = open("a", 2);
        for other in [id("a", 3), id("b", 2)] {
            assert_eq!(fault(sessions.engine(&other)), Fault::Dependency);
        }
        sessions.close(&id("a", 2)).unwrap();
        assert_eq!(fault(sessions.engine(&id("a", 2))), Fault::Dependency);
        assert_eq!(fault(Sessions::<char>::new().engine(&id("a", 1))), Fault::Dependency);
    }

    #[test]
    fn the_end_of_another_run_ends_nothing() {
        let mut sessions = open("b", 1);
        assert!(!sessions.close(&id("a", 9)).unwrap());
        assert_eq!(sessions.engine(&id("b", 1)).unwrap(), 'x');
        assert!(Sessions::<char>::new().close(&id("a", 1)).unwrap(), "a run that never came here is over too");
    }
}
