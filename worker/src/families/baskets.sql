-- name:    baskets
-- about:   What an order of the customer looks like: its size and its value.
-- kind:    transactions
-- needs:   order_id, amount
-- without: is_refund bool, product_id text
-- source:  an order is the purchases of one order_id of one source; rows without an order_id are left out
-- default: baskets 0
-- column:  baskets                int      orders    orders with a purchase
-- column:  basket_value_mean      decimal  currency  mean purchases of an order
-- column:  basket_value_median    decimal  currency  middle of them
-- column:  basket_value_max       decimal  currency  the largest
-- column:  basket_lines_mean      double   rows      mean rows of an order
-- column:  basket_products_mean   double   products  mean different products of an order; null where no row has a product
select customer_id,
       count(*)                       as baskets,
       avg(spent)                     as basket_value_mean,
       median(spent)                  as basket_value_median,
       max(spent)                     as basket_value_max,
       avg(lines)                     as basket_lines_mean,
       avg(nullif(products, 0))       as basket_products_mean
from (select customer_id, source, order_id,
             sum(amount) as spent, count(*) as lines, count(distinct product_id) as products
      from transactions
      where not coalesce(is_refund, amount < 0) and order_id is not null
      group by customer_id, source, order_id)
group by customer_id
