//! Registering, living and being forgotten.

use super::{
    fake_coordinator::FakeCoordinator,
    world::{Life, MEMORY, World, options},
};
use segmenter_proto::{ALGORITHM_VERSION, Fault};
use std::time::Duration;
use tonic::Code;

#[tokio::test]
async fn it_offers_what_it_has_and_says_that_it_lives() {
    let world = World::new().await;
    let heard = world.coordinator.hears("heartbeats", |heard| heard.beats[0] >= 2).await;
    let offer = &heard.offers[0];
    assert_eq!((offer.threads, offer.memory, offer.algorithm_version), (2, MEMORY, ALGORITHM_VERSION));
    assert!(offer.url.starts_with("http://127.0.0.1:") && !offer.url.ends_with(":0"), "{}", offer.url);
    assert_eq!(heard.offers.len(), 1, "a coordinator that answers is not asked twice");
}

#[tokio::test]
async fn forgotten_it_registers_again() {
    let world = World::new().await;
    world.coordinator.hears("a heartbeat", |heard| heard.beats[0] >= 1).await;
    world.coordinator.tell(|heard| heard.forgotten = 1);
    let heard = world.coordinator.hears("another registration", |heard| heard.beats.get(1) >= Some(&1)).await;
    assert_eq!(heard.offers[1], heard.offers[0]);
    assert!(world.life.lives());
}

#[tokio::test]
async fn a_coordinator_that_comes_back_finds_it_again() {
    let mut world = World::new().await;
    world.coordinator.hears("a heartbeat", |heard| heard.beats[0] >= 1).await;
    let port = world.served.address.port();
    world.served.kill().await;
    // The next coordinator counts from 1 and knows nobody.
    let next = FakeCoordinator::new();
    let _served = next.serve(port);
    next.hears("a registration and a heartbeat", |heard| heard.beats.first() >= Some(&1)).await;
    assert!(world.life.lives());
}

#[tokio::test]
async fn without_a_coordinator_it_gives_up_and_says_where_it_looked() {
    let mut options = options("http://127.0.0.1:1");
    options.wait = Duration::from_millis(300);
    let error = Life::begin(options).end().await.unwrap_err();
    assert_eq!(error.fault, Fault::Dependency);
    assert!(error.message.contains("no coordinator at http://127.0.0.1:1 within 300ms"), "{error}");
    assert!(error.message.to_lowercase().contains("refused"), "the reason is told: {error}");
}

#[tokio::test]
async fn a_coordinator_that_goes_away_is_looked_for_no_longer_than_wait() {
    let mut world = World::with(|options| options.wait = Duration::from_millis(300)).await;
    world.served.kill().await;
    assert_eq!(world.life.end().await.unwrap_err().fault, Fault::Dependency);
}

#[tokio::test]
async fn what_a_person_must_change_ends_it_at_once() {
    for (code, said) in [
        (Code::FailedPrecondition, "refuses algorithm version"),
        (Code::Unauthenticated, "registering at"),
        (Code::PermissionDenied, "registering at"),
    ] {
        let coordinator = FakeCoordinator::new();
        coordinator.tell(|heard| heard.refusal = Some((code, "the reason")));
        let served = coordinator.serve(0);
        let error = Life::begin(options(&format!("http://{}", served.address))).end().await.unwrap_err();
        assert_eq!(error.fault, Fault::Job);
        assert!(error.message.contains(said) && error.message.contains("the reason"), "{error}");
        assert!(error.hint.is_some());
    }
}

#[tokio::test]
async fn what_passes_by_itself_is_waited_for() {
    let coordinator = FakeCoordinator::new();
    coordinator.tell(|heard| heard.refusal = Some((Code::Unavailable, "starting")));
    let served = coordinator.serve(0);
    let life = Life::begin(options(&format!("http://{}", served.address)));
    coordinator.tell(|heard| heard.refusal = None);
    coordinator.hears("a registration", |heard| !heard.offers.is_empty()).await;
    assert!(life.lives());
}
