//! Every hint that a golden file holds, followed: the run then works.

use crate::harness::*;
use arrow::array::{ArrayRef, StringArray};
use std::fs;
use std::path::Path;
use std::sync::Arc;

const PARQUET: &str = "uri = \"@IN@/orders.parquet\"";

/// Asserts that a golden file gives this hint; line ends do not count.
#[track_caller]
pub(crate) fn hint(case: &str, words: &str) {
    let text = golden(&format!("{case}.txt"));
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(joined.contains(words), "{case} does not hint at {words:?}: {text}");
}

fn golden(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cli/golden").join(file)).unwrap()
}

pub(crate) fn with_orders() -> Workspace {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(20, 1));
    workspace
}

pub(crate) fn with(sections: &str) -> String {
    job(PARQUET, &format!("{ONLY_RFM}{sections}"))
}

/// Runs a job that must work.
#[track_caller]
pub(crate) fn works(workspace: &Workspace, text: &str) -> CommittedRun {
    workspace.committed(&workspace.job(text))
}

/// Asserts that a job is refused, and works with one text for another in it.
#[track_caller]
fn mended(text: &str, from: &str, to: &str) {
    let workspace = with_orders();
    let ran = workspace.run(&workspace.job(text)).go();
    assert_ne!(ran.code(), Some(0), "{ran}");
    assert!(text.contains(from), "{from} in {text}");
    works(&workspace, &text.replace(from, to));
}

/// A k-means over one custom feature.
fn clusters_of(expression: &str, more: &str) -> String {
    with(&format!(
        "[[features.custom]]\nname = \"mine\"\nexpression = \"{expression}\"\n\
         [[segmentation]]\nname = \"b\"\nmethod = \"kmeans\"\nfeatures = [\"mine\"]\nk = 2\n{more}"
    ))
}

#[test]
fn every_hint_is_followed() {
    let followed = [include_str!("hints.rs"), include_str!("hints_of_privacy.rs")].concat();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cli/golden");
    let mut hints = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        if golden(&file).lines().any(|line| ["hint:", "help:"].iter().any(|word| line.trim_start().starts_with(word))) {
            hints += 1;
            let case = format!("hint(\"{}\"", file.trim_end_matches(".txt"));
            assert!(followed.contains(&case), "the hint of {file} is followed by no test");
        }
    }
    assert!(hints > 15, "{hints} golden files with a hint");
}

#[test]
fn query_over_several_customers() {
    hint("query_over_several_customers", "add the customer: group by customer_id, …");
    let query = |select: &str, keys: &str| {
        with(&format!(
            "[[features.sql]]\nname = \"products\"\nquery = \"select customer_id, max(n) as n from \
             (select {select}, count(*) as n from orders group by {keys}) group by customer_id\"\n"
        ))
    };
    let wrong = query("product_id as customer_id", "product_id");
    let workspace = with_orders();
    workspace.failing(&workspace.job(&wrong), 2).says(&["add the customer"]);
    works(&workspace, &query("customer_id, product_id", "customer_id, product_id"));
}

#[test]
fn query_with_unknown_names() {
    hint("query_with_unknown_names", "did you mean `total`?");
    mended(
        &with(
            "[[features.sql]]\nname = \"q\"\nquery = \"select customer_id, sum(amount) as total from orders group by customer_id\"\ndefaults = { totl = 0 }\n",
        ),
        "totl = 0",
        "total = 0",
    );
}

/// Followed in `sql_mistakes`.
#[test]
fn sql_mistakes() {
    hint("sql_before_any_run", "segmenter run");
    hint("sql_unknown_table", "did you mean `assignments`?");
    hint("sql_unknown_source", "did you mean `source.orders`?");
    hint("sql_unknown_column", "did you mean `monetary`?");
    hint("sql_not_a_query", "text stands in single quotes");
    hint("sql_row_that_fails", "try_cast gives null where cast fails");
}

#[test]
fn another_currency() {
    hint("another_currency", "where = \"currency = 'EUR'\"");
    let workspace = with_orders();
    let mapped = "[source.columns]\ncurrency = \"case when channel = 'web' then 'USD' else 'EUR' end\"";
    let text = with("").replace("[source.columns]", mapped);
    workspace.failing(&workspace.job(&text), 3).says(&["USD"]);
    let run = works(&workspace, &text.replace("[source.columns]", "where = \"currency = 'EUR'\"\n[source.columns]"));
    let fates = run.fates("orders");
    assert!(fates.used > 0 && fates.filtered > 0, "{fates:?}");
}

