"""`python -m connectors.hubspot --from DATE --to DATE [--stream NAME]`."""

from connectors.command import main
from connectors.hubspot import VENDOR

raise SystemExit(main(VENDOR))
