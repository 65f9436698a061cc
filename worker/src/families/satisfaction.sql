-- name:    satisfaction
-- about:   How content a customer is: CSAT, NPS, ratings and complaints, each with its number.
-- kind:    feedback
-- needs:   time, feedback
-- without: score double
-- source:  NPS by Reichheld, The One Number You Need to Grow (2003): 0 to 6 are detractors, 7 and 8 passives, 9 and 10 promoters. Scores are those of the source, on its own scale; rows without one count for no mean. Of several at the last time the lowest is the last
-- default: feedback_count 0, csat_count 0, nps_count 0, rating_count 0, reviews 0, complaints 0
-- column:  feedback_count       int     rows   all but `ignore`
-- column:  feedback_last_days   int     days   since the last of them
-- column:  csat_last            number  score  the last score of `csat`
-- column:  csat_mean            number  score  their mean
-- column:  csat_count           int     rows   how many there are
-- column:  nps_last             number  score  the last score of `nps`
-- column:  nps_group            text    group  promoter, passive or detractor by the last score; null where it is not from 0 to 10
-- column:  nps_count            int     rows   how many scores there are
-- column:  rating_mean          number  score  mean score of `rating` and `review`
-- column:  rating_count         int     rows   how many there are
-- column:  reviews              int     rows   rows of `review`
-- column:  complaints           int     rows   rows of `complaint`
-- column:  complaint_last_days  int     days   since the last complaint; null without one
select customer_id,
       count(*) filter (where feedback <> 'ignore')                                   as feedback_count,
       as_of() - max(cast(time as date)) filter (where feedback <> 'ignore')          as feedback_last_days,
       min(score) filter (where feedback = 'csat' and place = 1)                      as csat_last,
       avg(score) filter (where feedback = 'csat')                                    as csat_mean,
       count(score) filter (where feedback = 'csat')                                  as csat_count,
       min(score) filter (where feedback = 'nps' and place = 1)                       as nps_last,
       case when min(score) filter (where feedback = 'nps' and place = 1) between 9 and 10 then 'promoter'
            when min(score) filter (where feedback = 'nps' and place = 1) between 0 and 6 then 'detractor'
            when min(score) filter (where feedback = 'nps' and place = 1) between 6 and 9 then 'passive' end as nps_group,
       count(score) filter (where feedback = 'nps')                                   as nps_count,
       avg(score) filter (where feedback in ('rating', 'review'))                     as rating_mean,
       count(score) filter (where feedback in ('rating', 'review'))                   as rating_count,
       count(*) filter (where feedback = 'review')                                    as reviews,
       count(*) filter (where feedback = 'complaint')                                 as complaints,
       as_of() - max(cast(time as date)) filter (where feedback = 'complaint')        as complaint_last_days
from (select customer_id, time, feedback, score,
             rank() over (partition by customer_id, feedback, score is null order by time desc) as place
      from feedback)
group by customer_id
