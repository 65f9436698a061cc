-- name:    clv
-- about:   What a customer will order and what that is worth, by models that are fitted over all customers: lifetime value.
-- kind:    transactions whole
-- needs:   time, amount
-- without: is_refund bool
-- source:  orders by BG/NBD (Fader, Hardie and Lee 2005) or MBG/NBD (Batislam, Denizel and Filiztekin 2007), values by Gamma-Gamma (Fader and Hardie 2013), fitted by maximum likelihood over a hash sample; purchases of one day are one order, and the first of them is no repeat order; keys, constants and their errors: docs/lifetime.md
-- column:  repeat_orders         int      orders    x: days with a purchase, without the first of them; null without a purchase
-- column:  repeat_span_days      int      days      t: days from the first purchase to the last one
-- column:  purchase_age_days     int      days      T: days from the first purchase to the day before as_of
-- column:  repeat_order_value    decimal  currency  z: purchases behind the first day / x; null without such
-- fitted:  probability_alive     double   share     1 / (1 + a / b″ · ((α + T) / (α + t))^(r + x)), b″ = b + x (mbg_nbd) or b + x - 1 (bg_nbd, where it is 1 of who has no repeat order); times in steps
-- fitted:  expected_orders       double   orders    within the horizon h: probability_alive · (a + b′ - 1) / (a - 1) · [1 - ((α + T) / (α + T + h))^(r + x) · ₂F₁(r + x, b′; a + b′ - 1; h / (α + T + h))], b′ = b + x + 1 (mbg_nbd) or b + x (bg_nbd)
-- fitted:  expected_order_value  double   currency  p · (v + x · z) / (p · x + q - 1)
-- fitted:  expected_value        double   currency  expected_orders · expected_order_value
-- fitted:  clv                   double   currency  margin · expected_order_value · Σ of expected orders in each step / (1 + discount_rate)^(end of the step in years)
select customer_id,
       cast(count(*) - 1 as int)                                                          as repeat_orders,
       cast(max(day) - min(day) as int)                                                   as repeat_span_days,
       cast(as_of() - min(day) - 1 as int)                                                as purchase_age_days,
       cast(divide(sum(bought) filter (where day > first), count(*) - 1) as decimal(28, 4)) as repeat_order_value
from (select customer_id, day, bought, min(day) over (partition by customer_id) as first
      from (select customer_id, cast(time as date) as day, sum(amount) as bought
            from transactions
            where not coalesce(is_refund, amount < 0)
            group by customer_id, cast(time as date)))
group by customer_id
