//! What goes together: pairs by hand, in baskets and by customer, wished and bought, by segment; the same bytes whoever counts them.

use crate::harness::*;
use std::collections::BTreeMap;

const SECTIONS: &str = r#"
[features]
presets = ["rfm"]
[[segmentation]]
name   = "targets"
method = "rules"
[[segmentation.rule]]
name = "first"
when = "monetary < 100"
[[affinity]]
name         = "baskets"
segmentation = "targets"
[[affinity]]
name   = "by_customer"
within = "customer"
"#;

const WISHES: &str = r#"
[[affinity]]
name = "wishes"
from = "wished"
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

fn line(customer: &str, order: &str, time: &str, amount: &str, sku: &str, line_no: i64) -> Order {
    Order { sku: sku.to_owned(), line_no, ..Order::new(customer, order, time, amount) }
}

/// 200 customers with a basket each: of the first 60, who spend little, 30 buy a and b, 20 a and c, and 10 a; 20 buy b, 80 c and 40 d.
fn orders() -> Vec<Order> {
    let baskets: [(&[&str], usize); 6] =
        [(&["a", "b"], 30), (&["a", "c"], 20), (&["a"], 10), (&["b"], 20), (&["c"], 80), (&["d"], 40)];
    let mut orders = Vec::new();
    let mut number = 0;
    for (skus, times) in baskets {
        for _ in 0..times {
            let (customer, order) = (format!("C{number:03}"), format!("O{number}"));
            let amount = if number < 60 { "9.00" } else { "500.00" };
            for (at, sku) in (1..).zip(skus) {
                orders.push(line(&customer, &order, "2025-12-01 10:00:00", amount, sku, at));
            }
            // The same item twice in a basket is once; what is given back was not bought; as_of has not come.
            orders.push(line(&customer, &order, "2025-12-01 10:00:00", "1.00", skus[0], 7));
            orders.push(line(&customer, &order, "2025-12-02 10:00:00", "-1.00", "back", 8));
            orders.push(line(&customer, &format!("N{number}"), "2026-01-01 00:00:00", "1.00", "d", 1));
            orders.push(line(&customer, &format!("N{number}"), "2026-01-01 00:00:00", "1.00", "a", 2));
            number += 1;
        }
    }
    // 25 baskets of p and q, but of one customer: their names are nobody's to know.
    for at in 0..25 {
        for (number, sku) in [(1, "p"), (2, "q")] {
            orders.push(line("Z1", &format!("Z{at}"), "2025-12-03 10:00:00", "500.00", sku, number));
        }
    }
    orders
}

fn workspace() -> Workspace {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders());
    let mut wishes = "id,at,sku\n".to_owned();
    // 40 wished for w, of whom 30 bought a and b; two never bought anything.
    for number in (0..30).chain(190..198) {
        wishes.push_str(&format!("C{number:03},2025-11-01 10:00:00,w\n"));
    }
    wishes.push_str("W1,2025-11-01 10:00:00,w\nW2,2025-11-01 10:00:00,w\nC100,2026-01-01 00:00:00,w\n");
    workspace.write("in/wishes.csv", wishes);
    workspace
}

fn job_with(sections: &str) -> String {
    job("uri = \"@IN@/orders.parquet\"\nkey = [\"order_id\", \"line_no\"]", sections)
}

type Row = BTreeMap<String, Option<String>>;

/// The rows of an affinity over everybody, or of a segment.
fn rows(run: &CommittedRun, affinity: &str, segment: Option<&str>) -> Vec<Row> {
    let table = run.table("affinity.parquet");
    let (of, key) = (table.position("affinity"), table.position("segment_key"));
    let names: Vec<String> = table.schema.fields().iter().map(|field| field.name().clone()).collect();
    let own = table.rows.iter().filter(|row| row[of].as_deref() == Some(affinity) && row[key].as_deref() == segment);
    own.map(|row| names.iter().cloned().zip(row.iter().cloned()).collect()).collect()
}

fn pairs(rows: &[Row]) -> Vec<[String; 4]> {
    rows.iter().map(|row| ["item", "rank", "then_item", "n_both"].map(|name| row[name].clone().unwrap())).collect()
}

