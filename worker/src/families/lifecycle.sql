-- name:    lifecycle
-- about:   Where a customer stands, by the rhythm of the customer's own purchases.
-- kind:    transactions
-- needs:   time, amount
-- without: is_refund bool
-- source:  the rhythm is the middle gap between order days, and 90 days below three order days; new is a first purchase within 30 days, active a last one within 1.5 of the rhythm, cooling within 3, lapsed beyond
-- default: lifecycle prospect
-- column:  lifecycle       text    stage   prospect (no purchase), new, active, cooling or lapsed
-- column:  lifecycle_days  double  days    the rhythm that the stage goes by
select customer_id,
       case when first_days <= 30 then 'new'
            when last_days <= 1.5 * rhythm then 'active'
            when last_days <= 3 * rhythm then 'cooling'
            else 'lapsed' end as lifecycle,
       rhythm as lifecycle_days
from (select customer_id,
             as_of() - min(day) as first_days,
             as_of() - max(day) as last_days,
             case when count(*) >= 3 then median(gap) else 90 end as rhythm
      from (select customer_id, day, day - lag(day) over (partition by customer_id order by day) as gap
            from (select distinct customer_id, cast(time as date) as day
                  from transactions
                  where not coalesce(is_refund, amount < 0)))
      group by customer_id)
