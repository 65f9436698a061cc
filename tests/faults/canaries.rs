//! What customers are and do stands in results, and nowhere else: values are planted and searched for.

use crate::harness::*;

/// Part of every planted value.
const CANARY: &str = "canary-7f3a";

/// Everything that the programs can say; of the libraries for connections nothing, which log the bytes that they move.
const EVERYTHING: &str = "trace,h2=off,hyper=off,hyper_util=off,tower=off,tonic=off";

/// Orders in whose every column but time and line a canary stands.
fn orders() -> Vec<Order> {
    let mut orders = orders_of(200, 11);
    for (number, order) in orders.iter_mut().enumerate() {
        if number % 3 == 0 {
            order.client_no = Some(format!("{CANARY}-customer-{}", number % 50));
            order.order_no = format!("{CANARY}-order-{number}");
            order.channel = "canary-7f3a-channel";
            order.sku = format!("{CANARY}-product");
        }
    }
    orders
}

/// Rows that break the contract, each with a canary: in a column of another type, in one more column, and in the id.
fn broken_rows() -> String {
    let row = |client: &str, amount: &str, rest: &str| {
        format!("{CANARY}-{client},O1,1,2025-12-01 10:00:00,{amount},web,{CANARY}-product,1{rest}\n")
    };
    [row("rejected", &format!("{CANARY}-amount"), ""), row("longer", "1.00", &format!(",{CANARY}-column"))].concat()
}

/// Runs a job on two workers that say everything; gives all that both programs said, and their metrics.
fn said_by_all(workspace: &Workspace, job: &str, code: i32) -> (Ran, String) {
    let job = workspace.job(job);
    let loud = |program: Program| program.env("SEGMENTER_LOG", EVERYTHING).args(&["--metrics", "127.0.0.1:0"]);
    let wait = "measure.end=sleep(1500)";
    let mut coordinator = Coordinator::start(loud(workspace.coordinator(&job, 2)).failpoint(wait));
    let workers: Vec<_> = (0..2).map(|_| loud(workspace.worker(coordinator.url())).start()).collect();
    let mut said = String::new();
    if code == 0 {
        coordinator.until_fired("measure.end");
        said.push_str(&Metrics::of(&coordinator).text);
        workers.iter().for_each(|worker| said.push_str(&Metrics::of_worker(worker).text));
    }
    let ran = coordinator.wait().failed_with(code);
    for worker in workers {
        let worker = worker.wait();
        assert!(worker.stderr.contains("opened run"), "{worker}");
        said.push_str(&format!("{worker}"));
    }
    said.push_str(&format!("{ran}"));
    (ran, said)
}

#[track_caller]
fn assert_silent(said: &str) {
    let told: Vec<&str> = said.lines().filter(|line| line.contains(CANARY)).collect();
    assert!(told.is_empty(), "a customer's value was told:\n{}", told.join("\n"));
}

fn csv_job(sections: &str) -> String {
    let source = format!("uri = \"@IN@/*.csv\"\n{CSV_TYPES}");
    job(&source, &format!("{sections}{DIGEST_FEATURES}{EVERY_METHOD}"))
}

#[test]
fn a_run_tells_no_value_of_a_customer() {
    let workspace = Workspace::new();
    write_orders_csv(&workspace.path("in/orders.csv"), &orders());
    workspace.write("in/broken.csv", orders_csv(&[]) + &broken_rows());
    let (ran, said) = said_by_all(&workspace, &csv_job("[quality]\nmax_quarantined_share = 0.5\n"), 0);
    assert!(said.contains("\"level\":\"TRACE\"") || said.contains("\"level\":\"DEBUG\""), "the programs were quiet");
    assert_silent(&said);
    let run = CommittedRun::of(&ran);
    assert_eq!(run.fates("orders").quarantined, 2, "the broken rows were met");
    for file in ["run.json", "commit.json", "quality.parquet", "segments.parquet"] {
        let bytes = String::from_utf8_lossy(&run.files[file]);
        assert!(!bytes.contains(CANARY), "{file}");
    }
    // The planted values are there where they belong, or all this would prove nothing.
    let customers = run.keys("value");
    assert!(customers.keys().any(|id| id.starts_with(CANARY)), "{customers:?}");
}

