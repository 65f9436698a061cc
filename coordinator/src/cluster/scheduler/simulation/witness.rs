//! A plain second account of a run: what must follow from each event, and what must never happen.

use super::{sights::Sights, weather::Weather};
use crate::cluster::scheduler::{Action, AttemptKey, Event, Scheduler, Stop, WorkerId};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// Shards are numbered below.
pub(super) const MOST_SHARDS: u32 = 24;

#[derive(Debug, Clone, Copy)]
struct Attempt {
    worker: WorkerId,
    started: Duration,
    dead: bool,
    away: bool,
}

#[derive(Debug, Default)]
struct Task {
    shards: Vec<u32>,
    taken: bool,
    attempts: u32,
    failures: u32,
    /// Where it failed or broke: it may go elsewhere, or rest.
    avoided: BTreeSet<WorkerId>,
    killers: BTreeSet<WorkerId>,
}

#[derive(Debug)]
struct Member {
    slots: usize,
    takes_tasks: bool,
}

#[derive(Debug)]
pub(super) struct Witness<'a> {
    weather: &'a Weather,
    sights: &'a mut Sights,
    members: BTreeMap<WorkerId, Member>,
    gone: BTreeSet<WorkerId>,
    nobody_since: Option<Duration>,
    changed: bool,
    attempts: BTreeMap<AttemptKey, Attempt>,
    digests: BTreeMap<(u32, u32), u64>,
    round: u32,
    tasks: Vec<Task>,
    /// How long the longest answer of the round took.
    slowest: Duration,
    owners: BTreeMap<u32, WorkerId>,
    stopped: bool,
}

/// What must follow from an event, whatever is started besides.
#[derive(Debug, Default)]
struct Expected {
    take: Option<AttemptKey>,
    given_up: Vec<AttemptKey>,
    stop: Option<Stop>,
}

impl<'a> Witness<'a> {
    pub(super) fn new(weather: &'a Weather, sights: &'a mut Sights) -> Self {
        Self {
            weather,
            sights,
            members: BTreeMap::new(),
            gone: BTreeSet::new(),
            nobody_since: Some(Duration::ZERO),
            changed: false,
            attempts: BTreeMap::new(),
            digests: BTreeMap::new(),
            round: 0,
            tasks: Vec::new(),
            slowest: Duration::ZERO,
            owners: BTreeMap::new(),
            stopped: false,
        }
    }

    pub(super) fn begun(
        &mut self,
        now: Duration,
        round: u32,
        tasks: Vec<Vec<u32>>,
        actions: &[Action],
        machine: &Scheduler,
    ) {
        assert_eq!(round, self.round + 1);
        self.round = round;
        self.slowest = Duration::ZERO;
        self.tasks = tasks.into_iter().map(|shards| Task { shards, ..Task::default() }).collect();
        self.check(now, &Expected::default(), actions, machine);
    }

    pub(super) fn saw(&mut self, now: Duration, event: Event, actions: &[Action], machine: &Scheduler) {
        if self.stopped {
            assert_eq!(actions, [], "nothing follows a stop");
            return;
        }
        let mut expected = self.expect(now, event);
        if let (None, Some(since)) = (expected.stop, self.nobody_since)
            && now - since >= self.weather.limits.grace
            && self.tasks.iter().any(|task| !task.taken)
        {
            expected.stop = Some(Stop::NoWorker { waited: now - since });
        }
        self.check(now, &expected, actions, machine);
    }

    /// Groups hold every shard once, each is of one worker, shares are even, and no shard moves without need.
    pub(super) fn grouped(&mut self, shards: u32, groups: &[Vec<u32>], machine: &Scheduler) {
        assert_eq!(groups.iter().map(Vec::len).sum::<usize>(), shards as usize);
        assert!(groups.iter().flatten().copied().collect::<BTreeSet<u32>>().into_iter().eq(0..shards));
        assert!(groups.is_sorted() && groups.iter().all(|group| !group.is_empty() && group.is_sorted()));
        if self.weather.deaf > 0 {
            return self.learn_placement(machine); // some take no tasks any more, and only the machine knows
        }
        let taking: Vec<(WorkerId, usize)> = self.taking().collect();
        if taking.is_empty() {
            return assert!(groups.len() <= 1);
        }
        let mut holders = BTreeMap::new();
        for group in groups {
            let of: BTreeSet<WorkerId> = group.iter().filter_map(|shard| machine.holder(*shard)).collect();
            assert_eq!(of.len(), 1, "a group is of one worker");
            assert!(holders.insert(of.first().copied(), group.len()).is_none(), "a worker has one group");
        }
        let moved = (0..shards).filter(|shard| {
            let before = self.owners.get(shard);
            before.is_some() && before.copied() != machine.holder(*shard)
        });
        let moved = moved.count();
        if std::mem::take(&mut self.changed) {
            self.sights.regrouped += 1;
            let slots: usize = taking.iter().map(|(_, slots)| slots).sum();
            let (mut surplus, mut keepers, mut left) = (0, 0, shards as usize);
            for (worker, own) in taking {
                let exact = shards as usize * own;
                let due = exact / slots..=exact.div_ceil(slots);
                assert!(due.contains(holders.get(&Some(worker)).unwrap_or(&0)), "{worker} is due {due:?}: {holders:?}");
                let held = (0..shards).filter(|shard| self.owners.get(shard) == Some(&worker)).count();
                left -= due.start();
                surplus += held.saturating_sub(*due.start());
                keepers += usize::from(held > *due.start() && due.start() < due.end());
            }
            assert_eq!(moved, surplus - keepers.min(left), "as few as possible");
        } else {
            assert_eq!(moved, 0, "nothing moves when nobody came or went");
        }
        self.learn_placement(machine);
    }

