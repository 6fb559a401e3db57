"""What Meta's Graph API does alike for every object.

Belongs here: tokens, error bodies, usage headers, the `fields` grammar, and cursor pages. Does not
belong here: which objects, edges and fields there are (meta_ads.py, meta_social.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NoReturn
from urllib.parse import urlencode

from sandbox import tokens
from sandbox.strict import Invalid, fingerprint, issue_cursor, read_cursor
from sandbox.wire import BadCursorError, Limit, Request, Response, Route
from sandbox.world import World

VERSIONS = r"v2[4-6]\.0"
# Parameters every edge takes.
COMMON = {"fields", "limit", "after", "before", "access_token", "appsecret_proof"}
_USAGE_ID = "101550023400019"
SCOPES = {"ads_read", "pages_read_engagement", "pages_show_list", "read_insights"}
SCOPES |= {"instagram_basic", "instagram_manage_insights"}


@dataclass(frozen=True)
class Field:
    """One field asked for: `insights.metric(reach){name,values}` has arguments and fields."""

    name: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    fields: tuple[Field, ...] = ()


def authorize(request: Request) -> Response | None:
    """Return Meta's refusal unless a token is there and right."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() not in {"bearer", "oauth"}:
        token = request.one("access_token") or ""
    if not token:
        return error(
            400, 104, "An access token is required to request this resource.", "OAuthException"
        )
    return problem("unauthorized", "") if token == "wrong" else None


def debug_token(request: Request, world: World, now: datetime) -> Response:
    """Say what is known about a token: `<anything>-until-2026-03-05-without-ads_read`."""
    check_parameters(request, {"input_token"})
    token = request.one("input_token") or ""
    expires_at, lacking = tokens.expiry_of(token), tokens.lacking(token)
    facts = {
        "app_id": "300120623400011",
        "type": "SYSTEM_USER",
        "application": "Throughline",
        "data_access_expires_at": 0,
        "expires_at": int(expires_at.timestamp()) if expires_at else 0,
        "is_valid": expires_at is None or expires_at > now,
        "issued_at": int(now.timestamp()) - 86400,
        "scopes": sorted(SCOPES - lacking),
        "user_id": "122100623400015",
    }
    return Response.of({"data": facts})


def problem(kind: str, detail: str) -> Response:
    """Return Meta's own error of a kind the server or a fault asks for."""
    if kind == "unauthorized":
        message = "Invalid OAuth access token - Cannot parse access token"
        refusal = error(400, 190, message, "OAuthException")
        challenge = f'OAuth "Facebook Platform" "invalid_token" "{message}"'
        refusal.headers["WWW-Authenticate"] = challenge
        return refusal
    if kind == "forbidden":
        return error(403, 200, "(#200) Requires extended permission: ads_read", "OAuthException")
    if kind == "gone":
        message = "(#2635) You are calling a deprecated version of the Ads API."
        return error(400, 2635, message, "OAuthException")
    if kind == "rate_limited":
        message = "(#80000) There have been too many calls to this ad-account. Wait a bit."
        return error(400, 80000, message, "OAuthException", is_transient=True)
    if kind == "server_error":
        message = "An unexpected error has occurred. Please retry your request later."
        return error(500, 2, message, "OAuthException", is_transient=True)
    if kind == "expired_cursor":
        return error(400, 100, f"(#100) Invalid cursor: {detail}", "OAuthException")
    if kind == "method_not_allowed":
        message = "Unsupported method for this object."
        return error(400, 100, message, "GraphMethodException", error_subcode=33)
    if kind == "not_found":
        return error(400, 2500, "Unknown path components: " + detail, "OAuthException")
    return error(400, 100, "(#100) " + detail, "OAuthException")


def error(status: int, code: int, message: str, kind: str, **more: Any) -> Response:
    """Return a response with one of Meta's errors."""
    content = {"message": message, "type": kind, "code": code, **more}
    content["fbtrace_id"] = "A" + fingerprint(code, message)
    return Response.of({"error": content}, status)


def refuse(message: str, code: int = 100, **more: Any) -> NoReturn:
    """Answer the request being handled with an error, by default an invalid parameter's."""
    raise Invalid(error(400, code, f"(#{code}) {message}", "OAuthException", **more))


def refuse_object(name: str) -> NoReturn:
    """Answer that an object does not exist."""
    message = (
        f"Unsupported get request. Object with ID '{name}' does not exist, cannot be loaded due "
        "to missing permissions, or does not support this operation."
    )
    raise Invalid(error(400, 100, message, "GraphMethodException", error_subcode=33))


