//! Runs and generations over the wire.

use super::{
    fake_engines::HELD,
    world::{World, collect, task},
};
use segmenter_proto::Fault;
use tonic::Code;

#[tokio::test]
async fn a_fenced_coordinator_changes_nothing() {
    let world = World::new().await;
    world.open("a", 2).await.unwrap();
    assert_eq!(world.open("a", 1).await.unwrap_err().fault, Fault::Fenced);
    assert_eq!(world.perform(task(1, 0)).await.unwrap_err().fault, Fault::Fenced);
    assert_eq!(world.close("a", 1).await.unwrap_err().code(), Code::FailedPrecondition);
    world.perform(task(2, 0)).await.unwrap();
    assert!(world.life.lives());
}

#[tokio::test]
async fn a_run_opens_once_however_often_it_is_asked_for() {
    let world = World::new().await;
    let (one, two) = tokio::join!(world.open("a", 1), world.open("a", 1));
    one.and(two).unwrap();
    world.open("a", 1).await.unwrap();
    assert_eq!(world.life.engines.opened(), 1);
    world.open("a", 2).await.unwrap();
    world.open("b", 1).await.unwrap();
    assert_eq!(world.life.engines.opened(), 3);
}

#[tokio::test]
async fn a_task_of_a_run_that_is_not_open_is_to_be_tried_again() {
    let world = World::new().await;
    assert_eq!(world.perform(task(1, 0)).await.unwrap_err().fault, Fault::Dependency);
    world.open("a", 1).await.unwrap();
    assert_eq!(world.perform(task(2, 0)).await.unwrap_err().fault, Fault::Dependency);
}

#[tokio::test]
async fn what_cannot_be_opened_says_why() {
    let world = World::new().await;
    world.open("a", 1).await.unwrap();
    let error = world.open_spec("b", 1, "broken").await.unwrap_err();
    assert_eq!((error.fault, error.hint.as_deref()), (Fault::Job, Some("mend it")));
    world.open("a", 2).await.unwrap();
    world.perform(task(2, 0)).await.unwrap();
}

#[tokio::test]
async fn the_answer_of_a_task_whose_run_was_taken_over_goes_nowhere() {
    for (run, generation, fault) in [("a", 2, Fault::Fenced), ("b", 1, Fault::Dependency)] {
        let world = World::new().await;
        world.open("a", 1).await.unwrap();
        let held = world.begin(task(1, HELD)).await;
        world.life.engines.begun(1).await;
        world.open(run, generation).await.unwrap();
        world.life.engines.release();
        assert_eq!(collect(held).await.unwrap_err().fault, fault);
    }
}

#[tokio::test]
async fn a_run_that_is_meant_for_another_process_is_not_opened() {
    let mut world = World::new().await;
    world.instance += 1;
    let error = world.open("a", 1).await.unwrap_err();
    assert_eq!(error.fault, Fault::Dependency);
    assert!(error.message.contains("another worker than the one that registered"), "{error}");
    assert_eq!(world.life.engines.opened(), 0);
}
