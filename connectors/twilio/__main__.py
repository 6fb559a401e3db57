"""`python -m connectors.twilio --from DATE --to DATE [--stream NAME]`."""

from connectors.command import main
from connectors.twilio import VENDOR

raise SystemExit(main(VENDOR))
