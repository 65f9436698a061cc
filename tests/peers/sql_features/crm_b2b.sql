-- The rows that the job uses, and its presets written anew.

create table companies as
select account as id, sector, year_established::int as since, revenue::double * 1000000 as turnover, employees::int as staff, office_location as place,
       subsidiary_of as parent
from read_csv('DATA/crm_b2b/accounts.csv', all_varchar = true);
create table population as select id from companies;
create table deals as
select account as id, strptime(engage_date, '%d-%m-%Y')::date as began, strptime(close_date, '%d-%m-%Y')::date as ended,
       deal_stage = 'Won' as won, close_value::decimal(18, 4) as value, getvariable('as_of')::date as today
from read_csv('DATA/crm_b2b/sales_pipeline.csv', all_varchar = true)
where account is not null and strptime(engage_date, '%d-%m-%Y') < getvariable('as_of');
create macro band(x, limits, names) as case when x >= 0 then names[len([l for l in limits if l <= x]) + 1] end;
create macro firmographic(days) as table
  with past as (select * from deals where ended < today and ended >= today - days),
       ends as (select id, count(*) filter (won) as won, count(*) filter (not won) as lost, sum(value) filter (won) as value,
                       sum(ended - began) filter (won) as days from past group by id),
       open as (select id, count(*) as n from deals where ended is null or ended >= today group by id),
       below as (select parent as id, count(*) as n from companies where parent <> id group by parent)
  select c.id,
         band(c.staff, [10, 50, 250, 1000, 5000], ['under 10', '10-49', '50-249', '250-999', '1000-4999', '5000+']) as staff,
         trim(lower(c.sector)) as sector,
         band(c.turnover, [2e6, 1e7, 5e7, 2.5e8, 1e9], ['under 2 million', '2-10 million', '10-50 million', '50-250 million',
              '250-1000 million', '1000 million+']) as turnover,
         case when c.since <= 2017 then 2017 - c.since end as age, c.place, ifnull(b.n, 0) as below, null::bigint as contacts,
         ifnull(o.n, 0) as open, case when o.n is null then 0::decimal(38, 4) end as open_value,
         ifnull(e.won, 0) as won, ifnull(e.lost, 0) as lost, e.won / (e.won + e.lost) as rate, ifnull(e.value, 0)::decimal(38, 4) as value,
         case when e.won > 0 then e.value::double / e.won end as mean, case when e.won > 0 then e.days / e.won end as cycle
  from companies c left join ends e using (id) left join open o using (id) left join below b using (id);

-- family: firmographic
select id, staff as employees_band, sector as industry_level, turnover as revenue_band, age as account_age_years, place as account_country,
       below as account_subsidiaries, contacts as account_contacts, open as deals_open, open_value as deals_open_value, won as deals_won,
       lost as deals_lost, rate as win_rate, value as deals_won_value, mean as deal_won_mean, cycle as sales_cycle_days
from firmographic(36500)

-- family: firmographic, 60 days
select id, staff as employees_band_60d, sector as industry_level_60d, turnover as revenue_band_60d, age as account_age_years_60d,
       place as account_country_60d, below as account_subsidiaries_60d, contacts as account_contacts_60d, open as deals_open_60d,
       open_value as deals_open_value_60d, won as deals_won_60d, lost as deals_lost_60d, rate as win_rate_60d, value as deals_won_value_60d,
       mean as deal_won_mean_60d, cycle as sales_cycle_days_60d
from firmographic(60)
