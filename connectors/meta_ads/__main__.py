"""`python -m connectors.meta_ads --from DATE --to DATE [--stream NAME]`."""

from connectors.command import main
from connectors.meta_ads import VENDOR

raise SystemExit(main(VENDOR))
