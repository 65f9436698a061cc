-- The rows that the job uses, and its queries written anew.

create table purchases as
select substr(line, 2, 5) as id, strptime(substr(line, 8, 8), '%Y%m%d') as time, cast(trim(substr(line, 17, 2)) as int) as cds,
       cast(trim(substr(line, 20, 7)) as decimal(18, 4)) as amount
from (select unnest(string_split(trim(content, chr(10)), chr(10))) as line from read_text('DATA/cdnow/CDNOW_master.txt'))
where line not like '%customer_id%' and strptime(substr(line, 8, 8), '%Y%m%d') < getvariable('as_of');
create table transactions as
select id, time, amount, null::decimal(18, 4) as cost, null::decimal(18, 4) as discount, amount < 0 as refund from purchases;
create table population as select distinct id from purchases;

-- family: order_of_purchases
with lists as (select id, list(amount order by time, amount, cds) as amounts, list(cds order by time, amount, cds) as cds,
                      list(time order by time) as times, count(*) as n
               from purchases group by id),
     days as (select id, time, count(*) as n from purchases group by id, time)
select id, amounts[1] as first_amount, amounts[2] as second_amount, cds[3] as third_quantity,
       list_max([list_sum(amounts[greatest(i - 2, 1):i]) for i in range(1, n + 1)])::decimal(38, 4) as best_three,
       -- Of the smallest amount: how many of the others are larger. One purchase has a share of 0.
       ifnull(len([a for a in amounts if a > list_min(amounts)]) / nullif(n - 1, 0), 0) as largest_share,
       -- A rank is one more than the rows before it: of the last day, than those of earlier days.
       1 + len([t for t in times if t < times[n]]) as last_place,
       (select max(days.n) from days where days.id = lists.id) as most_a_day, list_sum(cds) as most_cds
from lists

-- family: spread
with sums as (select id, count(*) as n, sum(cds::hugeint) as x, sum(cds::hugeint * cds) as xx, sum(cds::hugeint * cds * cds) as xxx,
                     sum(units(amount)) as y, sum(units(amount) * units(amount)) as yy, sum(cds * units(amount)) as xy,
                     list_sort(list(units(amount))) as amounts, count(distinct amount) as different
              from purchases group by id),
     cds as (select id, bits(list(n)) as bits from (select id, cds, count(*) as n from purchases group by id, cds) group by id),
     usual as (select id, first(amount order by n desc, amount) as amount
               from (select id, amount, count(*) as n from purchases group by id, amount) group by id)
select id, quantile_money(amounts, 1, 2) as amount_median, quantile_money(amounts, 35, 100) as amount_p35,
       money(round_div(y, n)) as amount_mean, deviation(n, x, xx) as quantity_stddev, (n * xx - x * x) / (n * n) as quantity_variance,
       skew(n, x, xx, xxx) as quantity_skewness, correlation(n, x, y, xx, yy, xy) as amount_corr, bits as quantity_entropy,
       usual.amount as usual_amount, different as amounts
from sums join cds using (id) join usual using (id)

-- family: since_first
with aged as (select id, amount, time::date as day, min(time::date) over (partition by id) as first_day from purchases)
select id, min(day) as first_day, sum(amount) filter (where day < first_day + 31) as spent_30_days,
       sum(if(day >= first_day + 31, amount, 0)) as spent_later, datediff('day', min(day), max(day)) as age_of_last,
       count(distinct day) as days
from aged group by id

-- family: quiet_months
with months as (select id, date_trunc('month', time)::timestamp as month, sum(amount) as spent, count(*) as n from purchases group by id, month),
     ends as (from (select id, month, spent from months) union all
              (select id, getvariable('as_of') as month, 0 as spent from months where n > 1)),
     placed as (select id, month, spent, row_number() over (partition by id order by month, spent) as place from ends),
     rises as (select b.id, max(b.spent - a.spent) as rise from placed a join placed b on b.id = a.id and b.place = a.place + 1 group by b.id),
     counted as (select id, month, count(*) as n from ends group by id, month)
select id, sum(n) as ends, count(*) as months, any_value(rise) as largest_rise, first(month order by n desc, month) as usual_month
from counted left join rises using (id) group by id

-- family: falls; falls 0
select p.id, count(*) as falls, count(distinct p.time) as times_of_falls, max(e.amount - p.amount) as largest_fall
from purchases p, purchases e
where e.id = p.id and e.time < p.time and e.amount > p.amount group by p.id
