-- name:    seasonality
-- about:   When in the year a customer buys.
-- kind:    transactions
-- needs:   time, amount
-- without: is_refund bool
-- source:  shares of purchases by quarter of the calendar year; concentration is the sum of their squares (Herfindahl)
-- column:  season_share_q1       double  share    purchases of January to March / all purchases; null where those sum to 0
-- column:  season_share_q2       double  share    of April to June
-- column:  season_share_q3       double  share    of July to September
-- column:  season_share_q4       double  share    of October to December
-- column:  season_concentration  double  index    0.25 (alike all year) to 1 (one quarter only)
-- column:  season_peak_quarter   int     quarter  the quarter with the most purchases, the first of several; null without purchases
select customer_id,
       max(case when quarter = 1 then spent else 0 end) / sum(spent) as season_share_q1,
       max(case when quarter = 2 then spent else 0 end) / sum(spent) as season_share_q2,
       max(case when quarter = 3 then spent else 0 end) / sum(spent) as season_share_q3,
       max(case when quarter = 4 then spent else 0 end) / sum(spent) as season_share_q4,
       sum(share * share) as season_concentration,
       min(quarter) filter (where place = 1) as season_peak_quarter
from (select customer_id, quarter, spent,
             spent / sum(spent) over (partition by customer_id) as share,
             rank() over (partition by customer_id order by spent desc) as place
      from (select customer_id, date_part('quarter', time) as quarter, sum(amount) as spent
            from transactions
            where not coalesce(is_refund, amount < 0)
            group by customer_id, date_part('quarter', time)))
group by customer_id
