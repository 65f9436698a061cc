//! The world around the machine: workers, calls, messages, and time.

use super::{
    chance::{Chance, mix},
    weather::{Planted, Weather},
    workers::{State, Worker, Workers},
};
use crate::cluster::scheduler::{Action, AttemptKey, Event, WorkerId};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// Where the planted task is.
const PLANTED: (u32, u32) = (2, 0);

#[derive(Debug, Clone, Copy)]
enum Happening {
    Tell(Event),
    /// A worker replies to a call, if it can.
    Reply {
        worker: WorkerId,
        event: Event,
    },
    /// A second goes by.
    Second,
    Die {
        worker: WorkerId,
    },
    /// A frozen worker is given up.
    GiveUp {
        worker: WorkerId,
    },
    Wake {
        worker: WorkerId,
    },
}

#[derive(Debug)]
pub(super) struct World {
    pub(super) now: Duration,
    pub(super) chance: Chance,
    weather: Weather,
    queue: BTreeMap<(Duration, u64), Happening>,
    sequence: u64,
    workers: Workers,
    next_worker: WorkerId,
    over: bool,
}

/// When an attempt that hangs is answered after all: when nobody waits for it any more.
const HANGING: Duration = Duration::from_secs(1_000_000);

/// The digest of a task's right answer.
pub(super) fn truth(round: u32, task: u32) -> u64 {
    mix(u64::from(round) << 32 | u64::from(task))
}

impl World {
    pub(super) fn new(seed: u64, weather: &Weather) -> Self {
        let mut world = Self {
            now: Duration::ZERO,
            chance: Chance::new(seed),
            weather: weather.clone(),
            queue: BTreeMap::new(),
            sequence: 0,
            workers: Workers::default(),
            next_worker: 1,
            over: false,
        };
        let (least, most) = weather.workers;
        for position in 0..least + world.chance.below(most - least + 1) {
            world.join(weather.anchor && position == 0);
        }
        world.later(Duration::from_secs(1), Happening::Second);
        world
    }

    /// Lets time pass to the next event that the machine is told; none when nothing happens any more.
    pub(super) fn next(&mut self) -> Option<Event> {
        while let Some(((now, _), happening)) = self.queue.pop_first() {
            self.now = now;
            if let Some(event) = self.happen(happening) {
                if self.chance.one_in(self.weather.repeats) && !self.over {
                    let delay = self.chance.millis(0, 60_000);
                    self.later(delay, Happening::Tell(event));
                }
                return Some(event);
            }
        }
        None
    }

    /// No new harm and no more ticks: what is under way comes to its end.
    pub(super) fn run_out(&mut self) {
        self.over = true;
    }

    pub(super) fn carry_out(&mut self, actions: &[Action]) {
        for action in actions {
            match action {
                Action::Start { attempt, worker } => self.call(*attempt, *worker),
                Action::GiveUp { attempt } => self.workers.hang_up(attempt),
                Action::Take { .. } | Action::Fail(_) => {}
            }
        }
    }

    fn later(&mut self, delay: Duration, happening: Happening) {
        self.sequence += 1;
        self.queue.insert((self.now + delay, self.sequence), happening);
    }

    /// Tells the machine of something, with the network's delay.
    fn tell(&mut self, event: Event) {
        let delay = self.chance.millis(0, self.weather.latency);
        self.later(delay, Happening::Tell(event));
    }

    fn join(&mut self, anchor: bool) -> WorkerId {
        let id = self.next_worker;
        self.next_worker += 1;
        let slots = 1 + self.chance.below(self.weather.most_slots) as usize;
        let worker = Worker {
            slowness: 1 + self.chance.below(3),
            state: State::Alive,
            given_up: false,
            leaves: false,
            deaf: !anchor && self.chance.one_in(self.weather.deaf),
            anchor,
            calls: BTreeSet::new(),
        };
        self.workers.all.insert(id, worker);
        self.tell(Event::Joined { worker: id, slots });
        id
    }

    fn happen(&mut self, happening: Happening) -> Option<Event> {
        match happening {
            Happening::Tell(event) => return Some(event),
            Happening::Reply { worker, event } => return self.reply(worker, event),
            Happening::Second => return self.second(),
            Happening::Die { worker } => self.die(worker),
            Happening::GiveUp { worker } => self.give_up(worker),
            Happening::Wake { worker } => self.wake(worker),
        }
        None
    }

    fn second(&mut self) -> Option<Event> {
        if self.over {
            return None;
        }
        self.later(Duration::from_secs(1), Happening::Second);
        let mortal = self.workers.mortal();
        if let Some(worker) = self.chance.pick(&mortal) {
            if self.chance.one_in(self.weather.deaths) {
                self.die(worker);
            } else if self.chance.one_in(self.weather.freezes) {
                self.freeze(worker);
            } else if self.chance.one_in(self.weather.drains) {
                self.drain(worker);
            }
        }
        if self.workers.alive() < 8 && self.chance.one_in(self.weather.joins) {
            self.join(false);
        }
        if self.chance.one_in(self.weather.repeats) {
            self.babble();
        }
        Some(Event::Tick)
    }

