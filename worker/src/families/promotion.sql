-- name:    promotion
-- about:   How much a customer waits for a lower price.
-- kind:    transactions
-- needs:   amount, discount
-- without: is_refund bool
-- source:  a purchase is reduced where its discount is above zero; the discount is that of the row
-- column:  promotion_share        double  share  reduced purchases / purchases whose discount is known
-- column:  promotion_value_share  double  share  what reduced purchases sum to / what those sum to; null where that is 0
-- column:  promotion_depth        double  share  discount / (amount + discount) of the reduced ones together; null without any
select customer_id,
       count(*) filter (where discount > 0) / count(discount)                                                as promotion_share,
       coalesce(sum(amount) filter (where discount > 0), 0) / sum(amount) filter (where discount is not null) as promotion_value_share,
       sum(discount) filter (where discount > 0) / sum(amount + discount) filter (where discount > 0)        as promotion_depth
from transactions
where not coalesce(is_refund, amount < 0)
group by customer_id
