//! Coordinators of one run in every order and with every lost reply: one commit, whole, and nobody unaware of having lost.

use super::{
    commit::{CommitDraft, CommittedFile, Finished, commit, read_commit},
    folder::ObjectFolder,
    memory_folder::{Fault as Injected, MemoryFolder},
    nonce::Nonce,
    start::{Start, start},
};
use bytes::Bytes;
use proptest::prelude::*;
use segmenter_proto::{Error, Fault, Result, object_keys::RunKeys};

const RUN: &str = "2026-11-21-00000000000a";

fn keys() -> RunKeys {
    RunKeys::new("club", RUN)
}

/// A whole run: each stage writes a file whose bytes depend on the number of shards, as real ones do.
async fn coordinate(folder: &MemoryFolder, who: u8) -> Result<&'static str> {
    // Each would cut another number of shards.
    let mut log = match start(folder, &keys(), RUN, Nonce::of(who), u32::from(who) + 1).await? {
        Start::Committed(_) => return Ok("found it committed"),
        Start::Open(log) => log,
    };
    let mut files = Vec::new();
    for stage in ["partition", "features", "assign"] {
        let content = format!("{stage} of {} shards", log.shards());
        let path = format!("{stage}/part-{}", log.shards());
        if log.stage(stage).is_none() {
            folder.put(&keys().result(&path), content.clone().into()).await?;
            log.append(folder, stage, content.clone().into_bytes()).await?;
        }
        assert_eq!(log.stage(stage).map(|payload| &payload[..]), Some(content.as_bytes()));
        files.push(CommittedFile::of(path, Some(1), content.as_bytes()));
    }
    let draft = CommitDraft {
        job: "club".to_owned(),
        as_of: "2026-11-21".parse().unwrap(),
        previous: None,
        files,
        run_record: Bytes::from(format!("timings of {who}")),
    };
    match commit(folder, &mut log, draft).await? {
        Finished::Committed(_) => Ok("committed it"),
        Finished::Damaged(damaged) => Err(Error::bug(format!("{damaged:?}"))),
    }
}

/// The run's folder holds exactly what its commit lists, byte for byte.
async fn check_committed(folder: &MemoryFolder) {
    let commit = read_commit(folder, &keys()).await.unwrap().expect("committed");
    let mut found = Vec::new();
    for key in folder.list(&keys().run_folder()).await.unwrap() {
        if key == keys().commit() {
            continue;
        }
        let content = folder.get(&key).await.unwrap().unwrap();
        let path = key.strip_prefix(&format!("{}/", keys().run_folder())).unwrap();
        let rows = (path != "run.json").then_some(1);
        found.push(CommittedFile::of(path, rows, &content));
    }
    found.sort();
    assert_eq!(found, commit.files);
}

fn faults() -> impl Strategy<Value = Vec<Injected>> {
    let fault = prop_oneof![
        6 => Just(Injected::None),
        1 => Just(Injected::ExistsButNobodyWrote),
        1 => Just(Injected::WrittenThenExists),
        1 => Just(Injected::WrittenThenError),
        1 => Just(Injected::Error),
    ];
    prop::collection::vec(fault, 0..12)
}

fn client() -> impl Strategy<Value = (Vec<Injected>, Vec<u8>)> {
    (faults(), prop::collection::vec(0_u8..24, 0..80))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_the_order_there_is_one_whole_commit(clients in prop::collection::vec(client(), 3)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let store = MemoryFolder::default();
            let clients: Vec<MemoryFolder> =
                clients.into_iter().map(|(faults, turns)| store.client(faults, turns)).collect();
            let (a, b, c) =
                tokio::join!(coordinate(&clients[0], 1), coordinate(&clients[1], 2), coordinate(&clients[2], 3));
            for outcome in [&a, &b, &c] {
                if let Err(error) = outcome {
                    let expected = matches!(error.fault, Fault::Fenced | Fault::Dependency);
                    assert!(expected, "{error}");
                }
            }
            // Every start fences those before it, and the last one nobody fences.
            assert!([&a, &b, &c].iter().any(|outcome| outcome.is_ok() || is_dependency(outcome)));
            if [&a, &b, &c].iter().any(|outcome| outcome.is_ok()) {
                check_committed(&store).await;
            }
            // Whatever happened, the same command again ends it.
            coordinate(&store, 9).await.unwrap();
            check_committed(&store).await;
            assert_eq!(store.list(&keys().work_folder()).await.unwrap(), Vec::<String>::new());
        });
    }
}

fn is_dependency(outcome: &Result<&'static str>) -> bool {
    outcome.as_ref().is_err_and(|error| error.fault == Fault::Dependency)
}
