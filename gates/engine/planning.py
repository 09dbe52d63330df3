"""What a comparison plan can tell, for people who are writing it: the judge's own numbers, with the way to enough."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gates.engine.checks.power import PowerTerms, guard_plan, plan_of
from gates.engine.policy import Policy
from gates.engine.words import capital
from initiatives.dossier.metrics import Comparison, LeadingIndicator, Metric
from metrics.power.advice import Advice, Traffic, advise
from metrics.power.plan import NotComputable, Plan

DEFAULT = PowerTerms(power=0.8, alpha=0.05)
TWO_WEEKS = 2


class PlanTold(NamedTuple):
    """One question a plan answers, or the sentence why it cannot be computed. `fault` is empty when it can."""

    title: str
    unit: str
    is_share: bool
    is_guard: bool
    claimed: float | None
    advice: Advice | None
    fault: str

    @property
    def sentence(self) -> str:
        """What the plan can tell, in a sentence."""
        if self.advice is None:
            return self.fault
        said = self.advice.power.sentence
        return (
            said.replace("showing the effect", "ruling out harm beyond its margin") if self.is_guard else said
        )


class Threat(NamedTuple):
    """What could make a result of this method wrong, and how the plan answers it; empty while it does not."""

    name: str
    answer: str


def terms_of(policy: Policy) -> PowerTerms:
    """What the policy asks of a plan."""
    found = (rule.params for rule in policy.rules if isinstance(rule.params, PowerTerms))
    return next(found, DEFAULT)


def plans_told(claim: Metric, guards: Sequence[Metric], terms: PowerTerms) -> tuple[PlanTold, ...]:
    """What the plan of a claim can tell of the claim itself, then of each counter-metric that guards it."""
    if claim.comparison is None:
        return ()
    traffic = traffic_of(claim)
    told = [_told(claim.title, claim, plan_of(claim, terms), traffic)]
    for guard in guards:
        plan = guard_plan(claim, guard, terms)
        if plan is not None:
            told.append(_told(f"{guard.title}, guarding {claim.title}", guard, plan, traffic))
    return tuple(told)


def _told(title: str, metric: Metric, plan: Plan, traffic: Traffic) -> PlanTold:
    claimed = (
        plan.margin if plan.margin is not None else abs(plan.effect) if plan.effect is not None else None
    )
    share, is_guard = plan.measure == "proportion", plan.margin is not None
    try:
        advice = advise(plan, traffic, metric.unit)
    except NotComputable as refusal:
        return PlanTold(title, metric.unit, share, is_guard, claimed, None, refusal.sentence)
    return PlanTold(title, metric.unit, share, is_guard, claimed, advice, "")


def traffic_of(claim: Metric) -> Traffic:
    """The cases a week that the plan states, else those the baseline counted, and the weeks between the plan's days."""
    plan, baseline = claim.comparison, claim.baseline
    weeks = weeks_booked(plan) if plan else None
    if plan is not None and plan.cases_per_period:
        return Traffic(plan.cases_per_period * 7 / (plan.period_days or 7), weeks, "the plan states")
    if baseline is None or not baseline.sample_size or not baseline.period_start or not baseline.period_end:
        return Traffic(None, weeks)
    days = (baseline.period_end - baseline.period_start).days + 1
    if days < 1:
        return Traffic(None, weeks)
    return Traffic(baseline.sample_size * 7 / days, weeks, "the baseline counted")


def weeks_booked(plan: Comparison) -> float | None:
    """The weeks between the days of a plan, both included."""
    if not plan.start_on or not plan.end_on or plan.end_on <= plan.start_on:
        return None
    return ((plan.end_on - plan.start_on).days + 1) / 7


# -- threats --------------------------------------------------------------------------------------------------


def threats_of(plan: Comparison) -> tuple[Threat, ...]:
    """The threats to a result of the plan's method, each with what the plan says against it."""
    clusters = f"{plan.cluster_size:g} cases a group" if plan.cluster_size else ""
    weeks = weeks_booked(plan) or 0
    period = "two full weeks or more" if weeks >= TWO_WEEKS else ""
    frozen = f"the plan was frozen on {plan.frozen_on:%-d %B %Y}" if plan.frozen_on else ""
    history = f"{plan.history_weeks} weeks of history" if plan.history_weeks else ""
    before = f"{plan.periods_before} periods before launch" if plan.periods_before else ""
    drawn = {
        True: "the order is drawn by lot",
        False: "difference in differences, with a test before the change",
    }
    random = drawn[plan.random_order] if plan.random_order is not None else ""
    matched = f"matched on {', '.join(plan.matching_variables)}" if plan.matching_variables else ""
    correlated = (
        f"lag-one correlation {plan.autocorrelation:g} is allowed for"
        if plan.autocorrelation is not None
        else ""
    )
    peeking = ("Looking early, and at what one likes", frozen)
    series = (
        ("Something else happened at the same time", plan.co_interventions),
        ("Season and holidays", plan.seasonality),
        ("Launched because of a bad month (regression to the mean)", before),
        ("Readings follow from the one before", correlated),
        peeking,
    )
    known: dict[str, tuple[tuple[str, str], ...]] = {
        "ab_test": (
            ("Groups of unplanned size", plan.assignment_log),
            ("One person sees both arms", clusters or plan.unit_of_randomisation),
            ("Novelty: an effect of the first days", period),
            ("Cases that leave, or change arms", plan.intention_to_treat),
            peeking,
        ),
        "before_after": series,
        "interrupted_time_series": series,
        "matched_cohorts": (
            ("The treated are of another kind", matched),
            ("Something unmeasured explains it", "an E-value is reported with every result"),
            ("Untreated time is counted as treated", plan.index_date_rule),
            ("The groups drifted apart before", history),
            peeking,
        ),
        "stepped_wedge": (
            ("Everything improves over time", "every period has its own level"),
            ("The willing go first", random),
            ("Clusters copy from each other", plan.contamination_rule),
            (
                "Too few clusters",
                f"{plan.clusters} clusters in {plan.steps} steps" if plan.clusters and plan.steps else "",
            ),
            peeking,
        ),
    }
    return tuple(Threat(name, capital(answer.strip().rstrip("."))) for name, answer in known[plan.method])


def threats_of_leading(leading: LeadingIndicator) -> tuple[Threat, ...]:
    """What could make an early reading foretell wrongly; the real outcome, read on a stated day, answers all."""
    read = leading.outcome_read_on
    answer = (
        f"The real outcome is read on {read:%-d %B %Y}; until then all of it is provisional" if read else ""
    )
    pairs = f"{len(leading.vintages)} past vintages, each with its final outcome" if leading.vintages else ""
    return (
        Threat("The change alters how the early reading and the outcome hang together", answer),
        Threat("Vintages whose outcome is not final yet", pairs),
        Threat("Another mix of cases than in the past", answer),
    )
