"""Events that a vendor corrects, moves or takes back: what was told before counts no more.

Here belongs what becomes of messages and touches over several nights; what one vendor's rows look
like belongs to that vendor's tests.
"""

from __future__ import annotations

import pytest

from tests.dbt_project import nights
from tests.dbt_project.changed_messages import first_night, second_night, third_night
from tests.dbt_project.conftest import Row, Warehouse
from tests.dbt_project.nights import at

FACTS = ("+rpt_attribution", "+fct_message", "+dim_campaign", "+path:models/intermediate/identity")
COMPARED = {
    "intermediate.int_messages__events",
    "intermediate.int_touchpoints",
    "marts.dim_campaign",
    "marts.fct_message",
    "marts.fct_touchpoint",
    "marts.rpt_attribution",
}


def night(warehouse: Warehouse, *flags: str) -> None:
    """Everything above base that messages, touches and their credit are made of."""

    def layer(name: str) -> list[str]:
        return nights.stored(*(f"{fact},path:models/{name}" for fact in FACTS))

    warehouse.dbt("run", "--select", *layer("staging"), *layer("intermediate"), *flags)
    nights.resolve(warehouse)
    warehouse.dbt("run", "--select", *layer("marts"), *flags)


class Story:
    """The facts after each night, and those of a rebuild."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.nights = []
        for bring in (first_night, second_night, third_night):
            bring(warehouse)
            night(warehouse)
            self.nights.append(self._seen(warehouse))
        self.stored = nights.tables(warehouse)
        self.tests = warehouse.dbt(
            *("test", "--indirect-selection", "cautious", "--select", "int_messages__events"),
            *("int_messages__sent", "int_touchpoints", "fct_message", "fct_touchpoint"),
        )
        night(warehouse, "--full-refresh")
        self.rebuilt = nights.tables(warehouse)

    @staticmethod
    def _seen(warehouse: Warehouse) -> dict[str, list[Row]]:
        tables = ("dim_campaign", "fct_message", "fct_touchpoint", "rpt_attribution")
        seen = {table: warehouse.sql(f"from marts.{table}") for table in tables}
        seen["events"] = warehouse.sql("from intermediate.int_messages__events")
        return seen

    def messages(self, number: int, platform: str) -> dict[tuple[str, str], Row]:
        """A platform's messages after a night, by message and receiver."""
        receivers = {
            event["message_key"]: event["identifier_value"]
            for event in self.nights[number]["events"]
        }
        return {
            (row["content_id"], receivers[row["message_key"]]): row
            for row in self.nights[number]["fct_message"]
            if row["platform"] == platform
        }

    def touches(self, number: int, *kinds: str) -> list[str]:
        """Kind and time of the touches of some kinds after a night."""
        return sorted(
            f"{row['touch_kind']} {row['occurred_at']:%d %H:%M}"
            for row in self.nights[number]["fct_touchpoint"]
            if row["touch_kind"] in kinds
        )

    def credit(self, number: int) -> dict[str, str]:
        """Channel that each order is credited to."""
        return {row["order_id"]: row["channel"] for row in self.nights[number]["rpt_attribution"]}


@pytest.fixture(scope="module")
def story(built: Warehouse) -> Story:
    return Story(built)


@pytest.mark.parametrize("table", sorted(COMPARED))
def test_nights_of_changes_give_what_a_rebuild_gives(story: Story, table: str) -> None:
    assert story.stored[table] == story.rebuilt[table]


def test_a_row_is_one_message_and_one_touch(story: Story) -> None:
    for seen in story.nights:
        for table, key in (("fct_message", "message_key"), ("fct_touchpoint", "touchpoint_id")):
            keys = [row[key] for row in seen[table]]
            assert len(keys) == len(set(keys)), table
    tested = {test.node.name for test in story.tests}
    assert {"unique_recently_fct_message_message_key__sent_at", "never_null_fct_message"} <= tested


