"""Mailchimp's answers: which rows a question is answered with, and reports counted by now.

Belongs here: filters, order, and what is gathered by recipient or campaign. Does not belong here:
which parameters there are and how an answer is paged (mailchimp.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.wire import Refusal
from sandbox.world import World

Row = dict[str, Any]

STATUSES = ("subscribed", "unsubscribed", "cleaned", "pending", "transactional", "archived")


@dataclass(frozen=True)
class Question:
    """One request, its parameters checked.

    Attributes:
        world: The world.
        now: The simulated now.
        query: The query, one value per name.
        match: What the path named.
    """

    world: World
    now: datetime
    query: Mapping[str, str]
    match: Mapping[str, str]

    def moment(self, name: str) -> datetime | None:
        """Return a time parameter; None where it was not given."""
        if name not in self.query:
            return None
        try:
            found = datetime.fromisoformat(self.query[name])
        except ValueError:
            found = None
        if found is None or found.tzinfo is None:
            raise Refusal("bad_request", f"{name}: an ISO 8601 time with its offset is wanted.")
        return found

    def visible(self, stream: str, tags: list[str] | None = None) -> list[Row]:
        """Return every row of a stored stream that is visible by now."""
        return self.world.stream("mailchimp", stream).all(self.now, tags)


def _between(
    question: Question, rows: list[Row], name: str, since: str, before: str = ""
) -> list[Row]:
    """Keep rows whose time lies after `since` and before `before`; both exclude the moment."""
    start = question.moment(since)
    end = question.moment(before) if before else None
    if start is None and end is None:
        return rows

    def fits(row: Row) -> bool:
        if not row[name]:
            return False
        at = datetime.fromisoformat(row[name])
        return (start is None or at > start) and (end is None or at < end)

    return [row for row in rows if fits(row)]


def _sorted(question: Question, rows: list[Row], default: str) -> list[Row]:
    name = question.query.get("sort_field", default)
    descending = question.query.get("sort_dir", "ASC") == "DESC"
    return sorted(rows, key=lambda row: row[name] or "", reverse=descending)


def lists(question: Question) -> list[Row]:
    """Return the audiences."""
    rows = _between(question, question.visible("lists"), "date_created",
                    "since_date_created", "before_date_created")  # fmt: skip
    return _sorted(question, rows, "date_created")


def members(question: Question) -> list[Row]:
    """Return the members of one audience in the order asked for."""
    name = question.match["list"]
    if name not in {row["id"] for row in question.visible("lists")}:
        raise Refusal("not_found", "The requested resource could not be found.")
    # Archived contacts are no part of an audience unless they are asked for.
    wanted = [question.query.get("status", "")]
    if not wanted[0]:
        wanted = [status for status in STATUSES if status != "archived"]
    rows = question.visible("members", [f"{name}:{status}" for status in wanted])
    rows = _between(question, rows, "last_changed", "since_last_changed", "before_last_changed")
    return _sorted(question, rows, "last_changed")


def campaigns(question: Question) -> list[Row]:
    """Return the campaigns, unsent ones too unless a status is asked for."""
    status = question.query.get("status")
    rows = question.visible("campaigns", [status] if status else None)
    rows = _between(question, rows, "send_time", "since_send_time", "before_send_time")
    rows = _between(question, rows, "create_time", "since_create_time", "before_create_time")
    return _sorted(question, rows, "create_time")


def _sent_campaign(question: Question) -> str:
    name = question.match["campaign"]
    if name not in {row["id"] for row in question.visible("campaigns", ["sent"])}:
        raise Refusal("not_found", "The requested resource could not be found.")
    return name


def sent_to(question: Question) -> list[Row]:
    """Return every recipient of one campaign."""
    return question.visible("sent", [_sent_campaign(question)])


def _done(question: Question, *actions: str) -> list[Row]:
    rows = question.visible("done", [_sent_campaign(question)])
    return [row for row in rows if row["action"] in actions]


def _by_recipient(question: Question, rows: list[Row]) -> dict[str, list[Row]]:
    """What was done by recipient; those who did nothing are there where no time is asked for."""
    asked = "since" in question.query
    gathered: dict[str, list[Row]] = (
        {} if asked else {row["email_id"]: [] for row in sent_to(question)}
    )
    for row in _between(question, rows, "timestamp", "since"):
        gathered.setdefault(row["email_id"], []).append(row)
    return gathered


def _recipient(question: Question) -> dict[str, Row]:
    names = ("campaign_id", "list_id", "list_is_active", "email_id", "email_address")
    return {row["email_id"]: {name: row[name] for name in names} for row in sent_to(question)}


def email_activity(question: Question) -> list[Row]:
    """Return what each recipient of a campaign did."""
    recipients = _recipient(question)
    gathered = _by_recipient(question, _done(question, "open", "click", "bounce"))
    return [
        recipients[name] | {"activity": [_activity(row) for row in rows], "_links": []}
        for name, rows in gathered.items()
    ]


def _activity(row: Row) -> Row:
    said: Row = {"action": row["action"], "timestamp": row["timestamp"], "ip": "192.0.2.44"}
    if row["action"] == "click":
        said["url"] = row["url"]
    if row["action"] == "bounce":
        said["type"] = row["type"]
    return said


def open_details(question: Question) -> list[Row]:
    """Return who opened a campaign, and whether a mail proxy did."""
    recipients = _recipient(question)
    members = []
    for name, rows in _by_recipient(question, _done(question, "open")).items():
        if not rows:
            continue
        opens = [{key: row[key] for key in ("timestamp", "is_proxy_open")} for row in rows]
        human = [row for row in rows if not row["is_proxy_open"]]
        counts = {"opens_count": len(rows), "proxy_excluded_opens_count": len(human)}
        rest = {"contact_status": "subscribed", "merge_fields": {}, "vip": False, "_links": []}
        members.append(recipients[name] | counts | {"opens": opens} | rest)
    return members


def opens_in_all(question: Question, rows: list[Row]) -> Row:
    """Return the totals that stand beside the opens."""
    return {
        "campaign_id": question.match["campaign"],
        "total_opens": sum(row["opens_count"] for row in rows),
        "total_proxy_excluded_opens": sum(row["proxy_excluded_opens_count"] for row in rows),
    }


def named(question: Question, rows: list[Row]) -> Row:
    """Return the campaign that the answer is about."""
    return {"campaign_id": question.match["campaign"]}


def left(question: Question, action: str) -> list[Row]:
    """Return who unsubscribed (`unsubscribe`) or complained (`complaint`) through a campaign."""
    recipients = _recipient(question)
    return [
        recipients[row["email_id"]]
        | {"merge_fields": {}, "vip": False, "_links": []}
        | (
            {"timestamp": row["timestamp"], "reason": "None given"}
            if action == "unsubscribe"
            else {"date": row["timestamp"], "id": row["number"]}
        )
        for row in _done(question, action)
    ]


def reports(question: Question) -> list[Row]:
    """Return the reports of the campaigns that were sent."""
    campaigns = question.visible("campaigns", ["sent"])
    rows = _between(question, campaigns, "send_time", "since_send_time", "before_send_time")
    return [_report(question, row) for row in _sorted(question, rows, "send_time")]


def _report(question: Question, campaign: Row) -> Row:
    """Count one campaign's report from what is known of it by now."""
    name = campaign["id"]
    sent = question.visible("sent", [name])
    done = question.visible("done", [name])
    by_action = {
        action: [row for row in done if row["action"] == action]
        for action in ("open", "click", "unsubscribe", "complaint")
    }
    opens, clicks = by_action["open"], by_action["click"]
    human = [row for row in opens if not row["is_proxy_open"]]

    def people(rows: list[Row]) -> int:
        return len({row["email_id"] for row in rows})

    def newest(rows: list[Row]) -> str:
        return max((row["timestamp"] for row in rows), default="")

    return {
        "id": name,
        "campaign_title": campaign["settings"]["title"],
        "type": campaign["type"],
        "list_id": campaign["recipients"]["list_id"],
        "list_is_active": True,
        "list_name": campaign["recipients"]["list_name"],
        "subject_line": campaign["settings"]["subject_line"],
        "preview_text": "",
        "emails_sent": len(sent),
        "abuse_reports": len(by_action["complaint"]),
        "unsubscribed": len(by_action["unsubscribe"]),
        "send_time": campaign["send_time"],
        "bounces": {
            "hard_bounces": sum(row["status"] == "hard" for row in sent),
            "soft_bounces": sum(row["status"] == "soft" for row in sent),
            "syntax_errors": 0,
        },
        "forwards": {"forwards_count": 0, "forwards_opens": 0},
        "opens": {
            "opens_total": len(opens),
            "unique_opens": people(opens),
            "proxy_excluded_opens": len(human),
            "proxy_excluded_unique_opens": people(human),
            "open_rate": people(opens) / len(sent) if sent else 0,
            "proxy_excluded_open_rate": people(human) / len(sent) if sent else 0,
            "last_open": newest(opens),
        },
        "clicks": {
            "clicks_total": len(clicks),
            "unique_clicks": len({(row["email_id"], row["url"]) for row in clicks}),
            "unique_subscriber_clicks": people(clicks),
            "click_rate": people(clicks) / len(sent) if sent else 0,
            "last_click": newest(clicks),
        },
        "_links": [],
    }
