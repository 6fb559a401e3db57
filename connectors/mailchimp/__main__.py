"""`python -m connectors.mailchimp --from DATE --to DATE [--stream NAME]`."""

from connectors.command import main
from connectors.mailchimp import VENDOR

raise SystemExit(main(VENDOR))
