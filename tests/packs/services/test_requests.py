import pytest

from alignment_portal import dispatch
from alignment_portal.audit.models import Entry
from alignment_portal.outbox.models import Event
from alignment_portal.refusals import Conflict, Forbidden, Invalid, NotFound
from initiatives.services.dossiers import save_dossier
from packs.models import PackBuild
from packs.services.holding import claim
from packs.services.requests import cancel_pack, mark_stale, request_pack, retry_pack
from tests.factories.initiatives import full_document
from tests.packs.conftest import KEY, SUBJECT
from tests.people import actor


def change(owner, **initiative):
    save_dossier(by=owner, document=full_document(**initiative))


def actions():
    return list(
        Entry.objects.filter(action__startswith="packs.").order_by("seq").values_list("action", flat=True)
    )


def test_asking_puts_a_row_first_and_announces_it(queued):
    assert (queued.ref, queued.number, queued.state) == ("PK-0001", 1, "queued")
    event = Event.objects.get(name="packs.build_requested")
    assert event.payload == {"build": queued.pk}
    assert actions() == ["packs.build.request"]


def test_the_same_content_is_not_built_twice(owner, queued):
    again = request_pack(by=owner, subject=SUBJECT)
    assert (again.build.pk, again.is_new) == (queued.pk, False)
    assert PackBuild.objects.count() == 1


def test_other_content_is_a_new_version(owner, queued):
    change(owner, title="Another title")
    later = request_pack(by=owner, subject=SUBJECT)
    assert (later.is_new, later.build.number) == (True, 2)


@pytest.mark.parametrize("subject", ["cluster:", "portfolio:all", "initiative:", "AI-0001", ""])
def test_other_subjects_are_refused_in_one_sentence(owner, subject):
    with pytest.raises(Invalid) as refused:
        request_pack(by=owner, subject=subject)
    assert refused.value.sentence == (
        "Name the subject as initiative:KEY, cluster:CODE or portfolio, for example initiative:AI-0001."
    )


def test_an_initiative_that_is_not_there_is_not_found(owner):
    with pytest.raises(NotFound):
        request_pack(by=owner, subject="initiative:AI-9999")


def test_whoever_may_not_see_it_learns_nothing(initiative):
    with pytest.raises(NotFound):
        request_pack(by=actor("other_manager"), subject=SUBJECT)


def test_an_auditor_reads_packs_and_builds_none(initiative):
    with pytest.raises(Forbidden):
        request_pack(by=actor("auditor"), subject=SUBJECT)


def test_a_cancelled_pack_is_built_again_when_asked_for_again(owner, queued):
    cancel_pack(by=owner, build=queued)
    again = request_pack(by=owner, subject=SUBJECT)
    assert (again.build.pk, again.build.state) == (queued.pk, "queued")
    assert actions() == ["packs.build.request", "packs.build.cancel", "packs.build.retry"]


def test_a_build_at_work_is_taken_from_its_worker_by_cancelling(owner, queued):
    claim(queued.pk)
    assert cancel_pack(by=owner, build=queued).state == "cancelled"


def test_what_is_ready_cannot_be_cancelled_or_tried_again(owner, ready):
    with pytest.raises(Conflict, match="there is nothing left to cancel"):
        cancel_pack(by=owner, build=ready)
    with pytest.raises(Conflict, match="there is nothing to build again"):
        retry_pack(by=owner, build=ready)


def test_a_change_marks_the_newest_pack_and_its_undoing_unmarks_it(owner, ready):
    assert mark_stale(key=KEY) is False
    change(owner, title="Another title")
    assert mark_stale(key=KEY) is True
    ready.refresh_from_db()
    assert ready.stale_since is not None
    change(owner)
    assert mark_stale(key=KEY) is False
    ready.refresh_from_db()
    assert ready.stale_since is None


def test_an_initiative_without_a_pack_has_nothing_to_mark(initiative):
    assert mark_stale(key=KEY) is False


def test_the_announced_build_is_built(queued):
    dispatch.run_due()
    queued.refresh_from_db()
    assert (queued.state, queued.file.pages > 3) == ("ready", True)
