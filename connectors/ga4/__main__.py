"""`python -m connectors.ga4 --from DATE --to DATE [--stream NAME]`."""

from connectors import ga4
from connectors.command import main

raise SystemExit(main(ga4.VENDOR))
