-- name:    rhythm
-- about:   On which days of the week and at which hours a customer buys, in the job's timezone.
-- kind:    transactions
-- needs:   time, amount
-- without: is_refund bool
-- source:  different times of purchases, so that an order of many lines counts once; the smallest of several most frequent values
-- column:  favourite_weekday  int     day    the most frequent, 1 (Monday) to 7
-- column:  favourite_hour     int     hour   the most frequent, 0 to 23
-- column:  weekend_share      double  share  on Saturdays and Sundays
-- column:  morning_share      double  share  from 6 to before 12
-- column:  afternoon_share    double  share  from 12 to before 18
-- column:  evening_share      double  share  from 18 on
-- column:  night_share        double  share  before 6
-- column:  weekday_entropy    double  bits   0 where it is always the same day of the week, 2.8 where it is all alike
select customer_id,
       mode(weekday)                                              as favourite_weekday,
       mode(hour)                                                 as favourite_hour,
       count(*) filter (where weekday >= 6) / count(*)            as weekend_share,
       count(*) filter (where hour between 6 and 11) / count(*)   as morning_share,
       count(*) filter (where hour between 12 and 17) / count(*)  as afternoon_share,
       count(*) filter (where hour >= 18) / count(*)              as evening_share,
       count(*) filter (where hour < 6) / count(*)                as night_share,
       entropy(weekday)                                           as weekday_entropy
from (select customer_id, date_part('isodow', time) as weekday, date_part('hour', time) as hour
      from (select distinct customer_id, time
            from transactions
            where not coalesce(is_refund, amount < 0)))
group by customer_id
