-- name:    clv_holdout
-- about:   The histories of the preset clv as they were before the hold-out window, and what came of them within it: no preset, and its columns are no features.
-- kind:    transactions whole
-- needs:   time, amount
-- without: is_refund bool
-- window:  180d
-- source:  as the preset clv
-- default: __held_orders_within 0, __held_value_within 0
-- column:  __held_orders         int      orders    days with a purchase before the window, without the first; null without one
-- column:  __held_span_days      int      days      days from the first of them to the last
-- column:  __held_age_days       int      days      days from the first of them to the day before the window
-- column:  __held_order_value    decimal  currency  purchases behind the first day / __held_orders
-- column:  __held_orders_within  int      orders    days with a purchase in the window
-- column:  __held_value_within   decimal  currency  purchases in the window
select customer_id,
       cast(nullif(count(*) filter (where before), 0) - 1 as int)                             as __held_orders,
       cast(max(day) filter (where before) - min(day) filter (where before) as int)           as __held_span_days,
       cast(cast(window_start($window) as date) - min(day) filter (where before) - 1 as int)  as __held_age_days,
       cast(divide(sum(bought) filter (where before and day > first),
                   count(*) filter (where before) - 1) as decimal(28, 4))                     as __held_order_value,
       cast(count(*) filter (where not before) as int)                                        as __held_orders_within,
       cast(coalesce(sum(bought) filter (where not before), 0) as decimal(28, 4))             as __held_value_within
from (select customer_id, day, bought, day < cast(window_start($window) as date) as before,
             min(day) over (partition by customer_id) as first
      from (select customer_id, cast(time as date) as day, sum(amount) as bought
            from transactions
            where not coalesce(is_refund, amount < 0)
            group by customer_id, cast(time as date)))
group by customer_id
