//! What a person sees of the main mistakes, word by word.

use super::{SMALL, listed, read, read_changed, shown};
use insta::assert_snapshot;

#[test]
fn unknown_key_with_the_nearest_name() {
    assert_snapshot!(shown(&[("k = 3", "k = 3\nrestart = 20")]));
}

#[test]
fn several_errors_at_once() {
    assert_snapshot!(shown(&[
        ("name = \"small\"", "name = 5"),
        ("currency = \"EUR\"\n", ""),
        ("kind = \"customers\"", "kind = \"customer\""),
        ("time = \"ordered_at\"\n", ""),
        ("\"frequency\"]", "\"frequenzy\"]"),
        ("k = 3", "k = 1\nclusters = 3"),
    ]));
}

#[test]
fn missing_required_keys() {
    assert_snapshot!(shown(&[("uri = \"orders/\"\n", ""), ("when = \"recency_days > 90\"\n", "")]));
}

#[test]
fn an_empty_file() {
    assert_snapshot!(read("").unwrap_err().to_string());
    assert!(read("").unwrap_err().render(100, false).contains("missing key `name`"));
}

#[test]
fn a_file_that_ends_too_early() {
    let errors = read("name = \"small\"\r\nenv = [\"LAKE\",").unwrap_err();
    assert_snapshot!(errors.render(100, false));
}

#[test]
fn wrong_type() {
    assert_snapshot!(shown(&[("as_of = 2026-11-21", "as_of = 20261121")]));
}

#[test]
fn reserved_keys_and_words() {
    assert_snapshot!(shown(&[
        ("currency = \"EUR\"", "currency = \"EUR\"\nfx = { USD = 4.0 }"),
        ("kind = \"transactions\"", "kind = \"campaigns\"\nformat = \"delta\""),
    ]));
}

#[test]
fn reference_tables_that_are_none() {
    let table = |name: &str, lines: &str, columns: &str| {
        format!(
            "\n[[source]]\nname = \"{name}\"\nkind = \"reference\"\nuri = \"{name}.csv\"\n{lines}\n[source.columns]\n{columns}\n"
        )
    };
    let tables = [
        table("products", "", "product_id = \"sku\""),
        table("rates", "key = [\"currency\", \"day\"]\nmax_rows = 0", "currency = \"code\"\ndate = \"day\""),
        table("tiers", "key = \"tire\"\nduplicates = \"error\"", "tier = \"tier\"\ncustomer_id = \"client\""),
    ];
    let features = "\n[features]\npresets = [{ name = \"rfm\", sources = [\"orders\", \"products\"] }]\n";
    let others = "\n[population]\nfrom = \"products\"\n";
    let text =
        SMALL.replace("uri = \"orders/\"", "uri = \"orders/\"\nmax_rows = 5") + &tables.concat() + features + others;
    assert_snapshot!(read(&text).unwrap_err().render(100, false));
}

#[test]
fn a_rule_that_uses_its_own_segmentation() {
    assert_snapshot!(shown(&[("recency_days > 90", "recency_days > 90 and targets <> 'lapsing'")]));
}

#[test]
fn rules_in_a_cycle() {
    let below = "\n[[segmentation]]\nname = \"tiers\"\nmethod = \"rules\"\n[[segmentation.rule]]\nname = \"gold\"\n\
                 when = \"targets = 'lapsing' or later = 'x'\"\n\
                 \n[[segmentation]]\nname = \"later\"\nmethod = \"rules\"\n[[segmentation.rule]]\nname = \"x\"\nwhen = \"true\"\n";
    let text = SMALL.replace("recency_days > 90", "tiers = 'gold'") + below;
    assert_snapshot!(read(&text).unwrap_err().render(100, false));
}

#[test]
fn variables_that_are_not_set_or_not_listed() {
    assert_snapshot!(shown(&[
        ("name = \"small\"", "name = \"small\"\nenv = [\"LAKE\", \"MISSING\"]"),
        ("\"out\"", "\"${LAKE}/${MISSING}\""),
        ("\"orders/\"", "\"${HOME}/orders\""),
        ("\"clients.parquet\"", "\"${LAKES}/x ${\""),
    ]));
}

#[test]
fn a_date_that_is_none() {
    assert_snapshot!(shown(&[("as_of = 2026-11-21", "as_of = \"2026-02-30\"")]));
}

#[test]
fn duplicate_names() {
    assert_snapshot!(shown(&[
        ("name = \"orders\"", "name = \"clients\""),
        ("name = \"targets\"", "name = \"behaviour\""),
        (
            "when = \"recency_days > 90\"",
            "when = \"true\"\n[[segmentation.rule]]\nname = \"lapsing\"\nwhen = \"false\""
        ),
    ]));
}

#[test]
fn a_wrong_number_of_clusters() {
    assert_snapshot!(shown(&[("k = 3", "k = \"five\"")]));
}

#[test]
fn a_text_that_is_no_toml() {
    assert_snapshot!(shown(&[("currency = \"EUR\"", "currency = \"EUR"), ("k = 3", "k = ")]));
}

#[test]
fn a_key_twice() {
    assert_snapshot!(shown(&[("k = 3", "k = 3\nk = 4")]));
}

#[test]
fn letters_of_several_bytes_are_counted_as_one() {
    assert_snapshot!(shown(&[("city = \"city\"", "\"żółć\" = \"x\", city = 5")]));
}

#[test]
fn as_json() {
    let errors = read_changed(&[("k = 3", "k = 3\nrestart = 20"), ("currency = \"EUR\"\n", "")]).unwrap_err();
    assert_snapshot!(format!("{:#}", errors.to_json()));
}

#[test]
fn a_file_that_cannot_be_read() {
    let missing =
        crate::job::load(std::path::Path::new("no-such-job.toml"), None, |_| super::day(2026, 1, 1), |_| None);
    let errors = missing.unwrap_err();
    assert!(errors.to_string().starts_with("no-such-job.toml: cannot read the job file: "), "{errors}");
    assert!(errors.render(100, false).contains("segmenter init"));
}

#[test]
fn colour_changes_no_word() {
    let errors = read_changed(&[("k = 3", "k = 1")]).unwrap_err();
    let coloured = errors.render(100, true);
    assert!(coloured.contains('\u{1b}') && !errors.render(100, false).contains('\u{1b}'));
    assert!(listed(&[("k = 3", "k = 1")]).contains("expected a whole number from 2 to 256"));
}
