"""`python -m connectors.tiktok_ads --from DATE --to DATE [--stream NAME]`."""

from connectors.command import main
from connectors.tiktok_ads import VENDOR

raise SystemExit(main(VENDOR))