#[test]
fn csv_with_broken_rows() {
    hint("csv_with_broken_rows", "correct the row, or set csv.quote to a character that the file does not use");
    let workspace = Workspace::new();
    let broken = "\"C1,O1,1,2025-12-01 10:00:00,1.00,web,s,1\n";
    workspace.write("in/orders.csv", orders_csv(&orders_of(20, 1)).replace("\"web\"", "web") + broken);
    let text = job(&format!("uri = \"@IN@/orders.csv\"\n{CSV_TYPES}"), ONLY_RFM);
    workspace.failing(&workspace.job(&text), 3).says(&["csv.quote"]);
    let run = works(&workspace, &text.replace("types = ", "csv = { quote = \"'\" }\ntypes = "));
    assert_eq!(run.fates("orders").quarantined, 0);
    workspace.write("in/orders.csv", orders_csv(&orders_of(20, 1)) + &broken[1..]);
    works(&workspace, &text);
}

#[test]
fn dates_that_are_not_dates() {
    hint("dates_that_are_not_dates", "look at the rows that failed");
    let workspace = Workspace::new();
    write_orders_csv(&workspace.path("in/orders.csv"), &orders_of(20, 1));
    let text = job(&format!("uri = \"@IN@/orders.csv\"\n{CSV_TYPES}"), ONLY_RFM);
    workspace.failing(&workspace.job(&text.replace("%Y-%m-%d", "%d.%m.%Y")), 3);
    works(&workspace, &text);
}

#[test]
fn duplicate_customers() {
    hint("duplicate_customers", "duplicates = { keep = \"last\", by = \"updated_at\" }");
    let workspace = with_orders();
    workspace.write("in/customers.csv", "client_no,updated_at\nC1,2025-01-01\nC2,2025-01-01\nC1,2025-01-02\n");
    let customers = "[[source]]\nname = \"customers\"\nkind = \"customers\"\nuri = \"@IN@/customers.csv\"\n\
                     columns = { customer_id = \"client_no\", updated_at = \"updated_at\" }\n\n";
    let text = job(PARQUET, &format!("{customers}{ONLY_RFM}"));
    workspace.failing(&workspace.job(&text), 3);
    let kept = "duplicates = { keep = \"last\", by = \"updated_at\" }\ncolumns = { customer_id";
    let run = works(&workspace, &text.replace("columns = { customer_id", kept));
    assert_eq!(run.fates("customers").duplicate, 1);
}

#[test]
fn every_mistake() {
    hint("every_mistake", "did you mean `currency`?");
    hint("every_mistake", "did you mean \"rfm\"?");
    let right = with("");
    let workspace = with_orders();
    let wrong = right.replace("currency", "curency").replace("method = \"rfm\"", "method = \"rmf\"");
    workspace.failing(&workspace.job(&wrong), 2);
    works(&workspace, &wrong.replace("curency", "currency").replace("\"rmf\"", "\"rfm\""));
}

#[test]
fn files_that_disagree() {
    hint("files_that_disagree", "rewrite the files with one type, or read them as two sources");
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders/1.parquet"), &orders_of(20, 1));
    let text = with("").replace("orders.parquet", "orders/");
    let words: ArrayRef = Arc::new(StringArray::from(vec!["C1"]));
    let columns = ["client_no", "gross"].map(|name| (name, words.clone()));
    write_columns(&workspace.path("in/orders/2.parquet"), columns.to_vec());
    workspace.failing(&workspace.job(&text), 3);
    write_orders_parquet(&workspace.path("in/orders/2.parquet"), &orders_of(5, 2));
    works(&workspace, &text);
}

#[test]
fn function_not_allowed() {
    hint("function_not_allowed", "`segmenter functions` lists what is allowed");
    let functions = Program::segmenter(&["functions"]).go().succeeded().stdout;
    assert!(functions.contains("count("), "{functions}");
    let text = with("[[features.custom]]\nname = \"x\"\nexpression = \"count(*) + random()\"\n");
    mended(&text, " + random()", "");
}

#[test]
fn init_overwrites_nothing() {
    hint("init_overwrites_nothing", "give another folder, or remove these first");
    let workspace = Workspace::new();
    let file = workspace.write("demo/segmenter.toml", "mine");
    Program::segmenter(&["init", &workspace.uri("demo")]).go().failed_with(2);
    Program::segmenter(&["init", &workspace.uri("other")]).go().succeeded();
    fs::remove_file(file).unwrap();
    Program::segmenter(&["init", &workspace.uri("demo")]).go().succeeded();
}

#[test]
fn missing_column() {
    hint("missing_column", "did you mean `orderd_at`?");
    mended(&with("").replace("\"ordered_at\"", "\"orderd_at\""), "\"orderd_at\"", "\"ordered_at\"");
}

