"""Packs of a cluster and of the portfolio: who may ask, who may read, and what an empty one is answered."""

import json

import pytest
from django.core import mail

from alignment_portal.audit.guard import writes_allowed
from alignment_portal.refusals import Conflict, Forbidden, NotFound
from initiatives.models import Cluster, Initiative
from initiatives.services.dossiers import save_dossier
from packs.models import Audience, PackBuild, PackReading
from packs.selectors.access import may_build, visible_packs
from packs.selectors.genuineness import check_words
from packs.selectors.packs import content_of, since_of
from packs.selectors.readings import readings_of
from packs.services.building import finish, tell_requester
from packs.services.calendar import request_monthly_pack
from packs.services.holding import claim
from packs.services.readings import note_reading
from packs.services.requests import mark_stale, request_pack, weigh_papers
from portfolio.services.worths import state_worth
from tests.factories.initiatives import full_document
from tests.factories.portfolio import dependency
from tests.initiatives.cast import DEPUTY, OWNER, actor, open_people, saved
from tests.packs.conftest import short_pdf
from tests.people import actor as played

CLUSTER = "cluster:lending"


@pytest.fixture
def pair(db, files):
    """Two initiatives of one cluster; the second belongs to somebody else as well."""
    open_people()
    return saved(key="AI-0001", cluster="lending"), saved(key="AI-0002", cluster="lending", title="Claims")


def built(subject, by=None, **more):
    build = request_pack(by=by or played("executive"), subject=subject, **more).build
    finish(claim(build.pk), short_pdf())
    build.refresh_from_db()
    return build


def change(key, **initiative):
    save_dossier(by=actor(OWNER), document=full_document(key=key, cluster="lending", **initiative))


@pytest.mark.parametrize("subject", [CLUSTER, "portfolio"])
def test_it_speaks_of_every_initiative_and_keeps_their_dossiers(pair, subject):
    build = request_pack(by=played("executive"), subject=subject).build
    assert [member.key for member in content_of(build).members] == ["AI-0001", "AI-0002"]
    assert sorted(json.loads(build.dossier)) == sorted(json.loads(build.verdict)) == ["AI-0001", "AI-0002"]
    assert build.members.count() == 2


@pytest.mark.parametrize("subject", [CLUSTER, "portfolio"])
def test_the_same_content_is_not_built_twice(pair, subject):
    first, again = (request_pack(by=played("executive"), subject=subject) for _ in range(2))
    assert (first.build.pk, again.is_new) == (again.build.pk, False)


def test_a_manager_of_every_member_may_have_the_pack_of_the_cluster_and_not_of_the_portfolio(pair):
    assert request_pack(by=actor(OWNER), subject=CLUSTER).is_new
    with pytest.raises(Forbidden, match="Only an executive may have the pack of the portfolio built"):
        request_pack(by=actor(OWNER), subject="portfolio")


def test_a_manager_of_one_member_may_neither_ask_for_the_cluster_nor_read_it(pair):
    build = built(CLUSTER)
    save_dossier(
        by=played("other_manager"),
        document=full_document(key="AI-0003", cluster="lending", owner="oskar@example.org", team=[]),
    )
    with pytest.raises(Forbidden, match="every initiative in the cluster"):
        request_pack(by=played("other_manager"), subject=CLUSTER)
    later = built(CLUSTER)
    assert set(visible_packs(played("other_manager"))) == set()
    assert set(visible_packs(actor(OWNER))) == {build}
    assert set(visible_packs(played("executive"))) == {build, later}
    assert may_build(played("other_manager"), later) is False


def test_for_a_stranger_there_is_no_such_cluster(pair):
    with pytest.raises(NotFound, match="There is no cluster lending that you may see"):
        request_pack(by=played("other_manager"), subject=CLUSTER)


def test_an_empty_cluster_and_an_empty_portfolio_are_said_in_a_sentence(db, files):
    open_people()
    with writes_allowed():
        Cluster.objects.create(code="empty", title="Empty")
    with pytest.raises(Conflict, match="No current initiative belongs to the cluster empty"):
        request_pack(by=played("executive"), subject="cluster:empty")
    with pytest.raises(Conflict, match="The portfolio holds no initiative yet"):
        request_pack(by=played("executive"), subject="portfolio")