def test_a_click_of_another_person_is_that_persons(story: Story) -> None:
    def clicks(number: int) -> dict[tuple[str, str], int]:
        found = story.messages(number, "klaviyo")
        return {key: row["click_count"] for key, row in found.items() if key[0] == "M1"}

    assert clicks(0) == {("M1", "P1"): 1, ("M1", "P2"): 1, ("M1", "P3"): 0}
    assert clicks(1) == {("M1", "P1"): 2, ("M1", "P2"): 0}
    assert clicks(2) == {("M1", "P1"): 1, ("M1", "P2"): 1}


def test_an_event_that_is_none_of_a_message_any_more_is_withdrawn(story: Story) -> None:
    assert story.messages(0, "klaviyo")["M1", "P2"]["open_count"] == 1
    assert story.messages(1, "klaviyo")["M1", "P2"]["open_count"] == 0
    [event] = [row for row in story.nights[1]["events"] if row["event_id"] == "k4"]
    assert (event["event_type"], event["is_withdrawn"]) == ("withdrawn", True)
    assert "email_opened 05 10:30" in story.touches(0, "email_opened")
    assert "email_opened 05 10:30" not in story.touches(1, "email_opened")


def test_a_message_whose_only_event_went_to_another_is_none(story: Story) -> None:
    assert ("M1", "P3") in story.messages(0, "klaviyo")
    assert ("M1", "P3") not in story.messages(1, "klaviyo")
    events = [row for row in story.nights[1]["events"] if row["event_id"] == "k6"]
    assert sorted((row["message_id"], row["event_type"]) for row in events) == [
        ("M1", "moved"),
        ("M2", "delivered"),
    ]


def test_an_event_that_is_told_of_a_left_message_leaves_the_moved_one_alone(story: Story) -> None:
    delivered = "email_delivered 05 10:00"
    assert story.touches(2, "email_delivered").count(delivered) == 2
    assert ("M1", "P3") not in story.messages(2, "klaviyo"), "opened, but never sent"


def test_credit_follows_the_click(story: Story) -> None:
    assert story.credit(0) == {"O1": "email", "O2": "email", "O3": "email"}
    # O2's click is another person's, O3's was after the purchase.
    assert story.credit(1) == {"O1": "email", "O2": "unattributed", "O3": "unattributed"}
    assert story.credit(2) == {"O1": "email", "O2": "email", "O3": "unattributed"}


def test_a_path_loses_the_touch_that_left_it(story: Story) -> None:
    sizes = [
        {row["order_id"]: row["path_touch_count"] for row in seen["rpt_attribution"]}
        for seen in story.nights
    ]
    assert [(size["O1"], size["O2"]) for size in sizes] == [(1, 1), (2, 0), (1, 1)]


def test_hubspots_newer_event_takes_the_place_of_the_older(story: Story) -> None:
    first = story.messages(1, "hubspot")["98", "ann@example.com"]
    assert (first["open_count"], first["first_human_opened_at"]) == (1, at("5 11:31"))
    told = {row["event_id"]: row["event_type"] for row in story.nights[1]["events"]}
    assert (told["h3"], told["h4"]) == ("withdrawn", "withdrawn")


def test_a_message_that_hubspot_took_back_is_none(story: Story) -> None:
    assert ("98", "bob@example.com") in story.messages(0, "hubspot")
    assert ("98", "bob@example.com") not in story.messages(1, "hubspot")
    assert story.messages(1, "hubspot")["98", "cid@example.com"]["is_bounced"]


