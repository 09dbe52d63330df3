"""What people must absorb: groups, workload, incentives, obligations, training, and the bad day."""

from __future__ import annotations

from typing import Annotated, Literal

from initiatives.dossier.scalars import (
    Code,
    Count,
    Currency,
    Day,
    Email,
    Line,
    Magnitude,
    NotNegative,
    Number,
    Part,
    Reward,
    Share,
    Text,
    ask,
)

Impact = Literal["decision_rights", "workload", "incentives", "obligations"]
Dimension = Literal[
    "decision_flow", "accountability", "work_measurement", "risk_management", "capacity_constraints"
]


class Group(Part):
    """A group of people who are affected."""

    code: Code
    name: Annotated[Line, ask("Who are they?", min_length=1)]
    headcount: Annotated[Count, ask("How many?", unit="people")] = 0
    site: Annotated[Line, ask("Where?")] = ""
    frontline: Annotated[bool, ask("Do they work at the front line?")] = False
    lead: Annotated[Email | None, ask("Who leads them?")] = None
    capacity_hours: Annotated[NotNegative, ask("Capacity for change", unit="hours per person and month")] = (
        12.0
    )
    adoption_hours: Annotated[NotNegative, ask("Adoption effort", unit="hours per person")] = 0.0
    go_live_on: Annotated[Day | None, ask("When does it reach them?")] = None


class Assessment(Part):
    """One of the four impacts, assessed."""

    impact: Annotated[Impact, ask("Which impact?")]
    extent: Annotated[Literal["none", "some", "large"], ask("How large is it?")]
    summary: Annotated[Text, ask("What changes?", "For none: the reason.")] = ""


class WorkloadShift(Part):
    """Minutes that one step gains or loses."""

    code: Code
    group: Annotated[Code, ask("Whose work?")]
    step: Annotated[Line, ask("Which step?", min_length=1)]
    minutes_per_case: Annotated[
        Number, ask("Minutes per case", "Negative saves, positive adds.", unit="minutes")
    ]
    cases_per_week: Annotated[NotNegative, ask("Cases", unit="per week")]
    exposed_share: Annotated[Share, ask("Share of cases exposed")] = 1.0
    low_minutes: Annotated[Number | None, ask("Low estimate", unit="minutes")] = None
    high_minutes: Annotated[Number | None, ask("High estimate", unit="minutes")] = None
    confirmed_by: Annotated[Email | None, ask("Which front-line person confirmed it?")] = None
    confirmed_on: Annotated[Day | None, ask("When?")] = None


class IncentiveConflict(Part):
    """A KPI that rewards what must not be rewarded."""

    code: Code
    group: Annotated[Code, ask("Whose KPI?")]
    kpi: Annotated[Line, ask("Which KPI?", min_length=1)]
    behaviour: Annotated[Line, ask("Which behaviour does the AI make cheaper?")] = ""
    rating: Annotated[
        Reward,
        ask("Does the KPI reward it?", "-2 rewards risky use, +2 safe use."),
    ] = 0
    resolution: Annotated[
        Literal["open", "kpi_changed", "kpi_suspended", "counter_metric"], ask("How is it resolved?")
    ] = "open"
    counter_metric: Annotated[Code | None, ask("Tied to which counter-metric?")] = None
    owner: Annotated[Email | None, ask("Who owns the resolution?")] = None
    resolved_on: Annotated[Day | None, ask("When?")] = None


class Obligation(Part):
    """New work that running the AI brings."""

    code: Code
    kind: Annotated[
        Literal["monitoring", "evaluation", "retraining", "audit", "incidents"], ask("Which obligation?")
    ]
    owner: Annotated[Email | None, ask("Who owns it?")] = None
    hours_per_month: Annotated[NotNegative | None, ask("How many hours?", unit="hours per month")] = None
    budget: Annotated[
        NotNegative | None,
        ask("Which budget per year?", "0 when it is covered by existing staff: say so in the note."),
    ] = None
    currency: Annotated[Currency, ask("Currency")] = "EUR"
    funded_until: Annotated[Day | None, ask("Funded until?")] = None
    note: Annotated[Text, ask("Note")] = ""


class Training(Part):
    """Training for one group."""

    code: Code
    group: Annotated[Code, ask("For whom?")]
    hours_per_person: Annotated[NotNegative, ask("Hours per person", unit="hours")]
    starts_on: Annotated[Day | None, ask("From?")] = None
    backfill: Annotated[Text, ask("Who does their work meanwhile?")] = ""


class AdoptionMeasure(Part):
    """What makes people choose the system, beyond being told to."""

    code: Code
    lever: Annotated[Literal["incentive", "usability", "trust", "training"], ask("Which lever?")]
    description: Annotated[Text, ask("What is done?", min_length=1)]
    owner: Annotated[Email | None, ask("Who does it?")] = None


class BeforeAfter(Part):
    """One dimension of the operating reality, before and after."""

    dimension: Annotated[Dimension, ask("Which dimension?")]
    before: Annotated[Text, ask("Before")] = ""
    after: Annotated[Text, ask("After")] = ""
    magnitude: Annotated[
        Magnitude,
        ask("How large?", "0 none, 1 wording, 2 new step, 3 new responsibility, 4 different job."),
    ] = 0
    confirmed_by: Annotated[Email | None, ask("Which front-line person confirmed it?")] = None


class BadDay(Part):
    """A front-line lead's answer: why choose this on a bad day?"""

    group: Annotated[Code, ask("Which group?")]
    answer: Annotated[
        Text,
        ask(
            "It is 16:50, the queue is double, the tool is slow and was wrong this week. Why would you still use it?"
        ),
    ] = ""
    answered_by: Annotated[Email | None, ask("Which front-line lead answered?")] = None
    answered_on: Annotated[Day | None, ask("When?")] = None


class ChangeImpact(Part):
    """The change load, made visible before it becomes resistance."""

    groups: tuple[Group, ...] = ()
    assessments: tuple[Assessment, ...] = ()
    workload_shifts: tuple[WorkloadShift, ...] = ()
    incentive_conflicts: tuple[IncentiveConflict, ...] = ()
    no_incentive_conflict_reason: Annotated[Text, ask("No KPI rewards unsafe use: how do you know?")] = ""
    obligations: tuple[Obligation, ...] = ()
    training: tuple[Training, ...] = ()
    adoption_measures: tuple[AdoptionMeasure, ...] = ()
    before_after: tuple[BeforeAfter, ...] = ()
    bad_day: tuple[BadDay, ...] = ()
