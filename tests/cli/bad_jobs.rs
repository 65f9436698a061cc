//! Job files that are wrong: exit 2, all errors at once, each with its place and the nearest known name.

use crate::harness::*;

/// Runs a job whose text was changed, asserts exit 2 and the words, and compares the whole message.
#[track_caller]
fn refused(case: &str, text: &str, words: &[&str]) {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(20, 1));
    let ran = workspace.failing(&workspace.job(text), 2).says(words);
    assert!(!workspace.root().join("out").exists(), "a wrong job writes nothing");
    assert_golden(case, &workspace, &ran);
}

fn with(sections: &str) -> String {
    job("uri = \"@IN@/orders.parquet\"", &format!("{ONLY_RFM}{sections}"))
}

#[test]
fn every_mistake_is_said_at_once() {
    let text = with("").replace("currency", "curency").replace("method = \"rfm\"", "method = \"rmf\"");
    refused("every_mistake", &text, &["curency", "currency", "rmf", "rfm"]);
}

#[test]
fn unknown_function() {
    let text = with("[[features.custom]]\nname = \"x\"\nexpression = \"summ(amount)\"\n");
    refused("unknown_function", &text, &["summ", "sum"]);
}

#[test]
fn function_that_is_not_allowed() {
    let text = with("[[features.custom]]\nname = \"x\"\nexpression = \"count(*) + random()\"\n");
    refused("function_not_allowed", &text, &["random"]);
}

#[test]
fn wrong_case() {
    let text = with("").replace("\"client_no\"", "\"Client_No\"");
    refused("wrong_case", &text, &["Client_No", "client_no"]);
}

#[test]
fn cyclic_rules() {
    let rules = |name: &str, other: &str| {
        format!(
            "[[segmentation]]\nname = \"{name}\"\nmethod = \"rules\"\n[[segmentation.rule]]\nname = \"r\"\nwhen = \"{other} = 'r'\"\n"
        )
    };
    let text = with(&format!("{}{}", rules("first", "second"), rules("second", "first")));
    refused("cyclic_rules", &text, &["first", "second"]);
}

#[test]
fn feature_that_does_not_exist() {
    let text = with("[[segmentation]]\nname = \"b\"\nmethod = \"kmeans\"\nfeatures = [\"recency_day\"]\nk = 2\n");
    refused("unknown_feature", &text, &["recency_day", "recency_days"]);
}

#[test]
fn query_over_several_customers() {
    let text = with(
        "[[features.sql]]\nname = \"products\"\nquery = \"\"\"\n  select product_id, count(*) as n\n  from orders\n  group by product_id\"\"\"\n",
    );
    refused("query_over_several_customers", &text, &["add the customer", "group by customer_id"]);
}

#[test]
fn query_with_unknown_names() {
    let text = with(
        "[[features.sql]]\nname = \"q\"\nquery = \"select customer_id, sum(amont) as total from orders group by customer_id\"\n\
         [[features.sql]]\nname = \"q\"\nquery = \"select customer_id, count(*) as total from ordes group by customer_id\"\ndefaults = { totl = 0 }\n\
         [[features.sql]]\nname = \"r\"\n",
    );
    refused(
        "query_with_unknown_names",
        &text,
        &["two queries are named `q`", "totl", "total", "either `query` or `file`"],
    );
}

/// A k-means over one custom feature.
fn kmeans_over(expression: &str, more: &str) -> String {
    with(&format!(
        "[[features.custom]]\nname = \"mine\"\nexpression = \"{expression}\"\n\
         [[segmentation]]\nname = \"b\"\nmethod = \"kmeans\"\nfeatures = [\"mine\"]\nk = 2\n{more}"
    ))
}

#[test]
fn times_in_kmeans() {
    refused("times_in_kmeans", &kmeans_over("max(time)", ""), &["mine", "number of days"]);
}

#[test]
fn transform_of_text() {
    let text = kmeans_over("max(channel)", "transform = { mine = \"log\" }\n");
    refused("transform_of_text", &text, &["mine", "expected a number"]);
}

#[test]
fn weights_out_of_bounds() {
    let text = kmeans_over("max(channel)", "weights = { mine = 0, other = 2 }\n");
    refused("weights_out_of_bounds", &text, &["left out of `features`", "`other` is not a feature"]);
}

