-- The presets written anew, over transactions(id, time, amount, cost, discount, refund), where time is local.
-- A family begins with its name and the values of customers without a row.

-- family: gaps; order_days 0
-- Sums of whole numbers, so that mean and deviation are rounded once.
with days as (select distinct id, time::date as day from transactions where not refund),
     gaps as (select id, day - lag(day) over (partition by id order by day) as gap from days),
     sums as (select id, count(gap) as n, sum(gap::hugeint) as s, sum((gap * gap)::hugeint) as s2, max(gap) as longest, count(*) as days,
                     list_sort(list(gap) filter (where gap is not null)) as gaps
              from gaps group by id)
select id, (gaps[(n + 1) // 2] + gaps[n // 2 + 1]) / 2 as gap_days_median,
       case when n > 0 then s / n end as gap_days_mean, longest as gap_days_max,
       case when n > 1 then sqrt((n * s2 - s * s) / (n * (n - 1))) end as gap_days_stddev, days as order_days
from sums

-- family: value; value_gross 0, value_refunded 0, value_net 0
with signed as (select *, case when refund then 0 else amount end as bought, case when refund then abs(amount) else 0 end as back,
                       case when refund then abs(cost) else -cost end as spent
                from transactions),
     sums as (select id, sum(bought) as gross, sum(back) as refunded, count(*) filter (where not refund) as purchases,
                     sum(bought - back) filter (where cost is not null) as net_known,
                     sum(bought - back + spent) as margin,
                     sum(discount) filter (where not refund) as discounts,
                     sum(amount + discount) filter (where not refund and discount is not null) as before_discounts
              from signed group by id)
select id, gross as value_gross, refunded as value_refunded, gross - refunded as value_net,
       refunded / nullif(case when purchases > 0 then gross end, 0) as refund_share,
       margin as value_margin, margin / nullif(net_known, 0) as margin_rate,
       discounts / nullif(before_discounts, 0) as discount_rate
from sums

-- family: trend; spend_recent 0, spend_before 0, spend_slope 0
-- Slope: 6.5 - months and 143 are both doubled, so that the sum is of decimals.
with bought as (select id, amount, time,
                       datediff('month', date_trunc('month', time), date_trunc('month', getvariable('as_of'))) as months
                from transactions where not refund),
     sums as (select id,
                     coalesce(sum(amount) filter (where time >= getvariable('as_of') - interval 90 days), 0) as recent,
                     coalesce(sum(amount) filter (where time >= getvariable('as_of') - interval 180 days
                                                    and time < getvariable('as_of') - interval 90 days), 0) as before,
                     coalesce(sum((13 - 2 * months) * amount) filter (where months >= 1 and months <= 12), 0) as tilt
              from bought group by id)
select id, recent as spend_recent, before as spend_before, recent / nullif(before, 0) as spend_ratio, tilt / 286 as spend_slope
from sums

-- family: seasonality
with quarters as (select id, quarter(time) as q, sum(amount) as spent from transactions where not refund group by id, quarter(time)),
     whole as (select id, sum(spent) as spent, max(spent) as largest from quarters group by id)
select id,
       max(if(q = 1, quarters.spent, 0)) / nullif(any_value(whole.spent), 0) as season_share_q1,
       max(if(q = 2, quarters.spent, 0)) / nullif(any_value(whole.spent), 0) as season_share_q2,
       max(if(q = 3, quarters.spent, 0)) / nullif(any_value(whole.spent), 0) as season_share_q3,
       max(if(q = 4, quarters.spent, 0)) / nullif(any_value(whole.spent), 0) as season_share_q4,
       sum(pow(quarters.spent / nullif(whole.spent, 0), 2)) as season_concentration,
       min(q) filter (where quarters.spent = largest) as season_peak_quarter
from quarters join whole using (id) group by id
