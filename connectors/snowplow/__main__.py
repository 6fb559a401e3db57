"""`python -m connectors.snowplow --from DATE --to DATE [--stream NAME]`."""

from connectors.command import main
from connectors.snowplow import VENDOR

raise SystemExit(main(VENDOR))
