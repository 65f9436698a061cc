//! Constants: values by hand, the same from any parts of the population, and what queries make of them.

use super::{
    super::{Catalogue, Constants, Query, References, Room, ShardTables},
    world::{PLENTY, World, shown},
};
use crate::features::ConstantsPlan;
use segmenter_proto::{Fault, Result, jobs::Constant, models::KnownConstant, v1::ConstantTotals};

fn plan(world: &mut World, from: &str, expression: &str) -> Result<ConstantsPlan> {
    let constant = Constant {
        name: "x".to_owned(),
        sources: from.split(' ').map(str::to_owned).collect(),
        expression: expression.to_owned(),
    };
    world.spec.job.features.constants = vec![constant];
    ConstantsPlan::compile(&world.spec)
}

fn totals(plan: &ConstantsPlan, world: &World) -> Vec<ConstantTotals> {
    let scratch = tempfile::tempdir().unwrap();
    let (references, constants) = (References::default(), Constants::default());
    let room = Room { memory: PLENTY, scratch: scratch.path(), references: &references, constants: &constants };
    plan.totals(&world.spec, &world.shard, room).unwrap()
}

/// Gives a constant of all customers, which is asserted to be that of each customer in a shard of its own too, in any order.
fn known(from: &str, expression: &str) -> KnownConstant {
    let mut world = World::new();
    let plan = plan(&mut world, from, expression).unwrap();
    let known = |totals: &[ConstantTotals]| plan.known(totals).unwrap().remove(0);
    let all = known(&totals(&plan, &world));
    for order in [["a", "b", "c", "d", "e"], ["e", "b", "d", "c", "a"]] {
        let mut merged = Vec::new();
        for customer in order {
            plan.merge(&mut merged, &totals(&plan, &world.of_one(customer))).unwrap();
        }
        assert_eq!(known(&merged), all, "{expression}");
    }
    all
}

