"""Twilio: text messages sent and received, the services that send them, and what each day cost.

JSON over HTTPS with Basic authentication. A page is `{"<rows>": [...], "next_page_uri": <path>}`;
the path is relative to the host, filter and token inside, and null on the last page. Keys are
`sid`; of usage, category and day.

    GET /2010-04-01/Accounts/{sid}/Messages.json             sent or received in the window
                                                             → landing/twilio/messages
    GET /2010-04-01/Accounts/{sid}/Usage/Records/Daily.json  the window's days, by category
                                                             → landing/twilio/usage_records
    GET https://messaging.twilio.com/v1/Services             all, each night
                                                             → landing/twilio/messaging_services

There is no "updated since": a message's status comes with the carrier's receipt, hours later, and
its price when it is billed, so a night reads the last three days again. Both bounds of the time
filter are inclusive, and base keeps a message once.

Alone: `python -m connectors.twilio --from 2026-02-01 --to 2026-02-02 --stream messages`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import requests
from dlt.sources.helpers.rest_client.auth import HttpBasicAuth
from dlt.sources.helpers.rest_client.paginators import JSONLinkPaginator

from connectors.client import Client, http_client, refuse_by_code, says
from connectors.settings import VendorSettings
from connectors.stream import ApiVersion, CursorExpiredError, Pages, Stream, Vendor, Window, utc

VERSION = ApiVersion("2010-04-01", None, "https://www.twilio.com/docs/usage/api")
API = "https://api.twilio.com"
MESSAGING = "https://messaging.twilio.com"
PAGE = 1000
# https://www.twilio.com/docs/api/errors
MEANINGS = {
    20005: (403, "the account is suspended or closed: its owner has to ask Twilio."),
    20006: (403, "give the API key the right to read messages, usage records and services."),
    20008: (401, "test credentials read nothing: set the live SOURCES__TWILIO__AUTH_TOKEN."),
}


class NextPageUri(JSONLinkPaginator):
    """Follows `next_page_uri`, which is a path below the API's base URL.

    Page numbers are never made up: only the token in that path says where the next page begins.
    """

    def __init__(self, base_url: str) -> None:
        super().__init__("next_page_uri")
        self.base_url = base_url.rstrip("/")

    def update_state(self, response: requests.Response, data: list[Any] | None = None) -> None:
        """Take the path and put the host before it; an address is taken as it is."""
        super().update_state(response, data)
        if self._next_reference and self._next_reference.startswith("/"):
            self._next_reference = self.base_url + self._next_reference


def connect(settings: VendorSettings) -> Client:
    """A client that knows Twilio's account, paging and errors."""
    return http_client(
        settings,
        base_url=API,
        auth=_auth(settings),
        paginator=NextPageUri(settings.get("base_url", API)),
        inspect=inspect,
    )


def inspect(response: requests.Response) -> None:
    """Tell a page that is not known any more from other refusals, and those by their code.

    Raises:
        CursorExpiredError: the next page's token was refused.
        ConnectorError: the account is suspended, or the key may not read this.
    """
    if response.status_code in (400, 404) and "PageToken=" in response.url:
        raise CursorExpiredError(says(response), status=response.status_code)
    refuse_by_code(response, MEANINGS)


def messages(client: Client, window: Window) -> Pages:
    """Messages sent or received in the window, both directions."""
    params = {
        "DateSent>": _second(window.start),
        "DateSent<": _second(window.end),
        "PageSize": PAGE,
    }
    return client.pages(_path(client, "Messages"), rows="messages", params=params)


def usage_records(client: Client, window: Window) -> Pages:
    """What Twilio counted and charged on each day of the window, by category."""
    first, last = window.dates()
    params = {
        "StartDate": first.isoformat(),
        "EndDate": last.isoformat(),
        # Messages are the account's own; usage would count its subaccounts, too.
        "IncludeSubaccounts": "false",
        "PageSize": PAGE,
    }
    return client.pages(_path(client, "Usage/Records/Daily"), rows="usage_records", params=params)


def messaging_services(client: Client, window: Window) -> Pages:
    """The services that messages are sent through; few, so all of them."""
    return messaging_client(client).pages(
        "/v1/Services", rows="services", params={"PageSize": PAGE}
    )


def messaging_client(client: Client) -> Client:
    """A client of the host that has the services, with the same credential."""
    return http_client(
        client.settings,
        base_url=MESSAGING,
        setting="messaging_base_url",
        auth=_auth(client.settings),
        paginator=JSONLinkPaginator("meta.next_page_url"),
        inspect=inspect,
    )


def probe(client: Client) -> Pages:
    """One message: proves the credential and the right to read messages."""
    return client.pages(_path(client, "Messages"), rows="messages", params={"PageSize": 1})


def _auth(settings: VendorSettings) -> HttpBasicAuth:
    # An API key stands in for the account where there is one: it can be revoked by itself.
    user = settings.get("api_key_sid") or settings["account_sid"]
    return HttpBasicAuth(user, settings["auth_token"])


def _second(moment: datetime) -> str:
    """The moment in GMT to the second, as Twilio reads it and as its messages are dated."""
    return utc(moment.replace(microsecond=0))


def _path(client: Client, resource: str) -> str:
    return f"/{VERSION.name}/Accounts/{client.settings['account_sid']}/{resource}.json"


VENDOR = Vendor(
    name="twilio",
    streams=(
        Stream("messages", messages, lookback_days=3, cadence="hourly"),
        Stream("usage_records", usage_records, lookback_days=3),
        Stream("messaging_services", messaging_services),
    ),
    connect=connect,
    required=("account_sid", "auth_token"),
    secrets=("auth_token",),
    version=VERSION,
    probe=probe,
)
