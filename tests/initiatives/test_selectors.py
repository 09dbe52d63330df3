import datetime as dt

import pytest

from alignment_portal import clock
from alignment_portal.accounts.actors import SYSTEM
from alignment_portal.refusals import Forbidden, NotFound
from initiatives.models import Initiative
from initiatives.selectors import (
    Standing,
    dossier_version,
    initiative_or_404,
    load_dossiers,
    standing,
    versions_of,
)
from initiatives.selectors.alike import similar_to
from initiatives.services.dossiers import save_dossier
from tests.factories.initiatives import full_document, small_document
from tests.initiatives.cast import AUDITOR, DEPUTY, LEFT, OWNER, SPONSOR, STRANGER, TEAM, actor, saved

pytestmark = pytest.mark.usefixtures("people")
NOON = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)


def many(number):
    for place in range(1, number + 1):
        save_dossier(by=actor(OWNER), document=full_document(f"AI-{place:04d}"))


@pytest.mark.parametrize("number", [1, 3])
def test_dossiers_are_loaded_in_one_query_however_many(number, django_assert_num_queries):
    many(number)
    with django_assert_num_queries(1):
        assert len(load_dossiers()) == number
    with django_assert_num_queries(1):
        assert len(load_dossiers(at=clock.now())) == number


def test_a_dossier_is_loaded_as_it_was_known_at_a_moment():
    with clock.at_moment(NOON):
        saved()
    with clock.at_moment(NOON + dt.timedelta(days=1)):
        save_dossier(by=actor(OWNER), document=full_document(title="Later"))
    at = {days: load_dossiers(at=NOON + dt.timedelta(days=days)) for days in (-1, 0, 1)}
    assert at[-1] == {}
    assert (at[0]["AI-0001"].dossier.initiative.title, at[0]["AI-0001"].version) == ("Support assistant", 1)
    assert (at[1]["AI-0001"].dossier.initiative.title, at[1]["AI-0001"].version) == ("Later", 2)
    assert load_dossiers(["AI-0001"])["AI-0001"] == at[1]["AI-0001"]


def test_each_version_can_be_read_again():
    initiative = saved()
    save_dossier(by=actor(OWNER), document=full_document(title="Later"))
    assert dossier_version(initiative, 1).dossier.initiative.title == "Support assistant"
    assert dossier_version(initiative, 3) is None
    assert [row.number for row in versions_of(initiative)] == [2, 1]


STANDINGS = {
    OWNER: Standing(own=True, invited=False),
    SPONSOR: Standing(own=True, invited=False),
    TEAM: Standing(own=True, invited=True),
    DEPUTY: Standing(own=False, invited=True),
    AUDITOR: Standing(),
    STRANGER: Standing(),
}


@pytest.mark.parametrize(("email", "expected"), STANDINGS.items(), ids=STANDINGS)
def test_how_somebody_stands_to_an_initiative_follows_from_the_dossier(email, expected):
    assert standing(actor(email), saved()) == expected


@pytest.mark.parametrize("email", [OWNER, SPONSOR, TEAM, DEPUTY, AUDITOR])
def test_who_belongs_or_oversees_sees_an_initiative(email):
    saved()
    assert initiative_or_404(actor(email), "AI-0001").key == "AI-0001"


def test_for_a_stranger_it_is_as_if_it_did_not_exist():
    saved()
    sentences = []
    for key in ("AI-0001", "AI-0002"):
        with pytest.raises(NotFound) as caught:
            initiative_or_404(actor(STRANGER), key)
        sentences.append(caught.value.sentence.replace(key, "…"))
    assert sentences[0] == sentences[1]


def test_somebody_without_a_role_reads_nothing():
    saved()
    with pytest.raises(Forbidden):
        initiative_or_404(actor(LEFT), "AI-0001")


def test_the_portal_sees_everything():
    saved()
    assert Initiative.objects.visible_to(SYSTEM).count() == 1


def test_similar_initiatives_are_found_among_those_one_sees():
    saved(title="Support assistant for returns")
    save_dossier(by=actor(OWNER), document=small_document("AI-0002", title="Demand forecast"))
    assert [row.key for row in similar_to(actor(OWNER), title="An assistant for customer support")] == [
        "AI-0001"
    ]
    assert similar_to(actor(STRANGER), title="Support assistant") == []
