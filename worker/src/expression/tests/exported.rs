//! Expressions of exports: recommendations by rank, and what tells how to reach somebody.

use arrow::array::{AsArray, RecordBatch, StringArray};
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::expression::{ExportSyntax, Settings, recommendation_column};

fn table() -> RecordBatch {
    let column = |values: [Option<&str>; 2]| Arc::new(StringArray::from(values.to_vec())) as _;
    RecordBatch::try_from_iter_with_nullable([
        ("city", column([Some("Oslo"), None]), true),
        ("phone", column([Some("600 100 200"), Some("+44 20 7946 0958")]), true),
        (recommendation_column(1).as_str(), column([Some("tea"), None]), true),
    ])
    .unwrap()
}

fn texts(sql: &str) -> Vec<Option<String>> {
    let (table, settings) = (table(), Settings::new("UTC").unwrap().with_country(Some("pl")));
    let values =
        ExportSyntax::parse(sql).unwrap().compile(&table.schema(), &settings).unwrap().evaluate(&table).unwrap();
    values.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect()
}

#[test]
fn a_recommendation_is_a_column_by_its_rank() {
    let syntax = ExportSyntax::parse("coalesce(recommendation(1), Recommendation(2), city)").unwrap();
    assert_eq!(
        (syntax.ranks().clone(), syntax.names().unwrap()),
        (BTreeSet::from([1, 2]), BTreeSet::from(["city".to_owned()]))
    );
    assert_eq!(texts("coalesce(recommendation(1), city, 'none')"), [Some("tea".to_owned()), Some("none".to_owned())]);
    for wrong in
        ["recommendation()", "recommendation(0)", "recommendation(101)", "recommendation(city)", "recommendation(1, 2)"]
    {
        let error = ExportSyntax::parse(wrong).unwrap_err();
        assert!(error.message.contains("a rank from 1 to 100") && error.position.is_some(), "{wrong}: {error:?}");
    }
}

#[test]
fn numbers_are_of_the_country_that_is_written_or_of_the_export() {
    assert_eq!(texts("phone_e164(phone)"), ["+48600100200", "+442079460958"].map(|text| Some(text.to_owned())));
    assert_eq!(
        texts("phone_digits(phone, 'US')"),
        [None, Some("442079460958".to_owned())],
        "nine digits are none of the US"
    );
    assert_eq!(texts("phone_digits(phone, city)"), [None, Some("442079460958".to_owned())]);
}

#[test]
fn what_tells_how_to_reach_somebody_is_known_by_its_functions() {
    let calls = |sql: &str| {
        let syntax = ExportSyntax::parse(sql).unwrap();
        (syntax.calls_contact(), syntax.calls_hash())
    };
    assert_eq!(calls("EMAIL_SHA256(mail)"), (true, true));
    assert_eq!(calls("sha256_hex(phone_e164(mobile))"), (true, true));
    assert_eq!(calls("phone_digits(mobile)"), (true, false));
    assert_eq!(calls("sha256_hex(city)"), (false, true));
    assert_eq!(calls("upper(city)"), (false, false));
    let is_hash = |sql: &str| ExportSyntax::parse(sql).unwrap().is_hash();
    assert!(is_hash("EMAIL_SHA256(mail)") && is_hash("((sha256_hex(coalesce(city, 'none'))))"));
    assert!(!is_hash("coalesce(email_sha256(mail), mail)") && !is_hash("mail"));
}

#[test]
fn a_hash_is_that_of_the_address_in_one_form() {
    let found = texts("email_sha256(case when city = 'Oslo' then ' Anna@Example.com' end)");
    assert_eq!((&found[0], &found[1]), (&texts("sha256_hex('anna@example.com')")[0], &None));
    assert_eq!(
        texts("sha256_hex('abc')")[0].as_deref(),
        Some("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    );
}
