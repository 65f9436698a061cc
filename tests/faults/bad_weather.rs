//! An object store that throttles and loses replies changes nothing but the time a run takes.

use crate::harness::*;

#[test]
fn refused_requests_and_lost_replies_change_no_byte() {
    let calm = S3Server::start(Mood::default());
    let moody = S3Server::start(Mood { refuse_every: Some(7), lose_reply_every: Some(11), ..Mood::default() });
    let digests = [calm, moody].map(|server| {
        let (s3, workspace) = (S3::on(&server), Workspace::new());
        write_orders_parquet(&workspace.path("orders.parquet"), &orders_of(300, 5));
        s3.put("in/orders.parquet", std::fs::read(workspace.path("orders.parquet")).unwrap());
        let text = job(&format!("uri = \"{}\"", s3.uri("in/")), &format!("{DIGEST_FEATURES}{EVERY_METHOD}"));
        let job = workspace.job(&text.replace("@OUT@", &s3.uri("out")));
        let ran = workspace.run(&job).envs(&s3.environment).go().succeeded();
        s3.committed(&ran).byte_digest()
    });
    assert_eq!(digests[0], digests[1]);
}

#[test]
fn a_store_that_is_not_there_is_a_missing_dependency() {
    let workspace = Workspace::new();
    let text = job("uri = \"s3://no-such-bucket/in/\"", "[[segmentation]]\nname = \"value\"\nmethod = \"rfm\"\n");
    let environment = [
        ("AWS_ENDPOINT", "http://127.0.0.1:9"),
        ("AWS_ACCESS_KEY_ID", "a"),
        ("AWS_SECRET_ACCESS_KEY", "b"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ALLOW_HTTP", "true"),
    ];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let job = workspace.job(&text);
    workspace.run(&job).envs(&environment).go().failed_with(4).says(&["no-such-bucket", "hint:"]);
}
