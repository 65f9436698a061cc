//! A customer of whom something cannot be computed has no value, and is counted; the others have theirs.

use super::world::{PLENTY, World, shown};

fn lost(sql: &str) -> (u64, String) {
    let world = World::new();
    let answer = world.answer(sql, PLENTY).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    let values: Vec<String> = shown(&world.shard.customers, &answer.columns).into_values().collect();
    (answer.lost, values.join(" | "))
}

#[test]
fn a_row_that_cannot_be_computed_takes_its_customer() {
    // Products of b: null, null, 12; of e: tea, tea, tea, 7; of a: tea, milk; of c: x1.
    let sum = "select customer_id, sum(cast(product as int)) as s, count(*) as n from orders group by customer_id";
    assert_eq!(lost(sum), (3, "- - | 12 3 | - - | - - | - -".to_owned()));
    let skipped =
        "select customer_id, sum(try_cast(product as int)) as s, count(*) as n from orders group by customer_id";
    assert_eq!(lost(skipped), (0, "- 4 | 12 3 | - 1 | - - | 7 4".to_owned()));
    let filtered = "select customer_id, count(*) as n from orders where cast(product as int) > 0 group by customer_id";
    assert_eq!(lost(filtered), (3, "- | 1 | - | - | -".to_owned()));
}

#[test]
fn what_no_row_needs_does_not_fail() {
    let guarded = "select customer_id, sum(case when product in ('7', '12') then cast(product as int) end) as s from orders group by customer_id";
    assert_eq!(lost(guarded), (0, "- | 12 | - | - | 7".to_owned()));
    let unused = "select customer_id, n from (select customer_id, count(*) as n, sum(cast(product as int)) as s from orders group by customer_id)";
    assert_eq!(lost(unused), (0, "4 | 3 | 1 | - | 4".to_owned()));
    let passing = "select customer_id, sum(cast(product as int)) filter (where product in ('7', '12')) as s from orders group by customer_id";
    assert_eq!(lost(passing), (0, "- | 12 | - | - | 7".to_owned()));
    let framed = "select customer_id, max(s) as s from (select customer_id, sum(cast(product as int)) filter (where product in ('7', '12')) over (partition by customer_id) as s from orders) group by customer_id";
    assert_eq!(lost(framed), (0, "- | 12 | - | - | 7".to_owned()));
    let before = "select customer_id, sum(cast(product as int)) as s from (select customer_id, product from orders where product not in ('tea', 'milk', 'x1')) group by customer_id";
    assert_eq!(lost(before), (0, "- | 12 | - | - | 7".to_owned()));
}

#[test]
fn sums_that_are_too_large_are_lost() {
    let sum = "select customer_id, sum(x) as s from (select customer_id, case when product = 'tea' then 9223372036854775807 else 1 end as x from orders) group by customer_id";
    assert_eq!(lost(sum), (2, "- | 3 | 1 | - | -".to_owned()));
    let over = "select customer_id, max(s) as s from (select customer_id, sum(case when product = 'tea' then 9223372036854775807 else 1 end) over (partition by customer_id) as s from orders) group by customer_id";
    assert_eq!(lost(over), (2, "- | 3 | 1 | - | -".to_owned()));
    let product = "select customer_id, max(x * x) as s from (select customer_id, case when product = 'tea' then 9223372036854775807 else 1 end as x from orders) group by customer_id";
    assert_eq!(lost(product), (2, "- | 1 | 1 | - | -".to_owned()));
}

#[test]
fn a_row_of_a_reference_table_that_fails_takes_those_who_meet_it() {
    // Only c has x1, whose code is no number; nobody has "unsold".
    let joined = "select o.customer_id, max(p.n) as n from orders o join (select product, cast(code as int) * 2 as n from products) p on p.product = o.product group by o.customer_id";
    assert_eq!(lost(joined), (1, "4 | - | - | - | 6".to_owned()));
    let behind = "select o.customer_id, max(cast(p.code as int) * 2) as n from orders o join products p on p.product = o.product group by o.customer_id";
    assert_eq!(lost(behind), (1, "4 | - | - | - | 6".to_owned()));
    let filtered = "select o.customer_id, count(p.product) as n from orders o left join (select product from products where cast(code as int) > 1) p on p.product = o.product group by o.customer_id";
    assert_eq!(lost(filtered), (1, "2 | 0 | - | - | 1".to_owned()));
    let unused = "select o.customer_id, count(*) as n from orders o join (select product, cast(code as int) as n from products) p on p.product = o.product group by o.customer_id";
    assert_eq!(lost(unused), (0, "4 | - | 1 | - | 4".to_owned()));
}

#[test]
fn groups_and_windows_of_reference_rows_fail_with_one_of_them() {
    // A group of drinks (7's category is null), one of parts with x1 in it.
    let grouped = "select o.customer_id, max(c.s) as s from orders o join products p on p.product = o.product join (select category, sum(cast(code as int)) as s from products group by category) c on c.category = p.category group by o.customer_id";
    assert_eq!(lost(grouped), (1, "3 | - | - | - | 3".to_owned()));
    let window = "select o.customer_id, max(p.s) as s from orders o join (select product, sum(cast(code as int)) over (order by product) as s from products) p on p.product = o.product group by o.customer_id";
    assert_eq!(lost(window), (3, "- | - | - | - | -".to_owned()));
    let skipped = "select o.customer_id, max(p.s) as s from orders o join (select product, sum(try_cast(code as int)) over (order by product) as s from products) p on p.product = o.product group by o.customer_id";
    assert_eq!(lost(skipped), (0, "6 | - | 10 | - | 6".to_owned()));
    let both = "select o.customer_id, max(p.n) as n from orders o join (select a.product, b.n from products a join (select product, cast(code as int) as n from products) b on a.product = b.product) p on p.product = o.product group by o.customer_id";
    assert_eq!(lost(both), (1, "2 | - | - | - | 3".to_owned()));
    let either = "select o.customer_id, max(p.n) as n from orders o join (select product, cast(code as int) as n from products union all select product, 9 as n from products) p on p.product = o.product group by o.customer_id";
    assert_eq!(lost(either), (1, "9 | - | - | - | 9".to_owned()));
}

#[test]
fn who_fails_in_where_is_not_taken_for_one_without_rows() {
    let filtered = "select customer_id, count(*) as n from orders where cast(product as int) > 0 group by customer_id";
    let answer = World::new().answer(filtered, PLENTY).unwrap();
    // Of a, c and e a product is no number; d has no order, which is what a default is for.
    assert_eq!(answer.has_row, [true, true, true, false, true]);
}
