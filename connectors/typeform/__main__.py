"""`python -m connectors.typeform --from DATE --to DATE [--stream NAME]`."""

from connectors.command import main
from connectors.typeform import VENDOR

raise SystemExit(main(VENDOR))