#[test]
fn missing_column_of_many_expressions() {
    hint("missing_column_of_many_expressions", "did you mean `gross`?");
    let text = with("").replace("[source.columns]", "[source.columns]\nis_refund = \"gros < 0\"");
    mended(&text.replace("\"gross\"", "\"gros\""), "gros", "gross");
}

#[test]
fn nested_and_overlapping_groups() {
    hint("nested_and_overlapping_groups", "did you mean `monetary`?");
    hint("nested_and_overlapping_groups", "`min_share` belongs to method \"bisecting\"");
    hint("nested_and_overlapping_groups", "known: monetary, monetary, default");
    hint("nested_and_overlapping_groups", "The number of groups, or a range to choose it from by BIC");
    let text = with(
        "[[segmentation]]\nname = \"tiers\"\nmethod = \"bisecting\"\nfeatures = [\"monetary\"]\nk = 2\nmin_share = 0.1\n\
         names = { c02 = \"Somebody\" }\n\
         [[segmentation]]\nname = \"blends\"\nmethod = \"mixture\"\nfeatures = [\"monetary\"]\nk = { min = 2, max = 3 }\n\
         transform = { monetary = \"log\" }\n",
    );
    works(&with_orders(), &text);
}

#[test]
fn no_such_job() {
    hint("no_such_job", "name a job file; `segmenter init` writes one");
    let workspace = Workspace::new();
    Program::segmenter(&["init", &workspace.uri("demo")]).go().succeeded();
    workspace.committed(&workspace.path("demo/segmenter.toml"));
}

#[test]
fn output_cannot_be_written() {
    hint("output_cannot_be_written", "check that the store is reachable and the path readable, and run again");
    let workspace = with_orders();
    let file = workspace.write("out", "in the way");
    workspace.failing(&workspace.job(&with("")), 4);
    fs::remove_file(file).unwrap();
    works(&workspace, &with(""));
}

#[test]
fn reserved() {
    hint("reserved", "remove it");
    mended(&with("[consent]\nsource = \"x\"\n"), "[consent]\nsource = \"x\"\n", "");
}

#[test]
fn outcome() {
    hint("outcome", "add a source of kind transactions, or leave `outcome` out");
    let customers = "\n[[source]]\nname = \"people\"\nkind = \"customers\"\nuri = \"@IN@/people.csv\"\n\
                     [source.columns]\ncustomer_id = \"id\"\nage = \"cast(age as int)\"\n\
                     [[segmentation]]\nname = \"ages\"\nmethod = \"tiers\"\nby = \"age\"\ncuts = [40]\n";
    let outcome = "[effectiveness]\noutcome = \"30d\"\n";
    let workspace = Workspace::new();
    workspace.write("in/people.csv", "id,age\n1,20\n2,50\n3,60\n");
    workspace.failing(&workspace.job(&job_of(&format!("{customers}{outcome}"))), 2);
    works(&workspace, &job_of(customers));
}

/// A metric, and the window that it needs.
fn metric(kind: &str, value: &str) -> String {
    format!(
        "[[effectiveness.metric]]\nname = \"own\"\nkind = \"{kind}\"\n\
         query = \"select customer_id, {value} from transactions group by customer_id\"\n"
    )
}
const OUTCOME: &str = "[effectiveness]\noutcome = \"90d\"\n";

#[test]
fn metrics() {
    hint("metrics", "add outcome = \"90d\": the rows of so many days from as_of on");
    mended(&with(&metric("total", "sum(amount) as value")), "[[effectiveness", &format!("{OUTCOME}[[effectiveness"));
    hint("metrics", "name the columns in the outermost select: select customer_id, … as value");
    mended(&with(&format!("{OUTCOME}{}", metric("mean", "sum(amount)"))), "sum(amount)", "sum(amount) as value");
    hint("metrics", "did you mean \"rate\"?");
    mended(&with(&format!("{OUTCOME}{}", metric("rat", "1 as value"))), "\"rat\"", "\"rate\"");
}

#[test]
fn metric_of_text() {
    hint("metric_of_text", "write what is to be counted as a number, such as 1 as value");
    mended(&with(&format!("{OUTCOME}{}", metric("rate", "max(channel) as value"))), "max(channel)", "1");
}

