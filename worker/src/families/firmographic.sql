-- name:    firmographic
-- about:   What a company is and how dealing with it goes: size, industry, age, and its deals open, won and lost.
-- kind:    accounts whole
-- without: industry text, employees double, revenue double, founded int, country text, parent_id text, subsidiaries int
-- kind:    customers optional whole
-- kind:    opportunities optional whole
-- needs:   opened, won, closed
-- without: opened timestamp, won boolean, closed timestamp, amount decimal(18,4)
-- window:  36500d
-- unless:  customers account_contacts
-- unless:  opportunities deals_open, deals_open_value, deals_won, deals_lost, win_rate, deals_won_value, deal_won_mean, sales_cycle_days
-- source:  bands of employees begin at the limits of micro, small and medium enterprises by staff (Recommendation 2003/361/EC of the European Commission), bands of revenue at its limits of turnover, 2, 10 and 50 million. A deal is open until it is closed before as_of, whatever became of it since; deals closed are those of the window, a hundred years unless said, by the day on which they were closed. The win rate is of deals, not of value
-- column:  employees_band     text    band   under 10, 10-49, 50-249, 250-999, 1000-4999 or 5000+; null below 0
-- column:  industry_level     text    level  industry in small letters, without blanks around it
-- column:  revenue_band       text    band   a year's revenue in the job's currency: under 2 million, 2-10 million, 10-50 million, 50-250 million, 250-1000 million or 1000 million+; null below 0
-- column:  account_age_years  int     years  the year of as_of less that in which it was founded; null where that lies behind as_of
-- column:  account_country    text    level  country as it stands
-- column:  account_subsidiaries  int  companies  those that name it as the one that they belong to, excluded ones among them; null where parent_id is not mapped, or one of several rows of a company is kept
-- column:  account_contacts   int     people  rows of customers; null where customers are segmented, or none are a source
-- column:  deals_open         int     deals  opened before as_of and not closed before it
-- column:  deals_open_value   number  money  amount of those; null where one of them has none
-- column:  deals_won          int     deals  closed in the window, and won; null where of one of those closed nobody knows
-- column:  deals_lost         int     deals  closed in the window, and not won; null as deals_won is
-- column:  win_rate           double  ratio  won / (won + lost); null without a closed deal, and as they are
-- column:  deals_won_value    number  money  amount of deals won; null where one of them has none, and as deals_won is
-- column:  deal_won_mean      double  money  deals_won_value / deals_won; null without a deal won
-- column:  sales_cycle_days   double  days   mean of the days from opened to closed of deals won; one that was closed before it was opened does not count
select c.customer_id,
       case when a.employees < 0 then null when a.employees < 10 then 'under 10' when a.employees < 50 then '10-49'
            when a.employees < 250 then '50-249' when a.employees < 1000 then '250-999' when a.employees < 5000 then '1000-4999'
            when a.employees is not null then '5000+' end as employees_band,
       lower(trim(cast(a.industry as text))) as industry_level,
       case when a.revenue < 0 then null when a.revenue < 2000000 then 'under 2 million'
            when a.revenue < 10000000 then '2-10 million' when a.revenue < 50000000 then '10-50 million'
            when a.revenue < 250000000 then '50-250 million' when a.revenue < 1000000000 then '250-1000 million'
            when a.revenue is not null then '1000 million+' end as revenue_band,
       case when a.founded <= date_part('year', as_of()) then date_part('year', as_of()) - cast(a.founded as int) end as account_age_years,
       cast(a.country as text)                              as account_country,
       a.subsidiaries                                       as account_subsidiaries,
       coalesce(p.contacts, 0)                              as account_contacts,
       coalesce(d.open, 0)                                  as deals_open,
       case when coalesce(d.open, 0) = coalesce(d.open_known, 0) then coalesce(d.open_value, 0) end as deals_open_value,
       case when coalesce(d.untold, 0) = 0 then coalesce(d.won, 0) end  as deals_won,
       case when coalesce(d.untold, 0) = 0 then coalesce(d.lost, 0) end as deals_lost,
       case when d.untold = 0 then d.won / (d.won + d.lost) end         as win_rate,
       case when coalesce(d.untold, 0) = 0 and coalesce(d.won, 0) = coalesce(d.won_known, 0) then coalesce(d.won_value, 0) end as deals_won_value,
       case when d.untold = 0 and d.won = d.won_known then d.won_value / d.won end as deal_won_mean,
       d.cycle                                              as sales_cycle_days
from $population c
left join accounts a on a.customer_id = c.customer_id
left join (select customer_id, count(*) as contacts from customers group by customer_id) p on p.customer_id = c.customer_id
left join (select customer_id,
                  count(*) filter (where closed is null)         as open,
                  count(amount) filter (where closed is null)    as open_known,
                  sum(amount) filter (where closed is null)      as open_value,
                  count(*) filter (where is_recent and won)      as won,
                  count(*) filter (where is_recent and not won)  as lost,
                  count(*) filter (where is_recent and won is null) as untold,
                  count(amount) filter (where is_recent and won) as won_known,
                  sum(amount) filter (where is_recent and won)   as won_value,
                  avg(cast(closed as date) - cast(opened as date)) filter (where is_recent and won and closed >= opened) as cycle
           from (select customer_id, opened, closed, won, amount, closed >= window_start($window) as is_recent
                 from opportunities)
           group by customer_id) d on d.customer_id = c.customer_id
