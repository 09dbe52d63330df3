"""Readings from a table over REST: tried first, all rows or none, every fault with the row of the file."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from alignment_portal.audit.models import Entry
from metrics.models import Observation
from tests import people
from tests.factories.metrics import initiative

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/observations/imports/"
HEAD = "Initiative,Metric,Period start,Period end,Numerator,Denominator\n"


@pytest.fixture
def caller():
    initiative()
    return people.api("programme_manager")


def send(caller, text, **more):
    return caller.post(
        ADDRESS, {"file": SimpleUploadedFile("r.csv", text.encode()), **more}, format="multipart"
    )


def row(metric="repeat-contact", first="2026-01-05", last="2026-01-11", numerator="3", key="AI-0001"):
    return f"{key},{metric},{first},{last},{numerator},25\n"


def test_a_dry_run_says_what_would_be_recorded_and_records_nothing(caller):
    entries = Entry.objects.count()
    answer = send(caller, HEAD + row(), dry_run="true")
    assert answer.json() == {"received": 1, "added": 1, "revised": 0, "unchanged": 0, "committed": False}
    assert (Observation.objects.count(), Entry.objects.count()) == (0, entries)


def test_a_dry_run_that_is_asked_in_the_address_is_refused_and_not_done(caller):
    file = SimpleUploadedFile("r.csv", (HEAD + row()).encode())
    answer = caller.post(f"{ADDRESS}?dry_run=true", {"file": file}, format="multipart")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "misplaced")
    assert Observation.objects.count() == 0


def test_what_is_sent_is_recorded_and_sent_again_changes_nothing(caller):
    recorded = {"received": 1, "revised": 0, "committed": True}
    assert send(caller, HEAD + row()).json() == {**recorded, "added": 1, "unchanged": 0}
    assert send(caller, HEAD + row()).json() == {**recorded, "added": 0, "unchanged": 1}
    assert Observation.objects.get().value == 0.12


def test_one_wrong_row_records_none_and_each_is_named_by_its_row(caller):
    text = HEAD + row() + "\n" + row(metric="none") + row(first="2026-01-12") + row(numerator="three")
    answer = send(caller, text)
    assert (answer.status_code, answer.json()["code"]) == (400, "rows_wrong")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [
        "/rows/4/metric",
        "/rows/5/period_end",
        "/rows/6/numerator",
    ]
    assert Observation.objects.count() == 0


def test_the_column_of_the_initiative_is_asked_for(caller):
    assert "Initiative" in str(send(caller, "Metric,Period start,Period end\n").json()["errors"])


def test_readings_of_others_initiatives_are_refused(caller):
    refused = send(people.api("other_manager"), HEAD + row())
    assert refused.json()["errors"][0]["code"] == "unknown_metric"
