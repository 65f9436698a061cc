-- name:    replenishment
-- about:   When the next purchase is due, by the customer's own gaps.
-- kind:    transactions
-- needs:   time, amount
-- without: is_refund bool
-- source:  due is the last order day plus the middle gap between order days
-- column:  due_in_days    double  days   until the next purchase is due; negative where it is overdue, null below two order days
-- column:  overdue_ratio  double  ratio  days since the last purchase / middle gap: above 1 it is overdue
select customer_id,
       median(gap) - (as_of() - max(day))  as due_in_days,
       (as_of() - max(day)) / median(gap)  as overdue_ratio
from (select customer_id, day, day - lag(day) over (partition by customer_id order by day) as gap
      from (select distinct customer_id, cast(time as date) as day
            from transactions
            where not coalesce(is_refund, amount < 0)))
group by customer_id
