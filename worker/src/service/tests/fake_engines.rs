//! Engines whose tasks end when the test says so.

use crate::{
    engine::{Lost, WorkerChannel},
    service::engines::{Engine, Engines},
};
use futures::{FutureExt, future::BoxFuture};
use segmenter_proto::{
    Error, Result,
    v1::{Answer, OpenRequest, Task},
};
use std::sync::Arc;
use tokio::sync::watch;

/// A task with this number waits for [`FakeEngines::release`].
pub(super) const HELD: u32 = 1;
/// A task with this number fails.
pub(super) const FAILING: u32 = 2;

/// Engines whose answers are as long as the task's round says, in bytes.
#[derive(Debug, Clone)]
pub(super) struct FakeEngines {
    state: Arc<watch::Sender<State>>,
}

#[derive(Debug, Default)]
struct State {
    opened: usize,
    begun: usize,
    released: bool,
}

impl FakeEngines {
    pub(super) fn new() -> Self {
        Self { state: Arc::new(watch::Sender::new(State::default())) }
    }

    pub(super) fn opened(&self) -> usize {
        self.state.borrow().opened
    }

    /// Waits until so many tasks began.
    pub(super) async fn begun(&self, tasks: usize) {
        self.state.subscribe().wait_for(|state| state.begun >= tasks).await.unwrap();
    }

    /// Lets held tasks end.
    pub(super) fn release(&self) {
        self.state.send_modify(|state| state.released = true);
    }
}

impl Engines for FakeEngines {
    fn open(&self, request: &OpenRequest) -> Result<Engine> {
        if request.spec == "broken" {
            return Err(Error::job("the run cannot be opened").with_hint("mend it"));
        }
        self.state.send_modify(|state| state.opened += 1);
        Ok(Arc::new(self.clone()))
    }
}

impl WorkerChannel for FakeEngines {
    fn perform(&self, task: Task) -> BoxFuture<'static, Result<Answer, Lost>> {
        self.state.send_modify(|state| state.begun += 1);
        let mut state = self.state.subscribe();
        async move {
            if task.index == HELD {
                state.wait_for(|state| state.released).await.unwrap();
            }
            if task.index == FAILING {
                return Err(Lost::Failed(Error::data("2 rows are wrong").with_hint("look").caused_by("row 7")));
            }
            Ok(Answer { run: "x".repeat(task.round as usize), index: task.index, ..Answer::default() })
        }
        .boxed()
    }
}
