-- name:    rfm
-- about:   Recency, frequency, monetary, tenure and average order value.
-- kind:    transactions
-- needs:   time, amount
-- without: order_id text, is_refund bool
-- source:  Hughes, Strategic Database Marketing (1994); a row is a refund where is_refund says so, else where its amount is below zero; orders are the purchases of one order_id of one source, and a row without an order_id is an order of its own
-- default: frequency 0, monetary 0, __purchases 0
-- always:  frequency, monetary
-- beside:  __purchases is what totals of segments are made of, and no feature: leave it out in a query of your own
-- column:  recency_days         int      days      days from the last purchase to as_of
-- column:  frequency            int      orders    orders with a purchase
-- column:  monetary             decimal  currency  purchases less refunds
-- column:  tenure_days          int      days      days from the first purchase to as_of
-- column:  average_order_value  decimal  currency  purchases / orders; null without a purchase
select customer_id,
       cast(as_of() - last as int)                       as recency_days,
       orders                                            as frequency,
       cast(coalesce(net, 0) as decimal(28, 4))          as monetary,
       cast(as_of() - first as int)                      as tenure_days,
       cast(divide(purchases, orders) as decimal(18, 4)) as average_order_value,
       cast(coalesce(purchases, 0) as decimal(28, 4))    as __purchases
from (select customer_id,
             cast(max(time) filter (where not refund) as date) as last,
             cast(min(time) filter (where not refund) as date) as first,
             count(distinct source, order_id) filter (where not refund)
               + count(*) filter (where not refund and order_id is null) as orders,
             sum(amount) filter (where not refund) as purchases,
             sum(case when refund then -abs(amount) else amount end) as net
      from (select customer_id, source, order_id, time, amount, coalesce(is_refund, amount < 0) as refund
            from transactions)
      group by customer_id)
