"""Square's side of the sandbox: pages, sums against the truth, and changes over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from sandbox import Running
from tests.sandbox.asking import at, good, post, truth
from tests.sandbox.square_calls import (
    catalog,
    cents,
    customers,
    listed,
    locations,
    moment,
    orders,
    orders_body,
    payments,
)


@pytest.fixture
def sandbox(shop: Running) -> Running:
    return shop


@pytest.fixture
def early(tmp_path: Path) -> Iterator[Running]:
    with at(tmp_path, "2026-01-02T03:00:00") as started:
        yield started


def test_every_order_comes_once_over_small_pages(sandbox: Running) -> None:
    found = Counter(order["id"] for order in orders(sandbox, limit=37))
    known = truth(sandbox, "select order_id from purchase", purchase="purchase")
    assert found == Counter(order_id for (order_id,) in known)
    assert len(found) > 200


def test_orders_come_in_the_order_of_their_last_change(sandbox: Running) -> None:
    times = [order["updated_at"] for order in orders(sandbox)]
    assert times == sorted(times)


def test_order_money_and_times_equal_the_truth(sandbox: Running) -> None:
    stated = {
        order["id"]: (
            order["location_id"],
            order.get("customer_id"),
            order.get("reference_id"),
            moment(order["created_at"]),
            moment(order["updated_at"]),
            cents(order["net_amounts"]["total_money"]),
            cents(order["net_amounts"]["tax_money"]),
            cents(order["net_amounts"]["discount_money"]),
            order["returns"][0]["source_order_id"] if "returns" in order else None,
        )
        for order in orders(sandbox)
    }
    known = truth(
        sandbox,
        """
        select order_id, location_id, square_customer_id, web_transaction_id, ordered_at,
            known_at, net_cents, tax_cents, discount_cents, source_order_id
        from purchase
        """,
        purchase="purchase",
    )
    assert stated == {row[0]: row[1:] for row in known}
    assert any(row[-1] for row in known), "the world must hold returns for this to mean anything"


def test_order_lines_and_return_lines_equal_the_truth(sandbox: Running) -> None:
    stated = set()
    for order in orders(sandbox):
        for line in order.get("line_items", []):
            total, gross = cents(line["total_money"]), cents(line["gross_sales_money"])
            stated.add((order["id"], line["uid"], int(line["quantity"]), gross, total))
        for back in order.get("returns", []):
            for line in back["return_line_items"]:
                total, gross = cents(line["total_money"]), cents(line["gross_return_money"])
                stated.add((order["id"], line["uid"], -int(line["quantity"]), -gross, -total))
    known = truth(
        sandbox,
        """
        select line.order_id, line_uid, quantity, line.gross_cents, line.net_cents
        from line inner join purchase on line.order_id = purchase.order_id
        """,
        line="purchase_line",
        purchase="purchase",
    )
    assert stated == set(known)


def test_a_return_has_no_line_items_and_nothing_left_to_pay(sandbox: Running) -> None:
    returns = [order for order in orders(sandbox) if "returns" in order]
    assert returns
    for order in returns:
        assert "line_items" not in order
        assert cents(order["total_money"]) == 0
        assert cents(order["net_amounts"]["total_money"]) < 0
        lines = [line for back in order["returns"] for line in back["return_line_items"]]
        assert all(line["source_line_item_uid"] for line in lines)


def test_every_payment_comes_once_over_the_locations(sandbox: Running) -> None:
    stated = Counter((each["id"], cents(each["total_money"])) for each in payments(sandbox))
    known = truth(sandbox, "select payment_id, cents from payment", payment="payment")
    assert stated == Counter(known)


def test_payments_without_a_location_are_the_main_ones_only(sandbox: Running) -> None:
    main = locations(sandbox)[0]
    found = listed(sandbox, "payments")
    assert found
    assert {payment["location_id"] for payment in found} == {main}
    assert len(found) < len(payments(sandbox))


def test_refunds_of_all_locations_equal_the_truth(sandbox: Running) -> None:
    stated = Counter(
        (each["id"], each["payment_id"], each["order_id"], cents(each["amount_money"]))
        for each in listed(sandbox, "refunds")
    )
    query = "select refund_id, payment_id, order_id, cents from refund"
    assert stated == Counter(truth(sandbox, query, refund="refund"))
    assert stated


def test_every_customer_comes_once(sandbox: Running) -> None:
    stated = Counter(
        (each["id"], each.get("email_address"), each.get("phone_number"))
        for each in customers(sandbox, limit=23)
    )
    known = truth(
        sandbox,
        f"""
        select square_customer_id, email_as_typed, phone_as_typed
        from person
        where
            square_customer_id is not null
            and updated_at <= timestamp '{sandbox.now.replace(tzinfo=None)}'
        union all
        select customer_id, email, phone
        from square_duplicate
        where known_at <= timestamp '{sandbox.now.replace(tzinfo=None)}'
        """,
        person="person",
        square_duplicate="square_duplicate",
    )
    assert stated == Counter(known)


def test_some_customers_join_the_loyalty_programme_later(early: Running) -> None:
    before = {each["id"]: each for each in customers(early)}
    early.set_clock(early.world.end)
    after = {each["id"]: each for each in customers(early)}
    joined = [
        after[name]
        for name, customer in before.items()
        if "reference_id" not in customer and "reference_id" in after[name]
    ]
    assert joined
    for customer in joined:
        assert customer["updated_at"] > before[customer["id"]]["updated_at"]
        assert customer["version"] == before[customer["id"]]["version"] + 1
    numbers = dict(
        truth(early, "select square_customer_id, loyalty_number from person", person="person")
    )
    # Who was typed in a second time has the number on the first record.
    for (name,) in truth(
        early, "select customer_id from square_duplicate", square_duplicate="square_duplicate"
    ):
        numbers[name] = None
    assert {name: each.get("reference_id") for name, each in after.items()} == {
        name: numbers[name] for name in after
    }


def test_a_payment_changes_when_money_goes_back(early: Running) -> None:
    early.set_clock(early.world.end)
    [(payment_id, known_at, amount)] = truth(
        early,
        """
        select refund.payment_id, refund.known_at, refund.cents
        from refund order by refund.known_at desc limit 1
        """,
        refund="refund",
    )
    [changed] = [each for each in payments(early) if each["id"] == payment_id]
    assert cents(changed["refunded_money"]) == amount
    assert moment(changed["updated_at"]) == known_at
    untouched = [each for each in payments(early) if "refund_ids" not in each]
    assert untouched
    assert all("refunded_money" not in each for each in untouched)


def test_orders_of_an_offline_till_arrive_late_with_their_old_time(tmp_path: Path) -> None:
    with at(tmp_path, "2026-01-02T03:00:00") as sandbox:
        purchases = sandbox.world.truth("purchase", sandbox.world.end)
        rows = purchases.select(["order_id", "ordered_at", "known_at"]).to_pylist()
        order = max(rows, key=lambda row: row["known_at"] - row["ordered_at"])
        assert order["known_at"] - order["ordered_at"] > timedelta(hours=12)
        sandbox.set_clock(order["known_at"] - timedelta(seconds=1))
        assert order["order_id"] not in {each["id"] for each in orders(sandbox)}
        sandbox.set_clock(order["known_at"])
        [arrived] = [each for each in orders(sandbox) if each["id"] == order["order_id"]]
        assert moment(arrived["created_at"]) == order["ordered_at"]
        assert moment(arrived["updated_at"]) == order["known_at"]


def test_a_range_of_orders_includes_both_its_ends(sandbox: Running) -> None:
    times = [order["updated_at"] for order in orders(sandbox)]
    body = orders_body(sandbox, start_at=times[3], end_at=times[5])
    found = good(post(sandbox, "/square/v2/orders/search", body))["orders"]
    assert [order["updated_at"] for order in found] == times[3:6]


def test_deleted_items_show_only_when_asked_for(sandbox: Running) -> None:
    gone = truth(
        sandbox,
        f"""
        select distinct item_id from product
        where deleted_at <= timestamp '{sandbox.now.replace(tzinfo=None)}'
        """,
        product="product",
    )
    every = catalog(sandbox, include_deleted_objects=True)
    shown = {item["id"] for item in catalog(sandbox)}
    deleted = {item["id"] for item in every if item["is_deleted"]}
    assert deleted == {item_id for (item_id,) in gone}
    assert shown == {item["id"] for item in every} - deleted
    assert deleted


def test_the_catalog_grows_and_shrinks_with_the_clock(early: Running) -> None:
    before = catalog(early, include_deleted_objects=True)
    early.set_clock(early.world.end)
    after = catalog(early, include_deleted_objects=True)
    assert {item["id"] for item in before} < {item["id"] for item in after}
    assert not any(item["is_deleted"] for item in before)
    assert any(item["is_deleted"] for item in after)
    fresh = [item for item in after if item["is_deleted"]]
    assert all(item["version"] > before[0]["version"] for item in fresh)


def test_catalog_variations_equal_the_truth(sandbox: Running) -> None:
    stated = {
        variation["id"]: (
            variation["item_variation_data"]["item_id"],
            variation["item_variation_data"]["sku"],
            cents(variation["item_variation_data"]["price_money"]),
        )
        for item in catalog(sandbox, include_deleted_objects=True)
        for variation in item["item_data"]["variations"]
    }
    query = "select variation_id, item_id, sku, price_cents from product"
    known = {row[0]: row[1:] for row in truth(sandbox, query, product="product")}
    assert stated == known


def test_categories_come_as_related_objects(sandbox: Running) -> None:
    body = {"object_types": ["ITEM"], "include_related_objects": True, "limit": 200}
    page = good(post(sandbox, "/square/v2/catalog/search", body))
    names = {each["id"]: each["category_data"]["name"] for each in page["related_objects"]}
    used = {each["id"] for item in page["objects"] for each in item["item_data"]["categories"]}
    assert set(names) == used
    assert "Kitchen" in names.values()


def test_an_empty_answer_leaves_the_rows_out(sandbox: Running) -> None:
    range_before = {"start_at": "2020-01-01T00:00:00Z", "end_at": "2020-01-02T00:00:00Z"}
    body = orders_body(sandbox, **range_before)
    assert good(post(sandbox, "/square/v2/orders/search", body)) == {}
