//! Whoever does what a hint says has an expression that works.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema};

use super::population::derived;
use super::tables::{orders, warsaw};
use crate::expression::{ExpressionError, Scalar, Settings};
use crate::sql::tests::of_rows;
use crate::sql::tests::world::World;

/// Where an expression stands.
#[derive(Clone, Copy)]
enum Kind {
    Row,
    Condition,
    Customer,
    Query,
    Derived,
}

use Kind::{Condition, Customer, Derived, Query, Row};

fn table() -> RecordBatch {
    let rows = orders();
    let mut fields: Vec<Field> = rows.schema().fields().iter().map(|field| field.as_ref().clone()).collect();
    let mut columns = rows.columns().to_vec();
    for name in ["a.b", "user"] {
        fields.push(Field::new(name, DataType::Utf8, true));
        columns.push(Arc::clone(rows.column_by_name("city").unwrap()));
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
}

/// Parses and, where that succeeds, evaluates it.
fn tried(kind: Kind, sql: &str) -> Result<(), ExpressionError> {
    let rows = table();
    match kind {
        Row => drop(Scalar::parse(sql, &rows.schema(), &warsaw())?.evaluate_rows(&rows).unwrap()),
        Condition => drop(Scalar::parse_condition(sql, &rows.schema(), &warsaw())?.evaluate_condition(&rows).unwrap()),
        Customer => {
            drop(of_rows::grouped(sql, &rows, &[0, 0, 1, 1], 2, None)?);
        }
        Query => World::new().tried(sql)?,
        Derived => drop(derived(sql)?),
    }
    Ok(())
}

/// What is refused, a part of the hint, and what to write by it.
fn followed() -> Vec<(Kind, String, &'static str, Kind, Vec<String>)> {
    let grouped = "select customer_id, sum(amount) as s from orders group by customer_id";
    let numbered = "select customer_id, max(n) as n from (select customer_id, row_number() over (partition by customer_id order by time) as n from orders) group by customer_id";
    let plain: Vec<(Kind, &str, &'static str, Kind, Vec<&str>)> = vec![
        (
            Query,
            "select customer_id, sum(amount) as s from orders where sum(amount) > 1 group by customer_id",
            "conditions on aggregates stand in having, or in a query around this one",
            Query,
            vec![
                "select customer_id, sum(amount) as s from orders group by customer_id having sum(amount) > 1",
                "select customer_id, s from (select customer_id, sum(amount) as s from orders group by customer_id) where s > 1",
            ],
        ),
        (
            Row,
            "date_diff('hour', time, time)",
            "for shorter parts write date_part('epoch', b) - date_part('epoch', a), in seconds",
            Row,
            vec!["date_part('epoch', time) - date_part('epoch', time)"],
        ),
        (Row, "sum(quantity) over ()", "they stand in queries: [[features.sql]]", Query, vec![numbered]),
        (
            Row,
            "row_number()",
            "in a query of [[features.sql]]: row_number(…) over (partition by",
            Query,
            vec![numbered],
        ),
        (
            Query,
            "select customer_id, sum(amount) over w as n from orders window w as (partition by customer_id)",
            "write partition by and order by out in over (…)",
            Query,
            vec![numbered],
        ),
        (
            Query,
            "select customer_id, upper(product) over (partition by customer_id) as n from orders",
            "`segmenter functions` lists aggregates and window functions",
            Query,
            vec![numbered],
        ),
        (
            Query,
            "select customer_id, count(*) over (partition by customer_id order by time range interval '1 day' preceding) as n from orders",
            "order by cast(time as date), whose frames take days, or write interval '24 hours'",
            Query,
            vec![
                "select customer_id, max(n) as n from (select customer_id, count(*) over (partition by customer_id order by cast(time as date) range interval '1 day' preceding) as n from orders) group by customer_id",
                "select customer_id, max(n) as n from (select customer_id, count(*) over (partition by customer_id order by time range interval '24 hours' preceding) as n from orders) group by customer_id",
            ],
        ),
        (
            Query,
            "select customer_id, 1 as n from orders where product is distinct from 'a' and amount > 1",
            "write the comparison in brackets: (a is distinct from b) and …",
            Query,
            vec![
                "select customer_id, count(*) as n from orders where (product is distinct from 'a') and amount > 1 group by customer_id",
            ],
        ),
        (
            Query,
            "select customer_id, rank() over (partition by customer_id order by 1) as n from orders",
            "write the column or the expression, not its number",
            Query,
            vec![numbered],
        ),
        (
            Query,
            "select customer_id, (select 1) as n from orders",
            "join it in from: left join (select customer_id, … from … group by customer_id) q on q.customer_id = t.customer_id",
            Query,
            vec![
                "select t.customer_id, q.n from customers t left join (select customer_id, count(*) as n from orders group by customer_id) q on q.customer_id = t.customer_id",
            ],
        ),
        (
            Query,
            "select customer_id, amount from orders group by customer_id",
            "add it to group by, or say which of its values: max(amount)",
            Query,
            vec!["select customer_id, max(amount) as a from orders group by customer_id"],
        ),
        (Row, "sum(amount)", "aggregates belong in [[features.custom]]", Customer, vec!["sum(amount)"]),
        (Customer, "sum(distinct amount)", "only count takes `distinct`", Customer, vec!["count(distinct amount)"]),
        (Row, "lower(quantity)", "write cast(… as text)", Row, vec!["lower(cast(quantity as text))"]),
        (Row, "quantity like 'a'", "write cast(… as text) like …", Row, vec!["cast(quantity as text) like 'a'"]),
        (Row, "time + 1", "interval '30 days'", Row, vec!["time + interval '30 days'", "cast(time as date) + 30"]),
        (Customer, "sum(paid)", "count(*) filter (where …)", Customer, vec!["count(*) filter (where paid)"]),
        (Condition, "quantity", "`x > 0` or `x is not null`", Condition, vec!["quantity > 0", "quantity is not null"]),
        (Row, "Total Flights", "in double quotes", Row, vec!["\"Total Flights\""]),
        (Row, "user || 'x'", "\"user\" in double quotes", Row, vec!["\"user\" || 'x'"]),
        (Row, "ga4_param(quantity, 'x')", "a list of structs with key and value", Row, vec!["ga4_param(city, 'x')"]),
        (Row, "ga4_param(city, city)", "write it in single quotes", Row, vec!["ga4_param(city, 'ga_session_id')"]),
        (Row, "(select 1)", "write one scalar expression over the names in scope", Row, vec!["1"]),
        (Row, "City", "write `city`", Row, vec!["city"]),
        (Row, "quantiti", "did you mean `quantity`?", Row, vec!["quantity"]),
        (Row, "xyzzyxyzzy", "known names: `city`", Row, vec!["city"]),
        (
            Row,
            "divide(weight, 3)",
            "write x / n, or cast(x as decimal(18, 4))",
            Row,
            vec!["weight / 3", "divide(cast(weight as decimal(18, 4)), 3)"],
        ),
        (Row, "uper(city)", "did you mean `upper`?", Row, vec!["upper(city)"]),
        (Row, "random()", "`segmenter functions` lists what is allowed", Row, vec!["abs(1)"]),
        (Row, "xyzzy(city)", "`segmenter functions` lists what is allowed", Row, vec!["abs(1)"]),
        (Row, "try_cast(total, 'int')", "write try_cast(x as int)", Row, vec!["try_cast(total as int)"]),
        (Row, "date '2011-02-30'", "write it as date '2010-12-31'", Row, vec!["date '2010-12-31'"]),
        (
            Row,
            "time > '2011-02-30 10:00:00'",
            "timestamp '2010-12-31 23:59:59'",
            Row,
            vec!["time > timestamp '2010-12-31 23:59:59'"],
        ),
        (
            Row,
            "time '10:00:00'",
            "write date '2010-12-31' or timestamp '2010-12-31 23:59:59'",
            Row,
            vec!["date '2010-12-31'", "timestamp '2010-12-31 23:59:59'"],
        ),
        (Customer, "1 + 1", "for example sum(amount) or count(*)", Customer, vec!["sum(amount)", "count(*)"]),
        (
            Customer,
            "quantity + sum(amount)",
            "max(quantity) or sum(quantity)",
            Customer,
            vec!["max(quantity)", "sum(quantity)"],
        ),
        (
            Row,
            "cast(city as blob)",
            "text, boolean, int, bigint, double, decimal(p,s), date or timestamp",
            Row,
            vec![
                "cast(null as text)",
                "cast(null as boolean)",
                "cast(null as int)",
                "cast(null as bigint)",
                "cast(null as double)",
                "cast(null as decimal(18,2))",
                "cast(null as date)",
                "cast(null as timestamp)",
            ],
        ),
        (Row, "cast(amount as decimal(39,2))", "at most 38 digits", Row, vec!["cast(amount as decimal(38,2))"]),
        (Row, "$1", "write the value itself", Row, vec!["1"]),
        (Row, "x'00'", "text stands in single quotes", Row, vec!["'00'"]),
        (Row, "interval 'x'", "write it as interval '30 days'", Row, vec!["time + interval '30 days'"]),
        (Row, "1e300", "write cast('1e300' as double)", Row, vec!["cast('1e300' as double)"]),
        (
            Row,
            "ceil(time to day)",
            "round(x, digits) rounds to decimals, date_trunc(part, time) cuts times",
            Row,
            vec!["round(amount, 1)", "date_trunc('day', time)"],
        ),
        (
            Row,
            "time - time",
            "date_part('day', a - b)",
            Row,
            vec!["date_part('day', time - time)", "cast(time as date) - cast(time as date)"],
        ),
        (
            Row,
            "to_date(city, city)",
            "write it in single quotes",
            Row,
            vec![
                "to_date(city, '%d.%m.%Y')",
                "case when paid then to_date(city, '%d.%m.%Y') else to_date(city, '%Y') end",
            ],
        ),
        (
            Row,
            "to_date(city, '%Q')",
            "such as %Y-%m-%d or %d.%m.%Y %H:%M:%S",
            Row,
            vec!["to_date(city, '%Y-%m-%d')", "to_timestamp(city, '%d.%m.%Y %H:%M:%S')"],
        ),
        (
            Row,
            "to_timestamp(city, '%Y-%m-%d %H:%M EST')",
            "write %Z in its place",
            Row,
            vec!["to_timestamp(city, '%Y-%m-%d %H:%M %Z')"],
        ),
        (
            Row,
            "normalize(city, 'NFX')",
            "write 'NFC', 'NFD', 'NFKC' or 'NFKD'",
            Row,
            vec![
                "normalize(city, 'NFC')",
                "normalize(city, 'NFD')",
                "normalize(city, 'NFKC')",
                "normalize(city, 'NFKD')",
            ],
        ),
        (Row, "total * 2", "cast(total as decimal(18,2))", Row, vec!["cast(total as decimal(18,2)) * 2"]),
        (Row, "total and paid", "cast(total as boolean)", Row, vec!["cast(total as boolean) and paid"]),
        (Row, "total - interval '1 day'", "cast(total as date)", Row, vec!["cast(total as date) - interval '1 day'"]),
        (
            Row,
            "date_part('year', total)",
            "cast(total as timestamp)",
            Row,
            vec!["date_part('year', cast(total as timestamp))"],
        ),
        (Row, "quantity > '5'", "write the number without quotes: 5", Row, vec!["quantity > 5"]),
        (Row, "round(amount, 1, 2)", "round(x number [, digits int])", Row, vec!["round(amount)", "round(amount, 1)"]),
        (
            Row,
            "population_bin(amount, 4) = 4",
            "make a feature of it in [[features.derived]]",
            Derived,
            vec!["population_bin(amount, 4)"],
        ),
        (
            Derived,
            "population_bin(population_zscore(amount), 4)",
            "make the inner one a derived feature of its own",
            Derived,
            vec!["population_zscore(amount)", "population_bin(amount, 4)"],
        ),
        (
            Derived,
            "population_bin(amount)",
            "for example population_bin(amount, 10)",
            Derived,
            vec!["population_bin(amount, 10)"],
        ),
        (Customer, "count(city, total)", "count(", Customer, vec!["count(city)"]),
        (Row, "city 'x'", "in double quotes", Row, vec!["city"]),
        (Row, "quantity +;", "an expression is not a statement", Row, vec!["1"]),
        (Row, "quantity +", "text stands in single quotes", Row, vec!["quantity + 1"]),
    ];
    let owned = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect();
    let mut all: Vec<_> = plain
        .into_iter()
        .map(|(kind, sql, hint, then, works)| (kind, sql.to_owned(), hint, then, owned(works)))
        .collect();
    let many = |join: &str, part: &str| vec![part; 300].join(join);
    let listed = format!("quantity in ({})", many(", ", "1"));
    let query = format!(
        "select customer_id, 1 as n from orders where {}",
        [many(" or ", "amount = 1"), many(" or ", "amount = 2")].join(" or ")
    );
    all.push((
        Query,
        query,
        "use `x in (…)` for many values, or divide it into several queries",
        Query,
        vec![grouped.to_owned()],
    ));
    all.push((Row, many(" or ", "quantity = 1"), "use `x in (…)` for many values", Row, vec![listed]));
    all
}

#[test]
fn who_follows_a_hint_has_an_expression_that_works() {
    for (kind, sql, part, then, works) in followed() {
        let error = tried(kind, &sql).expect_err(&sql);
        let hint = error.hint.unwrap_or_else(|| panic!("{sql}: no hint beside {}", error.message));
        assert!(hint.contains(part), "{sql}: {hint}");
        for sql in works {
            tried(then, &sql).unwrap_or_else(|error| panic!("{sql}: {error} ({:?}), as advised by {hint}", error.hint));
        }
    }
    assert!(Settings::new("Mars/Olympus").unwrap_err().hint.unwrap().contains("`Europe/Warsaw` or `UTC`"));
    assert!(Settings::new("Europe/Warsaw").is_ok() && Settings::new("UTC").is_ok());
}

#[test]
fn every_hint_is_followed_here() {
    let mut seen: BTreeSet<String> =
        followed().iter().filter_map(|(kind, sql, ..)| tried(*kind, sql).err()?.hint).collect();
    seen.extend(Settings::new("Mars/Olympus").unwrap_err().hint);
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/expression")];
    let mut found = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("tests") {
                folders.push(path);
            } else if path.is_file() {
                let code = fs::read_to_string(&path).unwrap();
                // Texts as they stand; those that are put together are in the list above by hand.
                for hint in code.split(".with_hint(\"").skip(1).map(|rest| rest.split("\")").next().unwrap()) {
                    let hint = hint.replace("\\\"", "\"");
                    assert!(
                        seen.iter().any(|seen| seen.contains(&hint)),
                        "{}: nobody follows {hint:?}",
                        path.display()
                    );
                    found += 1;
                }
            }
        }
    }
    assert!(found > 20, "{found} hints were found in the code");
}
