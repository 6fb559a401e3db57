"""Typeform: surveys, their questions, and who answered what.

JSON over HTTPS, landed under `typeform/`. A page is `{"items": [...], "total_items": n}`. Forms are
paged by number; responses come newest first, and the next page is what lies `before` the token of
the last one. A response says nothing of its form: base reads the form's id from the request.

    GET /forms                 all, each night           → forms
    GET /forms/{id}            each form, each night     → form_definitions
    GET /forms/{id}/responses  submitted in the window   → responses

What was just submitted may be missing from the list for half an hour, hence a night looks back a
day. `since` and `until` include their moment: a response on the very bound comes in both windows,
and base keeps it once. Unfinished responses have no time to ask by and are not read.

Alone: `python -m connectors.typeform --from 2026-02-01 --to 2026-02-02 --stream responses`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import requests
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import (
    BasePaginator,
    PageNumberPaginator,
    SinglePagePaginator,
)

from connectors.client import Client, errors_of, http_client, refuse_by_code, says
from connectors.settings import VendorSettings
from connectors.stream import (
    ApiVersion,
    CursorExpiredError,
    Pages,
    Stream,
    Vendor,
    Window,
    utc,
)

FORMS_PER_PAGE = 200
RESPONSES_PER_PAGE = 1000
# Two requests a second are allowed, and no header tells how many are left.
SECONDS_BETWEEN = 0.5
# A wrong token is told with 403 as well as with 401.
MEANINGS = {
    "AUTHENTICATION_FAILED": (
        401,
        "renew this vendor's credential: a new SOURCES__TYPEFORM__ACCESS_TOKEN, and"
        " SOURCES__TYPEFORM__BASE_URL for an account in the EU data center.",
    ),
    "INSUFFICIENT_SCOPE": (403, "make a token with the scopes forms:read and responses:read."),
}


class BeforePaginator(BasePaginator):
    """Pages by the token of the last response: what lies before it comes next."""

    def __init__(self) -> None:
        super().__init__()
        self.token = ""

    def update_state(self, response: requests.Response, data: Any = None) -> None:
        """Find the last token; a page that is not full is the last."""
        self._has_next_page = response.json().get("items", 0) >= RESPONSES_PER_PAGE
        if self._has_next_page:
            items = _TOKENS.decode(response.content).items
            self.token = items[-1].token

    def update_request(self, request: requests.Request) -> None:
        """Ask for what lies before the token."""
        request.params = (request.params or {}) | {"before": self.token}


class _Token(msgspec.Struct):
    token: str


class _Tokens(msgspec.Struct):
    items: list[_Token]


class _Id(msgspec.Struct):
    id: str


class _Ids(msgspec.Struct):
    items: list[_Id]


_TOKENS = msgspec.json.Decoder(_Tokens)
_IDS = msgspec.json.Decoder(_Ids)


def connect(settings: VendorSettings) -> Client:
    """A client that knows Typeform's token, pace and errors."""
    return http_client(
        settings,
        # Accounts in the EU data center set SOURCES__TYPEFORM__BASE_URL.
        base_url="https://api.typeform.com",
        auth=BearerTokenAuth(settings["access_token"]),
        paginator=SinglePagePaginator(),
        inspect=inspect,
        pause=lambda response: SECONDS_BETWEEN,
    )


def inspect(response: requests.Response) -> None:
    """Tell an unknown token from other refusals, and those by their code.

    Raises:
        ConnectorError: the credential is wrong or too narrow.
        CursorExpiredError: the response whose token is the cursor was deleted meanwhile.
    """
    if response.status_code == 400 and "before=" in str(response.request.url):
        for error in errors_of(response):
            if "before" in str(error.get("description")):
                raise CursorExpiredError(says(response), status=400)
    refuse_by_code(response, MEANINGS)


def forms(client: Client, window: Window) -> Pages:
    """Every form of the account."""
    pages = PageNumberPaginator(base_page=1, page_param="page", total_path="page_count")
    params = {"page_size": FORMS_PER_PAGE}
    return client.pages("/forms", rows="items", params=params, paginator=pages)


def form_definitions(client: Client, window: Window) -> Pages:
    """Every form whole, with its questions."""
    for name in _form_ids(client, window):
        yield from client.pages(f"/forms/{name}", rows=None)


def responses(client: Client, window: Window) -> Pages:
    """Responses submitted in the window, form by form."""
    params = {
        "page_size": RESPONSES_PER_PAGE,
        "since": utc(window.start),
        "until": utc(window.end),
    }
    for name in _form_ids(client, window):
        path = f"/forms/{name}/responses"
        yield from client.pages(path, rows="items", params=params, paginator=BeforePaginator())


def probe(client: Client) -> Pages:
    """Whether the token may read forms: one of them."""
    return client.pages("/forms", rows="items", params={"page_size": 1})


def _form_ids(client: Client, window: Window) -> Iterator[str]:
    found: dict[str, None] = {}
    for page in forms(client, window):
        rows = _IDS.decode(page.body or b'{"items":[]}').items
        found |= dict.fromkeys(row.id for row in rows)
    yield from found


VENDOR = Vendor(
    name="typeform",
    streams=(
        Stream("forms", forms),
        Stream("form_definitions", form_definitions),
        Stream("responses", responses, lookback_days=1),
    ),
    connect=connect,
    required=("access_token",),
    secrets=("access_token",),
    version=ApiVersion("unversioned", None, "https://www.typeform.com/developers/get-started/"),
    probe=probe,
    # One pace for the account: more at once would only wait for each other.
    concurrency=1,
)
