"""What Dagster serves: `workspace.yaml` and `[tool.dg]` point here."""

from connectors.settings import load_env_file
from orchestration.assembly import build_definitions

load_env_file()
defs = build_definitions()
