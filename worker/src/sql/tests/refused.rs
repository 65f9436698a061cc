//! Queries that would look at several customers at once, or that are none: refused at their place, with what to add.

use super::world::World;
use crate::spec::KeptColumn;

/// Each query with the beginning of what is said.
const REFUSED: &[(&str, &str)] = &[
    // Groups
    (
        "select product, count(*) as n from orders group by product",
        "1:52 the groups mix rows of different customers (add the customer: group by customer_id, …)",
    ),
    (
        "select count(*) as n from orders",
        "1:8 `count` would look at the rows of all customers (add group by customer_id)",
    ),
    ("select customer_id, sum(amount) as s from orders", "1:21 `sum` would look at the rows of all customers"),
    (
        "select upper(customer_id) as customer_id, count(*) as n from orders group by upper(customer_id)",
        "1:78 the groups mix rows",
    ),
    (
        "select customer_id, count(*) as n from (select product, max(customer_id) as customer_id from orders group by product) group by customer_id",
        "1:110 the groups mix rows",
    ),
    (
        "select customer_id, amount from orders group by customer_id",
        "1:21 `amount` is neither in `group by` nor in an aggregate (add it to group by, or say which of its values: max(amount))",
    ),
    ("select customer_id, count(*) as n from orders group by 1", "1:56 `group by` takes no numbers of columns"),
    (
        "select customer_id, count(*) as n from orders group by rollup (customer_id)",
        "1:64 `ROLLUP (customer_id)` is not allowed",
    ),
    ("select customer_id, count(*) as n from orders group by grouping sets ((customer_id), ())", "1:72 `GROUPING SETS"),
    ("select customer_id, count(*) as n from orders group by all", "- `group by all` is not allowed"),
    ("select customer_id from orders having count(*) > 1", "1:8 `customer_id` is neither in `group by`"),
    ("select customer_id, sum(max(amount)) as s from orders group by customer_id", "1:25 max cannot stand within sum"),
    (
        "select customer_id, count(*) as n from orders where count(*) > 1 group by customer_id",
        "1:53 count is an aggregate, which cannot stand in where",
    ),
    // Reference tables
    (
        "select product, count(*) as n from products group by product",
        "- the query looks at reference tables alone, and its rows belong to nobody (join it to rows of customers: from transactions t join … on …)",
    ),
    ("select product as customer_id, price from products", "- the query looks at reference tables alone"),
    (
        "select o.customer_id, count(*) as n from products p left join orders o on o.product = p.product group by o.customer_id",
        "1:63 a row of a reference table would be kept where no customer has one (turn it round: from the customers' rows left join the reference table)",
    ),
    (
        "select o.customer_id, count(*) as n from orders o right join products p on o.product = p.product group by o.customer_id",
        "1:62 right joins are not allowed",
    ),
    (
        "select o.customer_id, count(*) as n from orders o full join products p on o.product = p.product group by o.customer_id",
        "1:61 full joins are not allowed",
    ),
    (
        "select o.customer_id, count(*) as n from orders o cross join products p group by o.customer_id",
        "1:62 a cross join pairs all rows with all",
    ),
    (
        "select o.customer_id, count(*) as n from orders o join products p on o.amount > p.price group by o.customer_id",
        "1:70 the join pairs all rows with all (add an equality: on a.product_id = b.product_id and …)",
    ),
    (
        "select customer_id, count(*) as n from (select customer_id, product from orders union all select product, product from products) group by customer_id",
        "1:41 a union of rows of customers and of a reference table (join the reference table to rows of customers",
    ),
    (
        "select a.customer_id, count(*) as n from orders a join products p on a.product = p.product join orders b on b.product = p.product group by a.customer_id",
        "1:109 the join pairs rows of different customers",
    ),
    (
        "select p.category, count(*) as n from orders o join products p on o.product = p.product group by p.category",
        "1:98 the groups mix rows of different customers",
    ),
    (
        "select o.customer_id, row_number() over (partition by p.category order by o.time) as n from orders o join products p on o.product = p.product",
        "1:23 the window looks at the rows of different customers",
    ),
    (
        "select o.customer_id, p.n from orders o join (select count(*) as n from products) p on p.n = o.amount",
        "1:54 `count` stands without group by (group the reference table by the column by which it is joined)",
    ),
    (
        "select o.customer_id, count(*) as n from orders o join products p on cast(p.code as int) = o.amount group by o.customer_id",
        "1:75 a key of a join that may fail on a row of a reference table is not allowed (compute it in [source.columns] of the reference, where a row that fails is quarantined, or write try_cast(… as bigint))",
    ),
    (
        "select o.customer_id, count(*) as n from orders o join (select cast(code as int) as n from products) p on p.n = o.amount group by o.customer_id",
        "1:107 a key of a join that may fail",
    ),
    (
        "select o.customer_id, count(*) as n from orders o join (select cast(code as int) as n, count(*) as m from products group by cast(code as int)) p on p.n = o.amount group by o.customer_id",
        "1:130 a key of group by that may fail",
    ),
    (
        "select o.customer_id, count(*) as n from orders o join (select distinct cast(code as int) as n from products) p on p.n = o.amount group by o.customer_id",
        "1:57 a key of `distinct` that may fail",
    ),
    (
        "select o.customer_id, count(*) as n from orders o left join products p on p.product = o.product and cast(p.code as int) > o.amount group by o.customer_id",
        "1:106 a condition of a left join that may fail on a pair of rows",
    ),
    // Distinct
    (
        "select distinct product from orders",
        "1:1 `distinct` without the customer looks at all customers at once (add customer_id to the select list)",
    ),
    (
        "select distinct on (customer_id) customer_id, amount from orders",
        "1:21 `distinct on` takes whichever row comes first",
    ),
    // Order and limit
    ("select customer_id, amount from orders order by amount", "1:49 `order by` says nothing of a customer's values"),
    ("select customer_id, amount from orders limit 10", "1:46 `limit` would choose among customers"),
    (
        "select customer_id, count(*) as n from (select customer_id from orders limit 3) group by customer_id",
        "1:78 `limit` would choose",
    ),
    ("select customer_id, amount from orders offset 3", "1:47 `limit` would choose"),
    ("select customer_id, amount from orders fetch first 3 rows only", "1:1 a query ends with its select"),
    // Windows
    (
        "select customer_id, row_number() over (order by time) as n from orders",
        "1:21 the window looks at the rows of different customers (add the customer: over (partition by customer_id …))",
    ),
    ("select customer_id, sum(amount) over (partition by product) as n from orders", "1:21 the window looks"),
    ("select customer_id, rank() over () as n from orders", "1:21 the window looks"),
    (
        "select customer_id, lag(amount, -1) over (partition by customer_id order by time) as n from orders",
        "1:34 lag expects a whole number from 0 here",
    ),
    ("select customer_id, row_number() as n from orders", "1:21 `row_number` is a window function and needs over (…)"),
    (
        "select customer_id, sum(row_number() over (partition by customer_id order by time)) over (partition by customer_id) as n from orders",
        "1:21 a window function within another",
    ),
    (
        "select customer_id from orders where row_number() over (partition by customer_id order by time) = 1",
        "1:38 a window function cannot stand here (give it a name in a query within from (…), and use that name around it)",
    ),
    (
        "select customer_id, max(amount) over w as m from orders window w as (partition by customer_id)",
        "1:1 named windows are not allowed",
    ),
    (
        "select customer_id, amount from orders qualify row_number() over (partition by customer_id order by time) = 1",
        "1:48 `qualify` is not allowed",
    ),
    (
        "select customer_id, sum(amount) over (partition by customer_id order by time rows between current row and 1 preceding) as m from orders",
        "1:21 the frame ends before it begins",
    ),
    (
        "select customer_id, mode(amount) over (partition by customer_id) as m from orders",
        "1:21 this aggregate is computed of groups only, not over a window",
    ),
    // Joins
    (
        "select o.customer_id, count(*) as n from orders o join visits v on o.time = v.time group by o.customer_id",
        "1:68 the join pairs rows of different customers (add the customer: on a.customer_id = b.customer_id and …)",
    ),
    (
        "select o.customer_id, count(*) as n from orders o join visits v on o.customer_id = v.customer_id or true group by o.customer_id",
        "1:68 the join pairs",
    ),
    (
        "select o.customer_id, count(*) as n from orders o join visits v on o.customer_id > v.customer_id group by o.customer_id",
        "1:68 the join pairs",
    ),
    (
        "select o.customer_id, count(*) as n from orders o join visits v on upper(o.customer_id) = v.customer_id group by o.customer_id",
        "1:68 the join pairs",
    ),
    (
        "select o.customer_id, count(*) as n from orders o join visits v on o.customer_id = o.customer_id group by o.customer_id",
        "1:68 the join pairs",
    ),
    (
        "select o.customer_id, count(*) as n from orders o, visits v where o.customer_id = v.customer_id group by o.customer_id",
        "1:52 a comma between tables pairs all rows with all",
    ),
    (
        "select o.customer_id, count(*) as n from orders o cross join visits v group by o.customer_id",
        "1:62 a cross join pairs all rows with all",
    ),
    (
        "select o.customer_id, count(*) as n from orders o right join visits v on o.customer_id = v.customer_id group by o.customer_id",
        "1:62 right joins are not allowed",
    ),
    (
        "select o.customer_id, count(*) as n from orders o full join visits v on o.customer_id = v.customer_id group by o.customer_id",
        "1:61 full joins are not allowed",
    ),
    (
        "select o.customer_id, count(*) as n from orders o join visits v using (customer_id) group by o.customer_id",
        "1:56 a join needs `on`",
    ),
    (
        "select o.customer_id, count(*) as n from orders o natural join visits v group by o.customer_id",
        "1:64 a join needs `on`",
    ),
    (
        "select v.customer_id, count(*) as n from orders o left join visits v on o.customer_id = v.customer_id group by v.customer_id",
        "1:112 the groups mix rows",
    ),
    (
        "select o.customer_id, count(*) as n from orders o left join visits v on o.customer_id = v.customer_id and o.amount * v.seconds > 5 group by o.customer_id",
        "1:107 a condition of a left join that may fail on a pair of rows is not allowed",
    ),
    (
        "select a.customer_id, count(*) as n from orders a join (select amount, 'a' as customer_id from visits) b on a.customer_id = b.customer_id group by a.customer_id",
        "1:109 the join pairs",
    ),
    // Unions
    (
        "select customer_id, count(*) as n from (select customer_id, product from orders union all select product, customer_id from orders) group by customer_id",
        "1:41 the union loses the customer",
    ),
    (
        "select customer_id, count(*) as n from (select customer_id from orders except select customer_id from visits) group by customer_id",
        "1:79 `except` is not allowed",
    ),
    (
        "select customer_id, 1 as n from orders union all select 'x' as customer_id, 1 as n from visits",
        "1:1 the union loses the customer",
    ),
    (
        "select customer_id from orders union all select customer_id, amount from visits",
        "1:1 the queries of a union have 1 and 2 columns",
    ),
    (
        "select customer_id, product as x from orders union all select customer_id, amount as x from visits",
        "1:1 column 2 of the union mixes text and decimal(18,2)",
    ),
    // Subqueries
    (
        "select customer_id, (select max(amount) from orders) as m from customers",
        "1:22 a query within an expression is not allowed (join it in from: left join (select",
    ),
    (
        "select customer_id, 1 as n from customers where customer_id not in (select customer_id from orders)",
        "1:49 a query within an expression is not allowed",
    ),
    (
        "select customer_id, 1 as n from customers c where exists (select 1 from orders o where o.customer_id = c.customer_id)",
        "1:59 a query within an expression is not allowed",
    ),
    (
        "with recursive r as (select customer_id from orders) select customer_id, 1 as n from r",
        "1:1 `with recursive` is not allowed",
    ),
    ("select customer_id, 1 as n from (values ('a')) t(customer_id)", "1:48 names in brackets"),
    // The outermost select
    ("select amount from orders", "- the query does not say whose its rows are (select customer_id too)"),
    (
        "select 'a' as customer_id, count(*) as n from orders group by customer_id",
        "- the column customer_id of the query is not the customer of its row",
    ),
    ("select customer_id, count(*) from orders group by customer_id", "- column 2 of the query has no name"),
    (
        "select customer_id, count(*) as n, sum(amount) as n from orders group by customer_id",
        "- two columns of the query are named `n`",
    ),
    (
        "select customer_id, max(time) - min(time) as span from orders group by customer_id",
        "- column `span`: the result is",
    ),
    ("select customer_id, null as x from customers", "- column `x` of the query is always null"),
    // Names and text
    (
        "select customer_id, count(*) as n from order group by customer_id",
        "1:40 there is no table `order` (did you mean `orders`?)",
    ),
    (
        "select customer_id, count(*) as n from ordrs group by customer_id",
        "1:40 there is no table `ordrs` (did you mean `orders`?)",
    ),
    (
        "select customer_id, max(amont) as n from orders group by customer_id",
        "1:25 there is no name `amont` here (did you mean `amount`?)",
    ),
    (
        "select customer_id, max(o.amount) as n from orders group by customer_id",
        "1:25 there is no table `o` in this from",
    ),
    (
        "select customer_id, count(*) as n from orders o join visits v on o.customer_id = v.customer_id group by o.customer_id",
        "1:8 `customer_id` stands in o and in v (say which: o.customer_id)",
    ),
    ("select customer_id, now() as n from customers", "1:21 the function `now` is not allowed"),
    ("select customer_id, product + 1 as n from orders", "1:21"),
    ("select customer_id, 1 as n", "1:1 a query needs from"),
    ("update orders set amount = 0", "1:1"),
    ("select customer_id, 1 as n from customers; select 1", "1:44 expected the end of the query"),
    ("select product as customer_id, count(*) as n\nfrom orders\ngroup by product", "3:10 the groups mix rows"),
    ("select customer_id, count(*) as n\nfrom orders\ngroup by product", "1:8 `customer_id` is neither in `group by`"),
    (
        "with a as (select customer_id from orders), a as (select customer_id from visits) select customer_id, count(*) as n from a group by customer_id",
        "1:45 two queries of `with` are named `a`",
    ),
    (
        "with a as (select summ(amount) as z from orders) select customer_id, count(*) as n from orders group by customer_id",
        "1:19 there is no function `summ`",
    ),
    (
        "select o.customer_id, count(*) as n from orders o join visits o on o.customer_id = o.customer_id group by o.customer_id",
        "1:56 two tables of this from are called `o` (give one another name: join orders o2 on …)",
    ),
    (
        "select customer_id, count(*) as n from orders where in_store is distinct from false and amount > 1 group by customer_id",
        "1:79 what `is distinct from` compares with is not clear",
    ),
    (
        "select customer_id, count(*) over (partition by customer_id order by time range between interval '1 day' preceding and current row) as n from orders",
        "1:98 the frame expects an interval of hours or less",
    ),
    (
        "select customer_id, count(*) over (partition by customer_id order by cast(time as date) range between interval '1 month' preceding and current row) as n from orders",
        "1:112 the frame expects an interval of days",
    ),
    (
        "select customer_id, sum(product) as n from orders group by customer_id",
        "1:25 sum expects a number, found text (`product`) (name the column's type in the source: types = { product = \"decimal(18,2)\" }",
    ),
    (
        "select customer_id, sum(p) as n from (select customer_id, max(product) as p from orders group by customer_id) group by customer_id",
        "1:25 sum expects a number, found text",
    ),
    (
        "select customer_id, regexp_replace(product, '(', 'x') as n from orders",
        "1:21 regexp_replace cannot be called like this: error: unclosed group",
    ),
    ("", "-"),
];

#[test]
fn what_looks_at_several_customers_is_refused_at_its_place() {
    let world = World::new();
    let wrong: Vec<String> = REFUSED
        .iter()
        .map(|(sql, expected)| (sql, expected, world.refusal(sql)))
        .filter(|(_, expected, said)| !said.starts_with(*expected))
        .map(|(sql, expected, said)| format!("{sql}\n  expected {expected}\n  said     {said}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_message_holds_the_number_of_a_column() {
    let world = World::new();
    for (sql, _) in REFUSED {
        let said = world.refusal(sql);
        assert!(
            !said.contains('\u{1f}') && !said.contains("Arrow error") && !said.contains("External error"),
            "{said}"
        );
    }
}

#[test]
fn a_column_that_is_called_source_leaves_it_open_which_is_meant() {
    let mut world = World::new();
    let text = KeptColumn { name: "source".to_owned(), data_type: "Utf8".to_owned() };
    world.spec.sources[0].kept.push(text);
    let said = world.refusal("select customer_id, max(source) as s from transactions group by customer_id");
    assert!(said.contains("`source` of transactions is the name of a row's source"), "{said}");
}
