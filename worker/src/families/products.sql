-- name:    products
-- about:   How wide and how faithful the choice of products is, and which categories it goes to.
-- kind:    transactions
-- needs:   product_id, time, amount
-- without: is_refund bool, category text
-- source:  purchases with a product; entropy is Shannon's, in bits, of the shares of rows by product, and by category of the rows that have one
-- default: products_distinct 0
-- column:  products_distinct     int     products    different products
-- column:  product_repeat_share  double  share       of them, those bought on more than one day
-- column:  product_top_share     double  share       rows of the most frequent product / rows
-- column:  product_entropy       double  bits        0 where it is always the same product
-- column:  categories_distinct   int     categories  different categories; null, as all of these, where no row has one
-- column:  category_top          text    category    that of most rows; the first by name of several
-- column:  category_top_share    double  share       rows of it / rows with a category
-- column:  category_top3_share   double  share       rows of the three most frequent / rows with a category
-- column:  category_entropy      double  bits        0 where it is always the same category
select s.customer_id,
       s.products_distinct,
       s.repeated / s.products_distinct as product_repeat_share,
       s.most / s.lines                 as product_top_share,
       e.product_entropy,
       c.categories_distinct,
       e.category_top,
       c.most / c.lines                 as category_top_share,
       c.most3 / c.lines                as category_top3_share,
       e.category_entropy
from (select customer_id, count(*) as products_distinct, count(*) filter (where days > 1) as repeated,
             max(lines) as most, sum(lines) as lines
      from (select customer_id, product_id, count(*) as lines, count(distinct cast(time as date)) as days
            from transactions
            where not coalesce(is_refund, amount < 0) and product_id is not null
            group by customer_id, product_id)
      group by customer_id) s
join (select customer_id, entropy(product_id) as product_entropy, mode(cast(category as text)) as category_top,
             entropy(category) filter (where category is not null) as category_entropy
      from transactions
      where not coalesce(is_refund, amount < 0) and product_id is not null
      group by customer_id) e on e.customer_id = s.customer_id
left join (select customer_id, count(*) as categories_distinct, max(lines) as most, sum(lines) as lines,
                  sum(lines) filter (where place <= 3) as most3
           from (select customer_id, lines, row_number() over (partition by customer_id order by lines desc, category) as place
                 from (select customer_id, category, count(*) as lines
                       from transactions
                       where not coalesce(is_refund, amount < 0) and product_id is not null and category is not null
                       group by customer_id, category))
           group by customer_id) c on c.customer_id = s.customer_id
