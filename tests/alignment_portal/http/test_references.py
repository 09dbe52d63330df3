from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from alignment_portal.audit.guard import service
from alignment_portal.http.references import next_reference


@service
def take(prefix="EV"):
    return next_reference(prefix)


@pytest.mark.django_db
def test_references_count_up_by_kind():
    assert [take(), take(), take("RV")] == ["EV-0001", "EV-0002", "RV-0001"]


@pytest.mark.django_db(transaction=True)
def test_no_reference_is_given_twice():
    def one(_):
        try:
            return take()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(one, range(24)))
    assert sorted(given) == [f"EV-{n:04d}" for n in range(1, 25)]
