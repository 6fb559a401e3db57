"""`python -m connectors.google_ads --from DATE --to DATE [--stream NAME]`."""

from connectors.command import main
from connectors.google_ads import VENDOR

raise SystemExit(main(VENDOR))
