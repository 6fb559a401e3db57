"""What an error means is told by the vendor's own code, and not by its status alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

import connectors
from connectors.landing import extract
from connectors.stream import ConnectorError
from tests.connectors.conftest import Answer, ScriptedServer

DAY = datetime(2026, 1, 10, tzinfo=UTC), datetime(2026, 1, 11, tzinfo=UTC)


def listed(**error: Any) -> dict[str, Any]:
    return {"errors": [error]}


def meta(code: int, subcode: int = 0) -> dict[str, Any]:
    return {"error": {"message": "no", "code": code, "error_subcode": subcode}}


# Vendor, stream, status, body → what it means, and words of the remedy.
REFUSALS = [
    ("klaviyo", "metrics", 403, listed(code="permission_denied"), 403, "may read what the message"),
    ("klaviyo", "metrics", 401, listed(code="not_authenticated"), 401, "renew this vendor's"),
    ("klaviyo", "metrics", 410, listed(code="gone"), 410, "upgrade the connector"),
    (
        "square",
        "locations",
        401,
        listed(code="ACCESS_TOKEN_EXPIRED"),
        401,
        "TOKEN is needed",
    ),
    ("square", "locations", 403, listed(code="INSUFFICIENT_SCOPES"), 403, "square/README.md names"),
    ("square", "locations", 403, listed(code="APPLICATION_DISABLED"), 403, "switched the app"),
    ("twilio", "messages", 403, {"code": 20005, "message": "not active"}, 403, "is suspended"),
    ("twilio", "messages", 403, {"code": 20006, "message": "denied"}, 403, "give the API key"),
    ("twilio", "messages", 403, {"code": 20008, "message": "test"}, 401, "test credentials read"),
    ("typeform", "forms", 403, {"code": "AUTHENTICATION_FAILED"}, 401, "renew this vendor's"),
    ("typeform", "forms", 403, {"code": "FORBIDDEN"}, 403, "give the credential the right"),
    ("meta_ads", "campaigns", 400, meta(190, 463), 401, "the token has expired"),
    ("meta_ads", "campaigns", 400, meta(190), 401, "renew this vendor's credential"),
    ("meta_ads", "campaigns", 400, meta(200), 403, "give the credential the right"),
    ("meta_ads", "campaigns", 400, meta(100, 33), 404, "check this vendor's account ids"),
    ("meta_ads", "campaigns", 400, meta(2635), 410, "upgrade the connector"),
]


@pytest.fixture(autouse=True)
def _settings(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for vendor in connectors.vendors().values():
        for name in ("base_url", *vendor.required):
            value = server.url if name == "base_url" else f"AC-of-the-test-{name}"
            monkeypatch.setenv(f"SOURCES__{vendor.name.upper()}__{name.upper()}", value)


@pytest.mark.parametrize(("vendor", "stream", "status", "body", "means", "remedy"), REFUSALS)
def test_a_refusal_is_said_by_its_meaning_at_once(
    server: ScriptedServer,
    vendor: str,
    stream: str,
    status: int,
    body: dict[str, Any],
    means: int,
    remedy: str,
) -> None:
    server.script.append(Answer(status, body=json.dumps(body).encode()))
    with pytest.raises(ConnectorError) as caught:
        extract(vendor, stream, *DAY)
    error = caught.value
    assert (error.status, error.means) == (status, means)
    assert remedy in error.remedy
    assert str(error).startswith(f"{vendor}/{stream} 2026-01-10T00:00:00Z/2026-01-11T00:00:00Z: ")
    assert f"HTTP {status}" in str(error)
    assert len(server.seen) == 1


def test_a_limit_that_meta_tells_with_400_ends_as_a_limit(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNTIME__REQUEST_MAX_RETRY_DELAY", "0.01")
    server.script.extend([Answer(400, body=json.dumps(meta(17)).encode())] * 3)
    with pytest.raises(ConnectorError, match="limit is used up") as caught:
        extract("meta_ads", "campaigns", *DAY)
    assert (caught.value.status, caught.value.means) == (400, 429)
