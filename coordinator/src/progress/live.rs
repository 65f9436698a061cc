//! What can be asked of a run while it goes on: the stage that is under way, its rounds, who works, and what was warned of.

use super::{
    crew::Crew,
    stage::{Counts, Progress},
};
use crate::tally::StageTally;
use segmenter_proto::Watched;
use std::{
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

/// Warnings that are remembered; a run that warns of more says so on stderr.
const MOST_WARNINGS: usize = 100;
/// Rounds of one stage whose figure is remembered, the last ones.
const MOST_ROUNDS: usize = 200;

/// What a run says of itself. Clones hear of the same.
#[derive(Debug, Clone, Default)]
pub struct Live(Arc<Mutex<Said>>);

#[derive(Debug, Default)]
struct Said {
    stage: Weak<Counts>,
    tally: StageTally,
    rounds: Vec<RoundsOfStage>,
    crew: Crew,
    warnings: Vec<String>,
}

/// How a figure fell or rose over the rounds of a stage.
#[derive(Debug, Clone, PartialEq)]
pub struct RoundsOfStage {
    /// The stage's name in the log.
    pub stage: String,
    /// What the figure is.
    pub figure: &'static str,
    /// The last rounds, by number, and the figure after each.
    pub values: Vec<(u64, f64)>,
}

impl Live {
    /// Gives the stage that is under way and how long it has been; none between two.
    pub fn stage(&self) -> Option<(Progress, Duration)> {
        let counts = self.said(|said| said.stage.upgrade())?;
        Some((counts.progress(), counts.elapsed()))
    }

    /// Gives what the stage that is under way took of its workers so far.
    pub fn tally(&self) -> StageTally {
        self.said(|said| said.tally.clone())
    }

    /// Gives the rounds of stages that have a figure to watch, in their order.
    pub fn rounds(&self) -> Vec<RoundsOfStage> {
        self.said(|said| said.rounds.clone())
    }

    /// Gives who works, and who did.
    pub fn crew(&self) -> Crew {
        self.said(|said| said.crew.clone())
    }

    /// Gives what was warned of, the first first.
    pub fn warnings(&self) -> Vec<String> {
        self.said(|said| said.warnings.clone())
    }

    /// Says that a round of the stage that is under way is done, by its number, and how far it brought it.
    pub fn round(&self, round: u64, watched: Watched) {
        let stage = self.said(|said| {
            let counts = said.stage.upgrade()?;
            let stage = counts.progress().stage;
            // One that begins to count anew begins anew: it is another start.
            let is_next = |last: &RoundsOfStage| {
                last.stage == stage
                    && last.figure == watched.name
                    && last.values.last().is_some_and(|(last, _)| *last < round)
            };
            if !said.rounds.last().is_some_and(is_next) {
                said.rounds.retain(|of| of.stage != stage);
                said.rounds.push(RoundsOfStage { stage, figure: watched.name, values: Vec::new() });
            }
            if let Some(last) = said.rounds.last_mut() {
                if last.values.len() == MOST_ROUNDS {
                    last.values.remove(0);
                }
                last.values.push((round, watched.value));
            }
            Some(counts)
        });
        if let Some(counts) = stage {
            counts.round(round, watched);
        }
    }

    /// Notes what happened to those who work.
    pub fn note_crew(&self, note: impl FnOnce(&mut Crew)) {
        self.said(|said| note(&mut said.crew));
    }

    /// Notes what the stage that is under way took of its workers so far.
    pub fn note_tally(&self, tally: StageTally) {
        self.said(|said| said.tally = tally);
    }

    pub(super) fn begins(&self, counts: &Arc<Counts>) {
        self.said(|said| {
            said.stage = Arc::downgrade(counts);
            said.tally = StageTally::default();
        });
    }

    pub(super) fn warned(&self, message: &str) {
        self.said(|said| {
            if said.warnings.len() < MOST_WARNINGS {
                said.warnings.push(message.to_owned());
            }
        });
    }

    fn said<T>(&self, with: impl FnOnce(&mut Said) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Reporter, *};

    #[test]
    fn who_asks_hears_of_the_stage_that_is_under_way() {
        let reporter = Reporter::silent();
        let live = reporter.live().clone();
        assert!(live.stage().is_none() && live.warnings().is_empty());
        let stage = reporter.stage("features", 8);
        stage.add(3, 500, 70);
        let (progress, _) = live.stage().unwrap();
        assert_eq!((progress.stage.as_str(), progress.done, progress.total, progress.rows), ("features", 3, 8, 500));
        live.note_tally(StageTally { retries: 2, ..StageTally::default() });
        assert_eq!(live.tally().retries, 2);
        stage.finish(&StageTally::default());
        assert!(live.stage().is_none(), "it is over");
        let _next = reporter.stage("fit/value", 0);
        assert_eq!(live.tally().retries, 0, "those of the stage before are not this one's");
        (0..200).for_each(|number| reporter.warn(&format!("warning {number}")));
        assert_eq!((live.warnings().len(), live.warnings()[0].as_str()), (100, "warning 0"));
    }

    #[test]
    fn rounds_are_those_of_the_last_start_of_each_stage() {
        let reporter = Reporter::silent();
        let live = reporter.live().clone();
        let round = |round, value| live.round(round, Watched { name: "inertia", value });
        round(1, 9.0);
        assert!(live.rounds().is_empty(), "no stage is under way");
        let stage = reporter.stage("fit/a", 0);
        [(1, 9.0), (2, 8.0), (1, 7.0), (2, 6.0), (4, 5.0)].into_iter().for_each(|(at, value)| round(at, value));
        stage.finish(&StageTally::default());
        let _stage = reporter.stage("fit/b", 0);
        (0..300).for_each(|at| round(at, 1.0));
        let told = live.rounds();
        assert_eq!((told[0].stage.as_str(), told[0].values.as_slice()), ("fit/a", &[(1, 7.0), (2, 6.0), (4, 5.0)][..]));
        assert_eq!((told.len(), told[1].values.len(), told[1].values[0].0), (2, 200, 100));
    }
}