    /// Most of a task's shards are there; the lowest number on ties.
    fn home_of(&self, task: &Task) -> Option<WorkerId> {
        let mut held = BTreeMap::<WorkerId, usize>::new();
        let owners = task.shards.iter().filter_map(|shard| self.owners.get(shard));
        owners.for_each(|owner| *held.entry(*owner).or_default() += 1);
        let most = held.values().max().copied()?;
        held.into_iter().find(|(_, shards)| *shards == most).map(|(owner, _)| owner)
    }

    fn learn_placement(&mut self, machine: &Scheduler) {
        self.owners = (0..MOST_SHARDS).filter_map(|shard| Some((shard, machine.holder(shard)?))).collect();
    }

    fn expect(&mut self, now: Duration, event: Event) -> Expected {
        match event {
            Event::Joined { worker, slots } => {
                if !self.gone.contains(&worker) && !self.members.contains_key(&worker) {
                    self.members.insert(worker, Member { slots, takes_tasks: true });
                    self.changed = true;
                }
            }
            Event::Draining { worker } => {
                self.sights.drained_at_work += usize::from(self.open_at(worker) > 0);
                self.withdraw(worker);
            }
            Event::Lost { worker } => return self.expect_lost(now, worker, true),
            Event::Left { worker } => return self.expect_lost(now, worker, false),
            Event::Answered { attempt, digest } => return self.expect_answered(now, attempt, digest),
            Event::Failed { attempt, retry } => return self.expect_failed(attempt, retry),
            // No worker of the simulation reads work files.
            Event::Missed { attempt } => drop(self.forget(attempt)),
            Event::Unreachable { attempt } => return self.expect_unreachable(attempt, true),
            Event::Undelivered { attempt } => return self.expect_unreachable(attempt, false),
            Event::Tick => return self.expect_given_up(now),
        }
        self.note_nobody(now);
        Expected::default()
    }

    /// Who hangs for too long is given up.
    fn expect_given_up(&mut self, now: Duration) -> Expected {
        self.note_nobody(now);
        let limits = self.weather.limits;
        let deadline = (self.slowest * limits.deadline_factor).max(limits.deadline_least);
        let mut expected = Expected::default();
        let open: Vec<(AttemptKey, Attempt)> = self.attempts.iter().map(|(key, attempt)| (*key, *attempt)).collect();
        for (key, attempt) in open.into_iter().filter(|(_, attempt)| !attempt.dead) {
            let ran = now - attempt.started;
            if ran <= deadline {
                continue;
            }
            self.attempts.remove(&key);
            self.sights.given_up += 1;
            expected.given_up.push(key);
            let task = &mut self.tasks[if key.round == self.round { key.task as usize } else { continue }];
            if task.taken {
                continue;
            }
            task.failures += 1;
            if task.failures >= limits.failures {
                expected.stop = Some(Stop::Hangs { task: key.task, ran });
                break;
            }
            task.avoided.insert(attempt.worker);
        }
        expected
    }

    fn expect_lost(&mut self, now: Duration, worker: WorkerId, blamed: bool) -> Expected {
        self.withdraw(worker);
        self.members.remove(&worker);
        self.gone.insert(worker);
        self.note_nobody(now);
        let mut expected = Expected::default();
        for (key, attempt) in &mut self.attempts {
            if attempt.worker == worker && !attempt.dead {
                attempt.dead = true;
                self.sights.lost_at_work += 1;
                let task = &mut self.tasks[if key.round == self.round { key.task as usize } else { continue }];
                if !task.taken && blamed {
                    task.killers.insert(worker);
                    if expected.stop.is_none() && task.killers.len() >= self.weather.limits.killers as usize {
                        let workers = task.killers.len() as u32;
                        expected.stop = Some(Stop::KillsWorkers { task: key.task, workers });
                    }
                }
            }
        }
        expected
    }

