"""The row is the truth, the message is a hint."""

from datetime import timedelta

import pytest
from celery import current_app
from kombu.exceptions import OperationalError

from alignment_portal import clock, dispatch, reactions
from alignment_portal.audit.guard import service, writes_allowed
from alignment_portal.outbox import services
from alignment_portal.outbox.events import announce
from alignment_portal.outbox.jobs import JobTask
from alignment_portal.outbox.models import Event, Job
from alignment_portal.outbox.signals import committed

told: list[dict[str, object]] = []


@current_app.task(name="tests.listen", base=JobTask)
def listen(**ids):
    told.append(ids)


@service
def say(name="tests.thing_changed", **ids):
    return announce(name, **ids)


@pytest.fixture(autouse=True)
def listening(monkeypatch):
    told.clear()
    monkeypatch.setitem(reactions.REACTIONS, "tests.thing_changed", ("tests.listen",))


def down(task, ids, message):
    raise OperationalError("nobody answers")


@pytest.mark.django_db
def test_a_reaction_is_sent_the_ids():
    say(key="AI-0001", keys={"b", "a"})
    assert dispatch.run_due() == 1
    assert told == [{"key": "AI-0001", "keys": ["a", "b"]}]
    assert dispatch.run_due() == 0


@pytest.mark.django_db
def test_events_are_told_in_the_order_they_happened():
    for number in range(3):
        say(key=str(number))
    dispatch.run_due()
    assert [ids["key"] for ids in told] == ["0", "1", "2"]


@pytest.mark.django_db
def test_an_event_carries_ids_only():
    with pytest.raises(TypeError, match="An event carries ids, not dict"):
        say(dossier={"title": "secret"})
    assert Event.objects.count() == 0


@pytest.mark.django_db
def test_a_broker_that_is_down_loses_nothing():
    say(key="AI-0001")
    assert dispatch.dispatch_due(down) == 1
    job = Job.objects.get()
    assert (job.state, job.sends) == ("queued", 1)
    assert job.next_at > clock.wall()
    with writes_allowed():
        Job.objects.update(next_at=clock.wall())
    dispatch.run_due()
    assert (told, Job.objects.get().state) == ([{"key": "AI-0001"}], "done")


@pytest.mark.django_db
def test_what_nobody_reacts_to_is_done_with():
    event = say("tests.nobody_listens", key="AI-0001")
    dispatch.run_due()
    event.refresh_from_db()
    assert event.dispatched_at is not None


@pytest.mark.django_db(transaction=True)
def test_the_dispatcher_is_nudged_after_the_commit_and_not_after_a_rollback():
    nudges = []

    def hear(**_):
        nudges.append(Event.objects.count())

    committed.disconnect(dispatch_uid="dispatch")
    committed.connect(hear)

    @service
    def fail():
        announce("tests.thing_changed", key="AI-0001")
        raise ZeroDivisionError

    try:
        say(key="AI-0001")
        with pytest.raises(ZeroDivisionError):
            fail()
    finally:
        committed.disconnect(hear)
        committed.connect(dispatch.on_committed, dispatch_uid="dispatch")
    assert nudges == [1]


@pytest.mark.django_db(transaction=True)
def test_a_request_does_not_fail_with_the_broker(settings, monkeypatch):
    monkeypatch.setattr(dispatch, "send_to_broker", down)
    event = say(key="AI-0001")
    assert Event.objects.get() == event


@pytest.mark.parametrize(("attempts", "seconds"), [(0, 5), (1, 10), (2, 20), (10, 300), (99, 300)])
def test_each_failure_waits_longer(attempts, seconds):
    assert services.pause_after(attempts) == timedelta(seconds=seconds)


def test_every_reaction_names_a_task_by_a_dotted_path():
    for event, tasks in reactions.REACTIONS.items():
        assert event.count(".") == 1
        assert [task.count(".") for task in tasks] == [2 if task != "tests.listen" else 1 for task in tasks]
