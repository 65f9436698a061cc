-- name:    demographic
-- about:   Who a customer is, in levels of many people each: nothing personal is passed on as it stands.
-- kind:    customers whole
-- without: birth_date date, sex text, income double, education text, occupation text, marital_status text, household_size int, children int
-- blunts:  birth_date, income
-- source:  ages are whole years at as_of; a birth that lies behind it, or 120 years and more before, is none. Generations by the Pew Research Center (Dimock 2019): silent 1928 to 1945, boomer to 1964, x to 1980, millennial to 1996, z to 2012, alpha since. Bands of income go in steps of 1, 2, 5, 10 …, in every currency
-- column:  age_band          text  band        under 18, 18-24, 25-34, 35-44, 45-54, 55-64, 65-74 or 75+, by age_band
-- column:  generation        text  generation  greatest (before 1928), silent, boomer, x, millennial, z or alpha
-- column:  birthday_within   text  band        until the next birthday: 7 days (0 to 6), 30 days (7 to 29) or later; one on 29 February is on 1 March of other years
-- column:  sex_level         text  level       female, male or other, of f, female, m and male in any case; null where it is not known
-- column:  income_band       text  band        a year's income: under 1000, 1000-2000, 2000-5000 … 5000000-10000000, 10000000+, from the first and below the second; null below 0
-- column:  education_level   text  level       education as it stands
-- column:  occupation_level  text  level       occupation as it stands
-- column:  marital_level     text  level       marital_status as it stands
-- column:  household_band    text  band        people of the household: 1, 2, 3-4 or 5+
-- column:  children_band     text  band        children of the household: 0, 1, 2 or 3+
select customer_id,
       age_band(born) as age_band,
       case when year < 1928 then 'greatest' when year < 1946 then 'silent' when year < 1965 then 'boomer'
            when year < 1981 then 'x' when year < 1997 then 'millennial' when year < 2013 then 'z'
            when year is not null then 'alpha' end as generation,
       case when days < 7 then '7 days' when days < 30 then '30 days' when days is not null then 'later' end as birthday_within,
       case when sex is null then null when sex in ('f', 'female') then 'female' when sex in ('m', 'male') then 'male'
            else 'other' end as sex_level,
       case when income < 0 then null
            when income < 1000 then 'under 1000' when income < 2000 then '1000-2000' when income < 5000 then '2000-5000'
            when income < 10000 then '5000-10000' when income < 20000 then '10000-20000' when income < 50000 then '20000-50000'
            when income < 100000 then '50000-100000' when income < 200000 then '100000-200000'
            when income < 500000 then '200000-500000' when income < 1000000 then '500000-1000000'
            when income < 2000000 then '1000000-2000000' when income < 5000000 then '2000000-5000000'
            when income < 10000000 then '5000000-10000000' when income is not null then '10000000+' end as income_band,
       cast(education as text)      as education_level,
       cast(occupation as text)     as occupation_level,
       cast(marital_status as text) as marital_level,
       case when household_size < 1 then null when household_size < 2 then '1' when household_size < 3 then '2'
            when household_size < 5 then '3-4' when household_size is not null then '5+' end as household_band,
       case when children < 0 then null when children < 1 then '0' when children < 2 then '1' when children < 3 then '2'
            when children is not null then '3+' end as children_band
from (select customer_id, sex, income, education, occupation, marital_status, household_size, children, age, born, year,
             case when this_year >= as_of() then this_year else next_year end - as_of() as days
from (select customer_id, sex, income, education, occupation, marital_status, household_size, children, age, born,
             case when age is not null then year end as year,
             case when age is not null then make_date(date_part('year', as_of()), month, least(day, 28)) + greatest(day - 28, 0) end as this_year,
             case when age is not null then make_date(date_part('year', as_of()) + 1, month, least(day, 28)) + greatest(day - 28, 0) end as next_year
      from (select customer_id, sex, income, education, occupation, marital_status, household_size, children, born, year, month, day,
                   case when born < as_of() and years < 120 then years end as age
            from (select customer_id, lower(trim(cast(sex as text))) as sex, income, education, occupation, marital_status, household_size, children,
                         born, date_part('year', born) as year, date_part('month', born) as month, date_part('day', born) as day,
                         date_part('year', as_of()) - date_part('year', born)
                           - case when date_part('month', as_of()) * 100 + date_part('day', as_of())
                                       < date_part('month', born) * 100 + date_part('day', born) then 1 else 0 end as years
                  from (select customer_id, cast(birth_date as date) as born, sex, income, education, occupation, marital_status, household_size, children
                        from customers)))))