fn text(rows: &[[&str; 4]]) -> Vec<[String; 4]> {
    rows.iter().map(|row| row.map(str::to_owned)).collect()
}

fn number(row: &Row, name: &str) -> f64 {
    row[name].as_ref().unwrap().parse().unwrap()
}

#[test]
fn pairs_are_those_by_hand() {
    let workspace = workspace();
    let run = workspace.committed(&workspace.job(&job_with(&format!("{SECTIONS}{WISHES}"))));
    let baskets = rows(&run, "baskets", None);
    let expected = [["a", "1", "b", "30"], ["a", "2", "c", "20"], ["b", "1", "a", "30"], ["c", "1", "a", "20"]];
    assert_eq!(pairs(&baskets), text(&expected));
    let a_b = &baskets[0];
    let counts = ["n", "n_item", "n_then", "customers"].map(|name| number(a_b, name));
    assert_eq!(counts, [225.0, 60.0, 50.0, 30.0], "the 25 baskets of one customer are baskets");
    assert_eq!((number(a_b, "support"), number(a_b, "confidence"), number(a_b, "lift")), (30.0 / 225.0, 0.5, 2.25));
    let variance: f64 = 1.0 / 30.0 - 1.0 / 60.0 - 1.0 / 50.0 + (2.0 * 2.25 - 1.0) / 225.0;
    let half = 1.959_963_984_540_054 * variance.sqrt();
    assert!((number(a_b, "ci_low") - 2.25 * (-half).exp()).abs() < 1e-12);
    assert!((number(a_b, "ci_high") - 2.25 * half.exp()).abs() < 1e-12);
    let told = ["basis", "item_was", "within", "ci_level"].map(|name| a_b[name].as_deref().unwrap().to_owned());
    assert_eq!(told, ["in_sample", "bought", "basket", "0.95"]);

    // Of the segment everybody has a, so that nothing goes with it more than with anything.
    let first = rows(&run, "baskets", Some("first"));
    assert_eq!(pairs(&first), text(&expected));
    assert_eq!((number(&first[0], "n"), number(&first[0], "lift"), number(&first[0], "ci_low")), (60.0, 1.0, 1.0));
    assert_eq!(first[0]["segmentation"].as_deref(), Some("targets"));
    assert!(rows(&run, "baskets", Some("other")).is_empty());

    let by_customer = rows(&run, "by_customer", None);
    assert_eq!(pairs(&by_customer), text(&expected), "p and q are of one customer");
    assert_eq!((number(&by_customer[0], "n"), number(&by_customer[0], "lift")), (201.0, 30.0 * 201.0 / 3000.0));

    let wishes = rows(&run, "wishes", None);
    assert_eq!(pairs(&wishes), text(&[["w", "1", "b", "30"], ["w", "2", "a", "30"]]));
    // 201 customers bought something, and two more wished for something; 40 wished for w.
    let counts = ["n", "n_item", "n_then"].map(|name| number(&wishes[0], name));
    assert_eq!(counts, [203.0, 40.0, 50.0]);
    assert_eq!((number(&wishes[0], "confidence"), wishes[0]["item_was"].as_deref()), (0.75, Some("wished")));

    let told = &run.json("run.json")["affinity"];
    let told = |at: usize, key: &str| told[at][key].as_u64().unwrap();
    assert_eq!(["n", "customers", "items", "items_taken", "pairs"].map(|key| told(0, key)), [225, 201, 6, 6, 2]);
    assert_eq!(["lines_without_item", "items_left_out", "pairs_left_out"].map(|key| told(0, key)), [0, 0, 0]);
    assert_eq!(told(0, "lines"), 30 * 3 + 20 * 3 + 10 * 2 + (20 + 80 + 40) * 2 + 50);
}

