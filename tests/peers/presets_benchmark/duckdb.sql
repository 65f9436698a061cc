-- The presets over orders, written anew: a view of the rows, what several of them share, and a table for each.
create view lines as
select client_no as customer_id, order_no as order_id, ordered_at as time, cast(ordered_at as date) as day, sku, category, channel, discount,
       (quantity * unit_price - discount)::decimal(18, 4) as amount, (quantity * unit_price * 0.6)::decimal(18, 4) as cost
from read_parquet('{data}/orders/*.parquet')
where status <> 'cancelled' and client_no is not null and ordered_at < timestamptz '2026-01-01 00:00:00+00'
  and quantity * unit_price - discount is not null;
create view bought as select * from lines where amount >= 0;
create macro bits(counts) as -list_sum([c / list_sum(counts) * log2(c / list_sum(counts)) for c in counts]);

create table rfm as
select customer_id, date '2026-01-01' - max(day) filter (where amount >= 0) as recency_days,
       count(distinct order_id) filter (where amount >= 0) as frequency, sum(amount) as monetary,
       date '2026-01-01' - min(day) filter (where amount >= 0) as tenure_days,
       sum(amount) filter (where amount >= 0) / nullif(count(distinct order_id) filter (where amount >= 0), 0) as average_order_value
from lines group by customer_id;

create table value as
select customer_id, sum(amount) filter (where amount >= 0) as value_gross, -sum(amount) filter (where amount < 0) as value_refunded,
       sum(amount) as value_net,
       coalesce(-sum(amount) filter (where amount < 0), 0) / nullif(sum(amount) filter (where amount >= 0), 0) as refund_share,
       sum(if(amount < 0, abs(cost) - abs(amount), amount - cost)) as value_margin,
       sum(if(amount < 0, abs(cost) - abs(amount), amount - cost)) / nullif(sum(amount) filter (where cost is not null), 0) as margin_rate,
       sum(discount) filter (where amount >= 0) / nullif(sum(amount + discount) filter (where amount >= 0), 0) as discount_rate
from lines group by customer_id;

create table trend as
select customer_id, coalesce(sum(amount) filter (where day >= date '2025-10-03'), 0) as spend_recent,
       coalesce(sum(amount) filter (where day >= date '2025-07-05' and day < date '2025-10-03'), 0) as spend_before,
       coalesce(sum(amount) filter (where day >= date '2025-10-03'), 0)
         / nullif(sum(amount) filter (where day >= date '2025-07-05' and day < date '2025-10-03'), 0) as spend_ratio,
       coalesce(sum((13 - 2 * months) * amount) filter (where months between 1 and 12), 0) / 286 as spend_slope
from (select *, (2026 - year(day)) * 12 + 1 - month(day) as months from bought) group by customer_id;

