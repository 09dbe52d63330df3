import socket
from datetime import timedelta

import pytest

from alignment_portal import clock
from alignment_portal.audit.guard import writes_allowed
from packs import tasks
from packs.models import ATTEMPTS, LOSSES, PackBuild
from packs.rendering import Rendered
from packs.services import building
from packs.services.holding import LostHold, claim, note_error, release_lost, renew
from tests.factories.packs import PackBuildFactory

pytestmark = pytest.mark.django_db


def change(build, **fields):
    with writes_allowed():
        PackBuild.objects.filter(pk=build.pk).update(**fields)
    build.refresh_from_db()


def held():
    build = PackBuildFactory()
    return build, claim(build.pk)


def lease_over(build):
    change(build, lease_until=clock.wall() - timedelta(seconds=1))


def test_only_one_worker_gets_a_build():
    build = PackBuildFactory()
    assert [claim(build.pk) is None for _ in range(3)] == [False, True, True]
    build.refresh_from_db()
    assert (build.state, build.attempt) == ("building", 1)


def test_a_build_that_is_not_due_yet_waits():
    build = PackBuildFactory(next_at=clock.wall() + timedelta(minutes=1))
    assert claim(build.pk) is None


def test_a_lease_is_renewed_by_its_holder_alone():
    build, mine = held()
    before = PackBuild.objects.get(pk=build.pk).lease_until
    assert renew(mine) is True
    assert PackBuild.objects.get(pk=build.pk).lease_until >= before
    lease_over(build)
    release_lost(build.pk)
    assert renew(mine) is False


def test_a_lost_build_waits_again_and_the_loss_is_no_error_of_its_own():
    build, _ = held()
    lease_over(build)
    release_lost(build.pk)
    build.refresh_from_db()
    assert (build.state, build.losses, build.errors, build.token) == ("queued", 1, 0, None)


def test_a_build_in_good_hands_is_left_alone():
    build, _ = held()
    assert release_lost(build.pk) is None
    build.refresh_from_db()
    assert build.state == "building"


def test_a_build_that_loses_worker_after_worker_fails_and_says_so():
    build = PackBuildFactory(losses=LOSSES)
    claim(build.pk)
    lease_over(build)
    release_lost(build.pk)
    build.refresh_from_db()
    assert build.state == "failed"
    assert (
        build.error
        == f"The worker was lost {LOSSES + 1} times while it built this pack. Look at the worker's log."
    )


def test_errors_are_tried_again_with_longer_and_longer_pauses_and_then_fail():
    build = PackBuildFactory()
    pauses = []
    for _ in range(ATTEMPTS):
        change(build, next_at=clock.wall())
        note_error(claim(build.pk), "The pages could not be laid out.")
        build.refresh_from_db()
        pauses.append(round((build.next_at - clock.wall()).total_seconds()))
    assert (build.state, build.error) == ("failed", "The pages could not be laid out.")
    assert pauses[:2] == [5, 10]


def test_a_lasting_error_fails_at_once():
    build, mine = held()
    note_error(mine, "Pango is not installed.", lasting=True)
    build.refresh_from_db()
    assert build.state == "failed"


def test_whoever_lost_the_build_cannot_finish_it(files):
    build, mine = held()
    lease_over(build)
    release_lost(build.pk)
    claim(build.pk)
    with pytest.raises(LostHold):
        building.finish(mine, Rendered(b"%PDF-", 1, ()))
    build.refresh_from_db()
    assert (build.state, hasattr(build, "file")) == ("building", False)


def test_the_sweep_hands_out_again_what_a_dead_worker_left(monkeypatch):
    sent = []
    monkeypatch.setattr(tasks.build, "apply_async", lambda kwargs, countdown: sent.append(kwargs["build"]))
    left, waiting, working = PackBuildFactory(), PackBuildFactory(), PackBuildFactory()
    claim(left.pk)
    change(left, holder=f"{socket.gethostname()} 99999999 1")
    claim(working.pk)
    assert tasks.sweep() == 2
    assert sent == [left.pk, waiting.pk]


def test_an_unforeseen_fault_is_put_into_words():
    build, _ = held()
    building.note_fault(build.pk, RuntimeError("deep inside"))
    build.refresh_from_db()
    assert build.error == "A fault of the portal stopped it (RuntimeError). See the worker's log."
