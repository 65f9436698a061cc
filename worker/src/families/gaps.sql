-- name:    gaps
-- about:   Days between purchases: how regular a customer is.
-- kind:    transactions
-- needs:   time, amount
-- without: is_refund bool
-- source:  time between purchases over distinct order days; a day with several orders counts once
-- default: order_days 0
-- column:  gap_days_median  double  days    middle of the days from one order day to the next; null below two order days
-- column:  gap_days_mean    double  days    their mean
-- column:  gap_days_max     int     days    the longest
-- column:  gap_days_stddev  double  days    their standard deviation (n - 1); null below three order days
-- column:  order_days       int     days    different days with a purchase
select customer_id,
       median(gap) as gap_days_median,
       avg(gap)    as gap_days_mean,
       max(gap)    as gap_days_max,
       stddev(gap) as gap_days_stddev,
       count(*)    as order_days
from (select customer_id,
             day - lag(day) over (partition by customer_id order by day) as gap
      from (select distinct customer_id, cast(time as date) as day
            from transactions
            where not coalesce(is_refund, amount < 0)))
group by customer_id