/// A job with amounts in dollars and their rates.
fn converted(workspace: &Workspace, fx: &str) -> String {
    workspace.write("in/rates.csv", "currency,date,rate\nUSD,2020-01-01,0.9\n");
    let rates = "[[source]]\nname = \"rates\"\nkind = \"reference\"\nuri = \"@IN@/rates.csv\"\nkey = [\"currency\", \"date\"]\n\
                 types = { date = \"date(%Y-%m-%d)\", rate = \"double\" }\n\
                 columns = { currency = \"currency\", date = \"date\", rate = \"rate\" }\n\n";
    with(fx).replace("[features]", &format!("{rates}[features]"))
}

#[test]
fn conversion() {
    hint("conversion", "leave `currency` out: it is that of [fx]");
    let workspace = with_orders();
    let text = converted(&workspace, "[fx]\nbase = \"USD\"\nrates = \"rates\"\n");
    workspace.failing(&workspace.job(&text), 2);
    works(&workspace, &text.replace("currency = \"EUR\"\nseed", "seed"));
}

#[test]
fn conversion_by_nothing() {
    hint("conversion_by_nothing", "write \"EUR\"");
    let workspace = with_orders();
    let text = converted(&workspace, "[fx]\nbase = \"eur\"\nrates = \"rates\"\n");
    workspace.failing(&workspace.job(&text), 2);
    works(&workspace, &text.replace("\"eur\"", "\"EUR\""));
}

#[test]
fn subquery() {
    hint("subquery", "write one scalar expression over the names in scope");
    mended(&with("").replace("\"gross\"", "\"(select 1)\""), "(select 1)", "gross * 2");
}

#[test]
fn text_in_mixture() {
    hint("text_in_mixture", "count texts and booleans in a custom feature, or use them in rules");
    let text = with(
        "[[features.custom]]\nname = \"channel\"\nexpression = \"max(channel)\"\n\
         [[features.custom]]\nname = \"channels\"\nexpression = \"count(distinct channel)\"\n\
         [[segmentation]]\nname = \"b\"\nmethod = \"mixture\"\nfeatures = [\"monetary\", \"channel\"]\nk = 2\n",
    );
    mended(&text, "\"monetary\", \"channel\"", "\"monetary\", \"channels\"");
    let rule = "[[segmentation]]\nname = \"r\"\nmethod = \"rules\"\n[[segmentation.rule]]\nname = \"web\"\nwhen = \"channel = 'web'\"\n";
    works(&with_orders(), &(text.replace("\"monetary\", \"channel\"", "\"monetary\"") + rule));
}

#[test]
fn times_in_kmeans() {
    hint("times_in_kmeans", "make a number of it, such as a number of days, in a custom feature");
    mended(&clusters_of("max(time)", ""), "max(time)", "max(date_part('epoch', time)) / 86400");
}

#[test]
fn transform_of_text() {
    hint("transform_of_text", "remove the key");
    let text = clusters_of("max(product_id)", "transform = { mine = \"log\" }\n");
    mended(&text, "transform = { mine = \"log\" }\n", "");
}

#[test]
fn truncated_parquet() {
    hint("truncated_parquet", "write the file again");
    let workspace = with_orders();
    let whole = fs::read(workspace.path("in/orders.parquet")).unwrap();
    workspace.write("in/orders.parquet", &whole[..whole.len() / 2]);
    workspace.failing(&workspace.job(&with("")), 3);
    workspace.write("in/orders.parquet", &whole);
    works(&workspace, &with(""));
}

#[test]
fn unknown_feature() {
    hint("unknown_feature", "did you mean `recency_days`?");
    let text = with("[[segmentation]]\nname = \"b\"\nmethod = \"kmeans\"\nfeatures = [\"recency_day\"]\nk = 2\n");
    mended(&text, "recency_day", "recency_days");
}

#[test]
fn unknown_function() {
    hint("unknown_function", "did you mean `sum`?");
    let text = with("[[features.custom]]\nname = \"x\"\nexpression = \"summ(amount)\"\n");
    mended(&text, "summ", "sum");
}

#[test]
fn variable_not_set() {
    hint("variable_not_set", "set it: export SEGMENTER_TEST_UNSET=…");
    let workspace = with_orders();
    let text = with("").replace("seed     = 7", "seed     = 7\nenv      = [\"SEGMENTER_TEST_UNSET\"]");
    let job = workspace.job(&text.replace("@IN@", "${SEGMENTER_TEST_UNSET}"));
    workspace.failing(&job, 2);
    workspace.run(&job).env("SEGMENTER_TEST_UNSET", &workspace.uri("in")).go().succeeded();
}

#[test]
fn weights_out_of_bounds() {
    hint("weights_out_of_bounds", "known: mine, default");
    let text = clusters_of("max(product_id)", "weights = { mine = 0, other = 2 }\n");
    mended(&text, "mine = 0, other = 2", "mine = 0.01, default = 2");
}

