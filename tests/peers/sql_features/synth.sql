-- The rows that the job uses, and its queries written anew. Times of orders are in UTC, those of tills local; all are local here.

create table population as select client_no as id, upper(country) as land, signed_up
from 'DATA/customers/*.parquet' where client_no is not null and employee_flag is distinct from 'Y';

create table all_orders as
select client_no::varchar as id, order_no::varchar as order_id, line_no, timezone('Europe/Berlin', ordered_at) as time, ordered_at, sku, category,
       quantity, unit_price, (quantity * unit_price - discount)::decimal(18, 4) as amount,
       (quantity * unit_price * 0.6)::decimal(18, 4) as cost, discount, channel, refund_of is not null as refund
from 'DATA/orders/*.parquet'
-- A row without time or price is quarantined; of lines that share a key the earliest is kept (below); equally early ones
-- are the same line, delivered twice.
where status <> 'cancelled' and ordered_at is not null and unit_price is not null
  and timezone('Europe/Berlin', ordered_at) < getvariable('as_of') and client_no::varchar in (select id from population);
create table orders as
select distinct on (order_id, line_no) * from all_orders order by order_id, line_no, ordered_at;

create table tills as
with read as (select ltrim(card_no, '0') as id, receipt as order_id, try_strptime(ts, '%d.%m.%Y %H:%M') as time,
                     try_cast(replace(total, ',', '.') as decimal(18, 2))::decimal(18, 4) as amount
              from read_csv('DATA/tills/*.csv', delim = ';', header = true, all_varchar = true))
select distinct on (order_id) * from read
where time < getvariable('as_of') and amount is not null and id in (select id from population) order by order_id, time;

create table transactions as
select id, time, amount, cost, discount, refund, channel, order_id, line_no from orders
union all select id, time, amount, null, null, amount < 0, 'till', order_id, null from tills;

-- family: channels
with placed as (select *, row_number() over (partition by id order by time, amount, order_id, line_no) as place from transactions),
     ends as (select id, first(channel order by time desc, amount, order_id, line_no) as last_channel,
                     last(channel order by time desc, amount, order_id, line_no) as first_channel from transactions group by id),
     usual as (select id, first(channel order by n desc, channel) as channel, count(*) as n
               from (select id, channel, count(*) as n from transactions group by id, channel) group by id),
     sums as (select id, max(five) as best_five, count(*) filter (where hour(time) >= 22) as night, max(step) as step
              from (select id, time, sum(amount) over (partition by id order by place rows 4 preceding) as five,
                           amount - ifnull(lag(amount, 2) over (partition by id order by place), 0) as step from placed)
              group by id)
select id, last_channel, first_channel, usual.n as channels, usual.channel as usual_channel, best_five, night as lines_at_night,
       step as largest_step
from sums join ends using (id) join usual using (id)

-- family: two_sources
with online as (select id, sum(amount) as spent, min(time)::date as day, count(distinct order_id) as orders from orders group by id),
     shop as (select id, sum(amount) as spent, min(time)::date as day, count(*) as receipts from tills group by id)
select id, land, online.spent as spent_online, shop.spent as spent_at_tills, receipts,
       shop.spent / nullif(ifnull(online.spent, 0) + shop.spent, 0) as till_share,
       datediff('day', signed_up, online.day) as days_to_order, least(online.day, shop.day) as first_day, orders
from population left join online using (id) left join shop using (id)

-- family: baskets
with baskets as (select id, order_id, sum(amount) as spent, sum(quantity)::bigint as pieces from orders where amount > 0 group by id, order_id),
     sums as (select id, list_sort(list(units(spent))) as spents, list_sort(list(pieces)) as pieces, count(*) as n,
                     sum(pieces::hugeint) as x, sum(pieces::hugeint * pieces) as xx, sum(spent) as whole, max(spent) as largest,
                     min(spent) as smallest
              from baskets group by id)
select id, quantile_money(spents, 1, 2) as basket_median, quantile_money(spents, 4, 5) as basket_p80,
       money(round_div(list_sum(spents)::hugeint, n)) as basket_mean, quantile_whole(pieces, 1, 2) as pieces_median,
       x / n as pieces_mean, deviation(n, x, xx) as pieces_stddev, largest / whole as largest_share,
       -- The smallest baskets have the last rank: one more than there are larger ones.
       1 + len([s for s in spents if s > spents[1]]) as baskets_ranked,
       quantile_whole(spents, 1, 2) / units(whole) as share_median
from sums

-- family: taste
with skus as (select id, bits(list(n)) as variety, count(*) as products
              from (select id, sku, count(*) as n from orders group by id, sku) group by id),
     favourites as (select id, first(category order by n desc, category) as favourite, count(*) as categories
                    from (select id, category, count(*) as n from orders group by id, category) group by id),
     weekdays as (select id, first(weekday order by n desc, weekday) as usual
                  from (select id, isodow(time) as weekday, count(*) as n from orders group by id, weekday) group by id),
     sums as (select id, count(*) as n, sum(quantity::hugeint) as x, sum(quantity::hugeint * quantity) as xx, sum(cents) as y,
                     sum(cents * cents) as yy, sum(cents * cents * cents) as yyy, sum(cents * quantity) as xy, max(time) as last_line
              from (select *, (unit_price * 100)::hugeint as cents from orders) group by id)
select id, favourite, variety, products, categories, skew(n, y, yy, yyy) as price_skewness,
       correlation(n, x, y, xx, yy, xy) as price_corr, last_line, usual as usual_weekday
from sums join skus using (id) join favourites using (id) join weekdays using (id)

-- family: movements; days_moved 0
with movements as (from (select id, time::date as day, amount, 1 as origin from orders where not refund)
                   union all (select id, time::date, amount, 2 from tills where amount > 0)
                   union all (select o.id, o.time::date, o.amount, 3 from orders o, tills t
                              where t.id = o.id and t.time::date = o.time::date and o.refund)),
     days as (select id, day, sum(amount) as moved, count(distinct origin) as origins from movements group by id, day),
     running as (select a.id, a.day, sum(b.moved) as balance, datediff('day', max(b.day) filter (where b.day < a.day), a.day) as pause
                 from days a join days b on b.id = a.id and b.day <= a.day group by a.id, a.day)
select id, max(moved) as best_day, max(origins) as most_origins, max(balance) as highest_balance, count(*) as days_moved,
       max(pause) as longest_pause
from days join running using (id, day) group by id