#[test]
fn a_basket_without_an_order_is_a_day() {
    let workspace = workspace();
    let text =
        job_with(SECTIONS).replace("order_id    = \"order_no\"\n", "").replace("key = [\"order_id\", \"line_no\"]", "");
    let run = workspace.committed(&workspace.job(&text));
    let baskets = rows(&run, "baskets", None);
    // All of Z1's are of one day.
    assert_eq!(number(&baskets[0], "n"), 201.0);
    assert_eq!(pairs(&baskets)[0], ["a", "1", "b", "30"].map(str::to_owned));
}

#[test]
fn what_is_left_out_is_told() {
    let workspace = workspace();
    let few = SECTIONS.replace("within = \"customer\"", "within = \"customer\"\nmax_items = 2\ntop = 1");
    let run = workspace.committed(&workspace.job(&job_with(&few)));
    // c has 100 customers, a has 60, b 50 and d 40; p and q are nobody's.
    assert_eq!(pairs(&rows(&run, "by_customer", None)), text(&[["a", "1", "c", "20"], ["c", "1", "a", "20"]]));
    run.warned_of(&["affinity by_customer: 2 items with 20 or more customers are not looked at; the 2 that are have"]);
    let told = &run.json("run.json")["affinity"][1];
    assert_eq!((told["items_taken"].as_u64(), told["items_left_out"].as_u64()), (Some(2), Some(2)));
}

#[test]
fn any_number_of_shards_and_workers_writes_the_same() {
    let workspace = workspace();
    let job = workspace.job(&job_with(&format!("{SECTIONS}{WISHES}")));
    let run =
        |shards: &str| CommittedRun::of(&workspace.run(&job).args(&["--shards", shards, "--new-run"]).go().succeeded());
    assert_eq!(run("1").logical_digest(), run("7").logical_digest());
    let trial = Trial::of(&orders(), SECTIONS);
    let coordinator = Coordinator::start(trial.coordinator(3));
    let workers: Vec<_> = (0..3).map(|_| trial.worker(&coordinator).start()).collect();
    let workers: Vec<_> = workers.into_iter().map(Running::until_open).collect();
    let run = trial.assert_same(&coordinator.wait().succeeded());
    assert_eq!(pairs(&rows(&run, "baskets", None)).len(), 4);
    workers.into_iter().for_each(|worker| drop(worker.wait().succeeded()));
}

#[test]
fn mistakes_are_refused_at_their_places() {
    let workspace = workspace();
    let all = format!("{SECTIONS}{WISHES}");
    for (from, to, words) in [
        ("segmentation = \"targets\"", "segmentation = \"target\"", "did you mean `targets`"),
        ("name   = \"by_customer\"", "name   = \"baskets\"", "two affinities are named `baskets`"),
        ("within = \"customer\"", "of = \"sku\"", "no source of kind transactions has a column `sku`"),
        ("within = \"customer\"", "of = \"product\"", "did you mean `product_id`"),
        ("from = \"wished\"", "from = \"wished\"\nwithin = \"basket\"", "a wish stands in no basket"),
        ("from = \"wished\"", "from = \"wished\"\nof = \"channel\"", "no source of kind wishes has a column `channel`"),
        ("within = \"customer\"", "max_items = 20000", "a whole number from 2 to 10000"),
        ("within = \"customer\"", "maxitems = 20", "max_items"),
    ] {
        assert!(all.contains(from), "{from}");
        let job = workspace.job(&job_with(&all.replacen(from, to, 1)));
        let error = workspace.run(&job).go().failed_with(2).stderr;
        assert!(error.contains(words), "{from} → {to}: {error}");
    }
    let no_wishes =
        workspace.job(&job_with(&format!("{SECTIONS}[[affinity]]\nname = \"wishes\"\nfrom = \"wished\"\n")));
    let error = workspace.run(&no_wishes).go().failed_with(2).stderr;
    assert!(error.contains("no source of kind wishes"), "{error}");
    let source = "uri = \"@IN@/orders.parquet\"\nsensitive = [\"channel\"]";
    let sections = SECTIONS.replace("within = \"customer\"", "of = \"channel\"");
    let error = workspace.run(&workspace.job(&job(source, &sections))).go().failed_with(2).stderr;
    assert!(error.contains("`channel` of source orders is sensitive"), "{error}");
}
