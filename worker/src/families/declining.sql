-- name:    declining
-- about:   Who spent much and now spends far less: a window before as_of against the window of the same length before it.
-- kind:    transactions
-- needs:   time, amount
-- without: is_refund bool
-- window:  90d
-- source:  a ratio below a half among the three upper deciles of those who spent in the window before; equal spending shares a decile
-- default: past_spend 0
-- column:  past_spend         decimal  currency  purchases in the window before the last one
-- column:  past_spend_ratio   double   ratio     purchases in the window before as_of / past_spend; null where that is 0
-- derived: past_spend_decile  int      decile    population_bin(nullif(past_spend, 0), 10)
-- derived: is_declining       bool     flag      coalesce(past_spend_decile >= 8 and past_spend_ratio < 0.5, false)
select customer_id,
       coalesce(sum(amount) filter (where time >= window_start($window, 2) and time < window_start($window)), 0) as past_spend,
       coalesce(sum(amount) filter (where time >= window_start($window)), 0)
         / sum(amount) filter (where time >= window_start($window, 2) and time < window_start($window)) as past_spend_ratio
from transactions
where not coalesce(is_refund, amount < 0)
group by customer_id
