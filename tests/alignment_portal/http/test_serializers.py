"""A serializer kept for all requests says what a new one would, and remembers nothing."""

import threading
from typing import Any

import pytest
from django.http import QueryDict
from rest_framework import serializers

from alignment_portal.http.serializers import StrictSerializer, checked
from initiatives.api.shapes import IncidentIn, ListQuery


class Order(StrictSerializer):
    number = serializers.IntegerField(min_value=1, default=5)
    names = serializers.ListField(child=serializers.CharField(), default=list, max_length=2)
    note = serializers.CharField(required=False, allow_blank=True)


QUERIES: list[Any] = [
    {},
    {"limit": "100"},
    {"limit": "0"},
    {"limit": "201"},
    {"limit": "many", "order": "size", "status": "draft,nothing", "colour": "red"},
    {"status": "draft, in_review", "verdict": "", "order": "-changed"},
    {"q": ""},
    {"q": "  claims  ", "expand": "dossier,verdict"},
    {"colour": "red"},
    None,
    [],
    "text",
]


def outcome(check):
    """What comes of a check: the values, or the faults with their codes."""
    try:
        return check()
    except serializers.ValidationError as error:
        return error.detail, error.get_codes()


def by_a_new_one(shape, data):
    serializer = shape(data=data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


@pytest.mark.parametrize("data", QUERIES, ids=str)
@pytest.mark.parametrize("shape", [ListQuery, IncidentIn, Order])
def test_the_kept_one_answers_as_a_new_one(shape, data):
    for _ in range(2):
        assert outcome(lambda: checked(shape, data)) == outcome(lambda: by_a_new_one(shape, data))


def test_nothing_is_left_over_from_the_request_before():
    first = checked(Order, {"number": "7", "note": "mine"})
    first["names"].append("changed by whoever asked")
    with pytest.raises(serializers.ValidationError):
        checked(Order, {"number": "no", "other": "1"})
    assert checked(Order, {}) == {"number": 5, "names": []}


def test_a_form_is_checked_as_json_is():
    form = QueryDict("number=3&names=a&names=b&note=")
    assert checked(Order, form) == {"number": 3, "names": ["a", "b"], "note": ""}


def test_threads_share_it():
    found = []
    threads = [
        threading.Thread(target=lambda n=n: found.append(checked(Order, {"number": str(n)})["number"]))
        for n in range(1, 9)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(1, 9))
