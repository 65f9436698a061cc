//! One run from a seed.

use super::{
    sights::Sights,
    weather::Weather,
    witness::{MOST_SHARDS, Witness},
    world::World,
};
use crate::cluster::scheduler::{Action, Scheduler, Stop};
use std::time::Duration;

/// A round that takes longer hangs.
const LONGEST_ROUND: Duration = Duration::from_secs(3600);

#[derive(Debug, Clone, Copy)]
pub(super) enum Ending {
    Done,
    NoWorker,
    Differs,
    KillsWorkers { task: u32 },
    Failed { task: u32 },
    Hangs { task: u32 },
}

/// Names the seed when a check fails.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the simulation failed at seed {}", self.0);
        }
    }
}

struct Run<'a> {
    machine: Scheduler,
    world: World,
    witness: Witness<'a>,
    stop: Option<Stop>,
}

pub(super) fn run(seed: u64, weather: &Weather, sights: &mut Sights) -> Ending {
    let _named = Seed(seed);
    let mut run = Run {
        machine: Scheduler::new(weather.limits, Duration::ZERO),
        world: World::new(seed, weather),
        witness: Witness::new(weather, sights),
        stop: None,
    };
    for _ in 0..weather.rounds {
        run.rest();
        run.round();
        if run.stop.is_some() {
            break;
        }
    }
    run.run_out();
    match run.stop {
        None => Ending::Done,
        Some(Stop::NoWorker { .. }) => Ending::NoWorker,
        Some(Stop::Differs { .. }) => Ending::Differs,
        Some(Stop::KillsWorkers { task, .. }) => Ending::KillsWorkers { task },
        Some(Stop::Failed { attempt }) => Ending::Failed { task: attempt.task },
        Some(Stop::Hangs { task, .. }) => Ending::Hangs { task },
    }
}

impl Run<'_> {
    /// The coordinator computes something by itself.
    fn rest(&mut self) {
        let until = self.world.now + self.world.chance.millis(0, 4000);
        while self.stop.is_none() && self.world.now < until {
            self.step();
        }
    }

    fn round(&mut self) {
        if self.stop.is_some() {
            return;
        }
        let shards = 1 + self.world.chance.below(u64::from(MOST_SHARDS)) as u32;
        let tasks: Vec<Vec<u32>> = match self.world.chance.below(6) {
            0 | 1 => {
                let groups = self.machine.groups(shards);
                self.witness.grouped(shards, &groups, &self.machine);
                groups
            }
            2 => (0..shards).map(|shard| vec![shard]).collect(),
            3 => (0..shards).map(|shard| if shard % 3 == 0 { vec![] } else { vec![shard / 2] }).collect(),
            4 => vec![vec![0]],
            // Groups that fit no placement.
            _ => (0..shards).collect::<Vec<_>>().chunks(3).map(<[u32]>::to_vec).collect(),
        };
        let begun = self.world.now;
        let (number, actions) = self.machine.begin(begun, tasks.clone());
        self.witness.begun(begun, number, tasks, &actions, &self.machine);
        self.world.carry_out(&actions);
        while self.stop.is_none() && !self.machine.is_done() {
            assert!(self.step(), "nothing happens any more and the round is not done");
            assert!(self.world.now - begun < LONGEST_ROUND, "the round hangs: {:?}", self.machine);
        }
    }

    /// Calls that are under way end; then nothing is remembered of them.
    fn run_out(&mut self) {
        self.world.run_out();
        while self.step() {}
        if self.stop.is_none() {
            assert_eq!(self.machine.remembered(), (0, 0), "{:?}", self.machine);
        }
    }

    fn step(&mut self) -> bool {
        let Some(event) = self.world.next() else { return false };
        let now = self.world.now;
        let actions = self.machine.on(now, event);
        if let Some(Action::Fail(stop)) = actions.last() {
            self.stop = Some(*stop);
        }
        self.witness.saw(now, event, &actions, &self.machine);
        self.world.carry_out(&actions);
        true
    }
}
