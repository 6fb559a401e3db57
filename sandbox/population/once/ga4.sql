-- What Google Analytics does to the reports of a day, whoever visited on it.
create table ga4_day as
select
    (getvariable('start')::timestamp + to_days(day.range::integer))::date as report_date,
    -- Rows of few people are withheld.
    (day.range + 7) % 7 = 3 as is_thresholded,
    -- Rare campaigns and landing pages stand together as (other).
    (day.range + 7) % 9 = 5 as has_other_row,
    -- Estimated from a part of the events.
    (day.range + 7) % 11 = 6 as is_sampled,
-- The property's day begins after UTC's: its first one began before the calendar.
from range(-1, getvariable('days') + 1) as day
order by report_date;
