"""`python -m connectors.youtube --from DATE --to DATE [--stream NAME]`."""

from connectors.command import main
from connectors.youtube import VENDOR

raise SystemExit(main(VENDOR))