#[test]
fn a_value_that_few_have_is_told_nowhere_and_one_that_many_have_is() {
    let workspace = Workspace::new();
    let mut orders = orders_of(200, 11);
    for order in &mut orders {
        // What sets the customers of one segment apart.
        order.channel = if order.cents.abs() > 4_500 { "canary-7f3a-channel" } else { "web" };
    }
    write_orders_csv(&workspace.path("in/orders.csv"), &orders);
    let text_feature = "[[features.custom]]\nname = \"some_channel\"\nexpression = \"min(channel)\"\n";
    let clusters = "[[segmentation]]\nname = \"channels\"\nmethod = \"kmeans\"\nfeatures = [\"some_channel\"]\nk = 2\n";
    let (ran, said) = said_by_all(&workspace, &(csv_job("") + text_feature + clusters), 0);
    let run = CommittedRun::of(&ran);
    let profiles = run.table("profiles.parquet");
    let levels = profiles.column("level");
    assert!(levels.contains(&Some("canary-7f3a-channel")), "{levels:?}");
    // A cluster is named by what its customers have in common.
    let names = run.assignments("channels").counts("segment_name");
    assert!(names.contains_key("canary-7f3a-channel"), "{names:?}");
    assert!(said.contains("canary-7f3a-channel"), "{ran}");
    workspace.forget_results();
    let few = csv_job("[privacy]\nmin_cell = 1000\n") + text_feature + clusters;
    let (ran, said) = said_by_all(&workspace, &few, 0);
    let run = CommittedRun::of(&ran);
    let names = run.assignments("channels").counts("segment_name");
    assert!(names.contains_key("mostly one some channel"), "{names:?}");
    assert!(!String::from_utf8_lossy(&run.files["run.json"]).contains(CANARY));
    assert_silent(&said);
}

#[test]
fn a_run_that_ends_on_broken_rows_tells_no_value_of_a_customer() {
    let workspace = Workspace::new();
    write_orders_csv(&workspace.path("in/orders.csv"), &orders());
    workspace.write("in/broken.csv", orders_csv(&[]) + &broken_rows());
    let (ran, said) = said_by_all(&workspace, &csv_job("[quality]\nmax_quarantined_share = 0.0\n"), 3);
    drop(ran.says(&["orders"]));
    assert_silent(&said);
}

#[test]
fn a_run_that_ends_on_a_repeated_customer_tells_no_value_of_it() {
    let workspace = Workspace::new();
    write_orders_csv(&workspace.path("in/orders.csv"), &orders());
    let customer = format!("{CANARY}-customer-0,{CANARY}-city\n");
    workspace.write("in/crm/customers.csv", format!("client_no,city\n{customer}{customer}"));
    let text = csv_job("").replace(
        "[features]",
        "[[source]]\nname = \"crm\"\nkind = \"customers\"\nuri = \"@IN@/crm/customers.csv\"\n\
         columns = { customer_id = \"client_no\", city = \"city\" }\n[features]",
    );
    let (ran, said) = said_by_all(&workspace, &text, 3);
    drop(ran.says(&["source crm", "1 row repeats a customer_id"]));
    assert_silent(&said);
}

#[test]
fn a_run_that_ends_on_an_amount_in_another_currency_tells_no_value_of_it() {
    let workspace = Workspace::new();
    write_orders_csv(&workspace.path("in/orders.csv"), &orders());
    let text = csv_job("").replace("amount      = \"gross\"", "amount      = \"gross\"\ncurrency    = \"sku\"");
    let (ran, said) = said_by_all(&workspace, &text, 3);
    drop(ran.says(&["currency", "EUR"]));
    assert_silent(&said);
}
