"""The dates of a review go into the calendars of those who take part: once, again when they change, and out again."""

import datetime as dt

import pytest
from django.core import mail
from icalendar import Calendar

from alignment_portal import clock
from alignment_portal.accounts.services import deactivate_person, reactivate_person
from alignment_portal.dispatch import run_due
from alignment_portal.refusals import Invalid
from reviews import tasks
from reviews.models import MailedInvitation
from reviews.services.conclusions import conclude_review
from reviews.services.invitations import _keep
from reviews.services.opening import change_review, lapse_review
from reviews.services.participants import remove_participant
from tests.factories.reviews import ROLES, agreed, review
from tests.people import CAST, actor, everybody, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def people(db):
    everybody()


def sent_for(about):
    mail.outbox.clear()
    count = tasks.mail_invitations(about.ref)
    assert count == len(mail.outbox)
    return list(mail.outbox)


def calendar_of(letter):
    [(name, content, kind)] = letter.attachments
    assert name.endswith(".ics")
    assert kind.startswith("text/calendar")
    return Calendar.from_ical(content)


def meeting_in(days):
    return clock.now() + dt.timedelta(days=days)


def test_everybody_who_takes_part_is_sent_the_dates_once():
    about = review(hours=24, meeting_at=meeting_in(3))
    letters = sent_for(about)
    assert len(letters) == len(ROLES)
    assert {len(letter.to) for letter in letters} == {1}
    calendar = calendar_of(letters[0])
    assert str(calendar["method"]) == "REQUEST"
    assert [str(event["status"]) for event in calendar.walk("VEVENT")] == ["CONFIRMED", "CONFIRMED"]
    assert sent_for(about) == []


def test_nobody_is_written_to_before_the_review_is_sent():
    assert sent_for(review(hours=24, meeting_at=meeting_in(3), send=False)) == []


def test_a_meeting_that_moves_moves_in_the_calendars():
    about = review(hours=24, meeting_at=meeting_in(3))
    [first, *_] = sent_for(about)
    change_review(by=actor("executive"), review=about, changes={"meeting_at": meeting_in(5)})
    letters = sent_for(about)
    assert len(letters) == len(ROLES)
    assert letters[0].subject.startswith("Changed")
    before, after = (calendar_of(letter).walk("VEVENT")[1] for letter in (first, letters[0]))
    assert before["uid"] == after["uid"]
    assert int(after["sequence"]) > int(before["sequence"])


def test_whose_account_closes_has_it_taken_out_at_once_and_put_back_when_it_opens():
    about = review(hours=24, meeting_at=meeting_in(3))
    sent_for(about)
    gone, admin = person("risk_executive"), actor("administrator")
    mail.outbox.clear()
    deactivate_person(by=admin, person=gone, reason="Left the company.")
    run_due()
    [letter] = mail.outbox
    assert (letter.to, str(calendar_of(letter)["method"])) == ([gone.email], "CANCEL")
    mail.outbox.clear()
    reactivate_person(by=admin, person=gone)
    run_due()
    [letter] = mail.outbox
    assert (letter.to, str(calendar_of(letter)["method"])) == ([gone.email], "REQUEST")


def test_a_review_that_is_over_is_nobody_s_business_when_an_account_closes():
    about = agreed(review(hours=-1, meeting_at=meeting_in(3)))
    sent_for(about)
    conclude_review(by=actor("executive"), review=about, outcome="aligned")
    mail.outbox.clear()
    deactivate_person(by=actor("administrator"), person=person("risk_executive"), reason="Left.")
    assert tasks.follow_person("rafael@example.org") == 0
    assert mail.outbox == []


def test_who_leaves_has_it_taken_out_and_the_others_hear_nothing():
    about = review(hours=24, meeting_at=meeting_in(3))
    sent_for(about)
    email = about.participants.first().user.email
    remove_participant(by=actor("executive"), review=about, email=email, reason="Left the company.")
    [letter] = sent_for(about)
    assert letter.to == [email]
    assert str(calendar_of(letter)["method"]) == "CANCEL"


def test_a_review_that_lapses_is_taken_out_of_every_calendar_once():
    about = review(hours=24, meeting_at=meeting_in(3))
    sent_for(about)
    lapse_review(by=actor("executive"), review=about, reason="Postponed.")
    assert len(sent_for(about)) == len(ROLES)
    assert sent_for(about) == []


def test_a_letter_that_cannot_be_handed_over_is_tried_again(monkeypatch):
    about = review(hours=24, meeting_at=meeting_in(3))

    def fail(_letter):
        raise ConnectionRefusedError

    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.EmailMessage.send", fail)
        with pytest.raises(ConnectionRefusedError):
            tasks.mail_invitations(about.ref)
    assert not MailedInvitation.objects.exclude(dates="").exists()
    assert len(sent_for(about)) == len(ROLES)


def test_of_two_workers_only_one_moves_the_row_on():
    about = review(hours=24, meeting_at=meeting_in(3))
    moves = [
        _keep(review=about, person=about.opened_by, dates=dates, before=before)
        for dates, before in (("a", ""), ("b", "a"), ("b", "a"))
    ]
    assert moves == [True, True, False]


def test_the_people_of_a_review_are_its_participants():
    about = review(hours=24, meeting_at=meeting_in(3))
    assert {letter.to[0] for letter in sent_for(about)} <= {person.email for person in CAST.values()}


@pytest.mark.parametrize("name", ["pre_read_at", "meeting_at"])
@pytest.mark.parametrize("day", [dt.date.max, dt.date.min])
def test_a_moment_that_no_zone_could_show_is_refused(name, day):
    about = review(send=False)
    moment = dt.datetime.combine(day, dt.time(12), dt.UTC)
    with pytest.raises(Invalid, match="within five years"):
        change_review(by=actor("executive"), review=about, changes={name: moment})
