"""Any sequence of evidence, endorsements, waivers, moves, days and policies: the portal against a model of a page."""

import os
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from alignment_portal import clock
from alignment_portal.audit.chain import verify_chain
from alignment_portal.audit.guard import writes_allowed
from alignment_portal.refusals import Refusal
from gates.models import Endorsement, Evidence, StatusMove, Waiver
from gates.selectors.facts import load_facts
from gates.selectors.judging import judge
from gates.services.endorsements import withdraw_endorsement
from gates.services.evaluations import record_evaluation
from gates.services.evidence import review_evidence, withdraw_evidence
from gates.services.status import move_status
from gates.services.waivers import accept_waiver, decline_waiver, request_waiver, withdraw_waiver
from tests.gates import policy, scene
from tests.people import actor, everybody

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
HOW_LONG = settings(
    max_examples=200 if THOROUGH else 20,
    stateful_step_count=50 if THOROUGH else 30,
    deadline=None,
    derandomize=not THOROUGH,
    suppress_health_check=list(HealthCheck),
    # Making a failing sequence shorter takes many times as long as finding it.
    phases=list(Phase) if THOROUGH else [Phase.explicit, Phase.generate],
)
DAYS = {code: days for code, _, _, _, days in policy.RULES}
QUESTION_OF = {"data_rights": "DR-01", "governance": "GC-01"}
LEVELS = ("blocked", "learning_only", "aligned", "scale_ready")
NEXT = {"in_review": ("learning_only", "aligned"), "learning_only": ("aligned",), "aligned": ("scale_ready",)}


@dataclass
class Item:
    pk: int
    question: str
    observed_on: date
    review: str = ""
    withdrawn: bool = False
    replaced: bool = False

    @property
    def state(self):
        if self.withdrawn:
            return "withdrawn"
        return "superseded" if self.replaced else self.review or "in_review"


@dataclass
class Exemption:
    pk: int
    until: date
    answer: str = ""
    withdrawn: bool = False


@dataclass
class Model:
    """What a reader of the policy would say: as short as it can be, and with no line of the engine's."""

    today: date
    learning_ends: date
    days: dict = field(default_factory=lambda: dict(DAYS))  # of the policy in force
    decided_under: dict | None = None  # of the policy the status was decided under
    status: str = "in_review"
    items: list = field(default_factory=list)
    endorsed: dict = field(default_factory=dict)  # pk: (gate, item)
    waivers: list = field(default_factory=list)

    def holds(self, item, days):
        return item.state == "accepted" and self.today <= item.observed_on + timedelta(
            days=days[item.question]
        )

    def answer(self, question, days):
        held = [item for item in self.items if item.question == question and self.holds(item, days)]
        return min(held, key=lambda item: (-item.observed_on.toordinal(), item.pk), default=None)

    def is_waived(self):
        return any(
            one.answer == "accepted" and not one.withdrawn and one.until >= self.today for one in self.waivers
        )

    def level(self, days):
        def endorsed(gate):
            given = (item for where, item in self.endorsed.values() if where == gate)
            return any(self.holds(item, days) for item in given)

        if not all(self.answer(question, days) for question in ("DR-01", "GC-01", "CO-01")):
            return "blocked"
        if not all(endorsed(gate) for gate in QUESTION_OF):
            return "blocked"
        if not self.answer("ME-01", days) and not self.is_waived():
            return "learning_only"
        return "scale_ready" if self.answer("ME-12", days) else "aligned"

    def verdict(self):
        return self.level(self.decided_under or self.days)


