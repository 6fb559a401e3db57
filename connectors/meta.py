"""Meta's Graph API, as far as ads and organic posts share it.

Belongs here: version, token, paging, errors and limits. Does not belong here: which edges and
fields are read (`connectors/meta_ads`, `connectors/meta_social`).

Three traps. The last page has `cursors.after` as well: only `paging.next` says that there is more.
That `next` repeats the caller's token in its URL, so the cursor is followed and not the link, the
token goes in a header, and landing takes it out of the page. A throttled call gets status 400: its
error code tells.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import requests
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator

from connectors.client import (
    REMEDIES,
    Client,
    RetryError,
    errors_of,
    http_client,
    refusal,
    says,
)
from connectors.settings import VendorSettings
from connectors.stream import ApiVersion, ConnectorError, Credential, CursorExpiredError

# A version of the Marketing API lives about a year, of the Graph API two; Meta announces the day
# late, and none is announced for this one.
API = ApiVersion("v26.0", None, "https://developers.facebook.com/docs/graph-api/changelog/versions")
VERSION = API.name
TRANSIENT = {1, 2}
THROTTLES = {4, 17, 32, 613, *range(80000, 80015)}
TOKEN_REFUSED = {102, 104, 190}
# Why a token is refused, where Meta says so in the subcode.
TOKEN_ENDS = {
    460: "renew this vendor's credential: its user has changed the password.",
    463: "renew this vendor's credential: the token has expired; a system user's does not.",
    458: "renew this vendor's credential: its user has removed the app.",
}
NOT_ALLOWED = {3, 10, *range(200, 300)}
# What a version that is gone answers, with status 400.
RETIRED = 2635
NOT_FOUND_SUBCODE = 33
TOO_MUCH_SUBCODE = 1487534
# Above this share of a limit, calls start to fail.
FULL_PERCENT = 95
REST_SECONDS = 60.0


class TooMuchDataError(ConnectorError):
    """The query is over-large for one answer: ask for fewer days."""


class NotThereError(ConnectorError):
    """The object is not there, or not any more."""


class GraphPaginator(JSONResponseCursorPaginator):
    """Follows `paging.cursors.after` for as long as there is a `paging.next`."""

    def __init__(self) -> None:
        super().__init__("paging.cursors.after", cursor_param="after")

    def update_state(self, response: requests.Response, data: list[Any] | None = None) -> None:
        """Read the cursor; the last page has one too, but no next."""
        super().update_state(response, data)
        if not (response.json().get("paging") or {}).get("next"):
            self._has_next_page = False


def connect(settings: VendorSettings) -> Client:
    """A client that knows Meta's token, paging, limits and errors."""
    return http_client(
        settings,
        base_url="https://graph.facebook.com",
        auth=BearerTokenAuth(settings["access_token"]),
        paginator=GraphPaginator(),
        inspect=inspect,
        pause=pause,
    )


def inspect(response: requests.Response) -> None:
    """Tell what an error means by its code, for nearly all of them come with status 400.

    Raises:
        RetryError: throttled, or a passing fault.
        CursorExpiredError: the cursor is not known any more.
        TooMuchDataError: the query is over-large.
        NotThereError: the object asked for is not there.
        ConnectorError: the token was refused or may not read this, or what is asked is gone.
    """
    for error in errors_of(response):
        code, subcode, text = error.get("code"), error.get("error_subcode"), says(response)
        status = response.status_code
        if subcode == TOO_MUCH_SUBCODE:
            raise TooMuchDataError(text, status=status, remedy=REMEDIES[400])
        if code in THROTTLES:
            raise RetryError(text, pause(response) or REST_SECONDS, means=429)
        if code in TRANSIENT or error.get("is_transient"):
            raise RetryError(text)
        if code in TOKEN_REFUSED:
            raise refusal(response, 401, TOKEN_ENDS.get(subcode or 0, ""))
        if code == RETIRED:
            raise refusal(response, 410)
        if code in NOT_ALLOWED:
            raise refusal(response, 403)
        if subcode == NOT_FOUND_SUBCODE:
            raise NotThereError(text, status=status, means=404, remedy=REMEDIES[404])
        if code == 100 and "cursor" in str(error.get("message")).lower():
            raise CursorExpiredError(text, status=status)


def pause(response: requests.Response) -> float:
    """Seconds to rest when Meta's usage headers say that a limit is nearly used up."""
    for usage in _usages(response):
        if minutes := usage.get("estimated_time_to_regain_access"):
            return 60.0 * float(minutes)
        if any(usage.get(name, 0) >= FULL_PERCENT for name in PERCENTAGES):
            return REST_SECONDS
    return 0.0


def credential(client: Client) -> Credential:
    """What Meta says about the token: until when, and for what.

    Raises:
        ConnectorError: the token may not ask about itself (it is not of a developer of its app).
    """
    params = {"input_token": client.settings["access_token"]}
    (page,) = client.pages(f"/{VERSION}/debug_token", rows=None, params=params)
    facts = msgspec.json.decode(page.body or b"{}").get("data") or {}
    ends = [facts[name] for name in ("expires_at", "data_access_expires_at") if facts.get(name)]
    return Credential(
        expires_at=datetime.fromtimestamp(min(ends), UTC) if ends else None,
        scopes=frozenset(facts["scopes"]) if "scopes" in facts else None,
    )


PERCENTAGES = ("call_count", "total_cputime", "total_time", "acc_id_util_pct")


def _usages(response: requests.Response) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for name in ("X-Business-Use-Case-Usage", "X-Ad-Account-Usage", "X-App-Usage"):
        if value := response.headers.get(name):
            usage = msgspec.json.decode(value)
            # Per business a list of use cases; for an app or an account one object.
            lists = [part for part in usage.values() if isinstance(part, list)]
            found += [item for part in lists for item in part] or [usage]
    return found
