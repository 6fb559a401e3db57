"""Suites for Mailchimp: audiences, members, campaigns, reports, and what recipients did."""

from __future__ import annotations

from data_quality.chain import Chain, Level, SourceTotal
from data_quality.suite import (
    Pages,
    StreamSuite,
    filled,
    inside_window,
    not_above,
    not_negative,
    one_of,
    same,
)

_RECIPIENT = ("campaign_id", "email_id")
_RECIPIENT_KEY = ("campaign_id_mailchimp", "member_id_mailchimp")
# Campaigns of as many days before the window are asked about: people read mail late.
ACTIVE_DAYS = 30

SUITES = (
    StreamSuite(
        stream="lists",
        pages=Pages(rows="lists"),
        key=("list_id_mailchimp",),
        volume="snapshot",
    ),
    StreamSuite(
        stream="members",
        pages=Pages(rows="members", key=("list_id", "id"), day="last_changed"),
        key=("list_id_mailchimp", "member_id_mailchimp"),
        day="updated_at",
        rules=(
            # The vendor leaves out the moment itself: the window is asked for from a second before.
            *inside_window("updated_at", before=0.001),
            *one_of(
                "member_status",
                "subscribed",
                "unsubscribed",
                "cleaned",
                "pending",
                "transactional",
                "archived",
            ),
        ),
    ),
    StreamSuite(
        stream="campaigns",
        pages=Pages(rows="campaigns"),
        key=("campaign_id_mailchimp",),
        volume="snapshot",
    ),
    StreamSuite(
        stream="reports",
        pages=Pages(rows="reports", day="send_time"),
        key=("campaign_id_mailchimp",),
        day="sent_at",
        is_day_final=True,
        volume="any",
        metrics=same("emails_sent", "opens_total", "clicks_total"),
        rules=(
            *inside_window("sent_at", before=0.001),
            *not_negative("emails_sent", "opens_total", "clicks_total", "unsubscribed_count"),
            *not_above("opens_without_proxies", "opens_total"),
        ),
    ),
    StreamSuite(
        stream="sent_to",
        pages=Pages(rows="sent_to", key=_RECIPIENT),
        key=_RECIPIENT_KEY,
        volume="any",
        rules=(*filled("email"), *one_of("delivery_status", "sent", "hard", "soft")),
    ),
    StreamSuite(
        stream="email_activity",
        pages=Pages(rows="emails", key=_RECIPIENT),
        key=_RECIPIENT_KEY,
        volume="any",
    ),
    StreamSuite(
        stream="open_details",
        pages=Pages(rows="members", key=_RECIPIENT),
        key=_RECIPIENT_KEY,
        volume="any",
    ),
    StreamSuite(
        stream="unsubscribed",
        pages=Pages(rows="unsubscribes", key=_RECIPIENT, day="timestamp"),
        key=_RECIPIENT_KEY,
        day="unsubscribed_at",
        volume="any",
        rules=inside_window("unsubscribed_at", before=ACTIVE_DAYS),
    ),
    StreamSuite(
        stream="abuse_reports",
        pages=Pages(rows="abuse_reports", key=("id", "campaign_id"), day="date"),
        key=("complaint_id_mailchimp", "campaign_id_mailchimp"),
        day="complained_at",
        volume="any",
        rules=inside_window("complained_at", before=ACTIVE_DAYS),
    ),
)

_SENT = """
    (
        select
            campaigns.sent_at,
            case when recipients.delivery_status = 'sent' then 0 else 1 end as bounced
        from staging.stg_mailchimp__recipients as recipients
        inner join staging.stg_mailchimp__campaigns as campaigns using (campaign_id_mailchimp)
        where campaigns.sent_at is not null and {days}
    )
"""
_MESSAGES = "marts.fct_message"
_OURS = "platform = 'mailchimp'"

CHAINS = (
    Chain(
        stream="sent_to",
        what="messages",
        # A recipient has no time of its own: a message belongs to the day its campaign was sent.
        touched="""(
            select max(campaigns.sent_at)
            from staging.stg_mailchimp__campaigns as campaigns
            where campaigns.campaign_id_mailchimp = base_mailchimp__sent_to.campaign_id_mailchimp
        )""",
        levels=(
            Level(
                "staging.stg_mailchimp__recipients",
                _SENT,
                "sent_at",
                {"messages": "1", "bounced": "bounced"},
            ),
            Level(
                _MESSAGES,
                _MESSAGES,
                "sent_at",
                {"messages": "1", "bounced": "case when is_bounced then 1 else 0 end"},
                where=_OURS,
            ),
        ),
    ),
)


def _total(measure: str, stated: str, built: str) -> SourceTotal:
    """What campaign reports state, by the day of sending, against the messages.

    It moves apart while a campaign is read: reports and recipients are not asked in one moment.
    """
    reports = "staging.stg_mailchimp__reports"
    return SourceTotal(
        stream="reports",
        measure=measure,
        is_blocking=False,
        touched=(("reports", "sent_at"),),
        stated=Level(reports, reports, "sent_at", {measure: stated}),
        built=Level(_MESSAGES, _MESSAGES, "sent_at", {measure: built}, where=_OURS),
    )


TOTALS = (
    _total("emails_sent", "emails_sent", "1"),
    _total("opens", "opens_total", "open_count"),
    _total("clicks", "clicks_total", "click_count"),
    _total(
        "bounces",
        "coalesce(hard_bounces, 0) + coalesce(soft_bounces, 0)",
        "case when is_bounced then 1 else 0 end",
    ),
    _total(
        "unsubscriptions",
        "unsubscribed_count",
        "case when unsubscribed_at is not null then 1 else 0 end",
    ),
)