#[test]
fn text_in_mixture() {
    let text = with(
        "[[features.custom]]\nname = \"channel_max\"\nexpression = \"max(channel)\"\n\
         [[segmentation]]\nname = \"b\"\nmethod = \"mixture\"\nfeatures = [\"channel_max\"]\nk = 2\n",
    );
    refused("text_in_mixture", &text, &["channel_max", "numbers only"]);
}

#[test]
fn mistakes_in_nested_and_overlapping_groups() {
    let text = with(
        "[[segmentation]]\nname = \"tiers\"\nmethod = \"bisecting\"\nfeatures = [\"monetry\"]\nk = 1\nmin_share = 0.6\nlevels = 2\n\
         names = { c9 = \"Nobody\" }\n\
         [[segmentation]]\nname = \"blends\"\nmethod = \"mixture\"\nfeatures = [\"monetary\", \"monetary\"]\nmin_share = 0.1\n\
         transform = { frequency = \"log\" }\n",
    );
    let words = [
        "monetry",
        "monetary",
        "`segmentation.k`",
        "min_share",
        "levels",
        "a key such as c01",
        "listed twice",
        "missing key `k`",
    ];
    refused("nested_and_overlapping_groups", &text, &words);
}

#[test]
fn reserved_keys_are_not_available_yet() {
    refused("reserved", &with("[consent]\nsource = \"consents\"\n"), &["consent", "not available yet"]);
}

#[test]
fn an_outcome_that_cannot_be_measured() {
    let text = with("[effectiveness]\noutcome = \"90\"\n").replace("kind = \"transactions\"", "kind = \"customers\"");
    refused("outcome", &text, &["is not a window", "90d", "no source of kind transactions"]);
}

#[test]
fn metrics_that_cannot_be_measured() {
    let metric = |name: &str, kind: &str, query: &str| {
        format!("[[effectiveness.metric]]\nname = \"{name}\"\nkind = \"{kind}\"\nquery = \"{query}\"\n")
    };
    let text = with(&format!(
        "{}{}{}{}",
        metric("revenue", "total", "select customer_id, sum(amount) as value from transactions group by customer_id"),
        metric("one", "ratio", "select customer_id, sum(amount) as value from transactions group by customer_id"),
        metric("one", "mean", "select customer_id, sum(amount) from transactions group by customer_id"),
        metric("text", "rat", "select customer_id, 1 as value from transactions group by customer_id"),
    ));
    let words = ["no window to measure it in", "`revenue` already", "customer_id, value, per", "\"rate\""];
    refused("metrics", &text, &words);
    let text = with(&format!(
        "[effectiveness]\noutcome = \"30d\"\n{}",
        metric("words", "mean", "select customer_id, max(channel) as value from transactions group by customer_id")
    ));
    refused("metric_of_text", &text, &["metric words", "`value` is text", "expected a number"]);
}

#[test]
fn conversions_without_rates() {
    let text = with("[fx]\nbase = \"USD\"\nrates = \"orders\"\n");
    refused("conversion", &text, &["of kind transactions", "does not map currency, date, rate", "become USD"]);
    let text = with("[fx]\nbase = \"eur\"\nrates = \"rates\"\n");
    refused("conversion_by_nothing", &text, &["no source is named `rates`", "\"EUR\""]);
}

#[test]
fn identities_that_are_wrong() {
    let text = with("[identity]\nmax_ids = 1\nmin_confidence = 2\nmax_idz = 3\n");
    refused("identity_keys", &text, &["a whole number", "from 2", "from 0 to 1", "max_idz"]);
    let text = with("[identity]\nmax_ids = 5\n");
    refused("identity_without_pairs", &text, &["no source of kind identities"]);
    let pairs = "[[source]]\nname = \"pairs\"\nkind = \"identities\"\nuri = \"@IN@/pairs.csv\"\nkey = \"id\"\n[source.columns]\nid = \"a\"\n\
                 customer_id = \"b\"\n";
    refused("identity_pairs", &with(pairs), &["missing column `other_id`", "`key` is not for", "has no `customer_id`"]);
}

#[test]
fn variable_that_is_not_set() {
    let text = with("").replace("seed     = 7", "seed     = 7\nenv      = [\"SEGMENTER_TEST_UNSET\"]");
    let text = text.replace("@IN@", "${SEGMENTER_TEST_UNSET}");
    refused("variable_not_set", &text, &["SEGMENTER_TEST_UNSET"]);
}

