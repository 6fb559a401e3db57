"""Google's credentials and errors, as each of its connectors meets them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from dlt.sources.helpers.rest_client.paginators import SinglePagePaginator
from google.api.error_reason_pb2 import ErrorReason

from connectors import google
from connectors.client import LATER, REMEDIES, http_client
from connectors.settings import SettingError, VendorSettings
from connectors.stream import ConnectorError, Page

from .conftest import Answer, ScriptedServer

SCOPE = "https://www.googleapis.com/auth/analytics.readonly"
FRESH = Answer(body=b'{"access_token":"fresh-access-token","expires_in":3599}')
REFRESH = {
    "CLIENT_ID": "client.apps.example",
    "CLIENT_SECRET": "client-secret-of-the-test",
    "REFRESH_TOKEN": "1//of-the-test",
}


@pytest.fixture
def asked(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Ask the scripted server once with these settings."""

    def ask(**settings: str) -> list[Page]:
        given = {"BASE_URL": server.url, "TOKEN_URL": f"{server.url}/token"} | settings
        for name, value in given.items():
            monkeypatch.setenv(f"SOURCES__FAKE__{name}", value)
        mine = VendorSettings("fake", google.SECRETS)
        client = http_client(
            mine,
            base_url="https://nowhere.example",
            auth=google.Auth(mine, SCOPE),
            paginator=SinglePagePaginator(),
            inspect=google.inspect,
        )
        return list(client.pages("/rows", rows=None))

    return ask


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def key_file(key: rsa.RSAPrivateKey) -> str:
    """What Google Cloud gives out for a service account."""
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    content = {
        "type": "service_account",
        "client_email": "reader@project.iam.gserviceaccount.com",
        "private_key": pem.decode(),
    }
    return json.dumps(content)


class TestCredentials:
    def test_an_access_token_is_sent_as_it_is(self, asked: Any, server: ScriptedServer) -> None:
        server.script.append(Answer())
        asked(ACCESS_TOKEN="ya29.of-the-test")
        assert server.seen[0].headers["authorization"] == "Bearer ya29.of-the-test"

    def test_a_refresh_token_is_turned_into_an_access_token(
        self, asked: Any, server: ScriptedServer
    ) -> None:
        server.script.extend([FRESH, Answer()])
        asked(**REFRESH)
        exchange, question = server.seen
        assert parse_qs(exchange.body.decode()) == {
            "grant_type": ["refresh_token"],
            "refresh_token": ["1//of-the-test"],
            "client_id": ["client.apps.example"],
            "client_secret": ["client-secret-of-the-test"],
        }
        assert question.headers["authorization"] == "Bearer fresh-access-token"

    @pytest.mark.parametrize("is_a_file", [True, False])
    def test_a_service_accounts_key_signs_for_an_access_token(
        self,
        is_a_file: bool,
        asked: Any,
        server: ScriptedServer,
        key: rsa.RSAPrivateKey,
        key_file: str,
        tmp_path: Path,
    ) -> None:
        path = tmp_path / "key.json"
        path.write_text(key_file)
        server.script.extend([FRESH, Answer()])
        asked(SERVICE_ACCOUNT_KEY=str(path) if is_a_file else key_file)
        exchange, question = server.seen
        form = parse_qs(exchange.body.decode())
        assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
        claims = jwt.decode(
            form["assertion"][0],
            key.public_key(),
            algorithms=["RS256"],
            audience=f"{server.url}/token",
        )
        assert claims["iss"] == "reader@project.iam.gserviceaccount.com"
        assert claims["scope"] == SCOPE
        assert question.headers["authorization"] == "Bearer fresh-access-token"

    def test_nothing_set_names_the_setting(self, asked: Any) -> None:
        with pytest.raises(SettingError, match="set SOURCES__FAKE__ACCESS_TOKEN"):
            asked()

    @pytest.mark.parametrize("text", ["{", "{}", "[]", "/no/such/file.json"])
    def test_what_is_no_key_names_the_setting_and_shows_nothing(
        self, asked: Any, text: str
    ) -> None:
        with pytest.raises(SettingError, match="SOURCES__FAKE__SERVICE_ACCOUNT_KEY") as caught:
            asked(SERVICE_ACCOUNT_KEY=text)
        assert text not in str(caught.value)

    def test_a_key_cut_short_is_said_to_be_no_key(self, asked: Any, key_file: str) -> None:
        cut = json.loads(key_file) | {"private_key": "-----BEGIN PRIVATE KEY-----\nMIIE"}
        with pytest.raises(SettingError, match="SOURCES__FAKE__SERVICE_ACCOUNT_KEY"):
            asked(SERVICE_ACCOUNT_KEY=json.dumps(cut))

    def test_a_refresh_token_that_is_refused_says_why(
        self, asked: Any, server: ScriptedServer
    ) -> None:
        said = b'{"error":"invalid_grant","error_description":"Revoked: 1//of-the-test"}'
        server.script.append(Answer(400, said))
        with pytest.raises(ConnectorError) as caught:
            asked(**REFRESH)
        assert "the refresh token was not accepted: invalid_grant: Revoked: ***" in str(
            caught.value
        )
        assert (caught.value.status, caught.value.remedy) == (400, REMEDIES[401])

    def test_a_token_endpoint_that_fails_is_no_wrong_credential(
        self, asked: Any, server: ScriptedServer
    ) -> None:
        server.script.extend([Answer(503)] * 9)
        with pytest.raises(ConnectorError, match="token endpoint did not answer") as caught:
            asked(**REFRESH)
        assert caught.value.remedy == LATER