class AnySequence(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.travel = time_machine.travel(clock.wall() + timedelta(hours=1), tick=False)
        self.clock = self.travel.start()
        everybody()
        policy.adopt("9.1")
        self.versions = 1
        today = clock.now().date()
        self.model = Model(today, today + timedelta(weeks=8))
        self.initiative = scene.saved(
            **{**scene.LEARNING, "learning_ends_on": self.model.learning_ends.isoformat()}
        )
        scene.submitted(self.initiative)

    def teardown(self):
        try:
            assert verify_chain().faults == ()
        finally:
            self.travel.stop()
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)

    # --- what people do ----------------------------------------------------------------------------------

    def tried(self, deed, *, allowed):
        """Do it; it must be refused exactly when the model says so. Answers what was done, or None."""
        try:
            with transaction.atomic():
                done = deed()
        except Refusal as refusal:
            done, was = None, refusal.sentence
        else:
            was = ""
        assert (not was) == allowed, was or "it was let through"
        return done

    def pick(self, rows, number):
        return rows[number % len(rows)]

    @rule(question=st.sampled_from(sorted(DAYS)), age=st.integers(0, 20))
    def submit(self, question, age):
        self._submit(question, age, None)

    def _submit(self, question, age, replaced):
        observed = self.model.today - timedelta(days=age)
        item = scene.offered(
            self.initiative,
            question=question,
            kind="document",
            observed_on=observed,
            supersedes=None if replaced is None else Evidence.objects.get(pk=replaced.pk),
        )
        self.model.items.append(Item(item.pk, question, observed))

    @precondition(lambda self: self.model.items)
    @rule(number=st.integers(0, 30), age=st.integers(0, 20))
    def supersede(self, number, age):
        item = self.pick(self.model.items, number)
        if item.withdrawn or item.replaced:
            self.tried(lambda: self._submit(item.question, age, item), allowed=False)
        else:
            self._submit(item.question, age, item)
            item.replaced = True

    @precondition(lambda self: self.model.items)
    @rule(number=st.integers(0, 30), accepted=st.sampled_from([True, True, True, False]))
    def review(self, number, accepted):
        item = self.pick(self.model.items, number)
        reviewer = actor(scene.REVIEWERS.get(item.question, "data_assurer"))
        row = Evidence.objects.get(pk=item.pk)
        allowed = not (item.review or item.withdrawn or item.replaced)
        self.tried(
            lambda: review_evidence(by=reviewer, evidence=row, accepted=accepted, reason="Seen."),
            allowed=allowed,
        )
        if allowed:
            item.review = "accepted" if accepted else "rejected"

    @precondition(lambda self: self.model.items)
    @rule(number=st.integers(0, 30))
    def withdraw(self, number):
        item = self.pick(self.model.items, number)
        row = Evidence.objects.get(pk=item.pk)
        allowed = item.withdrawn or not item.replaced
        self.tried(
            lambda: withdraw_evidence(by=actor("programme_manager"), evidence=row, reason="Wrong."),
            allowed=allowed,
        )
        item.withdrawn = item.withdrawn or allowed

    @rule(gate=st.sampled_from(sorted(QUESTION_OF)))
    def endorse(self, gate):
        seen = self.model.answer(QUESTION_OF[gate], self.model.decided_under or self.model.days)
        done = self.tried(lambda: scene.endorsed(self.initiative, gate), allowed=seen is not None)
        if done is not None:
            self.model.endorsed.setdefault(done.pk, (gate, seen))
            assert self.model.endorsed[done.pk] == (gate, seen)

    @precondition(lambda self: self.model.endorsed)
    @rule(number=st.integers(0, 30))
    def take_back(self, number):
        pk = self.pick(sorted(self.model.endorsed), number)
        withdraw_endorsement(
            by=actor("risk_executive"), endorsement=Endorsement.objects.get(pk=pk), reason="Doubt."
        )
        del self.model.endorsed[pk]

    @rule(days=st.integers(0, 40))
    def ask_for_a_waiver(self, days):
        model = self.model
        waiting = any(
            not one.answer and not one.withdrawn and one.until >= model.today for one in model.waivers
        )
        granted = any(one.answer == "accepted" for one in model.waivers)
        until = model.today + timedelta(days=days)
        done = self.tried(
            lambda: request_waiver(
                by=actor("programme_manager"),
                initiative=self.initiative,
                rule="ME-01",
                reason="Small.",
                compensating_control="Shown as learning.",
                until=until,
            ),
            allowed=days <= 30 and not waiting and not granted,
        )
        if done is not None:
            model.waivers.append(Exemption(done.pk, until))

    @precondition(lambda self: self.model.waivers)
    @rule(number=st.integers(0, 9), accepted=st.booleans())
    def answer_a_waiver(self, number, accepted):
        waiver = self.pick(self.model.waivers, number)
        allowed = not waiver.answer and not waiver.withdrawn and waiver.until >= self.model.today
        answer = accept_waiver if accepted else decline_waiver
        row = Waiver.objects.get(pk=waiver.pk)
        self.tried(lambda: answer(by=actor("risk_executive"), waiver=row, reason="For now."), allowed=allowed)
        if allowed:
            waiver.answer = "accepted" if accepted else "declined"

    @precondition(lambda self: any(one.answer == "accepted" for one in self.model.waivers))
    @rule()
    def withdraw_the_waiver(self):
        waiver = next(one for one in self.model.waivers if one.answer == "accepted")
        row = Waiver.objects.get(pk=waiver.pk)
        withdraw_waiver(by=actor("programme_manager"), waiver=row, reason="Not needed.")
        waiver.withdrawn = True

    @rule(to=st.sampled_from(["learning_only", "aligned", "scale_ready"]))
    def move(self, to):
        model = self.model
        good_enough = LEVELS.index(model.level(model.days)) >= LEVELS.index(to)
        terms = to != "learning_only" or (
            model.today < model.learning_ends <= model.today + timedelta(weeks=12)
        )
        allowed = to == model.status or (to in NEXT.get(model.status, ()) and good_enough and terms)
        move = self.tried(
            lambda: move_status(by=actor("executive"), initiative=self.initiative, to=to, reason="It holds."),
            allowed=allowed,
        )
        assert (move is None) == (not allowed or to == model.status)
        if move is not None:
            model.status, model.decided_under = to, dict(model.days)

    # --- what time, the portal and others do --------------------------------------------------------------

    @rule(days=st.sampled_from([1, 1, 5, 20, 45, 100]))
    def days_pass(self, days):
        self.clock.shift(timedelta(days=days))
        self.model.today += timedelta(days=days)

    @rule(fresh_days=st.sampled_from([None, None, 30, 400]))
    def another_policy_comes_into_force(self, fresh_days):
        self.versions += 1
        policy.adopt(f"9.{self.versions}", fresh_days=fresh_days)
        self.model.days = {code: fresh_days or days for code, days in DAYS.items()}

    @rule()
    def the_portal_judges(self):
        evaluation = record_evaluation(initiative=self.initiative)
        model = self.model
        assert evaluation.level == model.verdict()
        if model.status in LEVELS and LEVELS.index(evaluation.level) < LEVELS.index(model.status):
            model.status = "suspended" if evaluation.level == "blocked" else evaluation.level

    @rule(status=st.sampled_from(["learning_only", "aligned", "scale_ready"]))
    def somebody_writes_the_status_by_hand(self, status):
        if status == self.model.status:
            return
        with (
            pytest.raises(DatabaseError),
            writes_allowed(),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(
                "UPDATE initiatives_initiative SET status = %s WHERE id = %s", [status, self.initiative.pk]
            )

    # --- what holds after every step ----------------------------------------------------------------------

    @invariant()
    def the_database_says_what_the_model_says(self):
        self.initiative.refresh_from_db()
        assert self.initiative.status == self.model.status
        assert judge("AI-0001").level == self.model.verdict()
        states = {item.ref: item.state for item in load_facts(["AI-0001"])["AI-0001"].evidence}
        refs = dict(Evidence.objects.values_list("pk", "ref"))
        assert states == {refs[item.pk]: item.state for item in self.model.items}

    @invariant()
    def nothing_is_scale_ready_without_a_verdict_that_carried_it(self):
        if self.initiative.status == "scale_ready":
            last = StatusMove.objects.filter(initiative=self.initiative).order_by("-number")[0]
            assert (last.to_status, last.evaluation.level) == ("scale_ready", "scale_ready")


@pytest.mark.django_db
@pytest.mark.slow
def test_no_sequence_of_deeds_brings_the_portal_away_from_the_model():
    run_state_machine_as_test(AnySequence, settings=HOW_LONG)
