-- name:    refunds
-- about:   What a customer gives back.
-- kind:    transactions
-- needs:   time, amount
-- without: is_refund bool
-- source:  a row is a refund where is_refund says so, else where its amount is below zero
-- default: refund_rows 0
-- column:  refund_rows         int     rows   refunds
-- column:  refund_row_share    double  share  refunds / all rows
-- column:  refund_value_share  double  share  what was given back / purchases; null where those sum to 0
-- column:  refund_last_days    int     days   since the last refund; null without one
select customer_id,
       count(*) filter (where refund)                       as refund_rows,
       count(*) filter (where refund) / count(*)            as refund_row_share,
       coalesce(sum(abs(amount)) filter (where refund), 0)
         / sum(amount) filter (where not refund)            as refund_value_share,
       as_of() - max(cast(time as date)) filter (where refund) as refund_last_days
from (select customer_id, time, amount, coalesce(is_refund, amount < 0) as refund
      from transactions)
group by customer_id
