//! Values by hand: customers a to e, `d` without orders, `e` with ties.

use super::world::World;

#[test]
fn queries_have_the_values_that_can_be_worked_out() {
    let world = World::new();
    for (sql, expected) in [
        (
            "select customer_id, count(*) as n, sum(amount) as s, avg(amount) as a from orders group by customer_id",
            "4 20.00 5.0000 | 3 1.99 0.6633 | 1 50.00 50.0000 | - - - | 4 0.80 0.2000",
        ),
        (
            "select customer_id, count(distinct order_id) as n, count(order_id) as m from orders group by customer_id",
            "2 3 | 2 3 | 1 1 | - - | 3 4",
        ),
        // Of a's four lines one has no order; those of b have no product in two.
        (
            "select customer_id, count(distinct order_id, product) as n, count(distinct 'x', order_id) as m, count(distinct in_store, amount) as l from orders group by customer_id",
            "3 2 4 | 1 2 2 | 1 1 1 | - - - | 3 3 3",
        ),
        (
            "select customer_id, divide(sum(amount), count(distinct order_id)) as x, divide(sum(amount), 0) as y from orders group by customer_id",
            "10.0000 - | 0.9950 - | 50.0000 - | - - | 0.2667 -",
        ),
        // 1e16 + 1 − 1e16 is 1 in any order.
        ("select customer_id, sum(weight) as w from orders group by customer_id", "0.6 | 1.0 | 2.5 | - | 0.0"),
        ("select customer_id, count(*) as n from transactions group by customer_id", "6 | 4 | 2 | 2 | 4"),
        (
            "select customer_id, count(*) filter (where product = 'tea') as n from orders group by customer_id",
            "2 | 0 | 0 | - | 3",
        ),
        ("select customer_id, age, city from customers", "30 Łódź | 17 - | - Brno | 64 Łódź | - -"),
        ("select customer_id, upper(customer_id) || '!' as x from customers", "A! | B! | C! | D! | E!"),
        (
            "select customer_id, max(customer_id) as x, count(distinct customer_id) as n from orders group by customer_id",
            "a 1 | b 1 | c 1 | - - | e 1",
        ),
        // Days between orders on different days.
        (
            "select customer_id, median(gap) as g, count(gap) as n from (select customer_id, day - lag(day) over (partition by customer_id order by day) as gap from (select distinct customer_id, cast(time as date) as day from orders)) group by customer_id",
            "15.5 2 | 2.0 1 | - 0 | - - | 199.0 1",
        ),
        (
            "select customer_id, sum(r) as r from (select customer_id, rank() over (partition by customer_id order by cast(time as date)) as r from orders) group by customer_id",
            "9 | 5 | 1 | - | 7",
        ),
        (
            "select customer_id, max(r) as r from (select customer_id, row_number() over (partition by customer_id order by amount) as r from orders) group by customer_id",
            "4 | 3 | 1 | - | 4",
        ),
        // Peers share a running sum by RANGE, which is what is meant where no frame is written.
        (
            "select customer_id, min(s) as low, max(s) as high from (select customer_id, sum(amount) over (partition by customer_id order by cast(time as date)) as s from orders) group by customer_id",
            "12.50 22.50 | 1.98 1.99 | 50.00 50.00 | - - | 0.50 0.80",
        ),
        (
            "select customer_id, product from (select customer_id, product, row_number() over (partition by customer_id order by time desc) as r from orders) where r = 1",
            "milk | 12 | x1 | - | 7",
        ),
        (
            "select o.customer_id, count(*) as pairs, count(distinct v.time) as visits from orders o join visits v on o.customer_id = v.customer_id group by o.customer_id",
            "8 2 | 3 1 | 1 1 | - - | - -",
        ),
        // Products: of b there is none, of 7 no price.
        (
            "select o.customer_id, max(p.category) as c, sum(p.price) as s, count(*) as n from orders o join products p on p.product = o.product group by o.customer_id",
            "drink 9.40 4 | - - - | part 9.99 1 | - - - | drink 10.50 4",
        ),
        (
            "select o.customer_id, count(p.product) as n, count(*) as m from orders o left join products p on p.product = o.product group by o.customer_id",
            "4 4 | 0 3 | 1 1 | - - | 4 4",
        ),
        (
            "select o.customer_id, count(*) as n from products p join orders o on p.product = o.product and p.price > o.amount group by o.customer_id",
            "1 | - | - | - | 3",
        ),
        (
            "select o.customer_id, max(c.mean) as m from orders o join products p on o.product = p.product join (select category, avg(price) as mean from products group by category) c on c.category = p.category group by o.customer_id",
            "2.3500 | - | 7.4950 | - | 2.3500",
        ),
        (
            "select o.customer_id, max(p.r) as r, max(p.n) as n from orders o join (select product, rank() over (partition by category order by price desc) as r, row_number() over (order by product) as n from products) p on p.product = o.product group by o.customer_id",
            "2 3 | - - | 1 5 | - - | 1 3",
        ),
        (
            "select c.customer_id, coalesce(o.n, 0) as n, v.n as m from customers c left join (select customer_id, count(*) as n from orders group by customer_id) o on o.customer_id = c.customer_id left join (select customer_id, count(*) as n from visits group by customer_id) v on v.customer_id = c.customer_id",
            "4 2 | 3 1 | 1 1 | 0 2 | 4 -",
        ),
        (
            "select o.customer_id, count(v.seconds) as n, count(*) as m from orders o left join visits v on v.customer_id = o.customer_id and v.seconds > 20 group by o.customer_id",
            "8 8 | 0 3 | 0 1 | - - | 0 4",
        ),
        // Visits before the order; those of a are on days 9 and 39, its orders on 10, 10, 40 and 41.
        (
            "select o.customer_id, count(v.seconds) as n, count(*) as m from orders o left join visits v on v.customer_id = o.customer_id and v.time < o.time group by o.customer_id",
            "6 6 | 3 3 | 1 1 | - - | 0 4",
        ),
        (
            "select o.customer_id, count(v.seconds) as n from orders o left join visits v on v.customer_id = o.customer_id and cast(v.time as date) >= cast(o.time as date) - 5 and v.time < o.time group by o.customer_id",
            "4 | 2 | 1 | - | 0",
        ),
        (
            "select customer_id, sum(x) as s from (select customer_id, 1 as x from orders union all select customer_id, 0.5 as x from visits) group by customer_id",
            "5.0 | 3.5 | 1.5 | 1.0 | 4.0",
        ),
        (
            "select customer_id, count(*) as n from (select customer_id, product from orders union select customer_id, 'tea' as product from visits) group by customer_id",
            "2 | 3 | 2 | 1 | 2",
        ),
        (
            "select customer_id, max(time) as last from orders where amount > 0 group by customer_id",
            "2025-02-10T01:00:00Z | 2025-01-08T01:00:00Z | 2025-10-28T01:00:00Z | - | 2025-07-20T01:00:00Z",
        ),
        (
            "select customer_id, as_of() - max(cast(time as date)) as days from orders group by customer_id",
            "324 | 358 | 65 | - | 165",
        ),
        (
            "select customer_id, count(*) as n from orders where time >= window_start('100d') group by customer_id",
            "- | - | 1 | - | -",
        ),
        (
            "with t as (select customer_id, amount from orders where amount > 0) select a.customer_id, count(*) as n from t a join t b on a.customer_id = b.customer_id and a.amount = b.amount group by a.customer_id",
            "5 | 5 | 1 | - | 6",
        ),
        (
            "select customer_id, sum(count(*)) over (partition by customer_id) as n, count(*) as m from orders group by customer_id",
            "4 4 | 3 3 | 1 1 | - - | 4 4",
        ),
        (
            "select customer_id, count(*) as n from orders where (in_store is distinct from false) and amount > 1 group by customer_id",
            "2 | - | - | - | -",
        ),
        (
            "select customer_id, max(n) as n from (select customer_id, count(*) over (partition by customer_id order by cast(time as date) range between 30 preceding and current row) as n from orders) group by customer_id",
            "3 | 3 | 1 | - | 3",
        ),
        (
            "select customer_id, max(x) as x from (select customer_id, last_value(product ignore nulls) over (partition by customer_id order by amount rows between unbounded preceding and unbounded following) as x from orders) group by customer_id",
            "tea | 12 | x1 | - | 7",
        ),
        ("select customer_id, amount from orders where order_id = '5'", "- | - | 50.00 | - | -"),
    ] {
        assert_eq!(world.line(sql), expected, "{sql}");
    }
}

#[test]
fn a_customer_with_several_rows_is_counted() {
    let world = World::new();
    let answer = world.answer("select customer_id, amount from orders", super::world::PLENTY).unwrap();
    assert_eq!(answer.several, 3);
    assert_eq!(answer.has_row, [true, true, true, false, true]);
}

#[test]
fn a_shard_that_does_not_fit_is_answered_in_parts() {
    let world = World::new();
    let mut answered = 0;
    for sql in super::kept::KEPT {
        let expected = world.values(sql);
        // The last is too little for some of them even with a single customer.
        for memory in [200_000, 20_000] {
            match world.answer(sql, memory) {
                Ok(answer) => {
                    answered += 1;
                    assert_eq!(super::world::shown(&world.shard.customers, &answer.columns), expected, "{sql}")
                }
                Err(error) => assert_eq!(error.fault, segmenter_proto::Fault::Resources, "{sql}: {error:?}"),
            }
        }
    }
    assert!(answered >= super::kept::KEPT.len(), "{answered} answers in little memory");
}
