//! `segmenter sql`: what a run holds, in every form; sources beside it; one answer for any memory.

use crate::harness::*;
use bytes::Bytes;
use std::{collections::BTreeMap, path::Path};

const SECTIONS: &str = r#"[features]
presets = ["rfm"]
[[features.custom]]
name       = "weight_sum"
expression = "sum(weight)"
[[segmentation]]
name   = "value"
method = "rfm"
[[segmentation]]
name   = "targets"
method = "rules"
[[segmentation.rule]]
name  = "big"
when  = "monetary > 500"
"#;

/// A committed run of a shop of 300 customers.
struct Shop {
    workspace: Workspace,
    job: String,
    orders: Vec<Order>,
    run: CommittedRun,
}

impl Shop {
    fn new() -> Self {
        let (workspace, orders) = (Workspace::new(), orders_of(300, 8));
        write_orders_parquet(&workspace.path("in/orders.parquet"), &orders);
        let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"\nwhere = \"channel <> 'app'\"", SECTIONS));
        let run = workspace.committed(&job);
        Self { job: job.to_str().unwrap().to_owned(), workspace, orders, run }
    }

    fn ask(&self, query: &str, more: &[&str]) -> Ran {
        let scratch = self.workspace.uri("scratch");
        Program::segmenter(&["sql", &self.job, query, "--scratch", &scratch]).args(more).go()
    }

    #[track_caller]
    fn csv(&self, query: &str) -> String {
        self.ask(query, &["--format", "csv"]).succeeded().stdout
    }
}

#[test]
fn assignments_join_features_and_every_form_says_the_same() {
    let shop = Shop::new();
    let query = "select a.segment_key, count(*) as customers, sum(f.monetary) as revenue, coalesce(min(f.recency_days), -1) as nearest \
                 from assignments.value a join features f on f.customer_id = a.customer_id group by a.segment_key order by customers desc";
    let (keys, monetary) = (shop.run.keys("value"), shop.run.feature("monetary"));
    let mut expected: BTreeMap<&str, (u64, i64)> = BTreeMap::new();
    for (customer, key) in &keys {
        let of_key = expected.entry(key).or_default();
        of_key.0 += 1;
        of_key.1 += monetary[customer].as_deref().unwrap_or("0").replace('.', "").parse::<i64>().unwrap();
    }
    let csv = shop.csv(query);
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("segment_key,customers,revenue,nearest"));
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), expected.len());
    for row in &rows {
        let (customers, cents) = expected[row[0]];
        assert_eq!(
            (row[1].parse::<u64>().unwrap(), row[2].replace('.', "").parse::<i64>().unwrap()),
            (customers, cents)
        );
    }
    assert!(rows.is_sorted_by_key(|row| std::cmp::Reverse(row[1].parse::<u64>().unwrap())), "{csv}");

    let ndjson = shop.ask(query, &["--format", "ndjson"]).succeeded().stdout;
    for (line, row) in ndjson.lines().zip(&rows) {
        assert_eq!(
            line,
            format!(
                "{{\"segment_key\":\"{}\",\"customers\":{},\"revenue\":{},\"nearest\":{}}}",
                row[0], row[1], row[2], row[3]
            )
        );
    }
    let table = shop.ask(query, &[]).succeeded().stdout;
    assert!(table.starts_with("segment_key"), "{table}");
    for (line, row) in table.lines().skip(2).zip(&rows) {
        assert_eq!(line.split_whitespace().collect::<Vec<_>>(), *row);
    }
    let file = shop.workspace.uri("answer.parquet");
    assert_eq!(shop.ask(query, &["--out", &file]).succeeded().stdout, "");
    let parquet = Table::parquet(&Bytes::from(std::fs::read(&file).unwrap()));
    let texts = parquet.rows.iter().map(|row| row.iter().map(|value| value.as_deref().unwrap()).collect::<Vec<_>>());
    assert_eq!(texts.collect::<Vec<_>>(), rows);
}

#[test]
fn sources_are_typed_and_cleaned_as_the_job_says() {
    let shop = Shop::new();
    let counted =
        shop.ask("select count(*) as n, sum(amount) as revenue from source.orders", &["--format", "csv"]).succeeded();
    let kept = shop.orders.iter().filter(|order| order.client_no.is_some() && order.channel != "app");
    let (mut rows, mut cents) = (0_u64, 0_i64);
    for order in kept {
        (rows, cents) = (rows + 1, cents + order.cents);
    }
    assert_eq!(counted.stdout, format!("n,revenue\n{rows},{}.{:02}00\n", cents / 100, cents % 100));
    counted.says(&["source.orders: of ", "filtered", "anonymous"]);
    // A column that no feature needs is there too, and times are the job's.
    let query = "select sku_of.product_id, count(distinct s.customer_id) as buyers from source.orders s \
                 join (select product_id, max(time) as last from source.orders group by product_id) sku_of on sku_of.product_id = s.product_id \
                 group by sku_of.product_id order by 2 desc, 1 limit 3";
    assert_eq!(shop.csv(query).lines().count(), 4);
    let first = shop.csv("select min(time) as first from source.orders");
    assert!(first.ends_with("Z\n") && first.starts_with("first\n20"), "{first}");
    // What changed since is told.
    write_orders_parquet(&shop.workspace.path("in/orders.parquet"), &shop.orders[..100]);
    let ran = shop.ask("select count(*) from source.orders", &[]).succeeded();
    ran.says(&["source.orders is not what run", "1 file changed", "the query sees what is there now"]);
    let after = shop.ask("select count(*) from features", &[]).succeeded();
    assert!(!after.stderr.contains("is not what run"), "{after}");
}