def test_mailchimps_outcome_is_one_event_that_is_told_otherwise(story: Story) -> None:
    def outcomes(number: int) -> dict[str, tuple[bool, bool]]:
        return {
            receiver: (row["is_delivered"], row["is_bounced"])
            for (message, receiver), row in story.messages(number, "mailchimp").items()
            if message == "MC1"
        }

    assert outcomes(0) == {"m1": (True, False), "m2": (True, False), "m3": (False, True)}
    assert outcomes(1) == {"m1": (True, False), "m2": (False, True), "m3": (False, True)}
    assert outcomes(2) == outcomes(0)
    for number in range(3):
        of_second = [
            row["event_id"]
            for row in story.nights[number]["events"]
            if (row["message_id"], row["identifier_value"]) == ("MC1", "m2")
        ]
        assert len(of_second) == 1
    ids = {
        row["event_id"]
        for seen in story.nights
        for row in seen["events"]
        if (row["message_id"], row["identifier_value"]) == ("MC1", "m2")
    }
    assert len(ids) == 1


def test_mailchimps_bounce_is_told_once(story: Story) -> None:
    for number in range(3):
        bounces = [
            row
            for row in story.nights[number]["events"]
            if row["platform"] == "mailchimp" and row["event_type"] == "bounced"
        ]
        receivers = [row["identifier_value"] for row in bounces]
        assert receivers.count("m3") == 1
        assert len(receivers) == (2 if number == 1 else 1)


def test_a_bounce_takes_the_touch_of_the_delivery_back(story: Story) -> None:
    at_eight = "email_delivered 05 08:00"
    counts = [story.touches(number, "email_delivered").count(at_eight) for number in range(3)]
    assert counts == [2, 1, 2]
    assert story.touches(0, "sms_delivered") == [
        "sms_delivered 05 05:00",
        "sms_delivered 05 07:00",
    ]
    assert story.touches(1, "sms_delivered") == [
        "sms_delivered 05 07:10",
        "sms_delivered 05 07:20",
    ]


def test_a_campaign_that_was_not_sent_after_all_has_no_messages(story: Story) -> None:
    sent = [
        [key[0] for key in story.messages(number, "mailchimp")].count("MC2") for number in range(3)
    ]
    assert sent == [1, 0, 1]
    assert story.messages(2, "mailchimp")["MC2", "m1"]["sent_at"] == at("9 08:30")


def test_an_answer_goes_over_to_the_message_it_was_to(story: Story) -> None:
    def left(number: int) -> dict[str, bool]:
        found = story.messages(number, "twilio")
        return {key[0]: row["unsubscribed_at"] is not None for key, row in found.items()}

    assert left(0) == {"SM1": True, "SM2": False, "SM5": False, "SM6": False}
    assert left(1) == {"SM1": False, "SM2": False, "SM4": True, "SM5": False}
    assert story.touches(1, "sms_unsubscribed") == ["sms_unsubscribed 05 07:30"]


def test_a_piece_is_of_the_campaign_and_person_that_the_file_says_now(story: Story) -> None:
    def pieces(number: int) -> set[tuple[str, str]]:
        return set(story.messages(number, "files"))

    spring, summer = "files:direct_mail:spring", "files:direct_mail:summer"
    assert pieces(0) == {(spring, "L1"), (spring, "L2"), (spring, "L3"), (spring, "L4")}
    assert pieces(1) == {(summer, "L1"), (spring, "L5")}
    assert len(story.touches(1, "direct_mail_delivered")) == 2


def test_a_campaign_that_left_its_message_is_not_the_messages(story: Story) -> None:
    campaigns = {key: row["campaign_id"] for key, row in story.messages(2, "klaviyo").items()}
    assert campaigns["M1", "P1"] == "K1"
    assert campaigns["M2", "P3"] is None


def test_a_campaign_is_there_as_long_as_a_message_names_it(story: Story) -> None:
    def inferred(number: int) -> dict[str, str]:
        rows = story.nights[number]["dim_campaign"]
        return {row["campaign_id"]: row["platform"] for row in rows if row["is_inferred"]}

    assert inferred(0) == {"98": "hubspot", "MG5": "twilio", "MG6": "twilio"}
    assert inferred(1) == {"98": "hubspot", "MG5": "twilio"}


def test_a_form_sent_in_is_a_touch_of_gated_content(story: Story) -> None:
    assert story.touches(0, "form_submitted") == ["form_submitted 05 16:00"]
