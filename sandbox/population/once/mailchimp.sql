-- Two newsletters of the company's own at Mailchimp: who is on them, what is sent, and who leaves.
create table mailchimp_list as
select
    place.number,
    substr(token('mailchimp list', place.number), 1, 10) as list_id,
    place.list_name,
    place.share,
    moment(0, 60 + place.number) as created_at,
    created_at as known_at,
from (values (0, 'Workshop letters', 0.4), (1, 'Sale alerts', 0.3))
    as place (number, list_name, share)
order by place.number;

create table mailchimp_campaign as
with drawn as (
    select
        mailchimp_list.list_id,
        mailchimp_list.number as list_number,
        -- Each newsletter every third day, the two on days of their own.
        range * 3 + mailchimp_list.number as day,
        range * 2 + mailchimp_list.number as campaign,
    from mailchimp_list, range(getvariable('days'))
)

select
    campaign,
    day,
    substr(token('mailchimp campaign', campaign), 1, 10) as campaign_id,
    list_id,
    choose('mailchimp type', ['regular', 'regular', 'plaintext'], campaign) as campaign_type,
    choose('mailchimp title', ['Letter', 'Offers', 'Inside the workshop', 'Last days'], campaign)
        || ' ' || (campaign + 1) as campaign_title,
    choose('mailchimp subject', ['Made by hand', 'For you: “20 %”', 'A look inside'], campaign)
        as subject_line,
    greatest(moment(day, -86400), moment(0, 120 + campaign)) as created_at,
    created_at as known_at,
    -- Every fifth stays a draft for good.
    campaign % 5 = 3 as is_draft,
    if(is_draft, null, moment(day, 54000 + 900 * pick('mailchimp time', 16, campaign))) as sent_at,
from drawn
where day < getvariable('days')
order by campaign;

create table mailchimp_member as
select
    mailchimp_list.list_id,
    mailchimp_list.number as list_number,
    person.person_id,
    -- Kept as it was typed; the id is of the lower-case address and the same on each list.
    trim(person.email_as_typed) as email_address,
    md5(lower(person.email)) as member_id,
    substr(token('mailchimp email', person.person_id), 1, 10) as unique_email_id,
    person.first_name,
    person.last_name,
    person.phone,
    person.country_code,
    date_trunc('second', later(person.updated_at, 30)) as opted_in_at,
    opted_in_at as known_at,
    case
        when draw('mailchimp archived', person.person_id, mailchimp_list.number) < 0.04
            then date_trunc('second', moment(
                pick('mailchimp archive day', getvariable('days'), person.person_id), 36000
            ))
    end as drawn_archived_at,
    if(drawn_archived_at > opted_in_at, drawn_archived_at, null) as archived_at,
    person.uses_apple_mail,
    person.has_scanner,
from mailchimp_list
inner join person
    on person.email is not null
    and draw('mailchimp member', person.person_id, mailchimp_list.number) < mailchimp_list.share
order by mailchimp_list.number, person.person_id;

-- With which campaign a member's subscription ends, and how.
create table mailchimp_ending as
with reached as (
    select
        mailchimp_member.list_id,
        mailchimp_member.member_id,
        mailchimp_campaign.campaign,
        draw('mailchimp ending', mailchimp_member.person_id, mailchimp_campaign.campaign) as luck,
    from mailchimp_member
    inner join mailchimp_campaign
        on mailchimp_member.list_id = mailchimp_campaign.list_id
        and mailchimp_campaign.sent_at > mailchimp_member.opted_in_at
        and mailchimp_campaign.sent_at
        < coalesce(mailchimp_member.archived_at, mailchimp_campaign.sent_at + interval 1 second)
)

select
    list_id,
    member_id,
    min(campaign) as campaign,
    case
        when arg_min(luck, campaign) < 0.008 then 'cleaned'
        when arg_min(luck, campaign) < 0.02 then 'unsubscribed'
        else 'complained'
    end as ending,
from reached
where luck < 0.023
group by list_id, member_id
order by list_id, member_id;