    /// Messages about attempts and workers that never were.
    fn babble(&mut self) {
        let (round, task) = (self.chance.below(20) as u32, self.chance.below(40) as u32);
        let attempt = AttemptKey { round, task, attempt: 1_000_000 };
        let digest = self.chance.next();
        self.tell(Event::Answered { attempt, digest });
        self.tell(Event::Failed { attempt, retry: false });
        self.tell(Event::Unreachable { attempt });
        self.tell(Event::Undelivered { attempt });
        let worker = u64::MAX - self.chance.below(5);
        self.tell(Event::Draining { worker });
        self.tell(Event::Lost { worker });
        self.tell(Event::Left { worker });
    }

    fn freeze(&mut self, worker: WorkerId) {
        if let Some(state) = self.workers.all.get_mut(&worker) {
            state.state = State::Frozen;
        }
        let nap = self.chance.millis(500, 90_000);
        self.later(nap, Happening::Wake { worker });
        self.later(Duration::from_secs(15), Happening::GiveUp { worker });
    }

    fn give_up(&mut self, worker: WorkerId) {
        let Some(state) = self.workers.all.get_mut(&worker).filter(|state| state.state == State::Frozen) else {
            return;
        };
        state.given_up = true;
        let calls = state.calls.clone();
        let orderly = self.chance.one_in(3);
        self.tell(if orderly { Event::Left { worker } } else { Event::Lost { worker } });
        if self.chance.one_in(2) {
            // The calls are broken off; the worker, asleep, does not know and will answer.
            calls.into_iter().for_each(|attempt| self.tell(Event::Unreachable { attempt }));
        }
    }

    fn wake(&mut self, worker: WorkerId) {
        let Some(state) = self.workers.all.get_mut(&worker).filter(|state| state.state == State::Frozen) else {
            return;
        };
        state.state = State::Alive;
        state.leaves |= state.given_up;
        if state.given_up && !self.over {
            self.join(false);
        }
    }

    fn drain(&mut self, worker: WorkerId) {
        if let Some(state) = self.workers.all.get_mut(&worker) {
            state.leaves = true;
        }
        self.tell(Event::Draining { worker });
        let delay = self.chance.millis(0, 30_000);
        self.later(delay, Happening::Die { worker });
    }

    fn die(&mut self, worker: WorkerId) {
        let Some(state) = self.workers.all.get_mut(&worker) else { return };
        state.state = State::Dead;
        let calls = std::mem::take(&mut state.calls);
        for attempt in calls {
            let delay = self.chance.millis(0, 30_000);
            self.later(delay, Happening::Tell(Event::Unreachable { attempt }));
        }
        let delay = self.chance.millis(10, 15_000);
        self.later(delay, Happening::Tell(Event::Lost { worker }));
    }

    /// A worker's reply leaves it, unless it died; a frozen one's leaves it later.
    fn reply(&mut self, worker: WorkerId, event: Event) -> Option<Event> {
        let state = self.workers.all.get_mut(&worker)?;
        match state.state {
            State::Dead => None,
            State::Frozen => {
                let delay = self.chance.millis(100, 3000);
                self.later(delay, Happening::Reply { worker, event });
                None
            }
            State::Alive => {
                if let Event::Answered { attempt, .. } | Event::Failed { attempt, .. } = event {
                    state.calls.remove(&attempt);
                }
                Some(event)
            }
        }
    }

    fn call(&mut self, attempt: AttemptKey, worker: WorkerId) {
        let Some(state) = self.workers.all.get_mut(&worker) else { return };
        if state.state == State::Dead || state.deaf {
            let delay = self.chance.millis(1, 500);
            let delivered = self.chance.one_in(2);
            let event = if delivered { Event::Unreachable { attempt } } else { Event::Undelivered { attempt } };
            return self.later(delay, Happening::Tell(event));
        }
        state.calls.insert(attempt);
        let slowness = state.slowness * if self.chance.one_in(self.weather.slow) { 40 } else { 1 };
        let planted = if (attempt.round, attempt.task) == PLANTED { self.weather.planted } else { Planted::Nothing };
        let right = Event::Answered { attempt, digest: truth(attempt.round, attempt.task) };
        let mut delay = self.chance.millis(20, 1000) * slowness as u32;
        let event = match planted {
            Planted::Poison => return self.later(delay, Happening::Die { worker }),
            Planted::Failure => Event::Failed { attempt, retry: true },
            Planted::Lie if attempt.attempt == 1 => {
                delay += Duration::from_secs(300);
                Event::Answered { attempt, digest: 13 }
            }
            Planted::Hang => {
                delay = HANGING;
                right
            }
            _ if self.chance.one_in(self.weather.hangs) => {
                delay = HANGING;
                right
            }
            _ if self.chance.one_in(self.weather.failures) => Event::Failed { attempt, retry: true },
            _ => right,
        };
        if self.chance.one_in(self.weather.breaks) {
            let delay = self.chance.millis(1, 5000);
            self.later(delay, Happening::Tell(Event::Unreachable { attempt }));
        }
        self.later(delay, Happening::Reply { worker, event });
    }
}
