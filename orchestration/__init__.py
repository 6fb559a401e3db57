"""Orchestration: what runs when, what depends on what, and what is published.

Only this package knows Dagster. It speaks no HTTP and holds no business SQL: connectors fetch,
dbt models, data_quality judges; here they are put in order, watched and told about.
"""

from orchestration.environment import switch_off_telemetry

# Before anything of Dagster, dlt, dbt or Great Expectations is imported.
switch_off_telemetry()
