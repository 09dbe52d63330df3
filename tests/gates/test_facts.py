import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alignment_portal import clock
from alignment_portal.audit import triggers
from gates.migrations._inputs import INPUTS
from gates.selectors.facts import case_chunks, load_cases, load_facts
from gates.selectors.judging import judge, judge_many
from gates.services.evidence import withdraw_evidence
from initiatives.models import Initiative
from tests.gates import policy
from tests.gates.scene import LEARNING, answered, brought_to, judged, offered, saved, standing_at
from tests.people import actor

pytestmark = pytest.mark.django_db

# What belongs to no single initiative, or only says which rows belong to it: judged again by reactions and hourly.
SHARED = {
    "accounts_user",
    "accounts_rolegrant",
    "gates_policyversion",
    "gates_evaluation",  # breaches: written by the verdict itself
    "gates_statusmove",
    "gates_blob",
    "initiatives_initiative",
    "initiatives_demand",
    "initiatives_group",
    "initiatives_training",
    "initiatives_obligation",
    "initiatives_workloadshift",
    "portfolio_otherchange",
    "portfolio_peoplegroup",
    "metrics_metric",
    "portfolio_bottleneck",
    "portfolio_bottleneckversion",
    "portfolio_capexception",
    "portfolio_workitem",
    "portfolio_shareddependency",
    "portfolio_dependencyversion",
}


@pytest.fixture
def small_policy(db):
    policy.adopt()


def queries(keys):
    with CaptureQueriesContext(connection) as captured:
        load_facts(keys)
    return [query["sql"] for query in captured]


@pytest.mark.usefixtures("small_policy")
def test_the_number_of_queries_is_the_same_for_one_and_for_ten():
    keys = [f"AI-{number:04d}" for number in range(1, 11)]
    for key in keys:
        initiative = saved(key, **LEARNING)
        brought_to("learning_only", initiative)
        judged(initiative)
    load_facts(keys)
    assert len(queries(keys[:1])) == len(queries(keys)) == 21


@pytest.mark.usefixtures("small_policy")
def test_the_whole_portfolio_takes_a_fixed_number_of_queries(monkeypatch):
    monkeypatch.setattr("gates.selectors.facts.CHUNK", 2)
    counts = []
    for number in range(1, 8):
        initiative = saved(f"AI-{number:04d}", **LEARNING)
        brought_to("learning_only", initiative)
        judged(initiative)
        counts.append(len(queries(None)))
    assert set(counts) == {23}


@pytest.mark.usefixtures("small_policy")
def test_every_table_that_is_read_is_counted_or_known_to_be_shared():
    initiative = saved(**LEARNING)
    standing_at("aligned", initiative)
    read = {table for sql in queries(["AI-0001"]) for table in re.findall(r'(?:FROM|JOIN) "(\w+)"', sql)}
    counted = {guard.table for guard in triggers.registered() if "_count" in guard.name}
    assert set(INPUTS) <= counted
    assert {table for table in read - SHARED - counted if not table.startswith("reviews_")} == set()


@pytest.mark.usefixtures("small_policy")
def test_facts_are_told_as_they_were_known_at_a_moment():
    initiative = saved(**LEARNING)
    begun = clock.now() - timedelta(days=100)
    with clock.at_moment(begun + timedelta(days=200)):
        item = answered(initiative, "DR-01")
    with clock.at_moment(begun + timedelta(days=210)):
        newer = offered(initiative, supersedes=item, question="DR-01", kind="document")
    with clock.at_moment(begun + timedelta(days=220)):
        withdraw_evidence(by=actor("programme_manager"), evidence=newer, reason="A slip.")
    states = {}
    for day in (199, 201, 211, 221):
        facts = load_facts(["AI-0001"], begun + timedelta(days=day))["AI-0001"]
        states[day] = [(one.ref, one.state) for one in facts.evidence]
    assert states == {
        199: [],
        201: [("EV-0001", "accepted")],
        211: [("EV-0001", "superseded"), ("EV-0002", "in_review")],
        221: [("EV-0001", "superseded"), ("EV-0002", "withdrawn")],
    }


@pytest.mark.usefixtures("small_policy")
def test_a_past_status_and_its_policy_are_those_of_that_moment():
    initiative = saved(**LEARNING)
    before = clock.now()
    standing_at("aligned", initiative)
    after = clock.now()
    policy.adopt("9.2", fresh_days=300)
    assert load_facts(["AI-0001"], before)["AI-0001"].status == "draft"
    assert load_facts(["AI-0001"], after)["AI-0001"].status == "aligned"
    assert load_cases(["AI-0001"])["AI-0001"].policy.version == "9.1"
    assert load_cases(["AI-0001"], pinned=False)["AI-0001"].policy.version == "9.2"


@pytest.mark.usefixtures("small_policy")
def test_what_did_not_exist_yet_is_left_out():
    saved()
    assert load_facts(["AI-0001", "AI-0002"], clock.now() - timedelta(days=9)) == {}


@pytest.mark.usefixtures("small_policy")
def test_judging_many_gives_each_the_verdict_it_gets_alone(monkeypatch):
    monkeypatch.setattr("gates.selectors.facts.CHUNK", 2)
    for number in range(1, 6):
        brought_to("learning_only" if number % 2 else "blocked", saved(f"AI-000{number}", **LEARNING))
    verdicts, now = judge_many(), clock.now()
    keys = list(Initiative.objects.values_list("key", flat=True))
    assert list(verdicts) == sorted(keys)
    assert load_facts() == {key: case.facts for chunk in case_chunks() for key, case in chunk.items()}
    for key in keys:
        assert verdicts[key].findings == judge(key, now).findings


def test_the_shipped_policy_judges_a_new_dossier_as_blocked(db):
    saved()
    verdict = judge("AI-0001")
    assert (verdict.level, verdict.policy) == ("blocked", "2026.1")
