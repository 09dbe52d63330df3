"""Whole facts about a dossier with nothing open, for each kind of AI, and ways to cut something out of them."""

import datetime as dt
from functools import cache

import msgspec

from gates.engine import Facts, evaluate, gate_fingerprint
from gates.engine.facts import (
    Bottleneck,
    Drift,
    Endorsement,
    Evidence,
    GroupLoad,
    GuardResult,
    Interval,
    Person,
    Reading,
    Result,
    Review,
    Series,
    SharedDependency,
    Stance,
)
from tests.gates.engine.dossiers import at, dossier
from tests.gates.engine.policies import policy

NOW = dt.datetime(2026, 6, 15, 9, 0, tzinfo=dt.UTC)
TODAY = NOW.date()
ARCHETYPES = (
    "genai_customer_facing",
    "ml_decisioning",
    "agentic_automation",
    "internal_copilot",
    "forecasting",
)

CAST = {
    "pam.manager": ("Pam Manager", "programme_manager", "business"),
    "tim.technology": ("Tim Technology", "contributor", "technology"),
    "olga.operations": ("Olga Operations", "contributor", "operations"),
    "moe.model": ("Moe Model", "contributor", "data"),
    "dora.deputy": ("Dora Deputy", "contributor", "operations"),
    "lou.lead": ("Lou Lead", "contributor", "operations"),
    "carl.change": ("Carl Change", "contributor", "change"),
    "rita.risk": ("Rita Risk", "contributor", "risk"),
    "dina.data": ("Dina Data", "contributor", "data"),
    "fay.finance": ("Fay Finance", "contributor", "finance"),
    **{
        f"ann.{f}": (f"Ann {f.capitalize()}", "assurer", f)
        for f in ("risk", "legal", "security", "data", "change")
    },
    "bella.business": ("Bella Business", "executive", "business"),
    "eli.operations": ("Eli Operations", "executive", "operations"),
    "eva.risk": ("Eva Risk", "executive", "risk"),
    "ella.legal": ("Ella Legal", "executive", "legal"),
    "ed.technology": ("Ed Technology", "executive", "technology"),
}
NUMBERS = {
    "events": 400, "latency_ms": 620, "completeness": 0.997, "cases": 20, "passed": 20, "minutes": 38, "items": 512,
    "recall": 0.994, "cited_share": 0.972, "hallucination": 0.012, "policy_misstatement": 0.005, "leakage": 0.0,
    "tone": 0.97, "commitments": 0.002, "groups": 4, "limit": 0.02, "largest_gap": 0.011, "cycles": 2,
}  # fmt: skip


def person(email):
    name, role, function = CAST[email]
    return Person(email=at(email), name=name, roles=frozenset({role}), functions=frozenset({function}))


def moment(day, hour=10):
    return dt.datetime.combine(day, dt.time(hour), dt.UTC)


def evidence_for(number, rule, asks):
    observed = TODAY - dt.timedelta(days=10)
    return Evidence(
        ref=f"EV-{number:04d}",
        question=rule.code,
        form="file",
        kind=asks.kinds[0],
        state="accepted",
        title=f"Proof {number}",
        submitted_by=at("tim.technology"),
        touched_by=frozenset({at("tim.technology")}),
        submitted_at=moment(observed + dt.timedelta(days=1)),
        observed_on=observed,
        reviewed_by=at("ann.risk"),
        reviewed_at=moment(observed + dt.timedelta(days=2)),
        deployment=None if asks.each == "once" else "leeds",
        control="second-look" if asks.each == "added_control" else None,
        measures={m.name: NUMBERS[m.name] for m in asks.measures},
        sha256=f"{number:064x}",
    )


def readings(values, cases=420):
    """Weekly readings up to yesterday; shares get their counts."""
    found = []
    for back, value in enumerate(reversed(values)):
        end = TODAY - dt.timedelta(days=1 + 7 * back)
        count = round(value * cases)
        found.append(
            Reading(
                period_start=end - dt.timedelta(days=6),
                period_end=end,
                value=count / cases if value <= 1 else value,
                numerator=count if value <= 1 else None,
                denominator=cases if value <= 1 else None,
                sample_size=cases,
            )
        )
    return tuple(reversed(found))


