//! Whole runs with workers that die, freeze, wake late, drain, come back, and whose messages are lost, repeated and
//! reordered. Every step is checked against a second, plain account of what happened (`witness`). A seed that fails
//! prints itself.

mod chance;
mod driver;
mod sights;
mod weather;
mod witness;
mod workers;
mod world;

use driver::{Ending, run};
use sights::Sights;
use weather::Weather;

/// Runs these seeds and adds up what was seen in them.
fn run_all(weather: &Weather, seeds: std::ops::Range<u64>) -> (Sights, Vec<Ending>) {
    let mut sights = Sights::default();
    let endings = seeds.map(|seed| run(seed, weather, &mut sights)).collect();
    (sights, endings)
}

#[test]
fn every_round_ends_whatever_happens_while_one_worker_is_healthy() {
    let (sights, endings) = run_all(&Weather::storm(), 0..1000);
    assert!(endings.iter().all(|ending| matches!(ending, Ending::Done)), "no other ending");
    sights.assert_all_happened();
}

#[test]
fn in_calm_weather_no_attempt_is_wasted() {
    let (sights, endings) = run_all(&Weather::calm(), 10_000..10_050);
    assert!(endings.iter().all(|ending| matches!(ending, Ending::Done)));
    assert_eq!(sights.attempts, sights.taken, "one attempt a task");
}

#[test]
fn a_lone_worker_is_tried_again_however_often_it_fails() {
    let (sights, endings) = run_all(&Weather::lonely(), 15_000..15_100);
    assert!(endings.iter().all(|ending| matches!(ending, Ending::Done)));
    assert!(sights.failed > 100 && sights.broken > 100);
}

#[test]
fn a_worker_that_lives_and_cannot_be_reached_harms_nobody() {
    let (sights, endings) = run_all(&Weather::deaf(), 20_000..20_040);
    assert!(endings.iter().all(|ending| matches!(ending, Ending::Done)));
    assert!(sights.broken > 100);
}

#[test]
fn without_workers_it_ends_after_the_grace() {
    let (_, endings) = run_all(&Weather::plague(), 30_000..30_060);
    assert!(endings.iter().all(|ending| matches!(ending, Ending::NoWorker)), "{endings:?}");
}

#[test]
fn a_wrong_answer_beside_a_right_one_is_always_found() {
    let (_, endings) = run_all(&Weather::liar(), 40_000..40_060);
    assert!(endings.iter().all(|ending| matches!(ending, Ending::Differs)), "{endings:?}");
}

#[test]
fn a_task_that_kills_its_workers_is_named() {
    let (_, endings) = run_all(&Weather::poison(), 50_000..50_060);
    assert!(endings.iter().all(|ending| matches!(ending, Ending::KillsWorkers { task: 0 })), "{endings:?}");
}

#[test]
fn a_task_that_always_fails_is_named() {
    let (_, endings) = run_all(&Weather::stubborn(), 60_000..60_060);
    assert!(endings.iter().all(|ending| matches!(ending, Ending::Failed { task: 0 })), "{endings:?}");
}

#[test]
fn attempts_that_hang_at_workers_that_live_hold_nobody_up() {
    let (sights, endings) = run_all(&Weather::hanging(), 70_000..70_100);
    assert!(endings.iter().all(|ending| matches!(ending, Ending::Done)), "{endings:?}");
    assert!(sights.lone_copies > 10 && sights.copies_taken > 20 && sights.given_up > 20, "{sights:?}");
}

#[test]
fn a_lone_worker_at_which_attempts_hang_is_tried_again() {
    let (sights, endings) = run_all(&Weather::stuck(), 80_000..80_040);
    assert!(endings.iter().all(|ending| matches!(ending, Ending::Done)), "{endings:?}");
    assert!(sights.given_up > 100, "{sights:?}");
}

#[test]
fn a_task_that_hangs_everywhere_is_named() {
    let (_, endings) = run_all(&Weather::endless(), 90_000..90_060);
    assert!(endings.iter().all(|ending| matches!(ending, Ending::Hangs { task: 0 })), "{endings:?}");
}

#[test]
fn the_same_events_give_the_same_actions() {
    for seed in 0..10 {
        let [mut first, mut second] = [Sights::default(), Sights::default()];
        run(seed, &Weather::storm(), &mut first);
        run(seed, &Weather::storm(), &mut second);
        assert_eq!(first.trace, second.trace);
    }
}
