"""The illustrative portfolio, loaded whole, says what its story says."""

import datetime as dt
import json
from collections.abc import Iterator
from io import StringIO

import msgspec
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from alignment_portal import clock, demo
from alignment_portal.accounts.models import ApiToken
from alignment_portal.audit.chain import verify_chain
from alignment_portal.outbox.models import Attempt, Delivery, Event, Webhook
from gates.engine import Verdict
from gates.selectors.facts import Case, load_cases
from gates.selectors.judging import judge, judge_many
from initiatives.dossier.references import people_named
from initiatives.models import Initiative
from portfolio.models import WorkItem
from portfolio.selectors.scenarios import scenarios_chosen

pytestmark = pytest.mark.xdist_group("demo")


@pytest.fixture(scope="module")
def _loaded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The portfolio once for this module, in a transaction that is rolled back at its end."""
    with django_db_blocker.unblock(), transaction.atomic():
        demo.load(clock.wall().date(), lambda _line: None)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def verdicts(_loaded: None, db: None) -> dict[str, Verdict]:
    return judge_many()


def failing(verdict: Verdict) -> set[str]:
    return {finding.code for finding in verdict.failing("blocker", "suspender", "limiter")}


@pytest.mark.django_db
def test_sign_ins_are_only_told_where_the_illustrative_people_are() -> None:
    with pytest.raises(CommandError, match="no demo sign-ins"):
        call_command("demo_signins", stdout=StringIO())


def test_each_initiative_has_the_verdict_of_its_story(verdicts: dict[str, Verdict]) -> None:
    assert {key: verdict.level for key, verdict in verdicts.items()} == {
        "AI-0001": "blocked",
        "AI-0002": "learning_only",
        "AI-0003": "blocked",
        "AI-0004": "learning_only",
        "AI-0005": "blocked",
        "AI-0006": "blocked",
        "AI-0007": "aligned",
        "AI-0008": "blocked",
        "AI-0009": "blocked",
    }


def test_the_lender_lacks_one_replay_and_the_endorsement_behind_it(verdicts: dict[str, Verdict]) -> None:
    assert failing(verdicts["AI-0003"]) == {"GC-04", "G0-01"}


def test_the_assistant_may_only_learn_because_its_guard_is_underpowered(verdicts: dict[str, Verdict]) -> None:
    assert failing(verdicts["AI-0002"]) == {"ME-03"}


def test_the_bank_is_called_out_for_logs_overrides_on_call_and_rights(verdicts: dict[str, Verdict]) -> None:
    called = {
        "NN-01",
        "NN-02",
        "NN-03",
        "GC-01",
        "OW-01",
        "CI-01",
        "AR-04",
        "AR-05",
        "EX-01",
        "CI-02",
        "CI-06",
    }
    assert called | {"CO-05", "CO-07", "CO-09", "CO-10"} <= failing(verdicts["AI-0001"])


def test_the_past_can_be_judged_as_it_was_known(verdicts: dict[str, Verdict]) -> None:
    before_launch = dt.datetime(2026, 2, 20, 12, tzinfo=dt.UTC) + (clock.wall().date() - demo.ANCHOR)
    assert judge("AI-0001", before_launch).level == "blocked"
    assert "CO-05" not in failing(judge("AI-0001", before_launch))


@pytest.mark.parametrize("days", [None, 5, 60, 150, 400])
@pytest.mark.usefixtures("verdicts")
def test_the_facts_of_one_are_those_it_has_among_all(days: int | None) -> None:
    """The SQL for one is made once and kept, that for all is not."""
    at = None if days is None else clock.now() - dt.timedelta(days=days)
    among_all = {key: _told(case) for key, case in load_cases(at=at).items()}
    assert among_all == {key: _told(load_cases([key], at)[key]) for key in among_all}


def _told(case: Case) -> dict[str, object]:
    """Of people only those are read who matter to the one."""
    facts = msgspec.structs.asdict(case.facts)
    named = set(people_named(case.facts.dossier))
    people = {email: facts["people"].get(email) for _, email in named}
    return {**facts, "people": people, "policy": case.policy, "policy_id": case.policy_id}


def test_two_what_ifs_are_answered_and_chosen_for_the_pack(verdicts: dict[str, Verdict]) -> None:
    chosen = scenarios_chosen()
    assert [row.title for row in chosen] == [
        "At most four initiatives at once",
        "The same, and the data rights owned and funded",
    ]
    assert all(
        one["cost_of_delay"] > 0 for key, one in chosen[0].facts["initiatives"].items() if key != "AI-0008"
    )


def test_the_record_of_the_story_is_whole(verdicts: dict[str, Verdict]) -> None:
    assert verify_chain().ok
    assert not Event.objects.due().exists()
    assert set(Initiative.objects.values_list("key", "status").filter(status="draft")) == {
        ("AI-0008", "draft"),
        ("AI-0009", "draft"),
    }


def test_the_fraud_desk_shows_a_win_bought_with_harm(verdicts: dict[str, Verdict]) -> None:
    [found] = [finding for finding in verdicts["AI-0006"].findings if finding.code == "ME-10"]
    assert found.is_failing
    assert "Cards blocked in error" in found.reason


@pytest.mark.usefixtures("_loaded", "db")
def test_the_queues_have_work_in_flight_and_work_that_waits() -> None:
    states = set(WorkItem.objects.values_list("bottleneck__code", "state"))
    assert {
        ("model-risk", "queued"),
        ("model-risk", "started"),
        ("legal", "started"),
        ("legal", "done"),
    } <= states
    assert WorkItem.objects.filter(bottleneck__code="model-risk", state="started").count() == 3  # its cap


@pytest.mark.usefixtures("_loaded", "db")
def test_a_webhook_shows_what_was_told_and_sent_again_and_is_stopped() -> None:
    hook = Webhook.objects.get()
    assert hook.host.endswith(".example")
    assert (hook.stopped_at is not None, hook.failing_since) == (True, None)
    assert hook not in Webhook.objects.live()
    moves = Event.objects.filter(name="gates.status_moved").count()
    assert Delivery.objects.filter(state="delivered").count() == Delivery.objects.count() == moves > 5
    log = list(Attempt.objects.values_list("status", flat=True))
    assert (log.count(204), log.count(503)) == (moves, 1)
    assert all(
        json.loads(text)["data"]["initiative"] for text in Attempt.objects.values_list("sent", flat=True)
    )


@pytest.mark.usefixtures("_loaded", "db")
def test_a_program_has_an_account_with_a_token_that_ends_and_that_nobody_was_shown() -> None:
    token = ApiToken.objects.select_related("user").get()
    assert (token.user.is_service, token.scopes) == (True, ["observations", "read"])
    assert token.expires_at is not None
    assert token.last_used_at is None
    assert [grant.role for grant in token.user.current_grants()] == ["contributor"]