WAVE = (0.0, 0.012, -0.008, 0.005, -0.011, 0.009, -0.003, 0.007, -0.01, 0.002, 0.011, -0.006)
LEVELS = {
    "stability": 0.04, "coverage": 0.93, "evaluation": 0.95, "override-rate": 0.142, "escalation-rate": 0.06,
    "reason-coverage": 0.975, "log-completeness": 0.985, "exposure": 0.82, "checking-time": 2.4, "handling-time": 10.1,
    "repeat-contact": 0.12, "complaints": 0.11,
}  # fmt: skip


def series():
    return tuple(
        Series(
            metric=code,
            readings=readings(
                [level + WAVE[n % 12] * (0.3 if level > 0.9 else 1) for n in range(24)],
                4200 if level > 0.9 else 420,
            ),
        )
        for code, level in LEVELS.items()
    )


def result():
    guards = tuple(
        GuardResult(
            metric=code,
            worse=Interval(estimate=0.001, low=-0.005, high=0.007),
            margin=0.01,
            verdict="NON_INFERIOR",
        )
        for code in ("repeat-contact", "complaints")
    )
    return Result(
        metric="handling-time",
        method="ab_test",
        recorded_at=moment(dt.date(2026, 6, 9)),
        read_on=dt.date(2026, 6, 7),
        better=Interval(estimate=1.7, low=1.5, high=1.9),
        claimed=1.3,
        code="R5_WIN",
        sentence="Handling time improved by 1.7 minutes (1.5 to 1.9); no harm beyond the agreed margins.",
        guards=guards,
        sample_ratio_p=0.85,
        fading=False,
        n=39800,
    )


def review():
    roles = {
        "bella.business": "business",
        "ella.legal": "risk_legal",
        "eli.operations": "operations",
        "ed.technology": "technology",
    }
    stances = tuple(
        Stance(
            person=at(who),
            role=role,
            trade_off="log-first",
            answer="agree",
            at=moment(dt.date(2026, 6, 9)),
            sealed=True,
        )
        for who, role in roles.items()
    )
    return Review(
        ref="RV-0001",
        state="concluded",
        outcome="aligned",
        concluded_at=moment(dt.date(2026, 6, 10)),
        fingerprint="material",
        required_roles=frozenset(roles.values()),
        participants={at(who): role for who, role in roles.items()},
        present=frozenset(at(who) for who in roles),
        trade_offs=("log-first",),
        stances=stances,
    )


def endorsements(facts):
    by = {"data_rights": "ella.legal", "integration": "ed.technology", "governance": "eva.risk"}
    return tuple(
        Endorsement(
            ref=f"EN-{n:04d}",
            gate=gate.code,
            by=at(by.get(gate.code, "eli.operations")),
            at=moment(dt.date(2026, 6, 10)),
            seen=gate_fingerprint(facts, policy(), gate.code, NOW),
        )
        for n, gate in enumerate((g for g in policy().gates if g.endorsed), 1)
    )


@cache
def complete_facts(archetype="ml_decisioning"):
    """Facts that leave nothing open: scale-ready."""
    asking = [(rule, rule.asks) for rule in policy().rules if rule.asks]
    facts = Facts(
        dossier=dossier(archetype),
        fingerprint="fingerprint",
        material_fingerprint="material",
        status="aligned",
        status_since=moment(dt.date(2026, 3, 30)),
        evidence=tuple(evidence_for(n, rule, asks) for n, (rule, asks) in enumerate(asking, 1)),
        results=(result(),),
        series=series(),
        drift=(Drift(metric="stability", period_end=TODAY - dt.timedelta(days=1), psi=0.05, n_expected=9000, n_actual=4000, bins=10),),
        review=review(),
        dependencies={"decision-log": SharedDependency(code="decision-log", title="Decision log", owner=at("tim.technology"), funding="funded", state="delivered")},
        bottlenecks={"legal": Bottleneck(code="legal", title="Legal", cap=4, in_flight=3)},
        group_loads=(GroupLoad(group="clerks", month=dt.date(2026, 6, 1), share=0.6),),
        people={at(email): person(email) for email in CAST},
    )  # fmt: skip
    return msgspec.structs.replace(facts, endorsements=endorsements(facts))


def judge(facts, now=NOW):
    return evaluate(policy(), facts, now)


def finding(facts, code, now=NOW):
    return next(f for f in judge(facts, now).findings if f.code == code)