def usage_headers(kind: str) -> Callable[[Limit, int, int], dict[str, str]]:
    """Return a `rate_headers` that states usage in per cent, as Meta does.

    Args:
        kind: The business use case, e.g. `ads_insights`.
    """

    def headers(limit: Limit, used_second: int, used_minute: int) -> dict[str, str]:
        percent = min(100, 100 * used_minute // limit.per_minute)
        calls = {"call_count": percent, "total_cputime": percent, "total_time": percent}
        use_case = {
            "type": kind,
            **calls,
            "estimated_time_to_regain_access": 1 if percent == 100 else 0,
        }
        return {
            "X-App-Usage": json.dumps(calls),
            "X-Business-Use-Case-Usage": json.dumps({_USAGE_ID: [use_case]}),
            "facebook-api-version": "v26.0",
        }

    return headers


def check_parameters(request: Request, known: set[str]) -> None:
    """Refuse parameters that neither every edge nor this one takes.

    Meta itself lets most of them pass unnoticed; here a misspelt one must show.
    """
    for name in request.query:
        if name not in known | COMMON:
            refuse(f"Param {name} is not a parameter of this endpoint")


def one_of(request: Request, name: str, allowed: Sequence[str], default: str) -> str:
    """Return a parameter that must be one of an enumeration's values."""
    value = request.one(name, default) or default
    if value not in allowed:
        refuse(f"Param {name} must be one of {{{', '.join(allowed)}}} - got {value}")
    return value


def json_parameter(request: Request, name: str) -> Any:
    """Return a parameter that is JSON text, decoded; None where it is absent."""
    text = request.one(name)
    if text is None:
        return None
    try:
        return json.loads(text)
    except ValueError:
        refuse(f"Param {name} must be valid JSON")


def fields_of(request: Request, known: set[str], default: Sequence[str], node: str) -> list[Field]:
    """Return the fields asked for, each of which the node must know; `id` always among them."""
    text = request.one("fields")
    asked = parse_fields(text) if text else [Field(name) for name in default]
    check_fields(asked, known, node)
    return asked


def check_fields(asked: Sequence[Field], known: set[str], node: str) -> None:
    """Refuse fields a node does not have."""
    for each in asked:
        if each.name not in known:
            refuse(f"Tried accessing nonexisting field ({each.name}) on node type ({node})")


def chosen(row: Mapping[str, Any], asked: Sequence[Field]) -> dict[str, Any]:
    """Return the fields asked for and the id of a row, without those that have no value."""
    names = [each.name for each in asked]
    names += [] if "id" in names else ["id"]
    return {name: row[name] for name in names if row.get(name) is not None}


def parse_fields(text: str) -> list[Field]:
    """Parse the `fields` parameter, with `.argument(value)` and `{subfields}`."""
    fields, at = _fields(text, 0)
    if at != len(text):
        _syntax_error(text, at)
    return fields


def _fields(text: str, at: int) -> tuple[list[Field], int]:
    fields: list[Field] = []
    while True:
        found = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)").match(text, at)
        if found is None:
            _syntax_error(text, at)
        name, at = found.group(1), found.end()
        arguments: dict[str, str] = {}
        argument = re.compile(r"\.([a-z_]+)\(([^()]*)\)")
        while given := argument.match(text, at):
            arguments[given.group(1)] = given.group(2)
            at = given.end()
        inner: list[Field] = []
        if text[at : at + 1] == "{":
            inner, at = _fields(text, at + 1)
            if text[at : at + 1] != "}":
                _syntax_error(text, at)
            at += 1
        fields.append(Field(name, arguments, tuple(inner)))
        if text[at : at + 1] != ",":
            return fields, at
        at += 1


def _syntax_error(text: str, at: int) -> NoReturn:
    got = f'"{text[at]}"' if at < len(text) else "end of string"
    message = f'Syntax error "Expected name, got {got}." at character {at}: {text}'
    raise Invalid(error(400, 2500, message, "OAuthException"))


def page(
    request: Request, rows: Sequence[Any], now: datetime, *, default: int = 25, most: int = 500
) -> tuple[Sequence[Any], dict[str, Any]]:
    """Return one page of an edge's rows and the `paging` member to send with it.

    Args:
        request: The request, whose `limit` and `after` say which page.
        rows: Everything the edge has.
        now: The simulated now.
        default: Rows on a page where no limit is asked for.
        most: Highest limit allowed.
    """
    limit = request.one("limit") or str(default)
    if not limit.isdigit() or not 1 <= int(limit) <= most:
        refuse(f"Param limit must be a number between 1 and {most} - got {limit}")
    if request.one("before"):
        refuse("This sandbox does not page backwards")
    query = {name: values[-1] for name, values in request.query.items() if name != "after"}
    same = fingerprint(request.path, {k: v for k, v in query.items() if k != "access_token"})
    after = request.one("after")
    try:
        first = int(read_cursor(after, same, now)) if after else 0
    except BadCursorError as bad:
        raise Invalid(problem("expired_cursor", str(bad))) from bad
    end = first + int(limit)
    if not rows[first:end]:
        return [], {}
    cursor = issue_cursor(same, now, end)
    paging: dict[str, Any] = {
        "cursors": {"before": issue_cursor(same, now, first), "after": cursor}
    }
    if end < len(rows):
        following = urlencode({**query, "after": cursor})
        paging["next"] = f"{request.base_url}{request.path}?{following}"
    return rows[first:end], {"paging": paging}


DEBUG_TOKEN = Route("GET", rf"/{VERSIONS}/debug_token", debug_token, "debug_token")
