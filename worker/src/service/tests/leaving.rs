//! The end of a run, and signals.

use super::{
    fake_engines::HELD,
    world::{Life, World, collect, options, task},
};
use crate::service::options::ServiceOptions;
use segmenter_proto::Fault;
use std::time::Duration;
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};

async fn health(url: &str, service: &str) -> ServingStatus {
    let channel = tonic::transport::Endpoint::from_shared(url.to_owned()).unwrap().connect().await.unwrap();
    let request = HealthCheckRequest { service: service.to_owned() };
    HealthClient::new(channel).check(request).await.unwrap().into_inner().status()
}

#[tokio::test]
async fn the_end_of_the_run_is_the_end_of_the_worker() {
    let world = World::new().await;
    world.open("a", 1).await.unwrap();
    world.close("a", 1).await.unwrap();
    world.life.end().await.unwrap();
}

#[tokio::test]
async fn a_run_that_ends_before_it_came_here_ends_the_worker_too() {
    let world = World::new().await;
    world.close("a", 1).await.unwrap();
    world.life.end().await.unwrap();
}

#[tokio::test]
async fn told_to_stay_it_looks_for_the_next_coordinator_as_long_as_it_takes() {
    let mut world = World::with(|options| {
        options.stay = true;
        options.wait = Duration::from_millis(100);
    })
    .await;
    world.open("a", 1).await.unwrap();
    let port = world.served.address.port();
    world.close("a", 1).await.unwrap();
    world.coordinator.hears("another registration", |heard| heard.offers.len() == 2).await;
    world.served.kill().await;
    // Longer than `wait`, which holds for what is not between two runs.
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert!(world.life.lives());
    world.coordinator.tell(|heard| heard.forgotten = 2);
    let _served = world.coordinator.serve(port);
    world.coordinator.hears("a third registration", |heard| heard.offers.len() == 3).await;
    world.open("b", 1).await.unwrap();
    assert!(world.life.lives());
}

#[tokio::test]
async fn told_to_stop_it_finishes_what_it_has() {
    let mut world = World::new().await;
    world.open("a", 1).await.unwrap();
    assert_eq!(health(&world.url, "").await, ServingStatus::Serving);
    let held = world.begin(task(1, HELD)).await;
    world.life.engines.begun(1).await;
    world.life.stop();
    let heard = world.coordinator.hears("that it drains", |heard| !heard.leaves.is_empty()).await;
    assert!(heard.leaves[0].draining);
    for service in ["", "segmenter.v1.Worker"] {
        assert_eq!(health(&world.url, service).await, ServingStatus::NotServing);
    }
    assert_eq!(world.perform(task(1, 3)).await.unwrap_err().fault, Fault::Dependency);
    assert_eq!(world.open("b", 1).await.unwrap_err().fault, Fault::Dependency);
    assert!(world.life.lives());
    world.life.engines.release();
    collect(held).await.expect("the answer still arrives");
    let error = world.life.end().await.unwrap_err();
    assert!(error.fault == Fault::Dependency && error.message.contains("before the run ended"), "{error}");
    let heard = world.coordinator.hears("that it is gone", |heard| heard.leaves.len() == 2).await;
    assert!(!heard.leaves[1].draining && heard.leaves[1].worker == 1);
}

#[tokio::test]
async fn what_does_not_finish_in_time_is_told() {
    let mut world = World::with(|options| options.drain = Duration::from_millis(200)).await;
    world.open("a", 1).await.unwrap();
    let _held = world.begin(task(1, HELD)).await;
    world.life.engines.begun(1).await;
    world.life.stop();
    let error = world.life.end().await.unwrap_err();
    assert_eq!(error.fault, Fault::Dependency);
    assert!(error.message.contains("1 tasks did not finish"), "{error}");
    world.coordinator.hears("that it is gone", |heard| heard.leaves.last().is_some_and(|leave| !leave.draining)).await;
}

#[tokio::test]
async fn told_to_stop_while_it_looks_for_a_coordinator_it_just_leaves() {
    let mut life = Life::begin(options("http://127.0.0.1:1"));
    life.stop();
    assert_eq!(life.end().await.unwrap_err().fault, Fault::Dependency);
    let mut life = Life::begin(ServiceOptions { stay: true, ..options("http://127.0.0.1:1") });
    life.stop();
    life.end().await.expect("to be told to stop is how one that stays ends");
}
