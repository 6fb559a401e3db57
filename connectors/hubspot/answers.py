"""HubSpot's answers: what an error means, and what is left of the limits.

Belongs here: telling a refusal from a wait, and how long to wait. Does not belong here: what is
asked (the package itself).
"""

from __future__ import annotations

import msgspec
import requests

from connectors.client import RetryError, header_number, refusal, retry_after, says
from connectors.stream import CursorExpiredError

# Searches have a limit of their own, five a second, which no header tells.
BETWEEN_SEARCHES = 0.25
TEN_SECONDS = 10.0
LOCKED_SECONDS = 2.0
# Categories of errors whose status alone would send one the wrong way:
# https://developers.hubspot.com/docs/api-reference/error-handling
_TOKEN = "renew this vendor's credential: SOURCES__HUBSPOT__ACCESS_TOKEN, of a private app."
_SCOPE = (
    "give the private app the scope {scopes}; where the portal does not offer it, its subscription"
    " has not got what this stream reads."
)
MEANINGS = {
    "INVALID_AUTHENTICATION": (401, _TOKEN),
    "EXPIRED_AUTHENTICATION": (401, _TOKEN),
    "MISSING_SCOPES": (403, _SCOPE),
    "BANNED": (403, "HubSpot has closed this portal to the app: ask its support."),
}


class Detail(msgspec.Struct):
    """One thing that is wrong, with what it is about by name."""

    context: dict[str, list[str]] = {}


class Problem(msgspec.Struct):
    """An error as HubSpot words it."""

    category: str = ""
    errors: list[Detail] = []

    def scopes(self) -> list[str]:
        """The scopes of which one is needed."""
        names = ("requiredGranularScopes", "requiredScopes")
        return [
            scope for each in self.errors for name in names for scope in each.context.get(name, [])
        ]


PROBLEMS = msgspec.json.Decoder(Problem)


def inspect(response: requests.Response) -> None:
    """Tell what an error means by its category, and the day's limit from the one of ten seconds.

    Raises:
        CursorExpiredError: the place where the next page begins was refused.
        ConnectorError: the day's requests are used up, a scope lacks, or the portal is on its way
            to another data center.
        RetryError: too many in ten seconds, or in a second of searches; or locked for a moment.
    """
    if response.ok:
        return
    if response.status_code == 400 and _names_a_place(response.request):
        raise CursorExpiredError(says(response), status=400)
    if response.status_code == 423:
        raise RetryError(says(response), retry_after(response) or LOCKED_SECONDS)
    if response.status_code == 477:
        remedy = "HubSpot moves the portal to another data center: run again tomorrow."
        raise refusal(response, 503, remedy)
    if response.status_code == 429:
        _limited(response)
    problem = _problem(response)
    if problem.category in MEANINGS:
        means, remedy = MEANINGS[problem.category]
        scopes = ", ".join(problem.scopes()) or "that the message names"
        raise refusal(response, means, remedy.format(scopes=scopes))


def _limited(response: requests.Response) -> None:
    if b"DAILY" in response.content:
        remedy = "the account's requests of the day are used up: run again after its midnight."
        raise refusal(response, 429, remedy)
    is_search = response.url.split("?")[0].endswith("/search")
    raise RetryError(says(response), retry_after(response) or (1.0 if is_search else TEN_SECONDS))


def _problem(response: requests.Response) -> Problem:
    try:
        return PROBLEMS.decode(response.content)
    except ValueError:
        return Problem()


def _names_a_place(request: requests.PreparedRequest) -> bool:
    text = f"{request.url} {request.body!r}"
    return any(mark in text for mark in ("after=", "offset=", '"after"'))


def pause(response: requests.Response) -> float:
    """Seconds to the next search, or until the interval ends once nothing of it is left."""
    if response.url.split("?")[0].endswith("/search"):
        return BETWEEN_SEARCHES
    if header_number(response, "X-HubSpot-RateLimit-Remaining", 1) > 0:
        return 0.0
    interval = "X-HubSpot-RateLimit-Interval-Milliseconds"
    return header_number(response, interval, 1000 * TEN_SECONDS) / 1000
