"""A named deputy answers in a participant's place, and every stance says so."""

import pytest
from django.db import IntegrityError

from alignment_portal.audit.guard import writes_allowed
from alignment_portal.audit.models import Entry
from alignment_portal.refusals import Conflict, Forbidden, Invalid
from reviews.models import Stance
from reviews.selectors.reviews import review_or_404, stances_owed_by
from reviews.selectors.standings import standing_of
from reviews.services.conclusions import conclude_review
from reviews.services.deputies import name_deputy, withdraw_deputy
from reviews.services.participants import invite_participant, remove_participant
from tests.factories.reviews import ROLES, agreed, review, stance
from tests.people import CAST, actor, person

pytestmark = pytest.mark.django_db
THREE = {who: role for who, role in ROLES.items() if who != "technology_executive"}
DEPUTY = "technology_executive"


def with_deputy(**values):
    about = review(people=THREE, **values)
    name_deputy(by=actor("executive"), review=about, email=email(), reason="On leave until May.")
    return about


def email():
    return person(DEPUTY).email


def test_a_deputy_answers_for_the_seat_and_is_named_with_the_stance():
    about = with_deputy()
    stance(about, DEPUTY)
    given = Stance.objects.get()
    assert (given.user.email, given.deputy.email) == (CAST["executive"].email, email())
    assert standing_of(about).present() == {CAST["executive"].email}


def test_the_record_names_the_deputy_and_whom_they_speak_for():
    about = with_deputy()
    stance(about, DEPUTY)
    entry = Entry.objects.filter(action="reviews.stance.given").latest("seq")
    assert entry.actor_id == person(DEPUTY).pk
    assert str(person("executive").pk) in str(entry.payload)


def test_a_deputy_sees_what_the_seat_may_see_and_not_before():
    about = with_deputy()
    stance(about, "risk_executive")
    assert not standing_of(about).is_open_to(email())
    stance(about, DEPUTY)
    assert standing_of(about).is_open_to(email())


def test_the_review_waits_for_the_deputy_and_is_theirs_to_open():
    about = with_deputy()
    assert [row.ref for row in stances_owed_by(actor(DEPUTY))] == [about.ref]
    assert review_or_404(actor(DEPUTY), about.ref).ref == about.ref


def test_taking_the_seat_back_ends_the_deputys_voice():
    about = with_deputy()
    stance(about, DEPUTY)
    withdraw_deputy(by=actor("executive"), review=about)
    with pytest.raises(Forbidden, match="do not take part"):
        stance(about, DEPUTY, "abstain")
    stance(about, "executive", "agree_with_conditions", conditions=["Show the hours."])
    assert list(Stance.objects.values_list("deputy__email", flat=True)) == [email(), None]


@pytest.mark.parametrize("who", ["risk_executive", "programme_manager", "assurer"])
def test_only_an_executive_without_a_part_in_it_can_be_a_deputy(who):
    about = review(people=THREE)
    with pytest.raises(Invalid) as refused:
        name_deputy(by=actor("executive"), review=about, email=person(who).email, reason="Leave.")
    assert refused.value.faults[0].pointer == "/email"


def test_a_deputy_is_named_for_a_reason():
    with pytest.raises(Invalid, match="why"):
        name_deputy(by=actor("executive"), review=review(people=THREE), email=email(), reason=" ")


def test_only_whoever_takes_part_names_a_deputy():
    about = review(people=THREE)
    with pytest.raises(Forbidden):
        name_deputy(by=actor(DEPUTY), review=about, email=email(), reason="Leave.")


def test_after_the_end_nobody_names_a_deputy():
    about = review()
    conclude_review(by=actor("executive"), review=agreed(about), outcome="aligned")
    with pytest.raises(Conflict, match="concluded"):
        name_deputy(by=actor("executive"), review=about, email=email(), reason="Leave.")


def test_a_seat_that_is_given_up_leaves_its_deputy_none():
    about = with_deputy()
    remove_participant(by=actor("executive"), review=about, email=CAST["executive"].email, reason="Left.")
    with pytest.raises(Forbidden, match="do not take part"):
        stance(about, DEPUTY)


def test_who_was_a_deputy_after_the_pre_read_counts_as_having_seen():
    about = with_deputy()
    stance(about, "risk_executive")
    withdraw_deputy(by=actor("executive"), review=about)
    seat = invite_participant(by=actor("executive"), review=about, email=email(), role="technology")
    assert seat.saw_stances


def test_the_database_refuses_a_deputy_whom_nobody_named():
    about = review(people=THREE)
    stance(about, "executive")
    given = Stance.objects.get()
    given.pk, given.version, given.deputy = None, 2, person(DEPUTY)
    with writes_allowed(), pytest.raises(IntegrityError, match="by_deputy"):
        given.save(force_insert=True)
