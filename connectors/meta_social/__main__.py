"""`python -m connectors.meta_social --from DATE --to DATE [--stream NAME]`."""

from connectors.command import main
from connectors.meta_social import VENDOR

raise SystemExit(main(VENDOR))
