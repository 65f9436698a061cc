//! Every hint of the storage, followed: the run then works.

use crate::harness::*;
use std::fs;

/// A workspace with the file `in/a.csv` of [`ROWS`].
fn with_rows() -> Workspace {
    let workspace = Workspace::new();
    workspace.write("in/a.csv", ROWS);
    workspace
}

/// A job over that file which writes to another place.
fn writing_to(output: &str) -> String {
    job_over("a.csv", "").replace("@OUT@", output)
}

/// Asserts that a call ends with a code and this hint, word for word; more may follow it.
#[track_caller]
fn hinted(call: Program, code: i32, hint: &str) -> Ran {
    let ran = call.go().failed_with(code);
    assert!(ran.stderr.lines().any(|line| line.starts_with(&format!("hint: {hint}"))), "no {hint:?} from {ran}");
    ran
}

#[test]
fn what_the_environment_says_of_a_store() {
    let (s3, workspace) = (S3::shared(), with_rows());
    let job = workspace.job(&writing_to(&s3.uri("out")));
    let without = |name: &str| -> Vec<(String, String)> {
        s3.environment.iter().filter(|(known, _)| known != name).cloned().collect()
    };
    let plain = "set AWS_ALLOW_HTTP=true if that is meant, or use https://";
    hinted(workspace.run(&job).envs(&without("AWS_ALLOW_HTTP")), 4, plain).says(&["AWS_ENDPOINT"]);
    let refused = "check the credentials in the environment (AWS_*, GOOGLE_*, AZURE_*) and what they allow";
    let stranger = workspace.run(&job).envs(&s3.environment).env("AWS_SECRET_ACCESS_KEY", "another");
    hinted(stranger, 4, refused).says(&["no permission to"]);
    s3.committed(&workspace.run(&job).envs(&s3.environment).go().succeeded());

    // Whether the account is there is another matter: the variables are what was missing.
    let unset = "set the store's variables: AWS_*, GOOGLE_* or AZURE_*";
    let azure = workspace.job(&writing_to("az://container/out"));
    hinted(workspace.run(&azure), 4, unset).says(&["az://container"]);
}

#[test]
fn a_bucket_that_is_not_there() {
    let (s3, workspace) = (S3::shared(), with_rows());
    let job = workspace.job(&writing_to("s3://segmenter-no-such-bucket/out"));
    let hint = "create the bucket, or correct the URI in the job";
    hinted(workspace.run(&job).envs(&s3.environment), 4, hint).says(&["s3://segmenter-no-such-bucket/out"]);
    let job = workspace.job(&writing_to(&s3.uri("out")));
    s3.committed(&workspace.run(&job).envs(&s3.environment).go().succeeded());
}

#[test]
fn a_store_whose_writes_always_overwrite() {
    let (server, workspace) = (S3Server::start(Mood { overwrites: true, ..Mood::default() }), with_rows());
    let s3 = S3::on(&server);
    let job = workspace.job(&writing_to(&s3.uri("out")));
    let hint = "use a store that honours If-None-Match on PUT (AWS S3, MinIO, R2, SeaweedFS 4.48), or a local path";
    hinted(workspace.run(&job).envs(&s3.environment), 4, hint);
    assert_rows(&workspace, &writing_to("@OUT@"), "a local path");
    let honest = S3::shared();
    let job = workspace.job(&writing_to(&honest.uri("out")));
    honest.committed(&workspace.run(&job).envs(&honest.environment).go().succeeded());
}

#[test]
fn an_output_that_is_not_there() {
    let workspace = with_rows();
    // Nobody can make a folder there, not even root.
    let job = workspace.job(&writing_to("/proc/segmenter-out"));
    let hint = "check that the output exists, is writable and has space left";
    hinted(workspace.run(&job), 4, hint).says(&["cannot write /proc/segmenter-out"]);
    assert_rows(&workspace, &writing_to("@OUT@"), "an output that exists");
}

#[test]
fn an_output_of_another_host() {
    let workspace = with_rows();
    let job = workspace.job(&writing_to("file://host/out"));
    hinted(workspace.run(&job), 2, "write file:///absolute/path, or the path alone").says(&["file://host/out"]);
    assert_rows(&workspace, &writing_to("file://@OUT@"), "the whole URI");
    workspace.forget_results();
    assert_rows(&workspace, &writing_to("@OUT@"), "the path alone");
}

#[test]
fn a_disk_that_is_full() {
    let workspace = with_rows();
    let job = workspace.job(&job_over("a.csv", ""));
    let limit = "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\"";
    let hint = "free space there, or give --scratch or output.uri a larger disk; the same command goes on";
    hinted(workspace.run(&job).behind(&["sh", "-c", limit]), 6, hint).says(&["there is no room for"]);
    assert_rows(&workspace, &job_over("a.csv", ""), "the same command");
}

#[test]
fn a_scratch_folder_that_cannot_be_used() {
    let workspace = with_rows();
    let job = workspace.job(&job_over("a.csv", ""));
    let job = job.to_str().unwrap();
    workspace.write("in-the-way", "");
    let run = |scratch: &str| Program::segmenter(&["run", job, "--scratch", scratch]);
    let inside = workspace.root().join("in-the-way/scratch");
    let ran = hinted(run(inside.to_str().unwrap()), 4, "give --scratch a folder that can be written to");
    run(&workspace.uri("scratch")).go().succeeded();

    // Somebody else has made the folder of the job in the folder for all.
    workspace.forget_results();
    let folder = ran.stderr.split("in-the-way/scratch/").nth(1).unwrap().split(':').next().unwrap();
    let strange = workspace.write(&format!("scratch/{folder}"), "");
    let own = "give --scratch a folder of your own, or delete that one";
    hinted(run(&workspace.uri("scratch")), 2, own).says(&["the scratch folder", folder, "is no folder"]);
    run(&workspace.uri("own")).go().succeeded();
    workspace.forget_results();
    workspace.write(&format!("scratch/{folder}"), "");
    fs::remove_file(strange).unwrap();
    run(&workspace.uri("scratch")).go().succeeded();
}

#[test]
fn names_with_control_characters() {
    let workspace = Workspace::new();
    let odd = workspace.write("in/all/a\n\u{7}.csv", ROWS);
    let job = job_over("all/", "");
    let path = workspace.job(&job);
    hinted(workspace.run(&path), 3, "rename it: control characters are no part of a name").says(&["a\\n\\u{7}.csv"]);
    fs::rename(odd, workspace.path("in/all/a.csv")).unwrap();
    assert_rows(&workspace, &job, "renamed");
}
