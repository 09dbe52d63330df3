"""Metrics in layers, each with baseline, target, guards and the plan that will tell effect from noise."""

from __future__ import annotations

from typing import Annotated, Literal

from initiatives.dossier.scalars import (
    Cadence,
    Code,
    Correlation,
    Count,
    Day,
    Email,
    Line,
    NotNegative,
    Number,
    Part,
    Positive,
    Share,
    Text,
    ask,
)

Layer = Literal["model_health", "operational", "outcome", "counter"]
Method = Literal["ab_test", "before_after", "interrupted_time_series", "matched_cohorts", "stepped_wedge"]
Measure = Literal["proportion", "mean", "count"]
Tag = Literal[
    "time_saved",
    "effort_elsewhere",
    "override_rate",
    "escalation_rate",
    "coverage",
    "evaluation",
    "drift",
    "decision_log_completeness",
    "reason_coverage",
    "exposure",
]


class Source(Part):
    """Where the number comes from."""

    system: Annotated[Line, ask("Which system holds it?")] = ""
    query: Annotated[Text, ask("Which query or report gives it?")] = ""


class Capture(Part):
    """How an operational metric is captured in the workflow itself."""

    system: Annotated[Line, ask("Captured in which system?")] = ""
    field: Annotated[Line, ask("In which field or event?")] = ""
    first_record_on: Annotated[Day | None, ask("When was the first record seen?")] = None
    coverage: Annotated[Share | None, ask("Which share of cases has it, on a sample?")] = None
    sample_size: Annotated[Count | None, ask("How large was the sample?", unit="cases")] = None


class Baseline(Part):
    """The measured value before the change."""

    value: Annotated[Number, ask("What was the value?")]
    spread: Annotated[NotNegative | None, ask("What was its standard deviation between cases?")] = None
    sample_size: Annotated[Count | None, ask("From how many cases?", unit="cases")] = None
    period_start: Annotated[Day | None, ask("From?")] = None
    period_end: Annotated[Day | None, ask("To?")] = None
    business_cycle_days: Annotated[Count, ask("How long is one business cycle?", unit="days")] = 28
    source_query: Annotated[Text, ask("Which query gave it?")] = ""
    extracted_by: Annotated[Email | None, ask("Who extracted it?")] = None
    extracted_on: Annotated[Day | None, ask("When?")] = None


class Target(Part):
    """The claimed effect."""

    effect: Annotated[
        Number, ask("Which change is claimed?", "Signed, in the metric's unit: -1.3 for 1.3 less.")
    ]
    by_on: Annotated[Day | None, ask("By when?")] = None
    path: Annotated[
        tuple[Code, ...],
        ask("Along which steps of the chain?", "Node codes; empty means every path to its node."),
    ] = ()
    rewritten_from: Annotated[
        Number | None,
        ask("Rewritten from which earlier claim?", "Set when a smaller real effect replaced the promise."),
    ] = None


class Limits(Part):
    """What a counter-metric may lose, and from when a reading alarms."""

    margin: Annotated[
        Positive | None, ask("How much worse is acceptable at most?", "In the metric's unit.")
    ] = None
    limit: Annotated[Number | None, ask("At which value do we stop?")] = None
    amber: Annotated[Number | None, ask("At which value do we look?")] = None
    margin_reason: Annotated[Text, ask("Why this margin?")] = ""
    set_on: Annotated[Day | None, ask("When was it set?")] = None


class Guard(Part):
    """This counter-metric guards a claim."""

    metric: Annotated[Code, ask("Which claimed metric does it guard?")]
    gaming: Annotated[Text, ask("If the win were gamed, how would this get worse?")] = ""


class LeadingIndicator(Part):
    """An early reading that predicts a lagging outcome."""

    metric: Annotated[Code, ask("Which metric leads?")]
    vintages: Annotated[
        tuple[tuple[Number, Number], ...],
        ask("Past pairs of indicator and outcome", "One pair per vintage, at least 12."),
    ] = ()
    outcome_read_on: Annotated[Day | None, ask("When is the real outcome read?")] = None


