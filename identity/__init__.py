"""Who is one person: what of identity is not SQL.

Belongs here: the graph (components, cuts), the keys that stay, manual decisions, probable persons,
explaining, and measuring how right it is. What may link and what is refused is decided in dbt's
int_identity__* models and their seeds; this room reads their edges and writes the schema
`identity`. No orchestrator belongs here.
"""

# What is looked at every night, by name; here, so that nothing heavy is imported for the names.
ALARMS = (
    *("largest_person", "emails_and_phones", "known_touches", "changes", "match_rates"),
    *("probable_persons", "households", "rules"),
)
