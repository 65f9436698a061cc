-- name:    products
-- about:   How wide and how faithful the choice of products is.
-- kind:    transactions
-- needs:   product_id, time, amount
-- without: is_refund bool
-- source:  purchases with a product; entropy is Shannon's, in bits, of the shares of rows by product
-- default: products_distinct 0
-- column:  products_distinct     int     products  different products
-- column:  product_repeat_share  double  share     of them, those bought on more than one day
-- column:  product_top_share     double  share     rows of the most frequent product / rows
-- column:  product_entropy       double  bits      0 where it is always the same product
select s.customer_id,
       s.products_distinct,
       s.repeated / s.products_distinct as product_repeat_share,
       s.most / s.lines                 as product_top_share,
       e.product_entropy
from (select customer_id, count(*) as products_distinct, count(*) filter (where days > 1) as repeated,
             max(lines) as most, sum(lines) as lines
      from (select customer_id, product_id, count(*) as lines, count(distinct cast(time as date)) as days
            from transactions
            where not coalesce(is_refund, amount < 0) and product_id is not null
            group by customer_id, product_id)
      group by customer_id) s
join (select customer_id, entropy(product_id) as product_entropy
      from transactions
      where not coalesce(is_refund, amount < 0) and product_id is not null
      group by customer_id) e on e.customer_id = s.customer_id
