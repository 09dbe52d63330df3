"""Papers of many initiatives are ordered; a job judges and writes them with the rights of whoever asked."""

import pytest

from alignment_portal import clock
from alignment_portal.accounts.models import RoleGrant
from alignment_portal.audit.guard import writes_allowed
from alignment_portal.outbox.models import Event, Job, JobState
from alignment_portal.refusals import Conflict, Forbidden, NotFound
from initiatives.models import Cluster
from packs.models import PackBuild, PackOrder
from packs.services import ordering
from packs.services.ordering import GIVEN_UP_AFTER, answer_order, ask_for_pack
from packs.tasks import write
from tests.initiatives.cast import open_people, saved
from tests.people import actor, api, browser

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def pair(db, settings, tmp_path, monkeypatch):
    """Two initiatives where one is judged while the caller waits, and two are too many for that."""
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(ordering, "AT_ONCE", 1)
    open_people()
    return saved(key="AI-0001", cluster="lending"), saved(key="AI-0002", cluster="lending")


def ordered(who="executive", subject="portfolio"):
    order = ask_for_pack(by=actor(who), subject=subject)
    assert isinstance(order, PackOrder)
    return order


def test_a_paper_of_few_is_written_at_once():
    assert isinstance(ask_for_pack(by=actor("executive"), subject="initiative:AI-0001"), PackBuild)


def test_a_paper_of_many_is_ordered_and_written_by_the_job():
    order = ordered()
    assert (order.answer, PackBuild.objects.count()) == ("waiting", 0)
    assert Event.objects.filter(name="packs.ordered").get().payload == {"order": order.pk}
    assert write(order=order.pk) == "written"
    order.refresh_from_db()
    assert (order.build.subject, order.build.members.count()) == ("portfolio", 2)
    assert order.build.requested_by == order.by


def test_asking_again_while_it_is_written_is_the_same_order():
    assert ordered().pk == ordered().pk
    assert ordered(subject="cluster:lending").pk != ordered().pk


def test_after_an_hour_without_answer_it_is_asked_anew():
    first = ordered()
    with writes_allowed():
        PackOrder.objects.filter(pk=first.pk).update(at=first.at - GIVEN_UP_AFTER)
    assert ordered().pk != first.pk


def test_a_job_that_runs_twice_writes_once():
    order = ordered()
    assert (write(order=order.pk), write(order=order.pk)) == ("written", "nothing to do")
    assert PackBuild.objects.count() == 1
    assert answer_order(order.pk + 1) is None


def test_whoever_lost_the_right_meanwhile_is_told_why_there_is_none():
    order = ordered()
    with writes_allowed():
        RoleGrant.objects.filter(user=order.by).update(revoked_at=order.at)
    assert write(order=order.pk) == "refused"
    order.refresh_from_db()
    assert (order.build, bool(order.refusal)) == (None, True)


def test_a_job_that_was_given_up_is_said_and_may_be_asked_anew():
    order = ordered()
    event = Event.objects.get(name="packs.ordered")
    with writes_allowed():
        Job.objects.create(
            event=event,
            task="packs.tasks.write",
            state=JobState.FAILED,
            error="No room.",
            finished_at=clock.wall(),
        )
    told = api("executive").get(f"/api/v1/packs/orders/{order.pk}/").json()
    assert (told["state"], told["pack"]) == ("refused", None)
    assert "could not be written" in told["refusal"]
    again = ordered()
    assert again.pk != order.pk
    assert ordered().pk == again.pk


def test_who_may_not_have_it_built_may_not_order_it():
    with pytest.raises(Forbidden):
        ask_for_pack(by=actor("contributor"), subject="portfolio")
    with pytest.raises(NotFound):
        ask_for_pack(by=actor("executive"), subject="cluster:nowhere")
    assert PackOrder.objects.count() == 0


def test_an_empty_paper_is_refused_before_anything_is_ordered(monkeypatch):
    monkeypatch.setattr(ordering, "AT_ONCE", -1)
    with writes_allowed():
        Cluster.objects.create(code="empty", title="Empty")
    with pytest.raises(Conflict, match="nothing to put into a pack"):
        ask_for_pack(by=actor("executive"), subject="cluster:empty")
    assert PackOrder.objects.count() == 0


# --- through the doors -------------------------------------------------------------------------------------


def test_by_rest_the_order_is_followed_until_it_names_the_pack():
    asked = api("executive").post("/api/v1/packs/", {"subject": "portfolio"}, format="json")
    assert (asked.status_code, asked.json()["state"], asked.json()["pack"]) == (202, "waiting", None)
    place = asked.headers["Location"]
    write(order=asked.json()["order"])
    told = api("executive").get(place).json()
    assert (told["state"], told["pack"], told["refusal"]) == ("written", PackBuild.objects.get().ref, "")
    assert api("risk_executive").get(place).status_code == 404


def test_on_the_pages_it_is_followed_and_leads_to_the_pack():
    client = browser("executive")
    place = client.post("/packs/", {"subject": "portfolio"}).headers["Location"]
    page = client.get(place).content.decode()
    assert "Pack: AI portfolio" in page
    assert f'hx-get="{place}"' in page
    assert "masthead" not in client.get(place, headers={"HX-Request": "true"}).content.decode()
    assert browser("risk_executive").get(place).status_code == 404
    write(order=PackOrder.objects.get().pk)
    pack = f"/packs/{PackBuild.objects.get().ref}/"
    assert client.get(place).headers["Location"] == pack
    assert client.get(place, headers={"HX-Request": "true"}).headers["HX-Redirect"] == pack


def test_a_refused_order_says_why_and_asks_no_more():
    order = ordered()
    with writes_allowed():
        PackOrder.objects.update(refusal="There is nothing to put into a pack.", answered_at=order.at)
    page = browser("executive").get(f"/packs/orders/{order.pk}/").content.decode()
    assert "There is nothing to put into a pack." in page
    assert "hx-get" not in page.split('id="order"')[1].split("</section>")[0]