def test_a_pack_for_executives_is_read_by_them_and_the_auditor_alone(pair):
    build = built("portfolio", audience=Audience.EXECUTIVES)
    assert content_of(build).audience == "Executives and auditors only"
    readers = ("executive", "auditor", "assurer", "administrator", "programme_manager")
    assert [build in visible_packs(played(who)) for who in readers] == [True, True, False, False, False]
    with pytest.raises(Forbidden, match="asked for by one of them"):
        request_pack(by=actor(OWNER), subject=CLUSTER, audience=Audience.EXECUTIVES)


def test_a_restricted_member_hides_the_pack_from_those_who_were_only_invited(pair):
    build = built(CLUSTER)
    assert build in visible_packs(actor(DEPUTY))
    with writes_allowed():
        Initiative.objects.filter(key="AI-0002").update(classification="restricted")
    assert build in visible_packs(actor(OWNER))
    assert build not in visible_packs(actor(DEPUTY))


def test_what_changed_since_the_last_pack_is_kept_with_the_later_one(pair):
    first = built("portfolio")
    change("AI-0002", title="Claims, faster")
    later = built("portfolio")
    assert since_of(first).ref == ""
    told = since_of(later)
    assert (told.ref, told.number) == (first.ref, 1)
    assert "AI-0002 Claims, faster" in {
        change.what for section in told.sections for change in section.changes
    } | {f"{member.key} {member.title}" for member in content_of(later).members}


def test_a_change_of_one_member_marks_the_papers_that_speak_of_it(pair):
    build = built("portfolio")
    assert mark_stale(key="AI-0002") is False
    change("AI-0002", decision_sought="Agree to something else.")
    assert mark_stale(key="AI-0002") is True
    build.refresh_from_db()
    assert build.stale_since is not None


def test_a_new_member_marks_the_paper_of_its_cluster(pair):
    built(CLUSTER)
    saved(key="AI-0003", cluster="lending")
    assert mark_stale(key="AI-0003") is True


def test_a_change_of_the_register_marks_the_papers_that_show_it_once(pair):
    build = built("portfolio")
    assert weigh_papers() == 0
    dependency("decision-log")
    assert weigh_papers() == 1
    build.refresh_from_db()
    assert build.stale_since is not None
    assert weigh_papers() == 0


def test_a_stated_value_marks_the_paper_of_the_portfolio(pair):
    dependency("decision-log")
    built("portfolio")
    state_worth(
        by=played("programme_manager"),
        initiative=pair[0],
        value=(1e6, 2e6, 3e6),
        cost=(1e5, 2e5, 3e5),
        owner=played("executive").email,
        basis="The business case of March.",
    )
    assert weigh_papers() == 1


def test_the_paper_of_a_cluster_without_members_no_longer_stands(pair):
    built(CLUSTER)
    for key in ("AI-0001", "AI-0002"):
        save_dossier(by=actor(OWNER), document=full_document(key=key, cluster=None))
    assert weigh_papers() == 1


def test_its_fingerprint_says_whether_it_still_stands(pair):
    build = built("portfolio")
    assert check_words(played("executive"), build.fingerprint[:16]).is_current is True
    change("AI-0002", decision_sought="Agree to something else.")
    checked = check_words(played("executive"), build.fingerprint)
    assert (checked.is_current, checked.changes[0].code) == (False, "summary")


def test_the_calendar_asks_once_a_month_and_the_executives_are_told(pair):
    build = request_monthly_pack()
    assert request_monthly_pack() is None
    assert (build.subject, build.requested_by, PackBuild.objects.count()) == ("portfolio", None, 1)
    finish(claim(build.pk), short_pdf())
    build.refresh_from_db()
    tell_requester(build)
    assert [letter.to for letter in mail.outbox] == [["eleanor@example.org"]]


def test_the_calendar_builds_nothing_for_an_empty_portfolio(db):
    assert request_monthly_pack() is None


def test_opening_a_pack_is_noted_once_a_day(pair):
    build = built("portfolio")
    for _ in range(2):
        note_reading(by=played("executive"), build=build)
    assert PackReading.objects.count() == 1
    assert [(one.name, one.way) for one in readings_of(build)] == [("Eleanor Voss", "opened")]
