"""What is wrong with a vendor, in plain words: one cheap question to each, and what it tells.

Belongs here: asking and judging the answer. Does not belong here: how a vendor is asked (its
`probe` and `credential`), and who is told (the command and the checks of orchestration).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from urllib.parse import urlsplit

from connectors.client import REMEDIES, UNREACHED, Client, VendorSession
from connectors.settings import SettingError, VendorSettings
from connectors.stream import ConnectorError, Page, Pages, Vendor, Window

SUNSET_NEAR = timedelta(days=90)
EXPIRY_NEAR = timedelta(days=14)
CLOCK_SKEW = timedelta(minutes=5)
MOST_PAGES = 5
# Impatient: a person waits.
SECONDS, ATTEMPTS = 10.0, 2


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        what: in two or three words, such as `missing key`.
        detail: in a sentence.
        remedy: what to do.
        is_broken: nothing comes from this vendor; else it is a warning.
    """

    what: str
    detail: str
    remedy: str
    is_broken: bool = True

    def __str__(self) -> str:
        return f"{self.what}: {self.detail.rstrip('.')}. Remedy: {self.remedy}"


@dataclass(frozen=True)
class Diagnosis:
    """What is known about a vendor.

    Attributes:
        findings: what is wrong, the worst first; empty where nothing is.
        facts: what is right: how long the answer took, API version, until when the token lives.
        is_left_out: none of its settings is made, which is a choice and no mistake.
    """

    vendor: str
    findings: tuple[Finding, ...] = ()
    facts: tuple[str, ...] = ()
    is_left_out: bool = False

    @property
    def is_broken(self) -> bool:
        """Whether nothing comes from this vendor."""
        return any(finding.is_broken for finding in self.findings)

    def __str__(self) -> str:
        if self.is_left_out:
            return "not configured, left out"
        return " ".join(map(str, self.findings)) or "; ".join(self.facts)


def examine(vendor: Vendor, *, now: datetime, today: date) -> Diagnosis:
    """Ask a vendor one cheap question. Never raises, and never shows a secret.

    Args:
        vendor: who is asked.
        now: what the vendor's clock should say (the sandbox has one of its own).
        today: the day by which its API version is judged.
    """
    settings = VendorSettings(vendor.name, vendor.secrets)
    if missing := settings.missing(vendor.required):
        if len(missing) == len(vendor.required):
            return Diagnosis(vendor.name, is_left_out=True)
        remedy = "set it in .env, or unset the vendor's other settings to leave it out."
        return Diagnosis(
            vendor.name, (Finding("missing key", f"{', '.join(missing)} is not set", remedy),)
        )
    findings: list[Finding] = []
    facts: list[str] = []
    client = None
    try:
        client = vendor.connect(settings)
        _hurry(client)
        begun = time.monotonic()
        pages = list(_question(vendor, client, now))
        facts.append(f"answers in {time.monotonic() - begun:.1f} s")
        findings += _clock(client, pages, now)
        answered_at = max((page.pulled_at for page in pages), default=now)
    except Exception as error:
        findings.append(_explain(error, vendor, client, settings))
        answered_at = now
    if client is not None and vendor.credential and not _is_unreachable(findings):
        findings += _credential(vendor, client, answered_at, facts)
    findings += _version(vendor, today, facts)
    return Diagnosis(
        vendor.name,
        tuple(sorted(findings, key=lambda finding: not finding.is_broken)),
        tuple(facts),
    )


def _hurry(client: Client) -> None:
    client.only_first = True
    if client.rest and isinstance(client.rest.session, VendorSession):
        runtime = client.rest.session.runtime
        runtime.request_timeout = min(runtime.request_timeout, SECONDS)
        runtime.request_max_attempts = min(runtime.request_max_attempts, ATTEMPTS)
        runtime.request_max_retry_delay = min(runtime.request_max_retry_delay, SECONDS)


def _question(vendor: Vendor, client: Client, now: datetime) -> Pages:
    if vendor.probe:
        return islice(vendor.probe(client), MOST_PAGES)
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return islice(vendor.streams[0].pages(client, Window(day - timedelta(days=1), day)), 1)


