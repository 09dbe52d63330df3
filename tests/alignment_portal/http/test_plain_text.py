"""What is pasted into a form of a page is kept without control characters, a password as it was typed."""

import pytest
from django.http import HttpResponse

from alignment_portal.http.middleware import PlainTextMiddleware
from portfolio.models import SharedDependency
from tests import people

pytestmark = pytest.mark.django_db
FORM = "/portfolio/dependencies/_new/"


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("Decision\x0blog", "Decision\nlog"),
        ("Decision\x0clog", "Decision\nlog"),
        ("De\x07ci\x1bsion\x7f log\x08", "Decision log"),
        ("Decision\tlog", "Decision\tlog"),
        ("Prüfung “fünf”\N{NO-BREAK SPACE}%", "Prüfung “fünf”\N{NO-BREAK SPACE}%"),
    ],
)
def test_control_characters_are_taken_out_of_what_is_pasted(pasted, kept):
    people.everybody()
    given = {"code": "log", "title": "Log", "kind": "platform", "funding": "unfunded", "state": "open"}
    people.browser("executive").post(FORM, {**given, "note": pasted})
    assert SharedDependency.objects.get(code="log").note == kept


def test_every_value_of_a_field_is_cleaned_and_a_password_left_as_it_was_typed(rf):
    request = rf.post("/sign-in/", {"password": "a\x07b", "tags": ["x\x01", "y"]})
    PlainTextMiddleware(lambda _: HttpResponse()).process_view(request, None, (), {})
    assert request.POST.dict()["password"] == "a\x07b"
    assert request.POST.getlist("tags") == ["x", "y"]
