//! What is not allowed, and what the message says to do.

use super::tables::{orders, parse, refusal, warsaw};
use crate::expression::{Aggregate, Position, Scalar, Settings, names};

fn hint(sql: &str) -> String {
    refusal(sql).hint.unwrap_or_default()
}

#[test]
fn a_name_in_another_case_is_named_rightly() {
    let error = refusal("1 + City");
    assert_eq!(error.message, "there is no name `City`; names match in upper and lower case");
    assert_eq!(error.hint.as_deref(), Some("write `city`"));
    assert_eq!(error.position, Some(Position { line: 1, column: 5 }));
    assert_eq!(hint("\"total flights\""), "write `Total Flights`");
}

#[test]
fn an_unknown_name_gets_the_nearest() {
    assert_eq!(hint("quantiti * 2"), "did you mean `quantity`?");
    assert_eq!(hint("uper(city)"), "did you mean `upper`? `segmenter functions` lists what is allowed");
    assert_eq!(refusal("a.b").message, "there is no name `a.b` here");
    assert!(hint("user || 'x'").contains("\"user\" in double quotes"));
}

#[test]
fn arithmetic_on_text_shows_the_types_line() {
    for sql in ["total * 2", "-total", "total / 2", "2 - total", "sqrt(total)", "total > 5", "total in (1, 2)"] {
        assert!(hint(sql).contains("types = { total = \"decimal(18,2)\" }"), "{sql}: {:?}", refusal(sql));
    }
    assert!(hint("total - interval '1 day'").contains("types = { total = \"date(%Y-%m-%d)\" }"));
    assert!(hint("date_part('year', total)").contains("types = { total = \"timestamp("));
    assert_eq!(refusal("total * 2").message, "`*` expects a number, found text (`total`)");
    let schema = arrow::datatypes::Schema::new(vec![arrow::datatypes::Field::new(
        "Gross value",
        arrow::datatypes::DataType::Utf8,
        true,
    )]);
    let error = Scalar::parse("\"Gross value\" * 2", &schema, &warsaw()).unwrap_err();
    assert!(error.hint.unwrap().contains("{ \"Gross value\" = \"decimal(18,2)\" }"));
}

#[test]
fn text_and_numbers_are_never_mixed() {
    assert_eq!(hint("quantity > '5'"), "write the number without quotes: 5");
    for sql in [
        "case when paid then 'a' else 0 end",
        "coalesce(city, 0)",
        "quantity between 'a' and 'b'",
        "case quantity when 'a' then 1 end",
        "nullif(quantity, '')",
        "born > 5",
        "paid = 1",
        "time > city",
    ] {
        refusal(sql);
    }
}

#[test]
fn only_the_listed_functions_are_allowed() {
    for sql in [
        "random()",
        "now()",
        "current_date",
        "current_timestamp",
        "uuid()",
        "approx_distinct(city)",
        "array_agg(city)",
        "first_value(city)",
        "version()",
        "arrow_typeof(city)",
        "input_file_name()",
        "unnest(city)",
    ] {
        let error = refusal(sql);
        assert!(error.hint.is_some() && names(sql).is_err(), "{sql}: {error}");
    }
}

#[test]
fn only_expressions_are_allowed() {
    for sql in [
        "",
        "1; drop table x",
        "select 1",
        "(select 1)",
        "city in (select 'a')",
        "exists (select 1)",
        "sum(amount) over ()",
        "row_number() over (order by city)",
        "$1",
        "?",
        "@x",
        "*",
        "city.*",
        "[1, 2]",
        "(1, 2)",
        "{a: 1}",
        "city 'x'",
        "city city",
        "quantity +",
        "interval '1 day'",
        "time - time",
        "lower(distinct city)",
        "lower(city) filter (where paid)",
        "lower()",
        "lower(city, city)",
        "round(amount, 1.5)",
        "x'00'",
        "city ~ 'a'",
        "quantity & 1",
        "cast(city as blob)",
        "cast(quantity as timestamp)",
        "cast(amount as decimal(39,2))",
        "date '2011-02-30'",
        "time > '2011-02-30'",
        "regexp_like(city, '(')",
        "date_trunc('fortnight', time)",
        "date_part('fortnight', time)",
        "date_trunc('hour', born)",
        "date_trunc(city, time)",
        "city at time zone 'UTC'",
        "1e300",
    ] {
        refusal(sql);
    }
}

#[test]
fn conditions_are_conditions() {
    let schema = orders().schema();
    assert!(Scalar::parse_condition("amount > 5", &schema, &warsaw()).is_ok());
    assert!(Scalar::parse_condition("amount", &schema, &warsaw()).unwrap_err().message.contains("decimal(18,4)"));
    assert!(parse("not quantity").is_err() && parse("quantity and paid").is_err());
}

#[test]
fn aggregates_stand_where_groups_are() {
    assert!(refusal("sum(amount)").message.contains("aggregate"));
    let schema = orders().schema();
    let refused = |sql| Aggregate::parse(sql, &schema, &warsaw()).unwrap_err();
    assert!(refused("amount + sum(amount)").message.contains("outside of an aggregate"));
    assert!(refused("sum(max(amount))").message.contains("within"));
    assert!(refused("1 + 1").message.contains("no aggregate"));
    assert!(refused("sum(total)").hint.unwrap().contains("types = { total = \"decimal(18,2)\" }"));
    assert!(refused("sum(distinct amount)").hint.unwrap().contains("count"));
    assert!(refused("count(city, total)").hint.is_some());
    for sql in
        ["sum(paid)", "sum(amount order by time)", "max(amount) over ()", "sum(*)", "avg(time)", "bool_or(amount)"]
    {
        refused(sql);
    }
}

#[test]
fn deep_and_long_expressions_are_refused_and_not_a_crash() {
    refusal(&format!("{}1{}", "(".repeat(5_000), ")".repeat(5_000)));
    refusal(&vec!["paid"; 5_000].join(" or "));
    assert!(parse(&vec!["paid"; 190].join(" or ")).is_ok());
    assert!(parse(&format!("quantity in ({})", vec!["1"; 5_000].join(", "))).is_ok());
    refusal(&"not ".repeat(5_000));
}

#[test]
fn timezones_are_checked() {
    assert!(Settings::new("Mars/Olympus").unwrap_err().hint.is_some());
}

#[test]
fn errors_become_the_jobs_fault() {
    let error = segmenter_proto::Error::from(refusal("1 + City"));
    assert_eq!(error.fault, segmenter_proto::Fault::Job);
    assert!(error.to_string().ends_with("(at character 5)") && error.hint.is_some());
}
