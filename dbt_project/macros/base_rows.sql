{# The whole of a base model. A model declares its columns, each a list
       [name, path, type] or [name, path, type, 'required']
   and for a list of objects
       [name, path, 'list', [columns of an element]]
   or, where a page's rows do not say whose they are,
       [name, 'request:<pattern>', type]
   which reads the pattern's first group from the request that brought the page; or, where a page
   says something of all its rows,
       [name, 'page:<path>', type]
   or, where a row is a list of values and the page names their columns,
       [name, 'values[headers.name=date].value', type]
   which reads the value at the place where the page's `headers` has the name `date`, whatever their
   order (`[headers.name=date]` where a row is the list itself and its values stand bare); and gets
   typed rows with load_id, pulled_at, page_index, row_index, row_hash, quarantine_reason and raw. Types: text, bigint, decimal(p, s), double, boolean, timestamp, rfc2822 and epoch_ms (all
   three to UTC), date and basic_date, iso_duration (to seconds), list.

   The model's meta says the rest: rows (the page's key that holds the rows, dotted where it lies
   deeper; '' when the page is the row; not set for lines of text, whose columns are found by name in
   `fields`), key (the columns that identify a row), empty_page_keys (the keys a page may have without
   rows, where a vendor leaves an empty list out), whole (the columns of what a load brings all rows of:
   what it brings no more is gone, see last_brought), immutable_since (the time column of events, which
   never change once said) and missing (the text by which a vendor says that there is no value). #}

