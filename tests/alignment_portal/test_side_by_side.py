"""A question about many places in one statement answers what each would by itself."""

import pytest
from django.db import connection

from alignment_portal.accounts.models import User
from alignment_portal.side_by_side import side_by_side
from tests.people import everybody

pytestmark = pytest.mark.django_db
STANDS_IN = ("\x1afunction\x1a",)


def first_two():
    return User.objects.filter(function=STANDS_IN[0]).order_by("-name").values_list("function", "name")[:2]


def test_each_place_keeps_its_own_order_and_its_own_end(django_assert_num_queries):
    everybody()
    places = ["risk", "business", "data", "nobody"]
    with django_assert_num_queries(1):
        found = side_by_side(first_two(), STANDS_IN, [[place] for place in places])
    alone = User.objects.order_by("-name").values_list("function", "name")
    assert sorted(found) == sorted(row for place in places for row in alone.filter(function=place)[:2])


def test_a_value_that_looks_like_sql_is_a_value():
    everybody()
    assert side_by_side(first_two(), STANDS_IN, [["risk' OR '1'='1"], ["' --"]]) == []


def test_where_there_is_no_place_nothing_is_asked(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert side_by_side(first_two(), STANDS_IN, []) == []
    assert not connection.needs_rollback