#[test]
fn constants_have_the_values_that_can_be_worked_out() {
    let mut wrong = Vec::new();
    let expected = [
        ("orders", "count(*)", "12"),
        ("orders", "count(order_id)", "11"),
        ("orders visits", "count(*)", "18"),
        ("orders", "count(*) filter (where amount > 1000000)", "0"),
        ("orders", "sum(amount)", "72.79"),
        // 72.79 / 12, rounded once; the mean of the customers' means is another.
        ("orders", "avg(amount)", "6.0658"),
        ("orders", "avg(amount) filter (where in_store)", "1.9100"),
        ("orders", "sum(amount) / count(*)", "6.065833333333334"),
        // 1e16 + 1 − 1e16 is 1 within a customer, and the rest is added to it.
        ("orders", "sum(weight)", "4.1"),
        ("orders", "max(weight)", "1e16"),
        ("orders", "min(weight)", "-1e16"),
        ("orders", "min(amount)", "-2.50"),
        ("orders", "max(amount) - min(amount)", "52.50"),
        ("visits", "sum(seconds)", "115"),
        ("visits", "avg(seconds)", "19.166666666666668"),
        ("orders", "cast(max(time) as date)", "2025-10-28"),
        ("orders", "max(time)", "2025-10-28T01:00:00Z"),
        ("orders", "max(amount) > 10", "true"),
        ("orders", "min(in_store)", "false"),
        ("orders", "max(in_store)", "true"),
        ("people", "avg(age)", "37.0"),
        ("people", "count(*)", "5"),
        ("people", "count(city)", "3"),
        ("people", "min(signed_up)", "2022-01-08"),
        ("orders", "sum(amount) / 0", "-"),
        ("orders", "max(amount) filter (where amount > 1000000)", "-"),
    ];
    for (from, expression, expected) in expected {
        let found = known(from, expression);
        if (found.value.as_deref().unwrap_or("-"), found.customers_left_out) != (expected, 0) {
            wrong.push(format!("{expression}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn who_has_a_row_that_cannot_be_computed_is_left_out_with_all_rows() {
    let found = known("orders", "sum(cast(order_id as int) / cast(product as int))");
    // `a` and `c` bought tea and x1, `e` tea; of b only a line has a product: 4 / 12.
    assert_eq!((found.customers_left_out, found.value.as_deref()), (3, Some("0.3333333333333333")));
}

#[test]
fn what_is_no_number_of_a_population_is_refused() {
    for (expression, said) in [
        ("max(product)", "this is text"),
        ("length(max(product))", "text is that of one customer"),
        ("median(amount)", "count, sum, avg, min and max"),
        ("count(distinct product)", "count, sum, avg, min and max"),
        ("amount", "stands outside of an aggregate"),
        ("1", "no aggregate"),
        ("cast(sum(amount) as text)", "this is text"),
        ("sum(nothing)", "no name `nothing`"),
        ("sum(x)", "no name `x`"),
    ] {
        let error = plan(&mut World::new(), "orders", expression).unwrap_err();
        assert_eq!(error.fault, Fault::Job);
        assert!(error.message.starts_with("constant x: ") && error.message.contains(said), "{expression}: {error}");
    }
}

/// The answer of a query over a world with the constants `mean` (a decimal), `first` (a time) and `nothing` (a null).
fn answer(sql: &str) -> Result<String> {
    let world = World::new();
    let of = |name: &str, data_type: &str, value: Option<&str>| KnownConstant {
        name: name.to_owned(),
        data_type: data_type.to_owned(),
        value: value.map(str::to_owned),
        customers_left_out: 0,
    };
    let known = [
        of("mean", "Decimal128(38, 4)", Some("6.0658")),
        of("first", "Timestamp(µs, \"UTC\")", Some("2025-01-02T01:00:00Z")),
        of("nothing", "Int64", None),
        of("product", "Int64", Some("7")),
    ];
    let constants = Constants::read(&known).unwrap();
    let fields: Vec<_> = constants.columns(0).unwrap().into_iter().map(|(field, _)| field).collect();
    let query = Query::bind(sql, &Catalogue::of(&world.spec)?.with_constants(&fields))?;
    let tables = ShardTables::new(&world.spec, &world.shard)?;
    let scratch = tempfile::tempdir().unwrap();
    let room = Room { memory: PLENTY, scratch: scratch.path(), references: &world.references, constants: &constants };
    let found = query.answer(&tables, room)?;
    let rows: Vec<String> = shown(&world.shard.customers, &found.columns).into_values().collect();
    Ok(rows.join(" | "))
}

#[test]
fn queries_compute_with_constants_wherever_a_value_can_stand() {
    for (sql, expected) in [
        (
            "select customer_id, sum(amount) - mean as x from orders group by customer_id",
            "13.9342 | -4.0758 | 43.9342 | - | -5.2658",
        ),
        ("select customer_id, count(*) as n from orders where amount > mean group by customer_id", "2 | - | 1 | - | -"),
        (
            "select customer_id, count(*) filter (where amount > mean) as n from orders group by customer_id",
            "2 | 0 | 1 | - | 0",
        ),
        (
            "select customer_id, max(amount) as m from orders group by customer_id having max(amount) > mean",
            "10.00 | - | 50.00 | - | -",
        ),
        (
            "select customer_id, max(cast(time as date) - cast(first as date)) as d from orders group by customer_id",
            "40 | 6 | 299 | - | 199",
        ),
        (
            "select customer_id, coalesce(count(nothing), 0) as n, max(nothing) as m from orders group by customer_id",
            "0 - | 0 - | 0 - | - - | 0 -",
        ),
        // A column of the same name comes first.
        ("select customer_id, max(product) as p from orders group by customer_id", "tea | 12 | x1 | - | tea"),
        (
            "select customer_id, sum(s) as s from (select customer_id, sum(amount) over (partition by customer_id order by amount > mean) as s from orders) group by customer_id",
            "40.00 | 5.97 | 50.00 | - | 3.20",
        ),
        (
            "select o.customer_id, count(*) as n from orders o join products p on p.product = o.product and p.price < mean group by o.customer_id",
            "4 | - | - | - | 3",
        ),
    ] {
        assert_eq!(answer(sql).unwrap(), expected, "{sql}");
    }
}

#[test]
fn a_name_that_is_none_is_refused_as_ever() {
    let error =
        answer("select customer_id, count(*) as n from orders where amount > meen group by customer_id").unwrap_err();
    assert!(error.message.contains("meen"), "{error}");
    let error = answer("select customer_id, max(o.mean) as n from orders o group by customer_id").unwrap_err();
    assert!(error.message.contains("mean"), "{error}");
}
