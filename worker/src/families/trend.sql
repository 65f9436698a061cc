-- name:    trend
-- about:   Whether a customer spends more or less than before: a window before as_of, the window of the same length before it, and the last 12 months.
-- kind:    transactions
-- needs:   time, amount
-- without: is_refund bool
-- window:  90d
-- source:  slope by least squares over the 12 whole months before that of as_of, months without purchases being 0: sum((x - 6.5) * y) / 143
-- default: spend_recent 0, spend_before 0, spend_slope 0
-- column:  spend_recent     decimal  currency            purchases in the window before as_of
-- column:  spend_before     decimal  currency            purchases in the window before that one
-- column:  spend_ratio      double   ratio               recent / before; null where before is 0
-- column:  spend_slope      double   currency per month  how purchases rise from month to month, over 12 months
select customer_id,
       coalesce(sum(amount) filter (where time >= window_start($window)), 0) as spend_recent,
       coalesce(sum(amount) filter (where time >= window_start($window, 2) and time < window_start($window)), 0) as spend_before,
       coalesce(sum(amount) filter (where time >= window_start($window)), 0)
         / sum(amount) filter (where time >= window_start($window, 2) and time < window_start($window)) as spend_ratio,
       coalesce(sum((6.5 - months) * amount) filter (where months between 1 and 12), 0) / 143 as spend_slope
from (select customer_id, time, amount,
             (date_part('year', as_of()) - date_part('year', time)) * 12
               + date_part('month', as_of()) - date_part('month', time) as months
      from transactions
      where not coalesce(is_refund, amount < 0))
group by customer_id
