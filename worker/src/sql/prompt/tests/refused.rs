//! What is refused, where, and with what hint; and what fails on a row.

use super::world::{Folder, PLENTY};

#[test]
fn mistakes_are_told_at_their_place() {
    let folder = Folder::new();
    for (sql, expected) in [
        ("select * from feature", "1:15 there is no table `feature` (did you mean `features`?)"),
        (
            "select * from source.orders",
            "1:15 there is no table `source.orders` (the tables: `features`, `assignments`, `profiles`)",
        ),
        ("select city from features order by cty", "1:36 there is no name `cty` here (did you mean `city`?)"),
        ("select * from features order by cty", "1:33 there is no name `cty` here (did you mean `city`?)"),
        ("select city from features order by 2", "1:36 the query has 1 columns"),
        (
            "select city from features order by 'x'",
            "1:36 an order by a constant says nothing (write the column, its number, or an expression)",
        ),
        (
            "select distinct city from features order by visits",
            "1:45 beside `distinct` rows are ordered by columns of the select list (add it to the select list)",
        ),
        (
            "select city from features union all select city from features order by city || 'x'",
            "1:72 rows of a union are ordered by its columns (write the name or the number of a column)",
        ),
        (
            "select city, visits as city from features order by city",
            "1:52 two columns of the query are named `city` (write its number, or give one another name)",
        ),
        ("select city from features limit -1", "1:34 `limit` and `offset` expect a whole number from 0"),
        ("select city from features limit 1.5", "1:33 `limit` and `offset` expect a whole number from 0"),
        (
            "select city, count(*) from features",
            "1:8 `city` is neither in `group by` nor in an aggregate (add it to group by, or say which of its values: max(city))",
        ),
        (
            "select * from features where visits in (select visits from features)",
            "1:30 a query within an expression is not allowed (join it in from: left join (select customer_id, … from … group by customer_id) q on q.customer_id = t.customer_id)",
        ),
        (
            "select * from features a full join features b on a.city = b.city",
            "1:36 full joins are not allowed (write a left join b, union all, and b left join a where a's key is null)",
        ),
        (
            "select null as x from features",
            "- column `x` of the query is always null (give it a type, such as cast(null as int), or leave it out)",
        ),
        ("select 1", "1:1 a query needs from: a table"),
        ("delete from features", "1:1 expected a query: select … from …"),
    ] {
        assert_eq!(folder.refusal(sql), expected, "{sql}");
    }
}

#[test]
fn what_cannot_be_computed_on_a_row_fails_the_query() {
    let folder = Folder::new();
    for (sql, expected) in [
        (
            "select cast(city as int) as number from features",
            "`number` cannot be computed on a row: the text cannot be cast to int",
        ),
        (
            "select city from features where cast(city as int) > 1",
            "a value of the query cannot be computed on a row: the text cannot be cast to int",
        ),
        (
            "select sum(visits + 9223372036854775800) from features",
            "a value of the query cannot be computed on a row: it is beyond its type",
        ),
    ] {
        let error = folder.answer(sql, PLENTY).unwrap_err();
        assert_eq!((error.message.as_str(), error.fault.exit_code()), (expected, 3), "{sql}");
        assert!(error.hint.unwrap().contains("try_cast"));
    }
    assert_eq!(folder.line("select count(try_cast(city as int)) from features"), "0");
}
