"""`python -m connectors.klaviyo --from DATE --to DATE [--stream NAME]`."""

from connectors.command import main
from connectors.klaviyo import VENDOR

raise SystemExit(main(VENDOR))
