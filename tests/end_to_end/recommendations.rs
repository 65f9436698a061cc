//! What is recommended to whom: by hand, without what is ignored, bought already, not in stock, or not allowed; the same bytes whoever writes it.

use crate::harness::*;
use std::collections::BTreeMap;

const SECTIONS: &str = r#"
[features]
presets = ["rfm"]
[[segmentation]]
name   = "value"
method = "rfm"
[[affinity]]
name   = "tastes"
within = "customer"
[recommendations]
affinity = "tastes"
channel  = "email"
[[source]]
name  = "said"
kind  = "feedback"
uri   = "@IN@/said.csv"
types = { at = "timestamp(%Y-%m-%d %H:%M:%S)" }
[source.columns]
customer_id = "id"
time        = "at"
feedback    = "what"
product_id  = "sku"
[[source]]
name  = "allowed"
kind  = "consents"
uri   = "@IN@/allowed.csv"
types = { yes = "bool" }
[source.columns]
customer_id = "id"
channel     = "'email'"
granted     = "yes"
[[source]]
name  = "products"
kind  = "reference"
uri   = "@IN@/products.csv"
key   = "product_id"
types = { pieces = "int" }
[source.columns]
product_id = "sku"
in_stock   = "pieces > 0"
[[source]]
name  = "lists"
kind  = "wishes"
uri   = "@IN@/wishes.csv"
types = { at = "timestamp(%Y-%m-%d %H:%M:%S)" }
[source.columns]
customer_id = "id"
time        = "at"
product_id  = "sku"
"#;

/// 180 customers: 25 have a, b and f; 15 a and b; 30 a and e, of whom 20 bought e on two days; 10 a; 100 z.
fn customers() -> Vec<(String, &'static [&'static str])> {
    let groups: [(&str, &'static [&'static str], usize); 5] = [
        ("F", &["a", "b", "f"], 25),
        ("B", &["a", "b"], 15),
        ("E", &["a", "e"], 30),
        ("A", &["a"], 10),
        ("Z", &["z"], 100),
    ];
    let own = groups
        .into_iter()
        .flat_map(|(letter, skus, count)| (0..count).map(move |number| (format!("{letter}{number:03}"), skus)));
    own.collect()
}

fn orders() -> Vec<Order> {
    let mut orders = Vec::new();
    let line = |id: &str, sku: &str, time: &str| Order {
        sku: sku.to_owned(),
        ..Order::new(id, &format!("{id}-{sku}-{time}"), time, "10.00")
    };
    for (id, skus) in customers() {
        for sku in skus {
            orders.push(line(&id, sku, "2025-12-01 10:00:00"));
            // Twice on a day is once.
            orders.push(line(&id, sku, "2025-12-01 11:00:00"));
        }
        if id.starts_with('E') && id.as_str() < "E020" {
            orders.push(line(&id, "e", "2025-12-20 10:00:00"));
        }
    }
    orders
}

fn workspace() -> Workspace {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders());
    // A complaint is no wish to see it never again, and what is said on as_of is not known.
    let said = "id,at,what,sku\nA000,2025-12-24 10:00:00,ignore,b\nA001,2025-12-24 10:00:00,complaint,b\nA002,2026-01-01 00:00:00,ignore,b\n";
    workspace.write("in/said.csv", said);
    let mut allowed = "id,yes\n".to_owned();
    // Nobody asked A004.
    for (id, _) in customers().iter().filter(|(id, _)| id != "A004") {
        allowed.push_str(&format!("{id},{}\n", id != "A003"));
    }
    workspace.write("in/allowed.csv", allowed);
    workspace.write("in/products.csv", "sku,pieces\na,5\nb,1\ne,9\nf,0\n");
    let mut wishes = "id,at,sku\nZ000,2025-11-01 10:00:00,w\n".to_owned();
    for (id, _) in customers().iter().filter(|(_, skus)| skus.contains(&"b")) {
        wishes.push_str(&format!("{id},2025-11-01 10:00:00,w\n"));
    }
    workspace.write("in/wishes.csv", wishes);
    workspace
}

fn job_with(sections: &str) -> String {
    job("uri = \"@IN@/orders.parquet\"\nkey = [\"order_id\", \"line_no\"]", sections)
}

/// Items of each customer, in their order.
fn items(run: &CommittedRun) -> BTreeMap<String, Vec<String>> {
    let table = run.table("recommendations");
    let [id, rank, item] = ["customer_id", "rank", "item"].map(|name| table.position(name));
    let mut items: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in &table.rows {
        let own = items.entry(row[id].clone().unwrap()).or_default();
        own.push(row[item].clone().unwrap());
        assert_eq!(row[rank].as_deref(), Some(own.len().to_string().as_str()), "{row:?}");
    }
    items
}

fn counts(run: &CommittedRun) -> BTreeMap<String, u64> {
    let told = &run.json("run.json")["recommendations"];
    let figures = told.as_object().unwrap().iter().filter_map(|(key, value)| Some((key.clone(), value.as_u64()?)));
    figures.collect()
}

