//! Queries that look at one customer at a time, each kind of step among them.

/// Queries that are allowed; the answer for a customer is the same without the others.
pub(super) const KEPT: &[&str] = &[
    // Groups
    "select customer_id, count(*) as n from orders group by customer_id",
    "select customer_id, sum(amount) as s, avg(amount) as a, min(time) as t from transactions group by customer_id",
    "select t.customer_id, max(product) as p from orders t group by t.customer_id",
    "select o.customer_id, count(distinct order_id) as n from orders as o group by o.customer_id having count(*) > 1",
    "select customer_id, count(*) filter (where amount > 0) as n, sum(weight) as w from orders group by customer_id",
    "select customer_id, max(n) as most from (select customer_id, product, count(*) as n from orders group by customer_id, product) group by customer_id",
    "select customer_id, sum(case when in_store then 1 else 0 end) / count(*) as share from orders group by customer_id",
    "select customer_id, max(x) as x from (select customer_id, cast(time as date) as day, sum(amount) as x from orders group by customer_id, day) group by customer_id",
    "select customer_id as customer_id, count(*) + 1 as n from orders group by customer_id",
    "select customer_id, median(amount) as m, stddev(weight) as s from orders group by customer_id",
    "select customer_id, bool_or(in_store) as b, bool_and(amount > 0) as c from orders group by customer_id",
    "select customer_id, min(customer_id) as own from orders group by customer_id",
    "select customer_id, quantile(amount, 0.9) as q, mode(product) as m, entropy(product) as e, corr(amount, weight) as c, skewness(amount) as s from orders group by customer_id",
    // Distinct
    "select customer_id, count(*) as n from (select distinct customer_id, product from orders) group by customer_id",
    "select distinct customer_id from orders",
    "select customer_id, 1 as one from (select distinct customer_id from orders)",
    // Filters
    "select customer_id, count(*) as n from orders where amount > 0 and product is not null group by customer_id",
    "select customer_id, sum(amount) as s from orders where time >= window_start('90d') group by customer_id",
    "select customer_id, as_of() - max(cast(time as date)) as days from orders group by customer_id",
    "select customer_id, n from (select customer_id, count(*) as n from orders group by customer_id) where n > 1",
    // Rows of customers
    "select customer_id, age, city from customers",
    "select customer_id, upper(customer_id) as big, length(customer_id) as l from customers where age > 18",
    "select customer_id, case when age >= 18 then 'adult' else 'minor' end as ages from people",
    // Windows
    "select customer_id, max(r) as n from (select customer_id, row_number() over (partition by customer_id order by time) as r from orders) group by customer_id",
    "select customer_id, median(gap) as g from (select customer_id, day - lag(day) over (partition by customer_id order by day) as gap from (select distinct customer_id, cast(time as date) as day from orders)) group by customer_id",
    "select customer_id, max(s) as s from (select customer_id, sum(amount) over (partition by customer_id order by time rows between 1 preceding and current row) as s from orders) group by customer_id",
    "select customer_id, product from (select customer_id, product, row_number() over (partition by customer_id order by time desc, amount) as r from orders) where r = 1",
    "select customer_id, max(r) as r from (select customer_id, dense_rank() over (partition by customer_id, product order by amount) as r from orders) group by customer_id",
    "select customer_id, count(*) as n, sum(count(*)) over (partition by customer_id) as m from orders group by customer_id",
    "select customer_id, max(x) as x from (select customer_id, first_value(amount) over (partition by customer_id order by time) as x from orders) group by customer_id",
    "select customer_id, max(q) as q from (select customer_id, ntile(2) over (partition by customer_id order by amount, time) as q from orders) group by customer_id",
    // Joins
    "select o.customer_id, count(*) as n from orders o join visits v on o.customer_id = v.customer_id group by o.customer_id",
    "select o.customer_id, count(v.seconds) as n from orders o left join visits v on v.customer_id = o.customer_id and v.time < o.time group by o.customer_id",
    "select c.customer_id, o.n, v.n as m from customers c left join (select customer_id, count(*) as n from orders group by customer_id) o on o.customer_id = c.customer_id left join (select customer_id, count(*) as n from visits group by customer_id) v on v.customer_id = c.customer_id",
    "select v.customer_id, sum(o.amount) as s from orders o join visits v on o.customer_id = v.customer_id where v.seconds > 0 group by v.customer_id",
    "select a.customer_id, count(*) as n from orders a join orders b on a.customer_id = b.customer_id and a.product = b.product group by a.customer_id",
    "select c.customer_id, c.age, o.n from customers c join (select customer_id, count(*) as n from orders group by customer_id) o on c.customer_id = o.customer_id",
    "select o.customer_id, count(*) as n from orders o left join visits v on v.customer_id = o.customer_id and v.seconds > 20 and o.in_store = (v.seconds > 40) group by o.customer_id",
    // Unions
    "select customer_id, count(*) as n from (select customer_id, time from orders union all select customer_id, time from visits) group by customer_id",
    "select customer_id, count(*) as n from (select customer_id, amount from orders union select customer_id, amount from visits) group by customer_id",
    "select customer_id, sum(x) as s from (select customer_id, 1 as x from orders union all select customer_id, 0.5 as x from visits) group by customer_id",
    // Names for queries
    "with d as (select customer_id, cast(time as date) as day from orders) select customer_id, count(distinct day) as n from d group by customer_id",
    "with a as (select customer_id, amount from orders), b as (select customer_id, sum(amount) as s from a group by customer_id) select a.customer_id, max(a.amount / b.s) as share from a join b on a.customer_id = b.customer_id group by a.customer_id",
    "with o as (select * from orders) select customer_id, max(amount) as m from o group by customer_id",
    "select customer_id, count(*) as n from transactions where source = 'visits' group by customer_id",
    "select customer_id, n from (select o.*, count(*) over (partition by o.customer_id) as n, row_number() over (partition by o.customer_id order by time) as r from orders o) where r = 1",
];