def gateway(status: int, name: str, reason: str) -> Answer:
    """A refusal of the gateway in front of all of Google's APIs."""
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
    }
    error = {"code": status, "message": "No.", "status": name, "details": [info]}
    return Answer(status, json.dumps({"error": error}).encode())


def older(status: int, reason: str) -> Answer:
    """A refusal of an older API, as YouTube's."""
    errors = [{"message": "No.", "domain": "youtube.quota", "reason": reason}]
    error = {"code": status, "message": "No.", "errors": errors}
    return Answer(status, json.dumps({"error": error}).encode())


class TestErrors:
    @pytest.mark.parametrize(
        ("answer", "remedy"),
        [
            (gateway(400, "INVALID_ARGUMENT", "API_KEY_INVALID"), REMEDIES[401]),
            (gateway(401, "UNAUTHENTICATED", "ACCESS_TOKEN_EXPIRED"), REMEDIES[401]),
            (
                gateway(403, "PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
                REMEDIES[403],
            ),
            (gateway(403, "PERMISSION_DENIED", "SERVICE_DISABLED"), google.SWITCH_ON),
            (gateway(400, "INVALID_ARGUMENT", "CONSUMER_INVALID"), REMEDIES[403]),
            (gateway(429, "RESOURCE_EXHAUSTED", "RESOURCE_QUOTA_EXCEEDED"), REMEDIES[429]),
            (older(400, "keyInvalid"), REMEDIES[401]),
            (older(403, "insufficientPermissions"), REMEDIES[403]),
            (older(403, "accessNotConfigured"), google.SWITCH_ON),
            (older(403, "quotaExceeded"), REMEDIES[429]),
            (older(403, "dailyLimitExceeded"), REMEDIES[429]),
        ],
    )
    def test_a_refusal_is_asked_once_and_explained_by_its_reason(
        self, asked: Any, server: ScriptedServer, answer: Answer, remedy: str
    ) -> None:
        server.script.append(answer)
        with pytest.raises(ConnectorError) as caught:
            asked(ACCESS_TOKEN="ya29.of-the-test")
        assert caught.value.remedy == remedy
        assert caught.value.status == answer.status
        assert len(server.seen) == 1

    @pytest.mark.parametrize(
        "answer",
        [
            gateway(429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED"),
            gateway(403, "RESOURCE_EXHAUSTED", "SOMETHING_NEW"),
            older(403, "rateLimitExceeded"),
            older(403, "userRateLimitExceeded"),
        ],
    )
    def test_asked_too_often_is_waited_out_whatever_its_status(
        self, asked: Any, server: ScriptedServer, answer: Answer
    ) -> None:
        server.script.extend([answer, Answer()])
        assert len(asked(ACCESS_TOKEN="ya29.of-the-test")) == 1

    def test_the_reason_stands_in_the_error(self, asked: Any, server: ScriptedServer) -> None:
        server.script.append(gateway(403, "PERMISSION_DENIED", "SERVICE_DISABLED"))
        with pytest.raises(ConnectorError, match=r"PERMISSION_DENIED No\. \(SERVICE_DISABLED\)"):
            asked(ACCESS_TOKEN="ya29.of-the-test")

    def test_an_error_without_a_reason_is_judged_by_its_status(
        self, asked: Any, server: ScriptedServer
    ) -> None:
        server.script.append(Answer(404, b'{"error": {"details": null, "errors": ["odd"]}}'))
        with pytest.raises(ConnectorError) as caught:
            asked(ACCESS_TOKEN="ya29.of-the-test")
        assert caught.value.remedy == REMEDIES[404]

    def test_the_gateways_reasons_are_written_as_google_writes_them(self) -> None:
        known = set().union(
            google.USED_UP, google.THROTTLED, *(each for each, _ in google.MEANINGS)
        )
        capitals = {reason for reason in known if reason.isupper()}
        # These two are statuses: of gRPC, and of Google Ads.
        statuses = {"RESOURCE_EXHAUSTED", "RESOURCE_TEMPORARILY_EXHAUSTED"}
        assert capitals - statuses <= set(ErrorReason.keys())
