//! The answer for a customer is the same when the other customers of the shard are not there.

use super::{
    kept::KEPT,
    world::{LINES, World},
};
use proptest::prelude::*;

fn assert_alone(world: &World, sql: &str) {
    let all = world.values(sql);
    for (customer, values) in &all {
        let alone = world.of_one(customer).values(sql);
        assert_eq!(alone.get(customer), Some(values), "{customer}: {sql}");
    }
}

#[test]
fn others_do_not_show() {
    let world = World::new();
    for sql in KEPT {
        assert_alone(&world, sql);
    }
}

#[test]
fn neither_does_the_order_of_rows() {
    let world = World::new();
    for sql in KEPT {
        let expected = world.values(sql);
        for turn in [1, 5, 8] {
            assert_eq!(World::of_lines(LINES, turn).values(sql), expected, "{sql}");
        }
    }
}

/// A query of two levels: rows or groups within, what is made of them around.
fn queries() -> impl Strategy<Value = String> {
    let value = prop::sample::select(vec![
        "amount",
        "weight",
        "amount * 2",
        "abs(weight)",
        "case when in_store then amount else 0 end",
    ]);
    let filter = prop::sample::select(vec![
        "",
        " where amount > 0",
        " where product = 'tea' or in_store",
        " where time >= window_start('200d')",
    ]);
    let key = prop::sample::select(vec!["", ", product", ", cast(time as date)", ", in_store, product"]);
    let inner = prop::sample::select(vec!["sum", "max", "avg", "median", "count"]);
    let outer = prop::sample::select(vec!["sum", "min", "count", "stddev_pop", "avg"]);
    let window = prop::sample::select(vec![
        "row_number() over (partition by customer_id order by x)",
        "lag(x) over (partition by customer_id order by x desc)",
        "sum(x) over (partition by customer_id order by x)",
        "rank() over (partition by customer_id order by x)",
        "first_value(x) over (partition by customer_id order by x rows between 1 following and 2 following)",
        "x",
    ]);
    let join = prop::sample::select(vec![
        "",
        " join visits v on v.customer_id = q.customer_id",
        " left join people p on p.customer_id = q.customer_id and p.age > 18",
        " left join products r on r.price = q.x",
        " join (select category, max(cast(code as int)) as c from products group by category) r on r.c > 0 and r.category = case when q.x > 1 then 'drink' else 'part' end",
        " left join (select product, rank() over (order by price) as c from products where cast(code as int) > 1) r on r.product = q.customer_id",
    ]);
    (value, filter, key, inner, outer, window, join).prop_map(|(value, filter, key, inner, outer, window, join)| {
        format!(
            "select q.customer_id, {outer}(y) as y, count(*) as n from (select customer_id, x, {window} as y from \
             (select customer_id, {inner}({value}) as x from orders{filter} group by customer_id{key})) q{join} group by q.customer_id"
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn queries_of_a_grammar_do_not_see_others(sql in queries(), turn in 0_usize..12) {
        let world = World::of_lines(LINES, turn);
        assert_alone(&world, &sql);
        prop_assert_eq!(world.values(&sql), World::new().values(&sql));
    }
}
