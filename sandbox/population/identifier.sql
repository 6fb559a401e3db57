-- Who is who: the person behind each identifier that a vendor shows. Nobody's own has no person:
-- what several share, and what a machine used.
create table identifier as
with shown as (
    select 'email' as identifier_type, lower(email) as identifier_value, person_id from person
    union all
    select 'email', lower(email), person_id from square_duplicate
    union all
    select 'email_sha256', sha256(lower(email)), person_id from person
    union all
    select 'email_sha256', sha256(lower(email)), person_id from square_duplicate
    union all
    select 'phone', phone, person_id from person
    union all
    select 'phone', phone, person_id from square_duplicate
    union all
    select 'loyalty_number', loyalty_number, person_id from person
    union all
    select 'customer_id_square', square_customer_id, person_id from person
    union all
    select 'customer_id_square', customer_id, person_id from square_duplicate
    union all
    select 'profile_id_klaviyo', klaviyo_profile_id, person_id from person
    union all
    select 'member_id_mailchimp', member_id, person_id from mailchimp_member
    union all
    select 'contact_id_hubspot', contact_id, person_id from hubspot_contact
    union all
    select 'customer_id_shopify', customer_id, person_id from shopify_customer
    union all
    select 'customer_number', 'catalogue:' || reader_number, person_id from files_reader
    union all
    select 'social_handle', 'x:' || lower(handle(first_name, person_id)), person_id from person
    union all
    select 'social_handle', 'x:throughline', person_id from person
    union all
    select 'cookie', device_id, person_id from device
    union all
    select 'cookie_hubspot', md5(device_id), person_id from device
    union all
    -- What a faulty page makes of anybody.
    select 'email_sha256', sha256(''), person_id from person
)

select
    identifier_type,
    identifier_value,
    case when count(distinct person_id) = 1 then any_value(person_id) end as person_id,
    count(distinct person_id) as persons,
from shown
where identifier_value is not null
group by identifier_type, identifier_value
order by identifier_type, identifier_value;
