//! The server that the tests run against keeps S3's promises about conditional requests; if it did not, the tests of commits
//! and of changed inputs would prove nothing.

use crate::harness::{Mood, S3, S3Server};
use object_store::Error;

#[test]
fn of_many_creators_one_wins() {
    let s3 = S3::shared();
    for round in 0..10 {
        let name = format!("commit-{round}");
        let results: Vec<_> = std::thread::scope(|scope| {
            let create = |writer: usize| s3.create(&name, format!("writer {writer}"));
            let writers: Vec<_> = (0..8).map(|writer| scope.spawn(move || create(writer))).collect();
            writers.into_iter().map(|writer| writer.join().unwrap()).collect()
        });
        let winners: Vec<_> = (0..8).filter(|writer| results[*writer].is_ok()).collect();
        assert_eq!(winners.len(), 1, "{results:?}");
        let refused = |result: &Result<(), Error>| matches!(result, Err(Error::AlreadyExists { .. }));
        assert_eq!(results.iter().filter(|result| refused(result)).count(), 7, "{results:?}");
        assert_eq!(s3.get(&name, None).unwrap().0, format!("writer {}", winners[0]));
    }
}

#[test]
fn an_object_is_read_and_replaced_only_while_it_is_the_same() {
    let s3 = S3::shared();
    s3.put("input", "first");
    let (_, etag) = s3.get("input", None).unwrap();
    assert_eq!(s3.get("input", Some(&etag)).unwrap().0, "first");

    s3.replace("input", &etag, "second").unwrap();
    assert!(matches!(s3.get("input", Some(&etag)), Err(Error::Precondition { .. })));
    assert!(matches!(s3.replace("input", &etag, "third"), Err(Error::Precondition { .. })));
    assert_eq!(s3.get("input", None).unwrap().0, "second");
}

#[test]
fn a_server_in_a_bad_mood_refuses_and_loses_replies() {
    let moody = S3Server::start(Mood { refuse_every: Some(3), lose_reply_every: Some(5), ..Mood::default() });
    let s3 = S3::on(&moody);
    // Every write that may be repeated succeeds in the end, since the client retries.
    for number in 0..20 {
        s3.put(&format!("{number}"), "x");
    }
    // A creator whose reply was lost is told that the object exists: by itself.
    let silent = S3Server::start(Mood { refuse_every: None, lose_reply_every: Some(1), ..Mood::default() });
    assert!(S3::on(&silent).create("commit", "mine").is_err());
}