class Comparison(Part):
    """The plan that tells the effect from noise; which fields it needs depends on the method."""

    method: Annotated[Method, ask("How will the effect be told from noise?")]
    measure: Annotated[Measure, ask("Is it a share, a mean or a count?")] = "mean"
    primary: Annotated[bool, ask("Is this the primary comparison of its claim?")] = True
    unit_of_analysis: Annotated[Line, ask("What is one case?", good="ticket")] = ""
    population: Annotated[Text, ask("Which cases count?")] = ""
    exclusions: Annotated[Text, ask("Which cases are left out, and why?")] = ""
    alpha: Annotated[Share, ask("Two-sided error rate")] = 0.05
    power: Annotated[Share, ask("Power wanted")] = 0.8
    start_on: Annotated[Day | None, ask("From?")] = None
    end_on: Annotated[Day | None, ask("To?")] = None
    analysed_by: Annotated[Email | None, ask("Who analyses it?", "Not the builder.")] = None
    frozen_on: Annotated[Day | None, ask("When was the plan frozen?")] = None
    sample_per_arm: Annotated[Count | None, ask("How many cases per arm?", unit="cases")] = None
    unit_of_randomisation: Annotated[Line, ask("What is randomised?", good="ticket")] = ""
    ratio: Annotated[Positive | None, ask("Treated per control")] = None
    assignment_log: Annotated[Line, ask("Where is the assignment logged?")] = ""
    intention_to_treat: Annotated[Text, ask("How is intention to treat defined?")] = ""
    cluster_size: Annotated[
        Positive | None, ask("Cases per randomised cluster", "Only when agents or teams are randomised.")
    ] = None
    intracluster_correlation: Annotated[Share | None, ask("Correlation within a cluster")] = None
    period_days: Annotated[Count | None, ask("How long is one period?", unit="days")] = None
    periods_before: Annotated[Count | None, ask("Periods before", unit="periods")] = None
    periods_after: Annotated[Count | None, ask("Periods after", unit="periods")] = None
    cases_per_period: Annotated[Count | None, ask("Cases per period", unit="cases")] = None
    autocorrelation: Annotated[Correlation | None, ask("Lag-one autocorrelation before launch")] = None
    launch_on: Annotated[Day | None, ask("Launch date of the comparison")] = None
    ramp_periods: Annotated[Count | None, ask("Ramp-up periods left out", unit="periods")] = None
    co_interventions: Annotated[
        Text, ask("Which other changes fall in the period?", "Write none, with how you know.")
    ] = ""
    seasonality: Annotated[Text, ask("How is seasonality handled?")] = ""
    matching_variables: Annotated[
        tuple[Line, ...], ask("Matched on which variables?", "All known before treatment.")
    ] = ()
    caliper: Annotated[Positive | None, ask("Caliper, in standard deviations")] = None
    index_date_rule: Annotated[Text, ask("How is the index date set for the untreated?")] = ""
    history_weeks: Annotated[Count | None, ask("Weeks of history before", unit="weeks")] = None
    clusters: Annotated[Count | None, ask("How many clusters?", unit="clusters")] = None
    steps: Annotated[Count | None, ask("How many steps?", unit="steps")] = None
    random_order: Annotated[bool | None, ask("Is the order random?")] = None
    order_seed: Annotated[Line, ask("Seed of the draw")] = ""
    cluster_period_sd: Annotated[Positive | None, ask("Standard deviation of a cluster-period mean")] = None
    cluster_effect_sd: Annotated[NotNegative | None, ask("Standard deviation between clusters")] = None
    contamination_rule: Annotated[Text, ask("How is contamination between clusters handled?")] = ""


class Metric(Part):
    """One number, its meaning, and what is claimed of it."""

    code: Code
    title: Annotated[Line, ask("What is it called?", min_length=1)]
    layer: Annotated[Layer, ask("Which layer is it?")]
    unit: Annotated[Line, ask("In which unit?", good="minutes per ticket")]
    direction: Annotated[Literal["higher_better", "lower_better", "within_band"], ask("Which way is better?")]
    node: Annotated[Code | None, ask("Which step of the chain does it measure?")] = None
    definition: Annotated[Text, ask("How exactly is it defined?")] = ""
    numerator: Annotated[Line, ask("Numerator, if it is a ratio")] = ""
    denominator: Annotated[Line, ask("Denominator, if it is a ratio")] = ""
    derived_from: Annotated[tuple[Code, ...], ask("Computed from which other metrics?")] = ()
    source: Source = Source()
    capture: Annotated[Capture | None, ask("How is it captured in the workflow?")] = None
    owner: Annotated[Email | None, ask("Who owns the number?")] = None
    cadence_days: Annotated[Cadence | None, ask("How often is it read?", unit="days")] = None
    monitored: Annotated[bool, ask("Is it watched in operation?")] = False
    headline: Annotated[bool, ask("Is it the headline the executives hear?")] = False
    tags: Annotated[tuple[Tag, ...], ask("Special meanings")] = ()
    gaming_risk: Annotated[Text, ask("How could this be gamed?")] = ""
    baseline: Annotated[Baseline | None, ask("What was it before?")] = None
    target: Annotated[Target | None, ask("What is claimed?")] = None
    limits: Annotated[Limits | None, ask("Which limits hold?")] = None
    guards: Annotated[tuple[Guard, ...], ask("Which claims does it guard?")] = ()
    comparison: Annotated[Comparison | None, ask("How will the effect be told from noise?")] = None
    leading: Annotated[LeadingIndicator | None, ask("Which early reading predicts it?")] = None
