-- name:    web
-- about:   What a customer does on web sites and in apps: visits, pages, time, conversions.
-- kind:    events
-- needs:   time, event
-- without: session_id text, page text, engagement_seconds double, value double, medium text, device text
-- source:  a visit is one session_id of one source; events without one are a visit as long as no half an hour lies between two of them, as Google Analytics has it; conversions are its recommended events purchase, sign_up and generate_lead, page views its page_view and screen_view; device and medium of a visit are the most frequent of its events
-- default: web_visits 0, web_active_days 0, web_events 0, web_page_views 0, web_conversions 0
-- column:  web_visits              int     visits       visits
-- column:  web_active_days         int     days         different days with an event
-- column:  web_last_days           int     days         since the last event; null without one
-- column:  web_events              int     events       events
-- column:  web_page_views          int     views        events page_view and screen_view
-- column:  web_pages               int     pages        different pages; null where no event has a page
-- column:  web_views_per_visit     double  views        page views / visits
-- column:  web_engagement_seconds  number  seconds      engagement_seconds together; null where no event has any
-- column:  web_seconds_per_visit   double  seconds      web_engagement_seconds / visits that have any
-- column:  web_conversions         int     conversions  events purchase, sign_up and generate_lead
-- column:  web_conversion_rate     double  share        visits with a conversion / visits
-- column:  web_value               number  currency     what conversions are worth together; null where no conversion has a value
-- column:  web_device              text    device       that of most visits; the first by name of several
-- column:  web_mobile_share        double  share        visits on `mobile` / visits whose device is known
-- column:  web_desktop_share       double  share        on `desktop`
-- column:  web_tablet_share        double  share        on `tablet`
-- column:  web_medium              text    medium       that of most visits; the first by name of several
with seen as (
  select customer_id, source, session_id, time, page, engagement_seconds, value, medium, device,
         event in ('page_view', 'screen_view')                as is_view,
         event in ('purchase', 'sign_up', 'generate_lead')    as is_conversion,
         date_part('epoch', time) - lag(date_part('epoch', time))
           over (partition by customer_id, source, session_id order by time) as pause
  from events),
numbered as (
  select customer_id, source, session_id, engagement_seconds, medium, device, is_conversion,
         sum(case when session_id is null and pause > 1800 then 1 else 0 end)
           over (partition by customer_id, source, session_id order by time) as number
  from seen),
visits as (
  select customer_id, sum(engagement_seconds) as seconds, bool_or(is_conversion) as converted,
         mode(device) as device, mode(medium) as medium
  from numbered
  group by customer_id, source, session_id, number)
select v.customer_id,
       v.visits                                as web_visits,
       e.active_days                           as web_active_days,
       e.last_days                             as web_last_days,
       e.events                                as web_events,
       e.views                                 as web_page_views,
       nullif(e.pages, 0)                      as web_pages,
       e.views / v.visits                      as web_views_per_visit,
       e.seconds                               as web_engagement_seconds,
       v.seconds_mean                          as web_seconds_per_visit,
       e.conversions                           as web_conversions,
       v.converted / v.visits                  as web_conversion_rate,
       e.value                                 as web_value,
       v.device                                as web_device,
       v.mobile / v.devices                    as web_mobile_share,
       v.desktop / v.devices                   as web_desktop_share,
       v.tablet / v.devices                    as web_tablet_share,
       v.medium                                as web_medium
from (select customer_id, count(*) as visits, avg(seconds) as seconds_mean, count(*) filter (where converted) as converted,
             mode(device) as device, mode(medium) as medium, count(device) as devices,
             count(*) filter (where device = 'mobile')  as mobile,
             count(*) filter (where device = 'desktop') as desktop,
             count(*) filter (where device = 'tablet')  as tablet
      from visits
      group by customer_id) v
join (select customer_id, count(*) as events, count(distinct cast(time as date)) as active_days,
             as_of() - max(cast(time as date)) as last_days, count(distinct page) as pages,
             count(*) filter (where is_view) as views, sum(engagement_seconds) as seconds,
             count(*) filter (where is_conversion) as conversions, sum(value) filter (where is_conversion) as value
      from seen
      group by customer_id) e on e.customer_id = v.customer_id