#[test]
fn recommendations_are_those_by_hand() {
    let workspace = workspace();
    let run = workspace.committed(&workspace.job(&job_with(SECTIONS)));
    let items = items(&run);
    let of = |id: &str| items.get(id).cloned().unwrap_or_default();
    // Of 80 who bought a, 40 bought b, 30 e, and 25 f, which is not in stock.
    assert_eq!(of("A005"), ["b", "e"]);
    assert_eq!(of("A000"), ["e"], "b is ignored");
    assert_eq!((of("A001"), of("A002")), (of("A005"), of("A005")));
    assert!(of("A003").is_empty() && of("A004").is_empty(), "nobody may write to them");
    assert_eq!((of("F000"), of("B000")), (vec!["e".to_owned()], vec!["e".to_owned()]), "they have a and b");
    assert_eq!(of("E000"), ["b", "e"], "20 of 30 who bought e bought it again");
    assert!(of("Z000").is_empty(), "nothing goes with z");
    let row = run.table("recommendations").only(&[("customer_id", "A005"), ("rank", "1")]);
    let told = ["item", "because_item", "because_it_was", "confidence", "lift", "n_both"]
        .map(|name| row[name].as_deref().unwrap());
    assert_eq!(told, ["b", "a", "bought", "0.5", "2.25", "40"]);
    assert!(row["reason"].as_ref().unwrap().starts_with("50.0 % of those who bought a bought b, 2."), "{row:?}");
    let counts = counts(&run);
    let told = ["customers", "recommended_customers", "rows", "without_consent"].map(|name| counts[name]);
    assert_eq!(told, [180, 25 + 15 + 30 + 8, 25 + 15 + 60 + 15, 2]);
    let told = ["ignored", "bought_already", "not_in_stock"].map(|name| counts[name]);
    assert_eq!(told, [1, 3 * 25 + 2 * 15 + 30, 15 + 30 + 8]);
}

#[test]
fn what_a_job_does_not_ask_for_is_not_heeded() {
    let workspace = workspace();
    let all = SECTIONS.replace("channel  = \"email\"", "again = 0.7\ntop = 1");
    let all = all.replace("in_stock   = \"pieces > 0\"\n", "");
    let run = workspace.committed(&workspace.job(&job_with(&all)));
    let items = items(&run);
    assert_eq!((items["A003"].as_slice(), items["E000"].as_slice()), (&["b".to_owned()][..], &["b".to_owned()][..]));
    // Without a table that says otherwise, f is in stock: 25 of 40 who bought b bought it.
    assert_eq!(items["B000"], ["f"]);
    assert_eq!((counts(&run)["without_consent"], counts(&run)["not_in_stock"]), (0, 0));
}

#[test]
fn wishes_lead_to_what_others_bought_who_wished_for_the_same() {
    let workspace = workspace();
    let run =
        workspace.committed(&workspace.job(&job_with(&SECTIONS.replace("within = \"customer\"", "from = \"wished\""))));
    let items = items(&run);
    // 40 of 41 who wished for w bought a and b, and b is the rarer one.
    assert_eq!(items.keys().collect::<Vec<_>>(), ["Z000"]);
    assert_eq!(items["Z000"], ["b", "a"]);
    let row = run.table("recommendations").only(&[("customer_id", "Z000"), ("rank", "1")]);
    assert_eq!((row["because_item"].as_deref(), row["because_it_was"].as_deref()), (Some("w"), Some("wished")));
}

#[test]
fn any_number_of_shards_and_workers_writes_the_same() {
    let workspace = workspace();
    let job = workspace.job(&job_with(SECTIONS));
    let run =
        |shards: &str| CommittedRun::of(&workspace.run(&job).args(&["--shards", shards, "--new-run"]).go().succeeded());
    let (one, eight) = (run("1"), run("8"));
    assert_eq!((one.logical_digest(), items(&one)), (eight.logical_digest(), items(&eight)));
    let coordinator = Coordinator::start(workspace.coordinator(&job, 3).args(&["--new-run"]));
    let workers: Vec<_> = (0..3).map(|_| workspace.worker(coordinator.url()).start()).collect();
    let workers: Vec<_> = workers.into_iter().map(Running::until_open).collect();
    let run = CommittedRun::of(&coordinator.wait().succeeded());
    assert_eq!(run.byte_digest(), eight.byte_digest());
    workers.into_iter().for_each(|worker| drop(worker.wait().succeeded()));
}

#[test]
fn a_run_that_is_killed_while_it_recommends_is_finished_with_the_same_bytes() {
    let workspace = workspace();
    let job = workspace.job(&job_with(SECTIONS));
    let run = || workspace.run(&job).args(&["--shards", "4"]);
    let whole = CommittedRun::of(&run().go().succeeded());
    workspace.forget_results();
    run().failpoint("recommend.middle:3=abort").go().aborted_at("recommend.middle");
    assert_eq!(CommittedRun::of(&run().go().succeeded()).byte_digest(), whole.byte_digest());
}

#[test]
fn mistakes_are_refused_at_their_places() {
    let workspace = workspace();
    for (from, to, words) in [
        ("affinity = \"tastes\"", "affinity = \"taste\"", "did you mean `tastes`"),
        ("within = \"customer\"", "within = \"customer\"\nof = \"channel\"", "affinity `tastes` is of `channel`"),
        ("\"pieces > 0\"", "\"pieces\"", "`in_stock` is"),
        ("channel  = \"email\"", "chanel = \"email\"", "channel"),
        ("kind  = \"consents\"", "kind  = \"events\"", "nothing says whom `email` reaches"),
    ] {
        assert!(SECTIONS.contains(from), "{from}");
        let job = workspace.job(&job_with(&SECTIONS.replacen(from, to, 1)));
        let error = workspace.run(&job).go().failed_with(2).stderr;
        assert!(error.contains(words), "{from} → {to}: {error}");
    }
}
