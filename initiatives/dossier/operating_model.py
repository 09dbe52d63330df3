"""Who owns the running system, who decides, and how one gets back."""

from __future__ import annotations

from typing import Annotated, Literal

from initiatives.dossier.scalars import (
    Code,
    Count,
    Day,
    DecisionMode,
    Email,
    Line,
    Part,
    Positive,
    Text,
    ask,
)

Responsibility = Literal[
    "business_outcome",
    "operation",
    "on_call",
    "incidents",
    "monitoring",
    "model_health",
    "data",
    "platform",
    "risk",
    "change",
]
Activity = Literal["monitoring", "incidents", "updates_and_retraining", "rollback", "override_policy"]


class Owner(Part):
    """A named person for one responsibility, with deputy and their own yes."""

    responsibility: Annotated[Responsibility, ask("Responsible for what?")]
    owner: Annotated[Email | None, ask("Who?")] = None
    deputy: Annotated[Email | None, ask("Who stands in?")] = None
    accepted_on: Annotated[Day | None, ask("When did they accept it themselves?")] = None


class RaciRow(Part):
    """One activity of the RACI table; exactly one person may be accountable."""

    activity: Annotated[Activity, ask("Which activity?")]
    accountable: Annotated[tuple[Email, ...], ask("Accountable", "Exactly one.")] = ()
    responsible: Annotated[tuple[Email, ...], ask("Responsible")] = ()
    consulted: Annotated[tuple[Email, ...], ask("Consulted")] = ()
    informed: Annotated[tuple[Email, ...], ask("Informed")] = ()


class Shift(Part):
    """One stretch of the on-call rota; both days included."""

    person: Annotated[Email, ask("Who is on call?")]
    from_on: Annotated[Day, ask("From")]
    to_on: Annotated[Day, ask("To")]
    deployment: Annotated[Code | None, ask("For which deployment?", "Empty means all of them.")] = None


class Trigger(Part):
    """What makes us retrain or roll back."""

    code: Code
    metric: Annotated[Code | None, ask("Which metric is watched?")] = None
    condition: Annotated[
        Text, ask("Under which condition?", good="PSI above the threshold two weeks running")
    ] = ""
    threshold: Annotated[Line, ask("At which threshold?", good="0.25")] = ""
    action: Annotated[Literal["retrain", "roll_back", "restrict", "review"], ask("What happens then?")] = (
        "review"
    )


class DecisionRight(Part):
    """Who decides before and after, and what happens to an override."""

    code: Code
    decision: Annotated[Line, ask("Which decision?", min_length=1)]
    node: Annotated[Code | None, ask("Which change in the outcome chain?")] = None
    before: Annotated[Line, ask("Who decides before?")] = ""
    after: Annotated[Line, ask("Who decides after?")] = ""
    mode: Annotated[DecisionMode, ask("Is the output advisory or binding?")] = "advisory"
    accountable: Annotated[Line, ask("Who stays accountable for the outcome?")] = ""
    override_rule: Annotated[Text, ask("When and by whom may it be overridden?")] = ""
    override_reasons: Annotated[tuple[Line, ...], ask("Which reasons can be given?", "One per line.")] = ()
    second_look: Annotated[Text, ask("When is a second look needed?")] = ""
    escalation_to: Annotated[Line, ask("Escalated to whom?")] = ""
    escalation_hours: Annotated[Positive | None, ask("Within how long?", unit="hours")] = None
    override_consequence: Annotated[
        Text, ask("What follows from overriding?", "At H1: nothing for a reasoned override.")
    ] = ""
    logged_in: Annotated[Line, ask("Where is it logged?")] = ""


class OperatingModel(Part):
    """How the AI is owned and run once it is live."""

    owners: tuple[Owner, ...] = ()
    raci: tuple[RaciRow, ...] = ()
    rota: tuple[Shift, ...] = ()
    support_hours: Annotated[Line, ask("When is support there?")] = ""
    support_route: Annotated[Line, ask("How is it reached?")] = ""
    rollback_procedure: Annotated[Text, ask("How is it rolled back?")] = ""
    fallback: Annotated[Text, ask("What do people do while it is down?")] = ""
    max_latency_ms: Annotated[Count | None, ask("Latency budget", unit="milliseconds")] = None
    triggers: tuple[Trigger, ...] = ()
    decision_rights: tuple[DecisionRight, ...] = ()
