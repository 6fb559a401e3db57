-- Text messages: the services that send them, the mailings, and who leaves with which one.
create table twilio_service as
select
    'MG' || token('messaging service', service.number) as service_sid,
    service.service_name,
    service.usecase,
    '+1888555' || lpad(service.number::varchar, 4, '0') as sender,
    moment(0, -86400 * (90 - service.number)) as created_at,
    moment(0, 0) as known_at,
    service.number,
from (
    values
    (0, 'Weekly offers', 'marketing'),
    (1, 'Members club', 'marketing'),
    (2, 'Order updates', 'notifications')
) as service (number, service_name, usecase)
order by service.number;

create table twilio_mailing as
select
    range as mailing,
    -- Two mailings a week, by the two marketing services in turn.
    1 + range * 7 // 2 as day,
    range % 2 as service_number,
    moment(1 + range * 7 // 2, 57600 + 1800 * pick('text time', 12, range)) as sent_at,
    choose('text', [
        '20% off everything until Sunday: shop.example.com/s',
        'New in the shop today: shop.example.com/n',
        'Members first: the sale opens an hour earlier for you. Show this text at any till and the '
        || 'first ten in each store also get a bag of our own roast, as long as it lasts. More at '
        || 'shop.example.com/m.',
    ], range) || ' Reply STOP to end' as body,
from range(getvariable('days'))
where 1 + range * 7 // 2 < getvariable('days')
order by mailing;

create macro reads_texts(person_id) as draw('reads texts', person_id) < 0.6;

create macro gets_text(person_id, mailing) as draw('gets text', person_id, mailing) < 0.55;

-- What becomes of a message: no number, no carrier's word, refused by the carrier, or delivered.
create macro text_outcome(message_key) as case
    when draw('text outcome', message_key) < 0.01 then 'failed'
    when draw('text outcome', message_key) < 0.04 then 'undelivered'
    when draw('text outcome', message_key) < 0.12 then 'sent'
    else 'delivered'
end;

create macro text_key(person_id, mailing) as token('text', person_id, mailing);

-- Who writes STOP, and after which mailing: the first delivered one once they have had enough.
create table twilio_leaver as
select
    person.person_id,
    min(twilio_mailing.mailing) as mailing,
from person
inner join twilio_mailing
    on twilio_mailing.day >= pick('text leaving day', getvariable('days'), person.person_id)
    and twilio_mailing.sent_at > person.updated_at
    and gets_text(person.person_id, twilio_mailing.mailing)
    and text_outcome(text_key(person.person_id, twilio_mailing.mailing)) = 'delivered'
where
    person.phone is not null
    and person.owns_phone
    and reads_texts(person.person_id)
    and draw('leaves texts', person.person_id) < 0.15
group by person.person_id
order by person.person_id;