#[test]
fn sql_is_an_expression_and_nothing_else() {
    let text = with("").replace("\"gross\"", "\"(select 1)\"");
    refused("subquery", &text, &["select"]);
}

#[test]
fn broken_toml() {
    refused("broken_toml", "format_version = 1\nname = \"x\n", &["segmenter.toml"]);
}

#[test]
fn newer_format() {
    refused("newer_format", &with("").replace("format_version = 1", "format_version = 2"), &["format_version", "1"]);
}

#[test]
fn checks_of_rows_that_are_wrong() {
    let text = with(
        "[[quality.check]]\nname = \"Positive\"\nsource = \"order\"\nexpression = \"amount > 0\"\nmax_failed_share = 2\n\
         [[quality.check]]\nname = \"cheap\"\nsource = \"orders\"\nexpresion = \"amount < 10\"\n\
         [[quality.check]]\nname = \"cheap\"\nsource = \"orders\"\nexpression = \"amount < 10\"\naction = \"halt\"\n\
         [[quality.gate]]\nsource = \"orders\"\ncheck = \"check_failed_share\"\ncolumn = \"chep\"\nmax = 0.1\n",
    );
    let words = [
        "Positive",
        "no source is named `order`",
        "max_failed_share",
        "two checks are named `cheap`",
        "expresion",
        "halt",
        "chep",
    ];
    refused("checks_of_rows", &text, &words);
}

#[test]
fn checks_of_rows_that_do_not_fit() {
    let text = with(
        "[[quality.check]]\nname = \"positive\"\nsource = \"orders\"\nexpression = \"amont > 0\"\n\
         [[quality.check]]\nname = \"cheap\"\nsource = \"orders\"\nexpression = \"amount\"\n",
    );
    refused("checks_that_do_not_fit", &text, &["did you mean `amount`?", "expected a condition"]);
}

/// A source of customers with personal columns, and a segmentation of each kind behind it.
fn of_persons(sections: &str) -> String {
    with(&format!(
        "[[source]]\nname = \"customers\"\nkind = \"customers\"\nuri = \"@IN@/customers.csv\"\nsensitive = [\"club\"]\n\
         columns = {{ customer_id = \"id\", birth_date = \"born\", income = \"income\", postal_code = \"zip\", club = \"club\" }}\n{sections}"
    ))
}

#[test]
fn personal_columns() {
    let text = of_persons(
        "[[features.derived]]\nname = \"thousands\"\nexpression = \"floor(income / 1000)\"\n\
         [[features.sql]]\nname = \"q\"\nquery = \"select c.customer_id, max(c.postal_code) as code from customers c group by c.customer_id\"\n\
         [[features.sql]]\nname = \"r\"\nquery = \"select customer_id from (select * from customers)\"\n\
         [[segmentation]]\nname = \"b\"\nmethod = \"kmeans\"\nfeatures = [\"frequency\", \"birth_date\"]\nk = 2\n\
         [[segmentation]]\nname = \"t\"\nmethod = \"rules\"\n[[segmentation.rule]]\nname = \"r\"\nwhen = \"club = 'a' and birth_date is null\"\n",
    );
    let words = [
        "`income` of source customers is personal",
        "`club` of source customers is sensitive",
        "`*` takes all columns",
        "age_band(birth_date)",
        "region_of(postal_code)",
        "[privacy] allow = [\"income\"]",
    ];
    refused("personal_columns", &text, &words);
}

#[test]
fn privacy_that_is_wrong() {
    let text = of_persons("[privacy]\nmin_cell = 0\nallow = [\"incom\", \"club\", \"club\"]\n")
        .replace("sensitive = [\"club\"]", "sensitive = [\"customer_id\", \"club\", \"clubb\"]");
    refused(
        "privacy_that_is_wrong",
        &text,
        &["min_cell", "`customer_id` cannot be sensitive", "`clubb` is not a name"],
    );
    let text = of_persons("[privacy]\nallow = [\"incom\", \"club\", \"club\"]\n");
    refused(
        "allow_of_no_such_name",
        &text,
        &["neither personal nor sensitive", "did you mean `income`?", "listed twice"],
    );
}
