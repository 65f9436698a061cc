-- name:    loyalty
-- about:   A customer's membership and points: tier, balance, what is earned, spent and lost.
-- kind:    members whole
-- without: tier text, enrolled_at timestamp, enrolment_channel text
-- kind:    points whole
-- needs:   time, points
-- without: entry text, expires_at timestamp
-- window:  36500d
-- source:  the balance is the sum of all bookings. What was earned, burned, expired and redeemed is that of the window, a hundred years unless said; bookings without an entry are earned above 0 and burned below. Points that expire first are taken to be spent first: of those that expire within 90 days, what all bookings below 0 have not used up is left, without what has expired already
-- column:  loyalty_member             bool    flag       whether there is a membership
-- column:  loyalty_memberships        int     rows       memberships
-- column:  loyalty_tier               text    tier       that of the newest membership; the first by name of several
-- column:  loyalty_channel            text    channel    where the first membership was enrolled; the first by name of several
-- column:  loyalty_tenure_days        int     days       since the first membership began; null where that is not known
-- column:  loyalty_balance            number  points     all bookings together
-- column:  loyalty_earned             number  points     bookings `earn`
-- column:  loyalty_burned             number  points     bookings `burn`, as a positive number
-- column:  loyalty_expired            number  points     bookings `expire`, as a positive number
-- column:  loyalty_burn_ratio         double  ratio      burned / earned; null where that is 0
-- column:  loyalty_redemptions        int     bookings   bookings `burn` below 0
-- column:  loyalty_earned_days        int     days       since points were last earned
-- column:  loyalty_redeemed_days      int     days       since points were last burned
-- column:  loyalty_points_expiring    number  points     points that expire within 90 days and are not spent; null where no booking says when it expires
select c.customer_id,
       coalesce(m.memberships, 0) > 0                         as loyalty_member,
       coalesce(m.memberships, 0)                             as loyalty_memberships,
       m.tier                                                 as loyalty_tier,
       m.channel                                              as loyalty_channel,
       m.tenure_days                                          as loyalty_tenure_days,
       coalesce(p.balance, 0)                                 as loyalty_balance,
       coalesce(p.earned, 0)                                  as loyalty_earned,
       -coalesce(p.burned, 0)                                 as loyalty_burned,
       -coalesce(p.expired, 0)                                as loyalty_expired,
       -coalesce(p.burned, 0) / p.earned                      as loyalty_burn_ratio,
       coalesce(p.redemptions, 0)                             as loyalty_redemptions,
       p.earned_days                                          as loyalty_earned_days,
       p.redeemed_days                                        as loyalty_redeemed_days,
       case when p.dated > 0 then greatest(coalesce(p.soon, 0) + coalesce(p.taken, 0), 0)
                                  - greatest(coalesce(p.past, 0) + coalesce(p.taken, 0), 0) end as loyalty_points_expiring
from $population c
left join (select customer_id, count(*) as memberships,
                  min(tier) filter (where newest = 1)              as tier,
                  min(enrolment_channel) filter (where oldest = 1) as channel,
                  as_of() - min(cast(enrolled_at as date))         as tenure_days
           from (select customer_id, tier, enrolment_channel, enrolled_at,
                        rank() over (partition by customer_id order by enrolled_at desc nulls last) as newest,
                        rank() over (partition by customer_id order by enrolled_at)                 as oldest
                 from members)
           group by customer_id) m on m.customer_id = c.customer_id
left join (select customer_id,
                  sum(points)                                                           as balance,
                  sum(points) filter (where is_recent and entry = 'earn')               as earned,
                  sum(points) filter (where is_recent and entry = 'burn')               as burned,
                  sum(points) filter (where is_recent and entry = 'expire')             as expired,
                  count(*) filter (where is_recent and entry = 'burn' and points < 0)   as redemptions,
                  as_of() - max(cast(time as date)) filter (where entry = 'earn')       as earned_days,
                  as_of() - max(cast(time as date)) filter (where entry = 'burn')       as redeemed_days,
                  count(expires_at)                                                     as dated,
                  sum(points) filter (where points > 0 and cast(expires_at as date) < as_of() + 90) as soon,
                  sum(points) filter (where points > 0 and cast(expires_at as date) < as_of())      as past,
                  sum(points) filter (where points < 0)                                 as taken
           from (select customer_id, time, points, expires_at, time >= window_start($window) as is_recent,
                        coalesce(entry, case when points >= 0 then 'earn' else 'burn' end) as entry
                 from points)
           group by customer_id) p on p.customer_id = c.customer_id
