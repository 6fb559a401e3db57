"""Pages out of Mailchimp's collections, which change while they are read."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest

import connectors.mailchimp.paging
from connectors.landing import Landed, extract
from connectors.stream import ConnectorError
from tests.connectors.conftest import Answer, ScriptedServer
from tests.connectors.landed import END, START, landed_rows


class TestPaging:
    """Pages out of a collection that changes while it is read."""

    @pytest.fixture(autouse=True)
    def _small(self, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SOURCES__MAILCHIMP__BASE_URL", server.url)
        monkeypatch.setenv("SOURCES__MAILCHIMP__API_KEY", "keyofthetest-us9")
        monkeypatch.setattr(connectors.mailchimp.paging, "COUNT", 4)
        monkeypatch.setattr(connectors.mailchimp.paging, "OVERLAP", 1)
        self.server = server

    def read(self, *answers: tuple[str, int]) -> Landed:
        for names, total in answers:
            rows = [{"id": name} for name in names]
            body = json.dumps({"campaigns": rows, "total_items": total}).encode()
            self.server.script.append(Answer(body=body))
        return extract("mailchimp", "campaigns", START, END)

    def offsets(self) -> list[int]:
        queries = [parse_qs(urlsplit(seen.path).query) for seen in self.server.seen]
        return [int(query["offset"][0]) for query in queries]

    def seen(self) -> set[str]:
        return {row["id"] for row in landed_rows("mailchimp", "campaigns", "campaigns")}

    def test_each_page_begins_with_the_last_row_of_the_one_before(self) -> None:
        assert self.read(("abcd", 9), ("defg", 9), ("ghi", 9)).restarts == 0
        assert self.offsets() == [0, 3, 6]
        assert self.seen() == set("abcdefghi")

    def test_pages_that_do_not_touch_are_read_again(self) -> None:
        # Once a and b are gone, f stands at place 3, and e would be in neither page.
        answers = ("abcd", 9), ("fghi", 7), ("cdef", 7), ("fghi", 7)
        assert self.read(*answers).restarts == 1
        assert self.seen() == set("abcdefghi")

    def test_one_row_less_is_made_up_for_without_another_reading(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(connectors.mailchimp.paging, "OVERLAP", 2)
        # a goes away after the first page, which still touches the second one.
        answers = ("abcd", 10), ("defg", 9), ("efgh", 9), ("ghij", 9)
        assert self.read(*answers).restarts == 0
        assert self.offsets() == [0, 2, 3, 5]
        assert self.seen() == set("abcdefghij")

    def test_rows_that_come_meanwhile_are_read_twice_and_cost_none(self) -> None:
        assert self.read(("abcd", 6), ("cdef", 7), ("ef", 7)).restarts == 0
        assert self.seen() == set("abcdef")

    def test_a_full_last_page_ends_the_paging(self) -> None:
        self.read(("abcd", 7), ("defg", 7))
        assert self.offsets() == [0, 3]

    def test_a_page_that_comes_empty_in_the_middle_is_no_end(self) -> None:
        answers = ("abcd", 7), ("", 7), ("abcd", 7), ("defg", 7)
        assert self.read(*answers).restarts == 1
        assert self.seen() == set("abcdefg")

    def test_an_empty_first_page_of_some_rows_is_asked_for_once_more(self) -> None:
        assert self.read(("", 3), ("abc", 3)).restarts == 0
        assert self.seen() == set("abc")

    def test_a_total_that_counts_more_than_is_given_ends_where_the_rows_do(self) -> None:
        """Where a total is of all recipients and the rows of those since a moment only."""
        assert self.read(("", 900), ("", 900)).rows == 0
        self.server.seen.clear()
        assert self.read(("abc", 900), ("c", 900)).restarts == 0
        assert self.seen() == set("abc")

    def test_an_end_that_never_holds_still_is_an_error(self) -> None:
        with pytest.raises(ConnectorError, match=r"rows went away.*Remedy: run the night again"):
            self.read(*[("abcd", 9), ("xyz", 9)] * 3)

    def test_complaints_are_paged_where_only_a_part_came(self) -> None:
        self.server.script.append(
            Answer(body=b'{"campaigns":[{"id":"c1"}],"total_items":1}'),
        )
        for names in ([1, 2, 3, 4], [3, 4, 5, 6], [5, 6]):
            rows = [{"id": name} for name in names]
            self.server.script.append(
                Answer(body=json.dumps({"abuse_reports": rows, "total_items": 6}).encode())
            )
        extract("mailchimp", "abuse_reports", START, END)
        rows = landed_rows("mailchimp", "abuse_reports", "abuse_reports")
        assert {row["id"] for row in rows} == {1, 2, 3, 4, 5, 6}
        assert ["offset=" in seen.path for seen in self.server.seen] == [True, False, True]

    def test_complaints_that_do_not_page_are_an_error_and_no_part(self) -> None:
        self.server.script.append(
            Answer(body=b'{"campaigns":[{"id":"c1"}],"total_items":1}'),
        )
        part = {"abuse_reports": [{"id": 1}, {"id": 2}], "total_items": 6}
        head = part | {"abuse_reports": [{"id": 1}]}
        self.server.script.append(Answer(body=json.dumps(part).encode()))
        self.server.script.append(Answer(body=json.dumps(head).encode()))
        with pytest.raises(ConnectorError, match="has 6 abuse_reports, and gives the first 2 only"):
            extract("mailchimp", "abuse_reports", START, END)
