"""Facts of every shape the laws are tried on: whole dossiers with things cut out of them, alone and together."""

import datetime as dt
import tomllib
from functools import cache

import msgspec
from hypothesis import note
from hypothesis import strategies as st

from gates.engine.facts import Evidence, Waiver
from tests.gates.engine.builders import ARCHETYPES, NOW, NUMBERS, TODAY, complete_facts, moment
from tests.gates.engine.cutting import cut
from tests.gates.engine.dossiers import at
from tests.gates.engine.policies import policy
from tests.gates.engine.test_cases import CASES

SUBMITTERS = (at("tim.technology"), at("moe.model"), at("dina.data"))
REVIEWERS = (at("ann.risk"), at("ann.legal"))


class Situation:
    """Facts, and how they came about: which a failing example prints."""

    def __init__(self, facts, *story):
        self.facts = facts
        self.story = story
        note(f"{story}")


@cache
def all_cuts():
    """Every cut of every rule's case by name, as its changes."""
    found = {}
    for path in sorted(CASES.glob("*.toml")):
        case = tomllib.loads(path.read_text())
        for one in case["cuts"]:
            found[f"{path.stem}: {one['name']}"] = [*case.get("before", []), *one["change"]]
    return found


def cut_where_it_fits(facts, changes):
    """The facts with the changes, or as they are where an earlier cut took away what these are about."""
    try:
        return cut(facts, changes)
    except (AssertionError, AttributeError, KeyError, TypeError, IndexError):
        return facts


@st.composite
def cut_dossiers(draw, most=4):
    """Whole facts of any kind of AI with up to some cuts."""
    archetype = draw(st.sampled_from(ARCHETYPES))
    names = draw(st.lists(st.sampled_from(sorted(all_cuts())), max_size=most, unique=True))
    facts = complete_facts(archetype)
    for name in names:
        facts = cut_where_it_fits(facts, all_cuts()[name])
    return Situation(facts, archetype, *names)


@st.composite
def situations(draw):
    """Facts with cuts, without some evidence, with waivers, at any horizon, live or not."""
    situation = draw(cut_dossiers())
    facts = situation.facts
    refs = [e.ref for e in facts.evidence]
    lost = draw(st.sets(st.sampled_from(refs), max_size=5)) if refs else set()
    more = draw(st.lists(waivers(), max_size=2))
    facts = msgspec.structs.replace(
        facts,
        evidence=tuple(e for e in facts.evidence if e.ref not in lost),
        waivers=(*facts.waivers, *more),
    )
    changes = draw(st.sampled_from(SHAPES))
    return Situation(cut_where_it_fits(facts, changes), *situation.story, sorted(lost), more, changes)


SHAPES: tuple[list[dict[str, object]], ...] = (
    [],
    [{"path": "dossier.deployments[leeds].state", "to": "planned"}],
    [{"path": "dossier.deployments[leeds].state", "to": "paused"}],
    [{"path": "dossier.initiative.horizon", "to": "H2"}],
    [{"path": "dossier.deployments", "to": []}],
    [{"path": "dossier.deployments[leeds].live_from", "to": "2026-06-01"}],
    [{"path": "breaches", "to": [{"started_at": "2026-06-01T08:00:00Z", "ended_at": None}]}],
    [{"path": "dossier.initiative.scope.personal_data", "to": "none"}],
    [{"path": "people", "to": {}}],
)


@st.composite
def waivers(draw):
    """A waiver of any rule, good or not."""
    accepted_on = TODAY - dt.timedelta(days=draw(st.integers(0, 40)))
    return Waiver(
        ref=f"WV-{draw(st.integers(1000, 9999))}",
        rule=draw(st.sampled_from([rule.code for rule in policy().rules])),
        reason="Peak season",
        compensating_control="Weekly look",
        requested_by=at("pam.manager"),
        accepted_by=draw(st.sampled_from([at("eva.risk"), at("pam.manager"), at("eli.operations")])),
        accepted_at=moment(accepted_on, 7),
        until=accepted_on + dt.timedelta(days=draw(st.integers(1, 40))),
        horizon="H1",
    )


@st.composite
def further_evidence(draw, facts):
    """Valid accepted evidence for some question, of any accepted kind, of any age that still counts."""
    rule = draw(st.sampled_from([rule for rule in policy().rules if rule.asks]))
    asks = rule.asks
    age = draw(st.integers(0, asks.fresh_days - 1))
    observed = TODAY - dt.timedelta(days=age)
    submitter = draw(st.sampled_from(SUBMITTERS))
    places = [d.code for d in facts.dossier.deployments] or ["leeds"]
    return Evidence(
        ref=f"EV-{draw(st.integers(1000, 9999))}",
        question=rule.code,
        form="file",
        kind=draw(st.sampled_from(asks.kinds)),
        state="accepted",
        submitted_by=submitter,
        touched_by=frozenset({submitter}),
        submitted_at=min(NOW, moment(observed, 8)),
        observed_on=observed,
        reviewed_by=draw(st.sampled_from(REVIEWERS)),
        reviewed_at=min(NOW, moment(observed, 9)),
        deployment=None if asks.each == "once" else draw(st.sampled_from(places)),
        control="second-look" if asks.each == "added_control" else None,
        measures={m.name: NUMBERS[m.name] for m in asks.measures},
        sha256=f"{draw(st.integers(1, 10**9)):064x}",
    )
