"""A number of the company's own that stands in its orders and in its list of people."""

from __future__ import annotations

from tests.dbt_project.conftest import Warehouse
from tests.dbt_project.test_identity_hashed_orders import MODELS, without_vendors

SEEN = "timestamp '2026-01-05 10:00:00'"


def test_a_number_in_two_files_is_a_record_of_each_and_compared_once(
    warehouse: Warehouse,
) -> None:
    without_vendors(warehouse)
    warehouse.sql(
        "insert into intermediate.int_customers__files"
        " (source, record_type, record_value, created_at, updated_at, email)"
        f" values ('files_order', 'customer_number', '77', {SEEN}, {SEEN}, 'ada@example.org')"
    )
    warehouse.sql(
        "insert into intermediate.int_customers__files_signups"
        " (source, record_type, record_value, created_at, updated_at, first_name, last_name)"
        f" values ('files_signup', 'customer_number', '77', {SEEN}, {SEEN}, 'Ada', 'Lovelace')"
    )

    # With the tests of each model's grain.
    models = (*MODELS, "int_matching__records")
    warehouse.dbt("build", "--select", *models, "--exclude-resource-type", "unit_test")

    assert warehouse.sql("select source from intermediate.int_customers__unioned order by 1") == [
        {"source": "files_order"},
        {"source": "files_signup"},
    ]
    compared = warehouse.sql(
        "select given_name, surname, email from intermediate.int_matching__records"
    )
    assert compared == [{"given_name": "ada", "surname": "lovelace", "email": None}]
