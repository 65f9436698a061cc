-- The rows that the job uses, and its queries written anew.

create table lines as
select cast(cast("Customer ID" as bigint) as varchar) as id, Invoice as invoice, cast(InvoiceDate as timestamp) as time, StockCode as code,
       cast(Quantity * Price as decimal(18, 4)) as amount, Quantity as quantity, cast(Price as decimal(18, 3)) as price, 1 as part
from 'DATA/online_retail/online_retail_II_2009_2010.parquet'
where "Customer ID" is not null and cast(InvoiceDate as timestamp) < timestamp '2010-12-01'
union all
select cast(cast(CustomerID as bigint) as varchar), InvoiceNo, InvoiceDate, StockCode,
       cast(Quantity * UnitPrice as decimal(18, 4)), Quantity, cast(UnitPrice as decimal(18, 3)), 2
from 'DATA/online_retail/online_retail_2010_2011.parquet'
where CustomerID is not null and InvoiceDate < getvariable('as_of');
create table transactions as
select id, time, amount, null::decimal(18, 4) as cost, null::decimal(18, 4) as discount, amount < 0 as refund from lines;
create table population as select distinct id from lines;

-- family: lines; most_pieces 0
-- Lines equal in all that orders them are interchangeable: the order is total in what can be seen.
with placed as (select *, row_number() over (partition by id order by time, invoice, code, quantity, amount) as place,
                       count(*) over (partition by id) as n
                from lines),
     whole as (select id, n,
                      sum(amount) over (partition by id order by place rows 9 preceding) as ten,
                      sum(quantity) over (partition by id order by time range unbounded preceding) as pieces,
                      code, quantity, place,
                      -- Of n rows in four parts the first n % 4 parts have one more.
                      n - (n // 4) < place as in_last
               from placed),
     -- The last line is asked for with the latest invoice first and the rest rising.
     ends as (select id, first(code order by time desc, invoice desc, code, quantity, amount) as last_product,
                     first(code order by time, invoice, code, quantity, amount) as first_product from lines group by id)
select id, any_value(last_product) as last_product, any_value(first_product) as first_product, max(ten) as best_ten_lines,
       max(pieces) as most_pieces, sum(quantity) filter (where in_last) as pieces_of_last_quarter
from whole join ends using (id) group by id

-- family: baskets; basket_sizes 0
with baskets as (select id, invoice, min(time) as opened, sum(amount) as spent, count(distinct code) as products
                 from lines where amount >= 0 group by id, invoice),
     steps as (select *, spent - lag(spent) over (partition by id order by opened, invoice) as step from baskets),
     sums as (select id, list_sort(list(units(spent))) as spents, list_sort(list(products)) as sizes, max(step) as step,
                     count(*) as n, sum(products::hugeint) as s, sum((products * products)::hugeint) as s2, count(distinct products) as places
              from steps group by id)
select id, quantile_money(spents, 1, 2) as basket_median, quantile_money(spents, 9, 10) as basket_p90,
       money(round_div(list_sum(spents)::hugeint, n)) as basket_mean, quantile_whole(sizes, 1, 4) as basket_products_p25,
       s / n as basket_products, step as largest_step, places as basket_sizes, deviation(n, s, s2) as basket_products_stddev
from sums

-- family: taste
with codes as (select id, code, count(*) as n from lines group by id, code),
     variety as (select id, first(code order by n desc, code) as favourite, bits(list(n)) as variety, count(*) as products
                 from codes group by id),
     pieces as (select id, first(quantity order by n desc, quantity) as usual
                from (select id, quantity, count(*) as n from lines group by id, quantity) group by id),
     weekdays as (select id, first(weekday order by n desc, weekday) as usual
                  from (select id, dayofweek(time) as weekday, count(*) as n from lines group by id, weekday) group by id),
     sums as (select id, count(*) as n, sum(quantity::hugeint) as x, sum(quantity::hugeint * quantity) as xx,
                     sum(quantity::hugeint * quantity * quantity) as xxx, sum(mils) as y, sum(mils * mils) as yy, sum(mils * quantity) as xy,
                     count(distinct time::date) as days, max(time) as last_line
              from (select *, (price * 1000)::hugeint as mils from lines) group by id)
select id, favourite, variety, products, days, skew(n, x, xx, xxx) as quantity_skewness,
       correlation(n, x, y, xx, yy, xy) as price_corr, pieces.usual as usual_quantity, last_line, weekdays.usual as usual_weekday
from sums join variety using (id) join pieces using (id) join weekdays using (id)

-- family: both_years; products_after 0
with products as (select id, code,
                         sum(quantity) filter (where part = 1) as before, max(time::date) filter (where part = 1) as last_before,
                         sum(quantity) filter (where part = 2) as after, min(time::date) filter (where part = 2) as first_after
                  from lines where quantity > 0 group by id, code)
select id, count(*) as products_after, count(before) as products_again, sum(after - ifnull(before, 0)) as more_pieces,
       min(first_after) as day_of_return, min(datediff('day', last_before, first_after)) as shortest_pause
from products where after is not null group by id

-- family: balance
with days as (select id, time::date as day, sum(amount) as booked, sum(if(amount < 0, -1, 1)) as lines
              from lines group by id, day),
     running as (select a.id, a.day, a.lines, sum(b.booked) as balance from days a join days b on b.id = a.id and b.day <= a.day group by all),
     places as (select a.id, a.day, count(*) filter (where b.lines <= a.lines) / count(*) as place
                from days a join days b using (id) group by all)
select id, min(balance) as lowest_balance, max(balance) as highest_balance, max(pause) as longest_pause, min(place) as smallest_place,
       count(*) as booked_days
from (select *, datediff('day', day, lead(day, 1, getvariable('as_of')::date) over (partition by id order by day)) as pause from running)
     join places using (id, day)
group by id