{% macro base_rows(stream, columns, fields=none) -%}
    {%- if not execute -%}
        {#- While dbt parses, a model's config cannot be read yet. -#}
        {{ return('') }}
    {%- endif -%}
    {%- set meta = config.get('meta') -%}
    {%- set stream_name = stream.schema ~ '.' ~ stream.identifier -%}
    {%- set pages = register_landing(stream_name) -%}
    {%- set known = known_rows(stream_name, meta) -%}
    with

    parsed as (
        {% if fields %}
        {{ parse_lines(pages, fields | length) }}
        {% else %}
        {{ parse_pages(
            pages, meta['rows'], row_shape(columns), meta.get('empty_page_keys'),
            reads_request(columns), page_fields(columns), page_shape(columns)
        ) }}
        {% endif %}
    ),

    texts as (
        select
            *,
            {%- for column in columns %}
            {% if fields -%}
            nullif(parsed_row[{{ fields.index(column[1]) + 1 }}], '')
            {%- elif column[2] == 'list' -%}
            {{ list_text(column_text('parsed_row', columns, column[1]), column[3]) }}
            {%- elif 'missing' in meta -%}
            nullif({{ column_text('parsed_row', columns, column[1], column[0]) }}, '{{ meta['missing'] }}')
            {%- else -%}
            {{ column_text('parsed_row', columns, column[1], column[0]) }}
            {%- endif %} as text_{{ loop.index }}{{ "," if not loop.last }}
            {%- endfor %}
            {%- for column in columns if column[2] == 'list' %},
            {{ column_text('parsed_row', columns, column[1]) }} as raw_{{ column[0] }}
            {%- endfor %}
        from parsed
    ),

    typed as (
        select
            {%- for column in columns %}
            {% if column[2] == 'list' -%}
            {{ typed_list('text_' ~ loop.index, column[3]) }}
            {%- else -%}
            {{ read_text('text_' ~ loop.index, column[2]) }}
            {%- endif %} as {{ column[0] }},
            {%- endfor %}
            load_id,
            pulled_at,
            page_index,
            row_index,
            {{ hashed(columns | length) }} as row_hash,
            case
                when page_problem is not null then page_problem
                {%- for outer in (optional_objects(columns) if not fields else []) %}
                when left({{ path_access('parsed_row', outer) }}, 1) <> '{'
                    then '{{ outer }}: not an object'
                {%- endfor %}
                {%- for column in columns %}
                {%- if column[2] == 'list' %}
                when left(raw_{{ column[0] }}, 1) <> '[' then '{{ column[0] }}: not a list'
                {%- set problem = list_reason('text_' ~ loop.index, column[0], column[3]) %}
                when {{ problem }} is not null then {{ problem }}
                {%- else %}
                {{- reason(column[0], 'text_' ~ loop.index, column[2], column[3] == 'required') }}
                {%- endif %}
                {%- endfor %}
            end as quarantine_reason,
            {#- JSON of single rows is fetched by finish_base. #}
            {{ "array_to_string(parsed_row, chr(9))" if fields else "left(problem_page, 2000)" }} as raw
        from texts
    ),

    final as (
        select typed.* replace (
            case when typed.quarantine_reason is not null then typed.raw end as raw
        )
        from typed
        {%- if known %}
        {#- Not exists would hold all rows in memory. #}
        left join ({{ known }}) as known
            on typed.row_hash = known.row_hash
        where known.row_hash is null
        {%- endif %}
    )

    select * from final
{%- endmacro %}


{% macro row_shape(columns, nested=false) -%}
    {#- A list is read as text, so that something else than a list there is seen; a list within a
        list is read as it is. -#}
    {%- set paths = [] -%}
    {%- for column in columns if not column[1].startswith(('request:', 'page:')) -%}
        {%- if column[1].startswith('[') -%}
            {{ return(['VARCHAR']) }}
        {%- endif -%}
        {%- do paths.append(cell_parts(column[1])[0] ~ '[0].' ~ cell_parts(column[1])[3]
            if is_cell(column[1]) else column[1]) -%}
    {%- endfor -%}
    {%- set shape = json_shape(paths) -%}
    {%- for column in columns if nested and column[2] == 'list' -%}
        {%- set ns = namespace(node=shape) -%}
        {%- for key in column[1].split('.')[:-1] -%}
            {%- set ns.node = ns.node[key] -%}
        {%- endfor -%}
        {%- do ns.node.update({column[1].split('.')[-1]: [row_shape(column[3], true)]}) -%}
    {%- endfor -%}
    {{ return(shape) }}
{%- endmacro %}


{% macro reads_request(columns) -%}
    {%- set found = [] -%}
    {%- for column in columns if column[1].startswith('request:') -%}
        {%- do found.append(column[1]) -%}
    {%- endfor -%}
    {{ return(found | length > 0) }}
{%- endmacro %}


{% macro hashed(count) -%}
    {{ return(adapter.dispatch('hashed')(count)) }}
{%- endmacro %}


{% macro default__hashed(count) -%}
    {#- Over the texts, so that a value that was not read counts as a change too; 63 bits of an MD5,
        which unlike the engine's own hash stays the same from version to version. -#}
    cast(md5_number_lower(concat(
        {%- for number in range(1, count + 1) %}
        coalesce(cast(text_{{ number }} as varchar), chr(30)), chr(31),
        {%- endfor %}
        coalesce(problem_page, '')
    )) >> 1 as bigint)
{%- endmacro %}


{% macro list_text(text, columns) -%}
    {#- Only the fields read, so that a field we do not know cannot make a new version. -#}
    try(from_json({{ text }}, '{{ [row_shape(columns, true)] | tojson }}'))
{%- endmacro %}


{% macro typed_list(list, columns, depth=1) -%}
    {%- set item = 'item_' ~ depth -%}
    list_transform({{ list }}, lambda {{ item }}: struct_pack(
        {%- for column in columns %}
        {%- set value = path_access(item, column[1]) %}
        {{ column[0] }} := {{ typed_list(value, column[3], depth + 1) if column[2] == 'list'
            else read_text(value, column[2]) }}{{ "," if not loop.last }}
        {%- endfor %}
    ))
{%- endmacro %}


{% macro list_reason(list, name, columns, depth=1) -%}
    {%- set item = 'item_' ~ depth -%}
    list_filter(list_transform({{ list }}, lambda {{ item }}: case
        when {{ item }} is null then '{{ name }}: an element is not an object'
        {%- for column in columns %}
        {%- set value = path_access(item, column[1]) %}
        {%- set column_name = name ~ '.' ~ column[0] %}
        {%- if column[2] == 'list' %}
        {%- set inner = list_reason(value, column_name, column[3], depth + 1) %}
        when {{ inner }} is not null then {{ inner }}
        {%- else %}
        {{- reason(column_name, value, column[2], column[3] == 'required') }}
        {%- endif %}
        {%- endfor %}
    end), lambda problem: problem is not null)[1]
{%- endmacro %}