#[test]
fn wrong_case() {
    hint("wrong_case", "write `client_no`");
    mended(&with("").replace("\"client_no\"", "\"Client_No\""), "Client_No", "client_no");
}

#[test]
fn wrong_type() {
    hint("wrong_type", "types = { … = \"timestamp(%Y-%m-%d %H:%M:%S)\" }");
    let workspace = Workspace::new();
    write_orders_csv(&workspace.path("in/orders.csv"), &orders_of(20, 1));
    let untyped = "uri = \"@IN@/orders.csv\"";
    let of_time = "ordered_at = \"timestamp(%Y-%m-%d %H:%M:%S)\"";
    workspace.failing(&workspace.job(&job(untyped, ONLY_RFM)), 3).says(&["source orders: time has type text"]);
    // The next hint is that of the amount.
    let typed = |types: &str| job(&format!("{untyped}\ntypes = {{ {types} }}"), ONLY_RFM);
    let next = workspace.failing(&workspace.job(&typed(of_time)), 3);
    next.says(&["amount has type text", "types = { … = \"decimal(18,2)\" }"]);
    works(&workspace, &typed(&format!("{of_time}, gross = \"decimal(18,2)\"")));
    let written = "to_timestamp(ordered_at, '%Y-%m-%d %H:%M:%S')";
    hint("wrong_type", &format!("or write time = \"{written}\""));
    works(&workspace, &typed("gross = \"decimal(18,2)\"").replace("= \"ordered_at\"", &format!("= \"{written}\"")));
}

#[test]
fn checks_of_rows() {
    hint("checks_of_rows", "did you mean `orders`?");
    hint("checks_of_rows", "did you mean `cheap`?");
    let check = |source: &str, key: &str| {
        with(&format!("[[quality.check]]\nname = \"cheap\"\nsource = \"{source}\"\n{key} = \"amount < 100000\"\n"))
    };
    mended(&check("order", "expression"), "\"order\"", "\"orders\"");
    hint("checks_of_rows", "did you mean `expression`?");
    mended(&check("orders", "expresion"), "expresion", "expression");
    let gate = "[[quality.gate]]\nsource = \"orders\"\ncheck = \"check_failed_share\"\ncolumn = \"chep\"\nmax = 0.1\n";
    mended(&(check("orders", "expression") + gate), "\"chep\"", "\"cheap\"");
}

#[test]
fn checks_that_do_not_fit() {
    hint("checks_that_do_not_fit", "did you mean `amount`?");
    hint("checks_that_do_not_fit", "compare it, for example `x > 0`");
    let check = |sql: &str| {
        with(&format!(
            "[[quality.check]]\nname = \"positive\"\nsource = \"orders\"\nexpression = \"{sql}\"\naction = \"warn\"\n"
        ))
    };
    mended(&check("amont > 0"), "amont", "amount");
    mended(&check("amount"), "\"amount\"\naction", "\"amount > 0\"\naction");
}

/// A job over orders with a source of pairs of ids.
fn linked(lines: &str, columns: &str) -> (Workspace, String) {
    let workspace = with_orders();
    workspace.write("in/pairs.csv", "a,b\nx,y\n");
    let pairs = format!(
        "[[source]]\nname = \"pairs\"\nkind = \"identities\"\nuri = \"@IN@/pairs.csv\"\n{lines}[source.columns]\n{columns}"
    );
    (workspace, with(&pairs))
}

#[test]
fn identity_keys() {
    hint("identity_keys", "did you mean `max_ids`?");
    let (workspace, text) = linked("", "id = \"a\"\nother_id = \"b\"\n[identity]\nmax_idz = 3\n");
    workspace.failing(&workspace.job(&text), 2);
    works(&workspace, &text.replace("max_idz", "max_ids"));
}

#[test]
fn identity_without_pairs() {
    hint("identity_without_pairs", "add a [[source]] of kind identities with `id` and `other_id`");
    mended(&with("[identity]\nmax_ids = 5\n"), "[identity]\nmax_ids = 5\n", "");
    let (workspace, text) = linked("", "id = \"a\"\nother_id = \"b\"\n[identity]\nmax_ids = 5\n");
    works(&workspace, &text);
}

#[test]
fn identity_pairs() {
    hint("identity_pairs", "a pair that comes twice says the same");
    let (workspace, text) = linked("key = \"id\"\n", "id = \"a\"\nother_id = \"b\"\n");
    workspace.failing(&workspace.job(&text), 2);
    works(&workspace, &text.replace("key = \"id\"\n", ""));
}