create table declining as
with spent as (select customer_id, spend_before as past_spend, spend_ratio as past_spend_ratio from trend),
-- Equal spending shares a decile, by how many spent less.
     placed as (select customer_id, 1 + 10 * (rank() over (order by past_spend) - 1) // count(*) over () as decile from spent where past_spend > 0)
select s.customer_id, past_spend, past_spend_ratio, decile as past_spend_decile, coalesce(decile >= 8 and past_spend_ratio < 0.5, false) as is_declining
from spent s left join placed p using (customer_id);

create table days as
select customer_id, day, day - lag(day) over (partition by customer_id order by day) as gap
from (select distinct customer_id, day from bought);
create table gaps as
select customer_id, median(gap) as gap_days_median, avg(gap) as gap_days_mean, max(gap) as gap_days_max, stddev_samp(gap) as gap_days_stddev,
       count(*) as order_days, max(day) as last, min(day) as first
from days group by customer_id;
create table replenishment as
select customer_id, gap_days_median - (date '2026-01-01' - last) as due_in_days,
       (date '2026-01-01' - last) / nullif(gap_days_median, 0) as overdue_ratio
from gaps;
create table lifecycle as
select customer_id, case when date '2026-01-01' - first <= 30 then 'new' when date '2026-01-01' - last <= 1.5 * rhythm then 'active'
                         when date '2026-01-01' - last <= 3 * rhythm then 'cooling' else 'lapsed' end as lifecycle, rhythm as lifecycle_days
from (select *, if(order_days >= 3, gap_days_median, 90) as rhythm from gaps);

create table seasonality as
with quarters as (select customer_id, quarter(day) as q, sum(amount) as spent from bought group by all),
     whole as (select customer_id, sum(spent) as whole, max(spent) as largest from quarters group by all)
select customer_id, max(if(q = 1, spent, 0)) / nullif(any_value(whole), 0) as season_share_q1,
       max(if(q = 2, spent, 0)) / nullif(any_value(whole), 0) as season_share_q2,
       max(if(q = 3, spent, 0)) / nullif(any_value(whole), 0) as season_share_q3,
       max(if(q = 4, spent, 0)) / nullif(any_value(whole), 0) as season_share_q4,
       sum(pow(spent / nullif(whole, 0), 2)) as season_concentration, min(q) filter (where spent = largest) as season_peak_quarter
from quarters join whole using (customer_id) group by customer_id;

create table promotion as
select customer_id, count(*) filter (where discount > 0) / nullif(count(discount), 0) as promotion_share,
       coalesce(sum(amount) filter (where discount > 0), 0) / nullif(sum(amount) filter (where discount is not null), 0) as promotion_value_share,
       sum(discount) filter (where discount > 0) / nullif(sum(amount + discount) filter (where discount > 0), 0) as promotion_depth
from bought group by customer_id;

create table products as
with of_product as (select customer_id, sku, count(*) as n, count(distinct day) as days from bought where sku is not null group by all),
     of_category as (select customer_id, category, count(*) as n from bought where sku is not null and category is not null group by all),
     p as (select customer_id, count(*) as products_distinct, count(*) filter (where days > 1) / count(*) as product_repeat_share,
                  max(n) / sum(n) as product_top_share, bits(list(n)) as product_entropy from of_product group by all),
     c as (select customer_id, count(*) as categories_distinct, arg_min(category, (-n, category)) as category_top, max(n) / sum(n) as category_top_share,
                  list_sum(list_sort(list(n), 'desc')[:3]) / sum(n) as category_top3_share, bits(list(n)) as category_entropy from of_category group by all)
from p left join c using (customer_id);

create table baskets as
select customer_id, count(*) as baskets, avg(spent) as basket_value_mean, median(spent::double) as basket_value_median, max(spent) as basket_value_max,
       avg(lines) as basket_lines_mean, avg(nullif(products, 0)) as basket_products_mean
from (select customer_id, order_id, sum(amount) as spent, count(*) as lines, count(distinct sku) as products
      from bought where order_id is not null group by all)
group by customer_id;

create table sales_channels as
with of_channel as (select customer_id, channel, count(*) as n, max(time) as last from bought where channel is not null group by all)
select customer_id, arg_min(channel, (-n, channel)) as channel_main, max(n) / sum(n) as channel_main_share, count(*) as channels,
       bits(list(n)) as channel_entropy, arg_min(channel, (-epoch_us(last), channel)) as channel_last
from of_channel group by customer_id;

create table refunds as
select customer_id, count(*) filter (where amount < 0) as refund_rows, count(*) filter (where amount < 0) / count(*) as refund_row_share,
       coalesce(-sum(amount) filter (where amount < 0), 0) / nullif(sum(amount) filter (where amount >= 0), 0) as refund_value_share,
       date '2026-01-01' - max(day) filter (where amount < 0) as refund_last_days
from lines group by customer_id;

create table rhythm as
with moments as (select distinct customer_id, time, isodow(time) as weekday, hour(time) as hour from bought),
     w as (select customer_id, arg_min(weekday, (-n, weekday)) as favourite_weekday, bits(list(n)) as weekday_entropy
           from (select customer_id, weekday, count(*) as n from moments group by all) group by customer_id),
     h as (select customer_id, arg_min(hour, (-n, hour)) as favourite_hour from (select customer_id, hour, count(*) as n from moments group by all) group by customer_id),
     s as (select customer_id, count(*) filter (where weekday >= 6) / count(*) as weekend_share,
                  count(*) filter (where hour between 6 and 11) / count(*) as morning_share,
                  count(*) filter (where hour between 12 and 17) / count(*) as afternoon_share,
                  count(*) filter (where hour >= 18) / count(*) as evening_share, count(*) filter (where hour < 6) / count(*) as night_share
           from moments group by customer_id)
from w join h using (customer_id) join s using (customer_id);
