-- The company's YouTube channel: its videos, what happened to each on each day, and what the Data
-- API counts of each up to a moment.
create table youtube_video as
with published as (
    -- What was there before the calendar begins, and a new one every third day.
    select
        range as number,
        range * 3 - 70 * 3 as day,
    from range(70 + getvariable('days') // 3)
)

select
    translate(substr(token('youtube video', number), 1, 10), '012', 'xYz') || 'w' as video_id,
    'UCthroughlineOnTheAir001' as channel_id,
    choose('video title', [
        'How it is made', 'Five ways to use it', 'Our workshop', 'Customer story', 'New this month',
    ], number) || ' #' || (number + 1) as title,
    'More at https://shop.example.com/v/' || number as description,
    if(number % 4 = 3, 15 + pick('short', 45, number), 95 + pick('length', 1500, number))
        as duration_seconds,
    moment(day, 57600 + 60 * pick('video minute', 240, number)) as published_at,
    greatest(published_at, moment(0, 0)) as known_at,
    -- One is taken down, one is hidden from the public; on some nobody may comment, and some do not
    -- show how many like them.
    if(number = 40, date_trunc('second', moment(getvariable('days') * 3 // 5, 32400)), null)
        as deleted_at,
    if(number = 60, date_trunc('second', moment(getvariable('days') * 4 // 5, 32400)), null)
        as hidden_at,
    number % 9 <> 4 as allows_comments,
    number % 11 <> 6 as shows_likes,
    day,
    number,
from published
order by number;

-- Days are California's; a video goes up in its morning, which is the same date in UTC.
create table youtube_video_day as
with watched as (
    select
        youtube_video.*,
        date.range as on_day,
        on_day - youtube_video.day as age,
        floor(
            (60 + pick('video peak', 120 + getvariable('people') // 8, number)) * exp(-age / 5.0)
        )::bigint
        + pick('video views', if(number = 40, 3, 12), number, on_day) as views,
        least(duration_seconds, 10 + pick('watched', duration_seconds, number, on_day))
            as average_seconds,
    from youtube_video, range(getvariable('days')) as date
    where
        date.range >= youtube_video.day
        and (deleted_at is null or moment(date.range, 0) < deleted_at)
),

stated as (
    -- All metrics of a day are there three days later; two days on, views that were none go.
    select
        * replace (if(age_of_report.days = 3, views, views - views // 50) as views),
        moment(on_day + age_of_report.days, 7200) as stated_at,
        age_of_report.days = 3 as is_first,
    from watched, (values (3), (5)) as age_of_report (days)
    where views > 0
)

select
    video_id,
    (getvariable('start')::timestamp + to_days(on_day::integer))::date as report_date,
    stated_at as known_at,
    views,
    views * average_seconds // 60 as minutes_watched,
    average_seconds,
    views * 4 // 100 + pick('liked', 2, number, on_day) as likes,
    views // 190 as dislikes,
    if(allows_comments, views // 70, 0) as comments,
    views // 90 as shares,
    views // 120 as subscribers_gained,
    views // 400 as subscribers_lost,
    is_first,
from stated
order by report_date, video_id, known_at;

-- What the Data API counts of a video up to the end of a day: ahead of the reports, never restated.
create table youtube_video_count as
select
    video.video_id,
    moment(datediff('day', getvariable('start')::date, day.report_date) + 1, 7200) as known_at,
    greatest(0, -video.day) * 11 + (sum(day.views) over so_far)::bigint as views,
    if(
        video.shows_likes,
        greatest(0, -video.day) // 3 + (sum(day.likes) over so_far)::bigint,
        null
    ) as likes,
    if(
        video.allows_comments,
        greatest(0, -video.day) // 9 + (sum(day.comments) over so_far)::bigint,
        null
    ) as comments,
from youtube_video_day as day
inner join youtube_video as video on day.video_id = video.video_id
where day.is_first
window so_far as (partition by day.video_id order by day.report_date)
order by known_at, video.video_id;

-- The channel as a whole: what its videos did, taken down ones included, and who subscribed on its
-- own page, which no video has to its credit.
create table youtube_channel_day as
select
    report_date,
    known_at,
    sum(views)::bigint as views,
    sum(minutes_watched)::bigint as minutes_watched,
    sum(minutes_watched)::bigint * 60 // sum(views)::bigint as average_seconds,
    sum(likes)::bigint as likes,
    sum(dislikes)::bigint as dislikes,
    sum(comments)::bigint as comments,
    sum(shares)::bigint as shares,
    sum(subscribers_gained)::bigint + 2 as subscribers_gained,
    sum(subscribers_lost)::bigint as subscribers_lost,
from youtube_video_day
group by report_date, known_at
order by report_date, known_at;

create table youtube_channel_count as
with first_word as (
    from youtube_channel_day
    qualify row_number() over (partition by report_date order by known_at) = 1
),

counted as (
    select
        datediff('day', getvariable('start')::date, report_date) as on_day,
        (sum(views) over so_far)::bigint as views,
        (sum(subscribers_gained - subscribers_lost) over so_far)::bigint as subscribers,
    from first_word
    window so_far as (order by report_date)
)

select
    counted.on_day,
    moment(counted.on_day + 1, 7200) as known_at,
    250000 + counted.views as views,
    5200 + counted.subscribers as subscribers,
    -- Somebody tries out how the channel looks without the number.
    counted.on_day % 5 = 3 as hides_subscribers,
    count(*) as videos,
from counted
inner join youtube_video as video
    on video.published_at < moment(counted.on_day + 1, 7200)
    and (video.deleted_at is null or video.deleted_at >= moment(counted.on_day + 1, 7200))
group by all
order by known_at;
