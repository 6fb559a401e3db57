-- Every random choice is a hash of the seed, what is chosen, and for whom: so any part of the
-- world can be made alone, in any order, and comes out the same.
create macro draw(salt, a, b := 0) as
    (hash(getvariable('seed')::bigint, salt, a, b) >> 11)::double / 9007199254740992.0;

create macro pick(salt, count, a, b := 0) as floor(draw(salt, a, b) * count)::bigint;

create macro choose(salt, options, a, b := 0) as options[1 + pick(salt, len(options), a, b)];

create macro token(salt, a, b := '') as
    md5(concat_ws(':', getvariable('seed')::varchar, salt, a::varchar, b::varchar));

create macro code(prefix, length, salt, a, b := '') as
    prefix || upper(substr(token(salt, a, b), 1, length));

create macro as_uuid(hex) as hex::uuid::varchar;

-- A moment on a day of the calendar, to the millisecond.
create macro moment(day, seconds) as
    getvariable('start')::timestamp + to_days(day::integer)
    + to_milliseconds(floor(seconds::double * 1000)::bigint);

create macro later(since, seconds) as since + to_milliseconds(floor(seconds::double * 1000)::bigint);

-- Seconds into a UTC day: American waking hours, which run past UTC midnight.
create macro waking_second(salt, a, b := 0) as least(
    fmod(46800 + 57600 * (draw(salt, a, b) + draw(salt || '+', a, b)) / 2, 86400), 86390
);

-- Till hours, 10:00 to 20:00 in New York.
create macro till_second(salt, a, b := 0) as fmod(54000 + 36000 * draw(salt, a, b), 86400);

-- A browser of some forgets its cookie every other week and is a new one from then on.
create macro forgets_cookies(person_id) as draw('forgets cookies', person_id) < 0.2;

create macro cookie_life(person_id, day) as if(forgets_cookies(person_id), day // 14, 0);

create macro own_device(person_id, slot, day) as as_uuid(
    token('device', person_id, concat_ws('.', slot, nullif(cookie_life(person_id, day), 0)))
);

-- A word as somebody typed it in a hurry: a letter dropped, swapped, doubled or mistaken.
create macro misspelt(word, salt, id) as list_transform(
    [1 + pick(salt || ' place', greatest(length(word) - 2, 1), id)],
    lambda place: case
        when length(word) < 3 then word
        when draw(salt || ' slip', id) < 0.3 then word[:place] || word[place + 2:]
        when draw(salt || ' slip', id) < 0.55
            then word[:place] || word[place + 2:place + 2]
                || word[place + 1:place + 1] || word[place + 3:]
        when draw(salt || ' slip', id) < 0.8 then word[:place + 1] || word[place + 1:]
        else word[:place] || choose(salt || ' letter', ['a', 'e', 'n', 'r', 's', 't'], id)
            || word[place + 2:]
    end
)[1];

-- The same, but for most, who type it right.
create macro typed(word, salt, id, share) as
    if(draw(salt || ' is typed wrong', id) < share, misspelt(word, salt, id), word);

create macro in_audience(person_id, campaign, share) as
    draw('audience', person_id, campaign) < share;

create macro does_bounce(person_id, campaign) as draw('bounce', person_id, campaign) < 0.015;

-- A week's file is due on the Monday after it, at six in the morning.
create macro week_known_at(happened_at) as
    date_trunc('week', happened_at) + interval 7 day + interval 6 hour;

create macro handle(first_name, person_id) as
    concat(strip_accents(first_name), '_', 100 + person_id);