    fn expect_answered(&mut self, now: Duration, key: AttemptKey, digest: u64) -> Expected {
        let Some(attempt) = self.forget(key) else { return Expected::default() };
        if let Some(taken) = self.digests.get(&(key.round, key.task)) {
            if key.round == self.round {
                self.sights.compared += 1;
            } else {
                self.sights.compared_later += 1;
            }
            let differs = Stop::Differs { task: key.task, round: key.round };
            return Expected { stop: (*taken != digest).then_some(differs), ..Expected::default() };
        }
        assert_eq!(key.round, self.round, "a round ends when all of its tasks are taken");
        self.digests.insert((key.round, key.task), digest);
        self.sights.late_taken += usize::from(attempt.dead);
        let task = &mut self.tasks[key.task as usize];
        task.taken = true;
        self.slowest = self.slowest.max(now - attempt.started);
        if attempt.away && self.members.get(&attempt.worker).is_some_and(|member| member.takes_tasks) {
            self.sights.copies_taken += 1;
            self.owners.extend(task.shards.iter().map(|shard| (*shard, attempt.worker)));
        }
        Expected { take: Some(key), ..Expected::default() }
    }

    fn expect_failed(&mut self, key: AttemptKey, retry: bool) -> Expected {
        let Some(attempt) = self.forget(key) else { return Expected::default() };
        if key.round != self.round || self.tasks[key.task as usize].taken {
            return Expected::default();
        }
        let task = &mut self.tasks[key.task as usize];
        self.sights.failed += 1;
        task.avoided.insert(attempt.worker);
        task.failures += 1;
        let stop = !retry || task.failures >= self.weather.limits.failures;
        Expected { stop: stop.then_some(Stop::Failed { attempt: key }), ..Expected::default() }
    }

    fn expect_unreachable(&mut self, key: AttemptKey, delivered: bool) -> Expected {
        let attempt = self.forget(key);
        let Some(attempt) = attempt.filter(|attempt| !attempt.dead) else { return Expected::default() };
        self.sights.broken += 1;
        if key.round != self.round || self.tasks[key.task as usize].taken {
            return Expected::default();
        }
        let task = &mut self.tasks[key.task as usize];
        task.avoided.insert(attempt.worker);
        if !delivered || self.members.get(&attempt.worker).is_none_or(|member| !member.takes_tasks) {
            return Expected::default();
        }
        task.killers.insert(attempt.worker);
        let workers = task.killers.len() as u32;
        let stop = Stop::KillsWorkers { task: key.task, workers };
        Expected { stop: (workers >= self.weather.limits.killers).then_some(stop), ..Expected::default() }
    }

    fn check(&mut self, now: Duration, expected: &Expected, actions: &[Action], machine: &Scheduler) {
        let (mut take, mut stop, mut given_up) = (None, None, Vec::new());
        for action in actions {
            self.sights.note(action);
            assert!(stop.is_none(), "nothing follows a stop");
            match *action {
                Action::Take { attempt } => {
                    assert!(take.is_none());
                    take = Some(attempt);
                    self.sights.taken += 1;
                }
                Action::GiveUp { attempt } => given_up.push(attempt),
                Action::Fail(reason) => stop = Some(reason),
                Action::Start { attempt, worker } => self.check_start(now, attempt, worker),
            }
        }
        assert_eq!((take, given_up), (expected.take, expected.given_up.clone()));
        if self.weather.deaf > 0 {
            assert_eq!(stop, None); // which of the deaf are still counted as workers, only the machine knows
        } else {
            assert_eq!(stop, expected.stop);
            assert_eq!(machine.workers(), self.taking().count());
        }
        self.stopped = stop.is_some();
        if !self.stopped {
            assert_eq!(machine.is_done(), self.tasks.iter().all(|task| task.taken));
            self.check_memory(machine);
            self.check_placement(machine);
            self.check_nobody_idles();
        }
    }

    fn check_start(&mut self, now: Duration, key: AttemptKey, worker: WorkerId) {
        self.sights.attempts += 1;
        let member = self.members.get(&worker);
        assert!(member.is_some_and(|member| member.takes_tasks), "{key:?} starts at {worker}, which takes no tasks");
        let open = self.open_at(worker);
        assert!(member.is_some_and(|member| open < member.slots), "more attempts than slots at {worker}");
        assert_eq!(key.round, self.round);
        let beside: Vec<Attempt> = self.open_of(key).collect();
        let away = self.check_place(now, key, worker, &beside);
        let task = &mut self.tasks[key.task as usize];
        assert!(!task.taken, "{key:?} is done already");
        task.attempts += 1;
        assert_eq!(key.attempt, task.attempts);
        let fresh = self.attempts.insert(key, Attempt { worker, started: now, dead: false, away });
        assert!(fresh.is_none());
    }

