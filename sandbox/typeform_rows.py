"""Typeform's rows, made of the truth: forms, their questions, and the responses.

Belongs here: SQL from truth tables to JSON. Does not belong here: how they are asked for
(typeform.py). Shapes follow the types of the vendor's own client.
"""

from __future__ import annotations

import duckdb

from sandbox.world import World

STAMP = "'%Y-%m-%dT%H:%M:%SZ'"
HOST = "https://api.typeform.com"

_FORMS = f"""
    select
        created_at as sort_at,
        known_at,
        null::timestamp as superseded_at,
        form_id as key,
        null as tag,
        to_json({{
            id: form_id,
            type: 'form',
            title: title,
            last_updated_at: strftime(created_at, {STAMP}),
            created_at: strftime(created_at, {STAMP}),
            settings: {{is_public: true, is_trial: false}},
            self: {{href: '{HOST}/forms/' || form_id}},
            theme: {{href: '{HOST}/themes/default'}},
            _links: {{
                display: 'https://shop.typeform.com/to/' || form_id,
                responses: '{HOST}/forms/' || form_id || '/responses'
            }}
        }})::varchar as body
    from typeform_form
"""

# A form's questions; those of a group lie inside it.
_DEFINITIONS = """
    with question as (
        select
            *,
            to_json({id: field_id, ref: field_ref, title: title, type: kind}) as field,
        from typeform_question
    ),

    gathered as (
        select
            form_id,
            to_json(list(field order by place) filter (where not is_grouped)) as plain,
            to_json(list(field order by place) filter (where is_grouped)) as grouped,
        from question
        group by form_id
    )

    select
        typeform_form.created_at as sort_at,
        typeform_form.known_at,
        null::timestamp as superseded_at,
        typeform_form.form_id as key,
        typeform_form.form_id as tag,
        to_json({
            id: typeform_form.form_id,
            title: typeform_form.title,
            language: 'en',
            fields: case
                when gathered.grouped is null then gathered.plain
                else to_json([{
                    id: substr(md5(typeform_form.form_id), 1, 12),
                    ref: 'the_group',
                    title: 'About your visit',
                    type: 'group',
                    properties: {fields: gathered.grouped}
                }])
            end,
            hidden: typeform_form.hidden,
            _links: {display: 'https://shop.typeform.com/to/' || typeform_form.form_id}
        })::varchar as body
    from typeform_form
    inner join gathered using (form_id)
"""

_RESPONSES = f"""
    with said as (
        select
            response_id,
            list(
                json_merge_patch(
                    to_json({{
                        field: {{id: field_id, type: kind, ref: field_ref}}, type: answer_type
                    }}),
                    case answer_type
                        when 'number' then to_json({{number: number}})
                        when 'boolean' then json_object('boolean', is_yes)
                        when 'choice' then to_json({{choice: {{label: labels[1]}}}})
                        when 'choices' then to_json({{choices: {{labels: labels}}}})
                        else json_object(answer_type, text)
                    end
                )
                order by place
            ) as answers,
        from typeform_answer
        group by response_id
    )

    select
        response.submitted_at as sort_at,
        response.known_at,
        null::timestamp as superseded_at,
        response.response_id as key,
        response.form_id as tag,
        to_json({{
            landing_id: response.response_id,
            token: response.response_id,
            response_id: response.response_id,
            response_type: 'completed',
            landed_at: strftime(response.landed_at, {STAMP}),
            submitted_at: strftime(response.submitted_at, {STAMP}),
            metadata: {{
                user_agent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X)',
                platform: 'mobile',
                referer: 'https://shop.typeform.com/to/' || response.form_id,
                network_id: substr(md5(response.response_id), 1, 10)
            }},
            hidden: case response.form_number
                when 0 then json_object('email', hidden_email, 'order_id', order_id)
                when 1 then json_object('email', hidden_email, 'visitor_id', device_id)
                else json('{{}}')
            end,
            calculated: {{score: 0}},
            answers: said.answers
        }})::varchar as body
    from typeform_response as response
    inner join said on response.response_id = said.response_id
"""


def render(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """Write Typeform's streams."""
    world.write_rows(con, "typeform", "forms", _FORMS)
    world.write_rows(con, "typeform", "form_definitions", _DEFINITIONS)
    world.write_rows(con, "typeform", "responses", _RESPONSES)
