"""Judging what arrived: the landing gate and the reconciliation with the sources' own totals.

Here belong the register of loads, the suites that accept a load or hold it back, and the proof
that nothing was lost between landing and facts. What we built out of it is judged by dbt tests,
and no rule stands in both. Nothing here knows the orchestrator.
"""

from __future__ import annotations

import os

# Before anything imports Great Expectations.
os.environ["GX_ANALYTICS_ENABLED"] = "false"
