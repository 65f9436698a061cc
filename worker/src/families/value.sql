-- name:    value
-- about:   What a customer brings: purchases, what came back of them, cost and discounts.
-- kind:    transactions
-- needs:   amount
-- without: is_refund bool, cost decimal(18,4), discount decimal(18,4)
-- source:  a row is a refund where is_refund says so, else where its amount is below zero; cost and discount are those of the row
-- default: value_gross 0, value_refunded 0, value_net 0
-- column:  value_gross      decimal  currency  sum of purchases
-- column:  value_refunded   decimal  currency  sum of refunds, as a positive number
-- column:  value_net        decimal  currency  purchases less refunds
-- column:  refund_share     double   share     refunds / purchases; null without purchases
-- column:  value_margin     decimal  currency  purchases less refunds, less the cost of both; null where no row has a cost
-- column:  margin_rate      double   share     margin / net of the rows that have a cost; null where that is 0
-- column:  discount_rate    double   share     discounts / (purchases + discounts); null where no purchase has a discount
select customer_id,
       coalesce(sum(amount) filter (where not refund), 0)                                as value_gross,
       coalesce(sum(abs(amount)) filter (where refund), 0)                               as value_refunded,
       sum(case when refund then -abs(amount) else amount end)                           as value_net,
       coalesce(sum(abs(amount)) filter (where refund), 0)
         / sum(amount) filter (where not refund)                                         as refund_share,
       sum(case when refund then abs(cost) - abs(amount) else amount - cost end)         as value_margin,
       sum(case when refund then abs(cost) - abs(amount) else amount - cost end)
         / sum(case when refund then -abs(amount) else amount end) filter (where cost is not null) as margin_rate,
       sum(discount) filter (where not refund)
         / sum(amount + discount) filter (where not refund)                              as discount_rate
from (select customer_id, amount, cost, discount, coalesce(is_refund, amount < 0) as refund
      from transactions)
group by customer_id
