"""A job is a row: claimed by one worker, finished once, never lost with its worker or its message."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
import time_machine
from celery import current_app
from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError

from alignment_portal import clock, dispatch, reactions, tasks
from alignment_portal.audit.guard import service, writes_allowed
from alignment_portal.message_ids import number_in
from alignment_portal.outbox import jobs
from alignment_portal.outbox.events import announce
from alignment_portal.outbox.leases import holder_of, is_surely_gone
from alignment_portal.outbox.models import Event, Job, Pulse
from alignment_portal.outbox.services import clear_dispatched
from alignment_portal.refusals import NotFound

pytestmark = pytest.mark.django_db
done: list[object] = []


@current_app.task(name="tests.work", base=jobs.JobTask)
def work(fault="", **ids):
    done.append(ids)
    faults = {
        "refusal": NotFound("There is no initiative AI-9999."),
        "fault": ZeroDivisionError(),
        "slow": SoftTimeLimitExceeded(),
        "large": MemoryError(),
        "database": OperationalError("the connection went away"),
        "leaving": SystemExit(),
    }
    if fault:
        raise faults[fault]


@service
def say(**ids):
    return announce("tests.work_asked", **ids)


@pytest.fixture(autouse=True)
def listening(monkeypatch):
    done.clear()
    monkeypatch.setitem(reactions.REACTIONS, "tests.work_asked", ("tests.work",))


def asked(**ids):
    """A job that was sent, its message lying in nobody's queue."""
    event = say(**ids)
    sent = []
    dispatch.dispatch_due(lambda *message: sent.append(message))
    job = Job.objects.get(event=event)
    assert sent == [("tests.work", event.payload, jobs.message_id(job))]
    return job


def change(job, **fields):
    with writes_allowed():
        Job.objects.filter(pk=job.pk).update(**fields)


def delivered(job):
    """What a worker does with the message of the job."""
    return work.apply(kwargs=dict(job.event.payload), task_id=jobs.message_id(job))


def state_of(job):
    job.refresh_from_db()
    return job.state


def resent():
    sent = []
    dispatch.send_due(lambda _task, _ids, message: sent.append(message))
    return [Job.objects.get(pk=number_in(message)) for message in sent]


def test_an_event_becomes_one_job_a_reaction_however_many_dispatchers_there_are():
    event = say(key="AI-0001")
    same = Event.objects.get(pk=event.pk)
    assert [dispatch.services.open_jobs(one, ("tests.work",)) for one in (event, same)] == [[], None]
    assert Job.objects.filter(event=event).count() == 1


def test_a_job_is_done_once_though_its_message_comes_twice():
    job = asked(key="AI-0001")
    assert [delivered(job).result for _ in range(2)] == [None, "nothing to do"]
    assert (state_of(job), done) == ("done", [{"key": "AI-0001"}])


def test_a_message_that_was_lost_is_sent_again_and_no_sooner_than_needed():
    job = asked(key="AI-0001")
    assert resent() == []
    change(job, next_at=clock.wall())
    assert resent() == [job]
    job.refresh_from_db()
    assert (job.sends, round((job.next_at - clock.wall()).total_seconds())) == (2, 120)


def test_a_worker_that_is_gone_loses_the_job_to_the_next():
    job = asked(key="AI-0001")
    jobs.claim(job.pk)
    assert (state_of(job), dispatch.take_back_lost()) == ("running", 0)
    change(job, lease_until=clock.wall() - timedelta(seconds=1))
    assert dispatch.take_back_lost() == 1
    delivered(job)
    assert (state_of(job), job.losses, job.errors) == ("done", 1, 0)


def test_whoever_lost_a_job_cannot_finish_it():
    job = asked(key="AI-0001")
    first = jobs.claim(job.pk)
    change(job, lease_until=clock.wall() - timedelta(seconds=1))
    dispatch.take_back_lost()
    second = jobs.claim(job.pk)
    assert [jobs.finish(first), jobs.renew(first), jobs.finish(second)] == [False, False, True]


def test_a_job_that_takes_its_worker_with_it_is_given_up_in_the_end():
    job = asked(key="AI-0001")
    for _ in range(jobs.LOSSES + 1):
        jobs.claim(job.pk)
        change(job, lease_until=clock.wall() - timedelta(seconds=1))
        dispatch.take_back_lost()
    assert (state_of(job), job.error[:30]) == ("failed", "The worker was lost 6 times wh")


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("fault", "A fault of the portal stopped it (ZeroDivisionError). See the worker’s log."),
        ("slow", "It took longer than it may and was stopped."),
        ("large", "The worker ran out of memory."),
    ],
)
def test_an_error_is_tried_three_times_and_then_said_in_words(fault, words):
    job = asked(fault=fault)
    states = []
    for _ in range(jobs.ERRORS):
        delivered(job)
        states.append(state_of(job))
    assert (states, job.error, job.losses) == (["queued", "queued", "failed"], words, 0)


def test_a_refusal_is_not_tried_again():
    job = asked(fault="refusal")
    delivered(job)
    assert (state_of(job), job.error) == ("failed", "There is no initiative AI-9999.")


def test_a_database_that_went_away_is_no_error_of_the_job():
    job = asked(fault="database")
    delivered(job)
    assert (state_of(job), job.errors, job.losses) == ("queued", 0, 1)


def test_a_worker_that_is_told_to_leave_keeps_no_job_for_longer_than_its_lease():
    job = asked(fault="leaving")
    with pytest.raises(SystemExit):
        delivered(job)
    assert (state_of(job), job.errors) == ("running", 0)
    assert job.lease_until <= clock.wall() + jobs.LEASE


def test_a_clock_set_back_by_hours_does_not_hold_up_what_waits_or_runs():
    with time_machine.travel(clock.wall() + timedelta(hours=6), tick=False):
        waiting, running = asked(key="1"), asked(key="2")
        jobs.claim(running.pk)
    assert dispatch.take_back_lost() == 1
    assert [job.pk for job in resent()] == [waiting.pk, running.pk]


def test_a_clock_set_forward_by_hours_does_nothing_twice():
    job = asked(key="AI-0001")
    held = jobs.claim(job.pk)
    with time_machine.travel(clock.wall() + timedelta(hours=6), tick=False):
        dispatch.take_back_lost()
        delivered(job)
        assert (jobs.finish(held), state_of(job)) == (False, "done")
    assert len(done) == 1


def test_what_beat_starts_leaves_its_pulse_and_what_it_does_not_start_leaves_none(settings):
    tasks.dispatch_due.apply(throw=True)
    work.apply(throw=True)
    assert list(Pulse.objects.values_list("name", flat=True)) == ["alignment_portal.tasks.dispatch_due"]


def test_an_event_is_not_forgotten_while_a_job_of_it_is_open():
    job, other = asked(key="1"), asked(key="2")
    delivered(other)
    assert clear_dispatched(before=clock.wall() + timedelta(days=1)) == 2
    assert list(Job.objects.values_list("pk", flat=True)) == [job.pk]


def test_a_process_that_ended_is_surely_gone_and_this_one_is_not():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    holder = holder_of(child.pid)
    assert is_surely_gone(holder) is False
    child.kill()
    child.wait()
    child.stdin.close()
    assert is_surely_gone(holder) is True
    assert is_surely_gone(holder_of(os.getpid())) is False


def test_another_machine_is_never_surely_gone():
    assert is_surely_gone("elsewhere 1 12345") is False
