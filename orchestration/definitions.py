"""What Dagster serves: `workspace.yaml` and `[tool.dg]` point here."""

from orchestration.assembly import build_definitions

defs = build_definitions()