#[test]
fn float_sums_are_exact_in_any_order_and_memory_changes_nothing() {
    let shop = Shop::new();
    let sum = |order: &str| {
        shop.csv(&format!(
            "select sum(w) as w from (select weight_sum as w from features order by {order} limit 10000)"
        ))
    };
    let sums = ["w", "w desc", "customer_id", "weight_sum * 7 - 3"].map(sum);
    assert!(sums.iter().all(|other| *other == sums[0]), "{sums:?}");
    let query = "select f.customer_id, s.time, s.amount, sum(s.weight) over (partition by f.customer_id order by s.time) as w \
                 from source.orders s join features f on f.customer_id = s.customer_id";
    let small = shop.ask(query, &["--format", "csv", "--memory", "96M"]).succeeded().stdout;
    assert_eq!(small, shop.csv(query));
    assert!(small.lines().count() > 1000);
    let left: Vec<_> =
        std::fs::read_dir(shop.workspace.path("scratch")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn the_tables_are_listed_with_their_columns() {
    let shop = Shop::new();
    let list = Program::segmenter(&["sql", &shop.job, "--format", "csv"]).go().succeeded().stdout;
    for line in [
        "table_name,column_name,type",
        "assignments,segmentation,text",
        "assignments.targets,segment_key,text",
        "features,monetary,\"decimal(28,4)\"",
        "quarantine,row_number,int",
        "segments,customers,int",
        "source.orders,time,timestamp",
        "source.orders,weight,double",
    ] {
        assert!(list.lines().any(|listed| listed == line), "{line} in {list}");
    }
    for table in ["effectiveness", "profiles", "quality", "selection"] {
        let rows = shop.run.table(&format!("{table}.parquet")).rows.len();
        assert_eq!(shop.csv(&format!("select count(*) as n from {table}")), format!("n\n{rows}\n"), "{table}");
    }
    let all = shop.csv("select segmentation, count(*) as n from assignments group by segmentation");
    let customers = shop.run.table("features").rows.len();
    assert_eq!(all, format!("segmentation,n\ntargets,{customers}\nvalue,{customers}\n"));
}

#[test]
fn an_earlier_run_can_be_asked() {
    let shop = Shop::new();
    let first = shop.run.folder.rsplit('/').next().unwrap().to_owned();
    shop.workspace.run(Path::new(&shop.job)).args(&["--as-of", "2026-01-02"]).go().succeeded();
    let query = "select as_of() as day, count(*) as n from features";
    let (newest, earlier) =
        (shop.csv(query), shop.ask(query, &["--format", "csv", "--run", &first]).succeeded().stdout);
    assert!(newest.contains("2026-01-02,") && earlier.contains("2026-01-01,"), "{newest}{earlier}");
    shop.ask(query, &["--run", "2020-01-01-000000000000"]).failed_with(3).says(&["is not committed"]);
}

#[test]
fn who_reads_no_further_ends_it_quietly() {
    let shop = Shop::new();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_segmenter"))
        .args(["sql", &shop.job, "select * from features a cross join features b", "--format", "csv"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut head = [0; 1000];
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut head).unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    // What was left out of a source is told all the same.
    assert!(!String::from_utf8_lossy(&ended.stderr).contains("error"), "{ended:?}");
}

#[test]
fn who_asks_for_personal_columns_is_warned() {
    let workspace = Workspace::new();
    workspace.write(
        "in/people.csv",
        "id,email,city,birth\nA,a@example.org,Graz,1990-05-01\nB,b@example.org,Wien,1980-05-01\n",
    );
    let job = workspace.job(&job_of(
        "[population]\nfrom = \"people\"\n[[source]]\nname = \"people\"\nkind = \"customers\"\nuri = \"@IN@/people.csv\"\n\
         types = { birth = \"date(%Y-%m-%d)\" }\nsensitive = [\"city\"]\n[source.columns]\ncustomer_id = \"id\"\n\
         email = \"email\"\ncity = \"city\"\nbirth_date = \"birth\"\n[features]\npresets = []\n[[segmentation]]\n\
         name = \"targets\"\nmethod = \"rules\"\n[[segmentation.rule]]\nname = \"all\"\nwhen = \"true\"\n",
    ));
    drop(workspace.committed(&job));
    let ask = |query: &str| {
        let scratch = workspace.uri("scratch");
        Program::segmenter(&["sql", job.to_str().unwrap(), query, "--scratch", &scratch]).go().succeeded().stderr
    };
    let told = ask("select * from source.people");
    for name in ["birth_date of source.people", "city of source.people", "email of source.people"] {
        assert!(told.contains(name), "{told}");
    }
    assert!(ask("select count(distinct email) from source.people").contains("(email of source.people)"));
    for harmless in ["select customer_id, age_band(birth_date) as age from source.people", "select * from segments"] {
        assert!(!ask(harmless).contains("personal columns"), "{harmless}");
    }
}
