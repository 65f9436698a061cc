//! What customers do with messages: killed where it is computed and where it is added up, and by workers of which one dies, the tables have the same bytes.

use crate::harness::*;
use std::{fmt::Write as _, path::PathBuf};

const MAIL: &str = r#"
[privacy]
min_cell = 1
[[source]]
name = "mail"
kind = "messages"
uri  = "@IN@/mail.csv"
types = { time = "timestamp(%Y-%m-%d %H:%M:%S)", cost = "double" }
[source.columns]
customer_id = "id"
time        = "time"
action      = "action"
message_id  = "message"
campaign_id = "campaign"
channel     = "channel"
cost        = "cost"
"#;
const TABLES: [&str; 3] = ["campaigns.parquet", "channels.parquet", "contacts.parquet"];

fn prepared() -> (Workspace, PathBuf) {
    let workspace = Workspace::new();
    let orders = orders_of(400, 31);
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders);
    let mut mail = "id,time,action,message,campaign,channel,cost\n".to_owned();
    for (at, order) in orders.iter().enumerate() {
        let Some(id) = &order.client_no else { continue };
        let (channel, campaign) = (["email", "sms", "push"][at % 3], at % 5);
        for (step, action) in ["sent", "opened", "clicked"].iter().take(1 + at % 3).enumerate() {
            let time = format!("2025-11-{:02} {:02}:00:00", 1 + at % 28, 8 + step);
            writeln!(mail, "{id},{time},{action},m{at},c{campaign},{channel},0.{}", at % 7).unwrap();
        }
    }
    workspace.write("in/mail.csv", mail);
    let source = "uri = \"@IN@/orders.parquet\"\nkey = [\"order_id\", \"line_no\"]";
    let job = workspace.job(&job(source, &format!("{MAIL}{DIGEST_FEATURES}{EVERY_METHOD}")));
    (workspace, job)
}

fn tables(ran: &Ran) -> Vec<bytes::Bytes> {
    let run = CommittedRun::of(ran);
    TABLES.iter().map(|table| run.files[*table].clone()).collect()
}

#[test]
fn killed_where_messages_are_judged() {
    let (workspace, job) = prepared();
    let expected = tables(&workspace.run(&job).args(&["--shards", "4"]).go().succeeded());
    for point in ["features.middle", "measure.start", "measure.middle", "measure.end"] {
        workspace.forget_results();
        workspace.run(&job).args(&["--shards", "4"]).failpoint(&format!("{point}=abort")).go().aborted_at(point);
        let ran = workspace.run(&job).args(&["--shards", "4"]).go().succeeded();
        assert_eq!(tables(&ran), expected, "after a kill at {point}");
    }
    // Three workers, of whom one dies in the stage.
    workspace.forget_results();
    let coordinator = Coordinator::start(workspace.coordinator(&job, 2).args(&["--shards", "4"]));
    let killed = workspace.worker(coordinator.url()).failpoint("measure.middle=abort").start();
    let others = [(); 2].map(|()| workspace.worker(coordinator.url()).start());
    let ran = coordinator.wait().succeeded();
    assert_eq!(tables(&ran), expected, "{ran}");
    killed.wait().aborted_at("measure.middle");
    others.into_iter().for_each(|other| drop(other.wait().succeeded()));
}
