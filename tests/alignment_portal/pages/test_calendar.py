"""One's dates in a calendar program, under an address that is a secret and can be closed."""

import datetime as dt

import pytest
from django.test import Client
from icalendar import Calendar

from alignment_portal import clock
from alignment_portal.accounts.models import CalendarFeed
from alignment_portal.accounts.services import deactivate_person, reactivate_person
from alignment_portal.pages.calendar_events import _event
from gates.services.evidence import review_evidence
from reviews.services.commitments import make_commitment
from tests import people
from tests.factories.reviews import review
from tests.gates import scene
from tests.people import actor, person

pytestmark = pytest.mark.django_db


def opened(who):
    return people.api(who).post("/api/v1/calendar/").json()["url"].removeprefix("http://localhost:8000")


def summaries(address):
    answer = Client().get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    return sorted(str(event["summary"]) for event in Calendar.from_ical(answer.content).walk("VEVENT"))


def test_the_feed_holds_ones_reviews_and_promises_and_nobody_elses():
    about = review(hours=2, meeting_at=clock.now() + dt.timedelta(days=1))
    make_commitment(
        by=actor("executive"),
        review=about,
        text="Fund the log.",
        owner=person("executive").email,
        due_on=clock.now().date() + dt.timedelta(days=9),
    )
    assert summaries(opened("executive")) == [
        "Alignment review RV-0001",
        "CM-0001 is due: Fund the log.",
        "Pre-read of RV-0001 ends",
    ]
    assert summaries(opened("risk_executive")) == ["Alignment review RV-0001", "Pre-read of RV-0001 ends"]
    assert summaries(opened("auditor")) == []


def test_accepted_evidence_is_in_the_calendar_of_whoever_has_to_renew_it():
    item = scene.offered(scene.saved(), who="contributor")
    review_evidence(by=actor("legal_assurer"), evidence=item, accepted=True, reason="Complete.")
    assert summaries(opened("contributor")) == ["AI-0001: Clearance memo runs out"]
    assert summaries(opened("programme_manager")) == ["AI-0001: Clearance memo runs out"]
    assert summaries(opened("executive")) == []


def test_an_address_ends_when_it_is_replaced_closed_or_its_person_leaves():
    first = opened("auditor")
    second = opened("auditor")
    assert Client().get(first).status_code == 404
    assert summaries(second) == []
    people.api("auditor").delete("/api/v1/calendar/")
    assert Client().get(second).status_code == 404
    third = opened("auditor")
    deactivate_person(by=actor("administrator"), person=person("auditor"), reason="Left.")
    assert Client().get(third).status_code == 404
    reactivate_person(by=actor("administrator"), person=person("auditor"))
    assert Client().get(third).status_code == 404


def test_a_date_is_told_without_control_characters():
    event = _event("x", "Be\x07ll\x00 and\nmore", "/", clock.now()).to_ical()
    assert b"SUMMARY:Be ll  and\\nmore\r\n" in event


def test_the_page_shows_the_address_once_and_keeps_its_digest_only():
    mine = people.browser("executive")
    page = mine.post("/settings/calendar/").content.decode()
    key = page.split(".ics")[0].rpartition("/calendar/")[2]
    feed = CalendarFeed.objects.get()
    assert key not in feed.digest
    assert key not in mine.get("/settings/calendar/").content.decode()
    assert Client().get(f"/calendar/{key}.ics").status_code == 200
    assert mine.post("/settings/calendar/close/", follow=True).status_code == 200
    assert not CalendarFeed.objects.exists()


def test_the_feed_costs_the_same_however_many_dates(django_assert_num_queries):
    initiative = scene.saved()
    address = opened("programme_manager")
    for count in (1, 3):
        for _ in range(count):
            item = scene.offered(initiative)
            review_evidence(by=actor("legal_assurer"), evidence=item, accepted=True, reason="Complete.")
        Client().get(address)  # the use is noted once an hour
        with django_assert_num_queries(7):
            Client().get(address)
