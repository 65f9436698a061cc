-- The rows that the job uses, and its presets written anew.

create table transcript as
select person as id, event, time as hour, offer_id, amount, reward, timestamp '2018-08-01' + to_hours(time) as time
from 'DATA/starbucks_rewards/transcript.parquet';
create table profiles as
select id, nullif(gender, '') as gender, age, income, strptime(became_member_on::varchar, '%Y%m%d')::date as joined
from read_csv('DATA/starbucks_rewards/profile.csv', types = {'age': 'int', 'income': 'double', 'became_member_on': 'varchar'});
create table population as select id from profiles;
create table transactions as
select id, time, round(coalesce(amount, 0), 2)::decimal(18, 4) as amount, null::decimal(18, 4) as cost, null::decimal(18, 4) as discount,
       false as refund
from transcript where event = 'transaction' and time < getvariable('as_of');
create table events as
select id, moment as time, case when event = 'transaction' then 'purchase' when event = 'offer viewed' then 'view' else 'other' end as what,
       case when id < '8' then (hour // 24)::varchar end as session, offer_id as page, case when event <> 'transaction' then hour % 7 end as seconds,
       round(amount, 2)::decimal(18, 2) as value, offer_id[1] as medium, ['mobile', 'desktop', null][hour % 3 + 1] as device
from (select *, timestamp '2018-08-13' + to_seconds(1200 * hour) as moment from transcript) where moment < getvariable('as_of');
create table steps as
select id, time, case event when 'offer received' then if(offer_id < 'a', 'delivered', 'sent')
                            when 'offer viewed' then if(offer_id < '5', 'opened', 'clicked')
                            else if(offer_id[1] = 'f', 'bounced', 'converted') end as action,
       case when offer_id > '4' then offer_id end as message, case when event <> 'offer completed' then offer_id[1] end as channel
from transcript where event <> 'transaction' and time < getvariable('as_of');
create table consents as
select id, offer_id[1] as channel, event <> 'offer received' as granted, time
from transcript where event <> 'transaction' and time < getvariable('as_of');
create table members as
select id, tier, since, gender from (
  select *, case when income > 70000 then 'gold' when income > 40000 then 'green' when age = 118 then 'new' end as tier,
         case when age <> 118 then joined + 30 end as since from profiles)
where tier is not null and (since is null or since < getvariable('as_of'));
create table bookings as
select * from (
  select id, time, case when event = 'offer completed' then 10 * reward when amount > 20 then -7.0 when amount < 2 then 1.0 end as points,
         case when event = 'offer completed' then 'earn' when amount > 30 then 'expire' when amount > 25 then 'adjust'
              when amount > 20 then 'burn' else 'earn' end as entry,
         case when event = 'offer completed' then time + to_days((12 * reward)::int) end as expires
  from transcript where event in ('offer completed', 'transaction') and time < getvariable('as_of'))
where points is not null;
create macro most_common(xs) as (list_sort(list_transform(map_entries(list_histogram(xs)), e -> {'n': -e.value, 'v': e.key}))[1]).v;
-- Visits as lists of the rows of one customer, in the order of time.
create macro visits(first) as table
  with marked as (select *, row_number() over (order by id, session, time) as place,
                         session is null and time > max(time) over (partition by id, session order by time
                           rows between unbounded preceding and 1 preceding) + interval 30 minutes as begins
                  from events where time >= first),
       numbered as (select *, count(*) filter (begins) over (partition by id, session order by time range unbounded preceding) as visit from marked)
  select id, session, visit, sum(seconds) as seconds, count(*) filter (what = 'purchase') as bought,
         most_common(list(device) filter (device is not null)) as device, most_common(list(medium) filter (medium is not null)) as medium
  from numbered group by id, session, visit;
create macro web(first) as table
  with rows as (select * from events where time >= first),
       per_visit as (select id, count(*) as n, avg(seconds) as mean, count(*) filter (bought > 0) as good, list(device) filter (device is not null) as devices,
                            list(medium) filter (medium is not null) as mediums from visits(first) group by id),
       per_row as (select id, count(*) as n, count(distinct time::date) as days, date_diff('day', max(time)::date, getvariable('as_of')::date) as last,
                          count(*) filter (what = 'view') as views, count(distinct page) as pages, sum(seconds) as seconds,
                          count(*) filter (what = 'purchase') as bought, sum(value) filter (what = 'purchase') as value from rows group by id)
  select r.id, v.n as visits, r.days, r.last, r.n as events, r.views, nullif(r.pages, 0) as pages, r.views / v.n as per_visit, r.seconds,
         v.mean as seconds_mean, r.bought, v.good / v.n as rate, r.value::decimal(38, 2) as value, most_common(v.devices) as device,
         len(list_filter(v.devices, d -> d = 'mobile')) / nullif(len(v.devices), 0) as mobile,
         len(list_filter(v.devices, d -> d = 'desktop')) / nullif(len(v.devices), 0) as desktop,
         0 / nullif(len(v.devices), 0) as tablet, most_common(v.mediums) as medium
  from per_row r join per_visit v using (id);
-- Messages by what was done with each, as sets of steps.
create macro messages(first) as table
  with rows as (select *, if(message is null, 'row ' || row_number() over (), message) as m from steps where time >= first),
       -- Without an id a row is a message of its own.
       whole as (select id, m, min(channel) as channel, list(distinct action) as did from rows group by id, m),
       per_channel as (select id, channel, count(*) filter (list_contains(did, 'sent')) as sent, count(*) filter (list_contains(did, 'delivered')) as delivered,
                              count(*) filter (list_contains(did, 'opened')) as opened, count(*) filter (list_contains(did, 'clicked')) as clicked,
                              count(*) filter (list_contains(did, 'converted')) as converted, count(*) filter (list_contains(did, 'bounced')) as bounced,
                              count(*) filter (list_has_any(did, ['clicked', 'converted']) and m not like 'row %')
                                + greatest(count(*) filter (list_contains(did, 'clicked') and m like 'row %'),
                                           count(*) filter (list_contains(did, 'converted') and m like 'row %')) as answered
                       from whole group by id, channel),
       reached as (select *, if(delivered > 0, delivered, greatest(sent - bounced, 0)) as got from per_channel),
       sums as (select id, sum(sent) as sent, sum(got) as got, sum(opened) as opened, sum(clicked) as clicked, sum(converted) as converted,
                       sum(bounced) as bounced from reached group by id),
       best as (select distinct on (id) id, channel, answered, greatest(got, answered) as n from reached where answered > 0 and channel is not null
                -- Ratios of whole numbers are compared as such.
                order by id, ((answered + 1) * 5040 * 5040)::hugeint // (greatest(got, answered) + 2) desc, answered desc, channel),
       latest as (select id, channel, bool_and(granted) as granted from consents c
                  where time = (select max(d.time) from consents d where d.id = c.id and d.channel = c.channel) group by id, channel),
       agreed as (select id, count(*) filter (granted) as n from latest group by id),
       days as (select id, max(time::date) filter (action in ('sent', 'delivered')) as last, max(time::date) filter (action = 'opened') as opened,
                       max(time::date) filter (action = 'clicked') as clicked from rows group by id)
  select p.id, ifnull(s.sent, 0) as sent, ifnull(s.got, 0) as got, ifnull(s.opened, 0) as opened, ifnull(s.clicked, 0) as clicked,
         ifnull(s.converted, 0) as converted, ifnull(s.bounced, 0) as bounced, if(s.got > 0, s.opened / greatest(s.got, s.opened), null) as open_rate,
         if(s.got > 0, s.clicked / greatest(s.got, s.clicked), null) as click_rate,
         if(s.got > 0, s.converted / greatest(s.got, s.converted), null) as conversion_rate,
         if(s.sent > 0, s.bounced / greatest(s.sent, s.bounced), null) as bounce_rate,
         0 / nullif(s.got, 0) as unsubscribe_rate, date_diff('day', d.last, getvariable('as_of')::date) as last_days,
         date_diff('day', d.opened, getvariable('as_of')::date) as open_days, date_diff('day', d.clicked, getvariable('as_of')::date) as click_days,
         b.channel, b.answered, b.n, b.answered / b.n as rate, l.granted, a.n as agreed
  from population p left join sums s using (id) left join best b using (id) left join latest l on l.id = p.id and l.channel = b.channel
  left join agreed a on a.id = p.id left join days d on d.id = p.id;
create macro loyalty(first) as table
  with lots as (select id, sum(points) as balance, sum(points) filter (entry = 'earn' and time >= first) as earned,
                       -sum(points) filter (entry = 'burn' and time >= first) as burned, -sum(points) filter (entry = 'expire' and time >= first) as expired,
                       count(*) filter (entry = 'burn' and time >= first) as redemptions, max(time::date) filter (entry = 'earn') as last_earned,
                       max(time::date) filter (entry = 'burn') as last_burned, count(expires) as dated,
                       ifnull(sum(points) filter (points > 0 and expires::date < getvariable('as_of')::date + 90), 0)
                         + ifnull(sum(points) filter (points < 0), 0) as left_over,
                       ifnull(sum(points) filter (points > 0 and expires::date < getvariable('as_of')::date), 0)
                         + ifnull(sum(points) filter (points < 0), 0) as gone from bookings group by id)
  select p.id, m.id is not null as member, if(m.id is null, 0, 1) as memberships, m.tier, m.gender as channel,
         date_diff('day', m.since, getvariable('as_of')::date) as tenure, ifnull(balance, 0) as balance, ifnull(earned, 0) as earned,
         ifnull(burned, 0) as burned, ifnull(expired, 0) as expired, ifnull(burned, 0) / nullif(earned, 0) as ratio, ifnull(redemptions, 0) as redemptions,
         date_diff('day', last_earned, getvariable('as_of')::date) as earned_days, date_diff('day', last_burned, getvariable('as_of')::date) as burned_days,
         if(dated > 0, greatest(left_over, 0) - greatest(gone, 0), null) as expiring
  from population p left join members m using (id) left join lots using (id);

-- family: web; web_visits 0, web_active_days 0, web_events 0, web_page_views 0, web_conversions 0
select id, visits as web_visits, days as web_active_days, last as web_last_days, events as web_events, views as web_page_views,
       pages as web_pages, per_visit as web_views_per_visit, seconds as web_engagement_seconds,
       seconds_mean as web_seconds_per_visit, bought as web_conversions, rate as web_conversion_rate, value as web_value,
       device as web_device, mobile as web_mobile_share, desktop as web_desktop_share, tablet as web_tablet_share,
       medium as web_medium
from web(timestamp '1900-01-01')

-- family: web_3d; web_visits_3d 0, web_active_days_3d 0, web_events_3d 0, web_page_views_3d 0, web_conversions_3d 0
select id, visits as web_visits_3d, days as web_active_days_3d, last as web_last_days_3d, events as web_events_3d,
       views as web_page_views_3d, pages as web_pages_3d, per_visit as web_views_per_visit_3d,
       seconds as web_engagement_seconds_3d, seconds_mean as web_seconds_per_visit_3d, bought as web_conversions_3d,
       rate as web_conversion_rate_3d, value as web_value_3d, device as web_device_3d, mobile as web_mobile_share_3d,
       desktop as web_desktop_share_3d, tablet as web_tablet_share_3d, medium as web_medium_3d
from web(getvariable('as_of') - interval 3 days)

-- family: messages
select id, sent as messages_sent, got as messages_delivered, opened as messages_opened, clicked as messages_clicked,
       converted as messages_converted, bounced as messages_bounced, 0 as messages_complained, 0 as messages_unsubscribed,
       open_rate as message_open_rate, click_rate as message_click_rate, conversion_rate as message_conversion_rate,
       bounce_rate as message_bounce_rate, unsubscribe_rate as message_unsubscribe_rate, last_days as message_last_days,
       open_days as message_last_open_days, click_days as message_last_click_days, channel as message_channel,
       answered as message_channel_responses, n as message_channel_delivered, rate as message_channel_rate,
       granted as message_channel_consent, agreed as consented_channels
from messages(timestamp '1900-01-01')

-- family: loyalty
select id, member as loyalty_member, memberships as loyalty_memberships, tier as loyalty_tier, channel as loyalty_channel,
       tenure as loyalty_tenure_days, balance as loyalty_balance, earned as loyalty_earned, burned as loyalty_burned,
       expired as loyalty_expired, ratio as loyalty_burn_ratio, redemptions as loyalty_redemptions,
       earned_days as loyalty_earned_days, burned_days as loyalty_redeemed_days, expiring as loyalty_points_expiring
from loyalty(timestamp '1900-01-01')

-- family: messages_7d
select id, sent as messages_sent_7d, got as messages_delivered_7d, opened as messages_opened_7d, clicked as messages_clicked_7d,
       converted as messages_converted_7d, bounced as messages_bounced_7d, 0 as messages_complained_7d,
       0 as messages_unsubscribed_7d, open_rate as message_open_rate_7d, click_rate as message_click_rate_7d,
       conversion_rate as message_conversion_rate_7d, bounce_rate as message_bounce_rate_7d,
       unsubscribe_rate as message_unsubscribe_rate_7d, last_days as message_last_days_7d,
       open_days as message_last_open_days_7d, click_days as message_last_click_days_7d, channel as message_channel_7d,
       answered as message_channel_responses_7d, n as message_channel_delivered_7d, rate as message_channel_rate_7d,
       granted as message_channel_consent_7d, agreed as consented_channels_7d
from messages(getvariable('as_of') - interval 7 days)

-- family: loyalty_7d
select id, member as loyalty_member_7d, memberships as loyalty_memberships_7d, tier as loyalty_tier_7d, channel as loyalty_channel_7d,
       tenure as loyalty_tenure_days_7d, balance as loyalty_balance_7d, earned as loyalty_earned_7d,
       burned as loyalty_burned_7d, expired as loyalty_expired_7d, ratio as loyalty_burn_ratio_7d,
       redemptions as loyalty_redemptions_7d, earned_days as loyalty_earned_days_7d, burned_days as loyalty_redeemed_days_7d,
       expiring as loyalty_points_expiring_7d
from loyalty(getvariable('as_of') - interval 7 days)

-- family: demographic
with born as (select id, gender, income, make_date(2018 - age, month(joined), day(joined) % 28 + 1) as day from profiles where age <> 118
              union all select id, gender, income, null from profiles where age = 118),
     aged as (select *, date_diff('year', day, getvariable('as_of')::date) - if(strftime(day, '%m%d') > strftime(getvariable('as_of'), '%m%d'), 1, 0) as age
              from born)
select id,
       case when age is not null then
         ['under 18', '18-24', '25-34', '35-44', '45-54', '55-64', '65-74', '75+'][1 + len(list_filter([18, 25, 35, 45, 55, 65, 75], a -> age >= a))] end as age_band,
       case when day is not null then
         ['greatest', 'silent', 'boomer', 'x', 'millennial', 'z', 'alpha'][1 + len(list_filter([1928, 1946, 1965, 1981, 1997, 2013], y -> year(day) >= y))]
         end as generation,
       (select case when min(n) < 7 then '7 days' when min(n) < 30 then '30 days' when min(n) is not null then 'later' end
        from range(0, 367) r(n) where strftime(getvariable('as_of') + to_days(n::int), '%m%d') = strftime(day, '%m%d')) as birthday_within,
       map {'F': 'female', 'M': 'male', 'O': 'other'}[gender] as sex_level,
       case when income is not null then ['20000-50000', '50000-100000', '100000-200000'][1 + (income >= 50000)::int + (income >= 100000)::int] end as income_band,
       null::varchar as education_level, null::varchar as occupation_level, null::varchar as marital_level, null::varchar as household_band,
       null::varchar as children_band
from aged

-- family: geographic
select id, 'US' as geo_country, 'US / ' || id[1] as geo_region, case when gender = 'F' then 'US / ' || id[1] || ' / ' || id[2] end as geo_city,
       null::varchar as geo_settlement, 'US / ' || id[3:4] as geo_postal_area
from profiles
