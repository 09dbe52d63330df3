"""One dossier at one moment, with what several checks look up worked out once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from gates.engine.facts import Evidence, Facts, Person, Result, Series
from gates.engine.graph import Graph
from gates.engine.lanes import lane_of
from gates.engine.policy import Policy, Rule
from initiatives.dossier.document import Dossier
from initiatives.dossier.initiative import Deployment
from initiatives.dossier.metrics import Metric
from initiatives.dossier.scalars import Lane

if TYPE_CHECKING:
    from gates.engine.checking import Outcome
    from gates.engine.standing import Ground

UTC = dt.UTC
LAST_DAY = dt.date(9999, 12, 29)  # whose midnight every zone can show


def midnight_after(last_day: dt.date) -> dt.datetime:
    """The moment at which something good through that day lapses."""
    return dt.datetime.combine(min(last_day, LAST_DAY) + dt.timedelta(days=1), dt.time(), UTC)


# What is worked out from one part of the facts alone, by that part.
_WORKED_OUT = {
    "people": ("_people_by_role",),
    "dossier": (
        "lane", "graph", "metrics", "claims", "counters", "deployments", "running", "launched_on", "_metric_index",
    ),
    "evidence": ("accepted", "awaiting"),
}  # fmt: skip


class View:
    """Facts at a moment under a policy, indexed. Holds values worked out from its own facts only."""

    def __init__(self, policy: Policy, facts: Facts, now: dt.datetime) -> None:
        self.policy = policy
        self.facts = facts
        self.now = now
        self.today = now.astimezone(UTC).date()
        self.dossier: Dossier = facts.dossier
        self.settled: dict[str, Outcome] = {}
        self.answers: dict[str, tuple[Evidence, ...]] = {}
        self.options: dict[str, tuple[tuple[Ground, ...], ...]] = {}
        self.movers: dict[tuple[str, str], tuple[str, str, str]] = {}

    def after(self, facts: Facts) -> View:
        """The view of changed facts; what was worked out from parts that are the same objects is taken over."""
        if facts is self.facts:
            return self
        changed = View(self.policy, facts, self.now)
        for part, names in _WORKED_OUT.items():
            if getattr(facts, part) is getattr(self.facts, part):
                known = self.__dict__
                changed.__dict__.update({name: known[name] for name in names if name in known})
        return changed

    # -- people ------------------------------------------------------------------------------------------

    def name(self, email: str | None) -> str:
        """The person's name, or the e-mail when the portal does not know them."""
        person = self.facts.people.get(email or "")
        return person.name if person else email or "nobody"

    def is_active(self, email: str | None) -> bool:
        """Whether this is somebody who can act; an e-mail nobody knows cannot."""
        person = self.facts.people.get(email or "")
        return person is not None and person.active

    def has_role(self, email: str | None, role: str) -> bool:
        """Whether an active person holds the role."""
        person = self.facts.people.get(email or "")
        return person is not None and person.active and role in person.roles

    def people_with(self, role: str, function: str = "") -> Iterable[Person]:
        """Active people of a role, by e-mail; of one function if named."""
        people = self._people_by_role.get(role, ())
        return people if not function else (person for person in people if function in person.functions)

    @cached_property
    def _people_by_role(self) -> Mapping[str, tuple[Person, ...]]:
        found: dict[str, tuple[Person, ...]] = {}
        for _, person in sorted(self.facts.people.items()):
            for role in person.roles if person.active else ():
                found[role] = (*found.get(role, ()), person)
        return found

    def owner_of(self, responsibility: str) -> str | None:
        """Who carries the responsibility: its owner, or the deputy when the owner cannot act."""
        return self._owners.get(responsibility)

    @cached_property
    def _owners(self) -> Mapping[str, str | None]:
        found: dict[str, str | None] = {}
        for owner in self.dossier.operating_model.owners:
            able = (email for email in (owner.owner, owner.deputy) if self.is_active(email))
            found.setdefault(owner.responsibility, next(able, owner.owner))
        return found

    # -- which rules are asked ---------------------------------------------------------------------------

    @cached_property
    def lane(self) -> tuple[Lane, str]:
        """The review lane and why."""
        return lane_of(self.policy.lanes, self.dossier)

    def not_asked(self, rule: Rule) -> str:
        """Why the rule is not asked of this dossier, in a sentence; empty when it is."""
        if rule.archetypes and self.dossier.initiative.archetype not in rule.archetypes:
            return "Not asked of this kind of AI."
        if self.lane[0] in rule.left_out_in:
            return f"Not applicable: {self.lane[0]} lane."
        if not self.is_live and (rule.severity == "suspender" or rule.phase == "operate"):
            return "Judged from the first live deployment on."
        return ""

    # -- the dossier -------------------------------------------------------------------------------------

    @cached_property
    def graph(self) -> Graph:
        """The outcome chain, ready for walking."""
        return Graph(self.dossier.outcome_chain)

    @cached_property
    def metrics(self) -> Mapping[str, Metric]:
        """Metrics by their codes."""
        return {metric.code: metric for metric in self.dossier.metrics}

    @cached_property
    def claims(self) -> tuple[Metric, ...]:
        """Metrics something is claimed of."""
        return tuple(metric for metric in self.dossier.metrics if metric.target is not None)

    @cached_property
    def counters(self) -> tuple[Metric, ...]:
        """Counter-metrics."""
        return tuple(metric for metric in self.dossier.metrics if metric.layer == "counter")

    @cached_property
    def deployments(self) -> tuple[Deployment, ...]:
        """Deployments that are planned, live or paused: all that the non-negotiables travel with."""
        return tuple(d for d in self.dossier.deployments if d.state != "retired")

    @cached_property
    def running(self) -> tuple[Deployment, ...]:
        """Deployments that have gone live and are not retired; a pause does not end the watch."""
        return tuple(d for d in self.deployments if d.state != "planned")

    @property
    def is_live(self) -> bool:
        """Whether the rules for operation apply."""
        return bool(self.running)

    @cached_property
    def launched_on(self) -> dt.date | None:
        """The first day anything ran, or the planned launch, or none."""
        starts = [d.live_from for d in self.dossier.deployments if d.live_from is not None]
        planned = self.dossier.initiative.planned_launch_on
        return min(starts) if starts else planned

    def metric_place(self, code: str) -> str:
        """JSON pointer of a metric."""
        return f"/metrics/{self._metric_index.get(code, 0)}"

    @cached_property
    def _metric_index(self) -> Mapping[str, int]:
        return {metric.code: index for index, metric in enumerate(self.dossier.metrics)}

    # -- records -----------------------------------------------------------------------------------------

    @cached_property
    def accepted(self) -> Mapping[str, tuple[Evidence, ...]]:
        """Accepted evidence by question."""
        return self._by_question("accepted")

    @cached_property
    def awaiting(self) -> Mapping[str, tuple[Evidence, ...]]:
        """Evidence that waits for a reviewer, by question."""
        return self._by_question("in_review")

    def _by_question(self, state: str) -> Mapping[str, tuple[Evidence, ...]]:
        found: dict[str, tuple[Evidence, ...]] = {}
        for item in sorted(self.facts.evidence, key=lambda e: e.ref):
            if item.state == state:
                found[item.question] = (*found.get(item.question, ()), item)
        return found

    @cached_property
    def results(self) -> Mapping[str, Result]:
        """The latest result of each metric."""
        found: dict[str, Result] = {}
        for result in self.facts.results:
            known = found.get(result.metric)
            if known is None or (result.recorded_at, result.read_on) > (known.recorded_at, known.read_on):
                found[result.metric] = result
        return found

    @cached_property
    def series(self) -> Mapping[str, tuple[Series, ...]]:
        """Recorded series by metric."""
        found: dict[str, tuple[Series, ...]] = {}
        for one in self.facts.series:
            found[one.metric] = (*found.get(one.metric, ()), one)
        return found

    @cached_property
    def clean_since(self) -> dt.datetime | None:
        """Since when this horizon has run without a suspender; none when it does not run or is in breach."""
        return self._clean_since(self.dossier.initiative.horizon)

    @cached_property
    def clean_since_start(self) -> dt.datetime | None:
        """Since when it has run without a suspender, at whatever horizon."""
        return self._clean_since(None)

    def _clean_since(self, horizon: str | None) -> dt.datetime | None:
        starts = [d.live_from for d in self.running if d.live_from and horizon in {None, d.horizon}]
        ends = [breach.ended_at for breach in self.facts.breaches]
        if not starts or None in ends:
            return None
        begun = dt.datetime.combine(min(starts), dt.time(), UTC)
        return max([begun, *(end for end in ends if end is not None)])

    def case(self, rule: Rule) -> Case:
        """The same view, looked at for one rule."""
        return Case(self, rule)


class Case:
    """One rule about one dossier: what a check is given."""

    __slots__ = ("dossier", "facts", "now", "policy", "rule", "today", "view")

    def __init__(self, view: View, rule: Rule) -> None:
        self.view = view
        self.rule = rule
        self.facts = view.facts
        self.dossier = view.dossier
        self.policy = view.policy
        self.now = view.now
        self.today = view.today
