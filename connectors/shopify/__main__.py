"""`python -m connectors.shopify --from DATE --to DATE [--stream NAME]`."""

from connectors.command import main
from connectors.shopify import VENDOR

raise SystemExit(main(VENDOR))