    /// Checks that a task starts where its shards are, or why not, and moves them; true where they stay behind.
    fn check_place(&mut self, now: Duration, key: AttemptKey, worker: WorkerId, beside: &[Attempt]) -> bool {
        let least = self.weather.limits.straggler_least;
        let task = &self.tasks[key.task as usize];
        assert!(!task.avoided.contains(&worker) || self.taking().all(|(other, _)| task.avoided.contains(&other)));
        if let [straggler] = beside {
            assert!(straggler.worker != worker && now - straggler.started > least, "{key:?} copies no straggler");
            self.sights.copies += 1;
            self.sights.lone_copies += usize::from(self.tasks.len() == 1);
            return true;
        }
        assert!(beside.is_empty(), "more than two open attempts at {key:?}");
        let Some(home) = self.home_of(task) else {
            self.owners.extend(task.shards.iter().map(|shard| (*shard, worker)));
            return false;
        };
        if task.avoided.contains(&home) {
            self.owners.extend(task.shards.iter().map(|shard| (*shard, worker)));
            return false;
        }
        if home == worker {
            self.sights.at_home += 1;
            for shard in &task.shards {
                self.owners.entry(*shard).or_insert(worker);
            }
            return false;
        }
        let theirs = self.attempts.values().filter(|attempt| attempt.worker == home && !attempt.dead);
        let stuck = theirs.clone().all(|attempt| now - attempt.started > least);
        let full = self.members.get(&home).is_some_and(|member| theirs.count() == member.slots);
        assert!(stuck && full, "{key:?} starts at {worker}, its shards are at {home}");
        self.sights.behind += 1;
        true
    }

    fn check_placement(&mut self, machine: &Scheduler) {
        if self.weather.deaf > 0 {
            self.learn_placement(machine);
        }
        for shard in 0..MOST_SHARDS {
            assert_eq!(self.owners.get(&shard).copied(), machine.holder(shard), "shard {shard}");
        }
    }

    fn check_memory(&mut self, machine: &Scheduler) {
        let attempts = &self.attempts;
        let known = |round, task| {
            let keys = AttemptKey { round, task, attempt: 0 }..=AttemptKey { round, task, attempt: u32::MAX };
            attempts.range(keys).next().is_some()
        };
        self.digests.retain(|(round, task), _| *round == self.round || known(*round, *task));
        let digests = self.digests.keys().filter(|(round, task)| known(*round, *task)).count();
        assert_eq!(machine.remembered(), (attempts.len(), digests));
    }

    /// No task waits for a slot that is free.
    fn check_nobody_idles(&self) {
        let has_room: BTreeSet<WorkerId> =
            self.taking().filter(|(worker, slots)| self.open_at(*worker) < *slots).map(|(worker, _)| worker).collect();
        if self.weather.deaf > 0 || has_room.is_empty() {
            return;
        }
        for (task, state) in (0..).zip(&self.tasks) {
            let key = AttemptKey { round: self.round, task, attempt: 0 };
            let waits = !state.taken && self.open_of(key).next().is_none();
            let home = self.home_of(state).filter(|home| !state.avoided.contains(home));
            let may_start = match home {
                Some(home) => has_room.contains(&home),
                None => !has_room.is_subset(&state.avoided),
            };
            assert!(!(waits && may_start), "task {task} waits for a slot that is free");
        }
    }

    fn taking(&self) -> impl Iterator<Item = (WorkerId, usize)> {
        let taking = self.members.iter().filter(|(_, member)| member.takes_tasks);
        taking.map(|(worker, member)| (*worker, member.slots))
    }

    fn withdraw(&mut self, worker: WorkerId) {
        if let Some(member) = self.members.get_mut(&worker).filter(|member| member.takes_tasks) {
            member.takes_tasks = false;
            self.changed = true;
            self.owners.retain(|_, owner| *owner != worker);
        }
    }

    fn note_nobody(&mut self, now: Duration) {
        let nobody = self.taking().next().is_none();
        self.nobody_since = nobody.then(|| self.nobody_since.unwrap_or(now));
    }

    fn forget(&mut self, key: AttemptKey) -> Option<Attempt> {
        let attempt = self.attempts.remove(&key);
        self.sights.unknown += usize::from(attempt.is_none());
        attempt
    }

    fn open_at(&self, worker: WorkerId) -> usize {
        self.attempts.values().filter(|attempt| attempt.worker == worker && !attempt.dead).count()
    }

    fn open_of(&self, key: AttemptKey) -> impl Iterator<Item = Attempt> {
        let AttemptKey { round, task, .. } = key;
        let all = AttemptKey { round, task, attempt: 0 }..=AttemptKey { round, task, attempt: u32::MAX };
        self.attempts.range(all).map(|(_, attempt)| *attempt).filter(|attempt| !attempt.dead)
    }
}
