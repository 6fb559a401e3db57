"""Google's APIs, as far as ads, analytics and video share them.

Belongs here: the credential, and what an error means whichever API says it. Does not belong here:
paging, fields and an API's own limits (`connectors/google_ads`, `connectors/ga4`,
`connectors/youtube`).

One of three credentials, in this order: a service account's key, a refresh token with its client,
an access token that lives for an hour. An error says what it means in one of four places: `status`,
`errors[].reason` of the older APIs, `details[].reason` of the gateway in front of all of them, and
`details[].errors[].errorCode` of Google Ads. Its HTTP status alone tells little: a key that is no
key gets 400, a day's quota that is used up gets 403.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests
from dlt.sources.helpers.rest_client.auth import (
    BearerTokenAuth,
    OAuth2ClientCredentials,
    OAuthJWTAuth,
)
from requests.auth import AuthBase

from connectors.client import LATER, REMEDIES, RetryError, errors_of, retry_after, says
from connectors.settings import SettingError, VendorSettings
from connectors.stream import ConnectorError

TOKEN_URL = "https://oauth2.googleapis.com/token"
SECRETS = ("access_token", "refresh_token", "client_secret", "service_account_key")

# https://cloud.google.com/apis/docs/reference for those in capitals (`google.api.ErrorReason`).
THROTTLED = {
    "RESOURCE_EXHAUSTED",
    "RESOURCE_TEMPORARILY_EXHAUSTED",
    "RATE_LIMIT_EXCEEDED",
    "rateLimitExceeded",
    "userRateLimitExceeded",
}
# Until the day ends in California: nothing that a night could wait for.
USED_UP = {"RESOURCE_QUOTA_EXCEEDED", "quotaExceeded", "dailyLimitExceeded"}
REFUSED = {
    "ACCESS_TOKEN_EXPIRED",
    "ACCESS_TOKEN_TYPE_UNSUPPORTED",
    "ACCOUNT_STATE_INVALID",
    "API_KEY_INVALID",
    "CREDENTIALS_MISSING",
    "authError",
    "keyExpired",
    "keyInvalid",
}
TOO_NARROW = {"ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficientPermissions"}
SWITCHED_OFF = {"SERVICE_DISABLED", "accessNotConfigured"}
NOT_ALLOWED = {
    "API_KEY_IP_ADDRESS_BLOCKED",
    "API_KEY_SERVICE_BLOCKED",
    "BILLING_DISABLED",
    "CONSUMER_INVALID",
    "CONSUMER_SUSPENDED",
    "USER_PROJECT_DENIED",
}
SWITCH_ON = "enable this API in the credential's project in Google Cloud, and wait some minutes."


class Auth(AuthBase):
    """Signs requests with whichever of Google's credentials is set."""

    def __init__(self, settings: VendorSettings, scope: str) -> None:
        """Choose the credential.

        Args:
            settings: the vendor's.
            scope: the right that a service account asks for; refresh and access tokens have theirs.

        Raises:
            SettingError: none is set, or the service account's key cannot be read.
        """
        self.settings = settings
        self.oauth, self.credential = _credential(settings, scope)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign a request, as `requests` asks it of an auth.

        Raises:
            ConnectorError: Google gave no access token for the credential.
        """
        try:
            return self.oauth(request)
        except requests.RequestException as error:
            raise self._refused(error.response) from None

    def _refused(self, answer: requests.Response | None) -> ConnectorError:
        """What the token endpoint's answer means; without any, that it cannot be reached."""
        if answer is None or answer.status_code >= 500:
            status = None if answer is None else answer.status_code
            reason = "Google's token endpoint did not answer"
            return ConnectorError(reason, status=status, remedy=LATER)
        words = self.settings.redact(_token_error(answer))
        return ConnectorError(
            f"the {self.credential} was not accepted{words}",
            status=answer.status_code,
            remedy=REMEDIES[401],
        )


def _credential(settings: VendorSettings, scope: str) -> tuple[AuthBase, str]:
    url = settings.get("token_url", TOKEN_URL)
    if settings.get("service_account_key"):
        return _service_account(settings, url, scope), "service account's key"
    if settings.get("refresh_token"):
        # An access token lives one hour; this makes one when it is needed.
        return OAuth2ClientCredentials(
            access_token_url=url,
            client_id=settings["client_id"],
            client_secret=settings["client_secret"],
            access_token_request_data={
                "grant_type": "refresh_token",
                "refresh_token": settings["refresh_token"],
            },
        ), "refresh token"
    return BearerTokenAuth(settings["access_token"]), "access token"


def _service_account(settings: VendorSettings, url: str, scope: str) -> AuthBase:
    """With the key as Google Cloud gives it out: the JSON itself, or the path of its file."""
    text = settings["service_account_key"]
    try:
        key = json.loads(text if text.startswith("{") else Path(text).read_text(encoding="utf-8"))
        auth = OAuthJWTAuth(
            client_id=key["client_email"],
            private_key=key["private_key"],
            auth_endpoint=url,
            scopes=scope,
        )
        auth.load_private_key()
    except (OSError, ValueError, TypeError, KeyError) as error:
        # The words of these errors may quote the key.
        raise SettingError(
            f"SOURCES__{settings.vendor.upper()}__SERVICE_ACCOUNT_KEY is no service account's key"
            f" ({type(error).__name__}): set the path of the JSON file, or its content."
        ) from None
    return auth


def _token_error(answer: requests.Response) -> str:
    try:
        body = answer.json()
    except ValueError:
        return ""
    if not isinstance(body, dict):
        return ""
    words = [body.get(name) for name in ("error", "error_description")]
    return "".join(f": {word}" for word in words if isinstance(word, str))


def inspect(response: requests.Response) -> None:
    """Tell what an error means by Google's words for it; by its status where they say nothing.

    Raises:
        RetryError: asked too often.
        ConnectorError: the credential was refused or may not do this, or a day's quota is used up.
    """
    if response.ok:
        return
    reasons = set(reasons_of(response))
    if reasons & USED_UP:
        raise _error(response, reasons & USED_UP, REMEDIES[429])
    if reasons & THROTTLED:
        raise RetryError(says(response), retry_after(response))
    for meant, remedy in MEANINGS:
        if found := reasons & meant:
            raise _error(response, found, remedy)


MEANINGS = (
    (REFUSED, REMEDIES[401]),
    (SWITCHED_OFF, SWITCH_ON),
    (TOO_NARROW | NOT_ALLOWED, REMEDIES[403]),
)


def _error(response: requests.Response, reasons: set[str], remedy: str) -> ConnectorError:
    text = f"{says(response)} ({', '.join(sorted(reasons))})"
    return ConnectorError(text, status=response.status_code, remedy=remedy)


def reasons_of(response: requests.Response) -> Iterator[str]:
    """What an error calls itself, in any of the four places."""
    for error in errors_of(response):
        yield str(error.get("status"))
        for detail in [*_objects(error, "errors"), *_objects(error, "details")]:
            yield str(detail.get("reason"))
            for failure in _objects(detail, "errors"):
                yield from map(str, (failure.get("errorCode") or {}).values())


def _objects(holder: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [each for each in holder.get(name) or [] if isinstance(each, dict)]
