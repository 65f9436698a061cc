-- name:    geographic
-- about:   Where a customer lives, level by level.
-- kind:    customers whole
-- needs:   country
-- without: region text, city text, postal_code text, settlement text
-- blunts:  postal_code
-- source:  a level is written behind those above it that are known, so that towns of one name in two regions are two
-- column:  geo_country      text  level  country
-- column:  geo_region       text  level  country / region; null without a region
-- column:  geo_city         text  level  country / region / city; null without a city
-- column:  geo_settlement   text  level  metropolis, town or rural, as it stands
-- column:  geo_postal_area  text  level  country / the first two characters of the postal code, no more of it
select customer_id,
       country                                                          as geo_country,
       case when region is not null then concat_ws(' / ', country, region) end           as geo_region,
       case when city is not null then concat_ws(' / ', country, region, city) end       as geo_city,
       settlement                                                       as geo_settlement,
       case when postal_code is not null then concat_ws(' / ', country, left(postal_code, 2)) end as geo_postal_area
from (select customer_id, cast(country as text) as country, cast(region as text) as region, cast(city as text) as city,
             cast(settlement as text) as settlement, trim(cast(postal_code as text)) as postal_code
      from customers)
