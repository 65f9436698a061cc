//! The list of functions is what the parser accepts.

use super::population::derived;
use super::tables::{evaluated, first, grouped, orders, parse};
use crate::expression::{Scalar, Settings, functions, names};
use crate::sql::tests::world::World;

#[test]
fn every_listed_function_works() {
    let rows = orders();
    let all = functions();
    assert!(all.len() > 60);
    for function in &all {
        assert!(function.example.contains(&format!("{}(", function.name)), "{}", function.example);
        let is_expression = !["window", "population"].contains(&function.category);
        assert!(!is_expression || names(function.example).is_ok(), "{}", function.example);
        match function.category {
            "aggregate" => drop(grouped(function.example, &rows, &[0, 0, 1, 1], 2)),
            "population" => drop(derived(function.example).unwrap()),
            "window" => drop(World::new().values(&in_query(function.example))),
            _ => drop(evaluated(function.example)),
        }
    }
}

/// Gives a query with a window, of which one row a customer is left.
fn in_query(window: &str) -> String {
    format!("select customer_id, max(x) as x from (select customer_id, {window} as x from orders) group by customer_id")
}

#[test]
fn the_list_is_sorted_and_each_name_stands_once() {
    let names: Vec<&str> = functions().iter().map(|function| function.name).collect();
    assert!(names.is_sorted() && names.windows(2).all(|pair| pair[0] != pair[1]));
    assert_eq!(
        functions().iter().find(|function| function.name == "round").map(|function| function.signature.as_str()),
        Some("round(x number [, digits int]) → number")
    );
}

#[test]
fn function_names_are_in_any_case() {
    assert_eq!(first("UPPER(city)"), "WARSAW");
    assert_eq!(first("Round(2.5)"), "3");
    assert_eq!(first("round(-2.5)"), "-3");
    assert_eq!(first("round(cast(2.5 as double))"), "3.0");
    assert_eq!(first("round(15, -1)"), "20");
}

#[test]
fn functions_answer_as_their_description_says() {
    for (sql, answer) in [
        ("coalesce(null, null, 2)", "2"),
        ("greatest(1, null, 3)", "3"),
        ("least(amount, 2)", "2.0000"),
        ("nullif(quantity, 3)", "null"),
        ("concat('a', null, 1, true)", "a1true"),
        ("concat_ws('-', 'a', null, 1.50)", "a-1.50"),
        ("left('kraków', 5) || right('kraków', 1)", "kraków"),
        ("lpad('7', 3, '0') || rpad('7', 2, 'x')", "0077x"),
        ("ltrim('007', '0') || rtrim('700', '0') || btrim(' x ')", "77x"),
        ("regexp_replace('a1b2', '[0-9]', '', 'g')", "ab"),
        ("split_part('a-b-c', '-', 2)", "b"),
        ("strpos('kraków', 'w')", "6"),
        ("length('kraków')", "6"),
        ("initcap('ab cd')", "Ab Cd"),
        ("starts_with(city, 'W') and ends_with(city, 'w') and contains(city, 'rs')", "true"),
        ("sign(-0.5)", "-1.0"),
        ("power(2, 10)", "1024.0"),
        ("log(1000)", "3.0"),
        ("abs(-2.50)", "2.50"),
        ("ceil(-1.5) || floor(-1.5)", "-1.0-2.0"),
        ("make_date(2011, 2, 28) + interval '1 day'", "2011-03-01"),
        ("to_date('31.12.2010', '%d.%m.%Y')", "2010-12-31"),
        ("date_part('epoch', timestamp '1970-01-01 01:00:00')", "0.0"),
    ] {
        assert_eq!(first(sql), answer, "{sql}");
    }
    assert!(parse("greatest(city, 'b')").is_ok());
}

#[test]
fn the_first_match_of_a_pattern_or_a_group_of_it() {
    for (sql, expected) in [
        ("regexp_extract('ab12cd345', '[0-9]+')", "12"),
        ("regexp_extract('ab12cd345', '([a-z]+)([0-9]+)', 2)", "12"),
        ("regexp_extract('ab12cd345', '[0-9]+$')", "345"),
        ("regexp_extract('ab12cd345', '^[a-z]')", "a"),
        ("regexp_extract('x\ny7', 'y(.)', 1)", "7"),
        ("regexp_extract('Łódź 5', '(?i)łó')", "Łó"),
        ("regexp_extract('abc', '[0-9]')", "null"),
        ("regexp_extract('aab', 'a+?')", "a"),
    ] {
        assert_eq!(first(sql), expected, "{sql}");
    }
}

#[test]
fn bands_of_age_end_on_birthdays() {
    // As of 2026-01-01.
    for (born, band) in [
        ("2025-12-31", "under 18"),
        ("2008-01-02", "under 18"),
        ("2008-01-01", "18-24"),
        ("2001-01-02", "18-24"),
        ("2001-01-01", "25-34"),
        ("1991-01-01", "35-44"),
        ("1981-01-01", "45-54"),
        ("1971-01-01", "55-64"),
        ("1961-01-01", "65-74"),
        ("1951-01-01", "75+"),
        ("1906-01-02", "75+"),
        ("1906-01-01", "null"),
        ("2026-01-01", "null"),
        ("2026-01-02", "null"),
    ] {
        assert_eq!(first(&format!("age_band(date '{born}')")), band, "{born}");
    }
    assert_eq!(evaluated("age_band(born)"), ["55-64", "55-64", "null", "55-64"]);
    // A day is a local one: half past eleven in UTC is the next day in Warsaw.
    assert_eq!(first("age_band(timestamp '2008-01-01 00:30:00')"), "18-24");
    assert_eq!(parse("age_band(city)").unwrap_err().message, "age_band expects a timestamp, found text (`city`)");
    let no_day = Settings::new("UTC").unwrap();
    assert!(Scalar::parse("age_band(born)", &orders().schema(), &no_day).is_err(), "a day is never made up");
}

#[test]
fn regions_are_the_beginning_of_a_postal_code() {
    for (code, region) in [
        ("30-001", "30"),
        ("  10115 ", "10"),
        ("SW1A 1AA", "SW"),
        ("m1 1ae", "M"),
        ("K1A 0B6", "K"),
        ("PL-30-001", "PL"),
        ("1", "null"),
        ("", "null"),
        ("łódź", "null"),
        ("-30", "null"),
    ] {
        assert_eq!(first(&format!("region_of('{code}')")), region, "{code}");
    }
    assert_eq!(evaluated("region_of(city)"), ["WA", "KR", "null", "null"]);
}
