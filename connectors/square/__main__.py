"""`python -m connectors.square --from DATE --to DATE [--stream NAME]`."""

from connectors.command import main
from connectors.square import VENDOR

raise SystemExit(main(VENDOR))
