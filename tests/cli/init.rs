//! The first minutes: `init` and what it wrote.

use crate::harness::*;

#[test]
fn the_first_command_of_the_readme() {
    let workspace = Workspace::new();
    Program::segmenter(&["init", "demo"]).within(workspace.root()).go().succeeded();
    let ran = Program::segmenter(&["run", "demo/segmenter.toml"]).within(workspace.root()).go().succeeded();
    let folder = workspace.root().join(ran.run_folder().trim_start_matches("file://"));
    let run = CommittedRun::local(folder.to_str().unwrap());
    assert_eq!(run.segmentations(), ["behaviour", "targets", "value"]);
    for source in ["customers", "orders", "tills"] {
        assert!(run.fates(source).used > 0, "{source}");
    }
    // The data has some of everything that real data has.
    let orders = run.fates("orders");
    for (fate, rows) in [
        ("filtered", orders.filtered),
        ("anonymous", orders.anonymous),
        ("not_before_as_of", orders.not_before_as_of),
        ("unknown_customer", orders.unknown_customer),
        ("excluded", orders.excluded),
        ("duplicate", orders.duplicate),
        ("quarantined", orders.quarantined),
    ] {
        assert!(rows > 0, "no row is {fate}: {orders:?}");
    }
}

#[test]
fn what_stands_in_its_comments_works() {
    let workspace = Workspace::new();
    Program::segmenter(&["init", "demo"]).within(workspace.root()).go().succeeded();
    let job = workspace.path("demo/segmenter.toml");
    let mut text = std::fs::read_to_string(&job).unwrap();
    for block in ["# [[features.sql]]", "# [[features.constant]]", "# [[features.derived]]"] {
        let start = text.find(block).unwrap();
        let end = start + text[start..].find("\n\n").unwrap();
        let written: String =
            text[start..end].lines().map(|line| line.trim_start_matches("# ").to_owned() + "\n").collect();
        text.replace_range(start..end, &written);
    }
    std::fs::write(&job, text).unwrap();
    let ran = Program::segmenter(&["run", "demo/segmenter.toml"]).within(workspace.root()).go().succeeded();
    let folder = workspace.root().join(ran.run_folder().trim_start_matches("file://"));
    let run = CommittedRun::local(folder.to_str().unwrap());
    let features = run.table("features");
    assert!(features.counts("last_channel").len() > 2, "{:?}", features.counts("last_channel"));
    assert!(features.counts("value_decile").len() > 5, "{:?}", features.counts("value_decile"));
    assert_eq!(run.json("model.json")["population"]["constants"][0]["name"], "mean_amount");
}

#[test]
fn init_overwrites_nothing() {
    let workspace = Workspace::new();
    workspace.write("demo/segmenter.toml", "mine");
    let ran = Program::segmenter(&["init", &workspace.uri("demo")]).go().failed_with(2).says(&["segmenter.toml"]);
    assert_eq!(std::fs::read_to_string(workspace.path("demo/segmenter.toml")).unwrap(), "mine");
    assert_golden("init_overwrites_nothing", &workspace, &ran);
}

#[test]
fn a_job_from_existing_files_runs() {
    for text in [false, true] {
        let workspace = Workspace::new();
        let orders = orders_of(200, 1);
        let uri = if text { workspace.uri("in/orders.csv") } else { workspace.uri("in/orders.parquet") };
        match text {
            true => write_orders_csv(uri.as_ref(), &orders),
            false => write_orders_parquet(uri.as_ref(), &orders),
        }
        Program::segmenter(&["init", "job", "--from", &uri]).within(workspace.root()).go().succeeded();
        let job = workspace.root().join("job/segmenter.toml");
        let written = std::fs::read_to_string(&job).unwrap();
        for column in ["client_no", "order_no", "ordered_at", "gross"] {
            assert!(written.contains(column), "{column} in {written}");
        }
        if text {
            assert!(written.contains("timestamp(") && written.contains("decimal("), "types in {written}");
        }
        Program::segmenter(&["validate", "job/segmenter.toml"]).within(workspace.root()).go().succeeded();
    }
}

#[test]
fn a_block_that_is_no_job_says_what_leads_to_one() {
    let workspace = Workspace::new();
    workspace.write("in/customers.csv", "client_no,dob,city\n1,1980-12-31,Wien\n2,1990-01-01,Graz\n");
    let init = |args: &[&str]| Program::segmenter(args).within(workspace.root()).go().succeeded();
    let ran = init(&["init", "--from", "in/customers.csv"]).says(&["\"is_whole\":false"]);
    let written = std::fs::read_to_string(workspace.root().join("segmenter.toml")).unwrap();
    assert!(written.starts_with("# A block for a job file"), "{written}");
    // What it prints works, and leads to a job that runs.
    assert_eq!(ran.stdout, "segmenter init example\n");
    let ran = init(&["init", "example"]);
    assert_eq!(ran.stdout, "segmenter plan example/segmenter.toml\nsegmenter run example/segmenter.toml\n");
    init(&["plan", "example/segmenter.toml"]);
    std::fs::remove_file(workspace.root().join("segmenter.toml")).unwrap();
    let again = init(&["init", "--from", "in/customers.csv"]);
    assert_eq!(again.stdout, "segmenter init example-2\n");
}
