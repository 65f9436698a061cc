//! Answers over the wire.

use super::{
    fake_engines::{FAILING, HELD},
    world::{World, collect, task},
};
use crate::network::{ANSWER_LIMIT, MESSAGE_LIMIT};
use segmenter_proto::{Fault, v1::Task};

#[tokio::test]
async fn a_large_answer_comes_in_pieces() {
    let world = World::new().await;
    world.open("a", 1).await.unwrap();
    // More than one message may hold.
    let bytes = MESSAGE_LIMIT + (4 << 20);
    let stream = world.begin(Task { round: bytes as u32, ..task(1, 7) }).await;
    let (answer, pieces) = collect(stream).await.unwrap();
    assert_eq!((answer.index, answer.run.len(), pieces), (7, bytes, 161));
}

#[tokio::test]
async fn too_large_an_answer_is_a_typed_error() {
    let world = World::new().await;
    world.open("a", 1).await.unwrap();
    let error = world.perform(Task { round: ANSWER_LIMIT as u32, ..task(1, 7) }).await.unwrap_err();
    assert_eq!(error.fault, Fault::Resources);
    assert!(error.message.contains("stage features"), "{error}");
    world.perform(task(1, 8)).await.unwrap();
}

#[tokio::test]
async fn an_error_arrives_as_it_left() {
    let world = World::new().await;
    world.open("a", 1).await.unwrap();
    let error = world.perform(task(1, FAILING)).await.unwrap_err();
    assert_eq!(
        (error.fault, error.message.as_str(), error.hint.as_deref()),
        (Fault::Data, "2 rows are wrong", Some("look"))
    );
    assert_eq!(error.source.unwrap().to_string(), "row 7");
}

#[tokio::test]
async fn a_caller_that_goes_away_disturbs_nobody() {
    let mut world = World::new().await;
    world.open("a", 1).await.unwrap();
    let stream = world.begin(task(1, HELD)).await;
    world.life.engines.begun(1).await;
    drop(stream);
    world.perform(task(1, 3)).await.unwrap();
    world.life.engines.release();
    world.life.stop();
    let error = world.life.end().await.unwrap_err();
    assert!(!error.message.contains("did not finish"), "the task of the one who went away ended too: {error}");
}