def _clock(client: Client, pages: list[Page], now: datetime) -> Iterator[Finding]:
    """Files tell no time; an answer without a Date has ours."""
    if client.rest is None or not pages:
        return
    skew = pages[-1].pulled_at - now
    if abs(skew) > CLOCK_SKEW:
        minutes = abs(skew).total_seconds() / 60
        side = "behind" if skew > CLOCK_SKEW else "ahead"
        detail = f"this machine is {minutes:.0f} minutes {side}"
        yield Finding("clock skew", detail, "set its clock by a time server (NTP).", False)


def _credential(
    vendor: Vendor, client: Client, now: datetime, facts: list[str]
) -> Iterator[Finding]:
    assert vendor.credential is not None
    try:
        told = vendor.credential(client)
    except Exception:
        # The question is an extra one: a token may be good and not be allowed to ask about itself.
        facts.append("its token's end is not told")
        return
    if told.scopes is not None and (lacking := set(vendor.scopes) - told.scopes):
        detail = f"the token lacks {', '.join(sorted(lacking))}"
        yield Finding("wrong scope", detail, "issue a token with these rights as well.")
    if told.expires_at is None:
        facts.append("its token does not expire")
        return
    day = f"{told.expires_at:%Y-%m-%d %H:%M} UTC"
    renew = "renew the token and put it into .env."
    if told.expires_at <= now:
        yield Finding("expired token", f"it ended on {day}", renew)
    elif told.expires_at - now <= EXPIRY_NEAR:
        days = (told.expires_at - now).days
        yield Finding("expiring token", f"it ends on {day}, in {days} days", renew, False)
    else:
        facts.append(f"its token lives until {day}")


def _version(vendor: Vendor, today: date, facts: list[str]) -> Iterator[Finding]:
    version = vendor.version
    if version is None:
        return
    if version.sunset is None:
        facts.append(f"API version {version.name}, no end announced")
        return
    left = version.sunset - today
    remedy = f"move the connector to a newer version; see {version.source}"
    if left <= timedelta(0):
        detail = f"{version.name} has not been promised since {version.sunset}"
        yield Finding("version past its sunset", detail, remedy, False)
    elif left <= SUNSET_NEAR:
        detail = f"{version.name} is answered until {version.sunset}, for {left.days} days more"
        yield Finding("version near its sunset", detail, remedy, False)
    else:
        facts.append(f"API version {version.name}, answered until {version.sunset}")


UNREACHABLE = "unreachable"
WORDS = {
    401: "credential refused",
    403: "wrong scope",
    404: "not found",
    410: "version gone",
    426: "version gone",
}


def _is_unreachable(findings: list[Finding]) -> bool:
    return any(finding.what == UNREACHABLE for finding in findings)


def _explain(
    error: Exception, vendor: Vendor, client: Client | None, settings: VendorSettings
) -> Finding:
    if isinstance(error, SettingError):
        return Finding("missing key", f"{error}", "see .env.example.")
    if not isinstance(error, ConnectorError):
        detail = settings.redact(f"{type(error).__name__}: {error}")
        return Finding("cannot be asked", detail, f"see connectors/{vendor.name}/README.md.")
    status = error.status
    answered = f"HTTP {status}, {error.reason}" if status else error.reason
    detail, remedy = settings.redact(answered), error.remedy or "see the vendor's message."
    unreached = UNREACHED.format(vendor=vendor.name.upper())
    if status is None and error.remedy == unreached and client and client.rest:
        host = urlsplit(client.rest.base_url or "").netloc
        return Finding(
            UNREACHABLE,
            f"{host}: {detail}",
            "check the network, the proxy and, where it is set,"
            f" SOURCES__{vendor.name.upper()}__BASE_URL.",
        )
    # Some vendors say everything with status 400 or even 200; the remedy tells as well.
    meant = {text: number for number, text in REMEDIES.items()}.get(error.remedy, error.means)
    if meant == 429:
        return Finding("limit used up", detail, "run again later; nights wait it out.", False)
    if status and status >= 500:
        return Finding("failing vendor", detail, "look at the vendor's status page; wait.")
    what = WORDS.get(meant or 0, "refused" if status else "cannot be read")
    return Finding(what, detail, remedy)
