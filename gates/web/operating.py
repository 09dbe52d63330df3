"""What goes wrong in operation, as its gate shows it: open incidents and signals nobody has explained yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alignment_portal.accounts.permissions import Action
from gates.engine.facts import Incident as Fact
from gates.selectors.signals import Signal, charted_signals
from gates.web.forms import AcknowledgeForm, CauseForm, IncidentForm
from gates.web.frame import Visit
from initiatives.models import Incident


@dataclass(frozen=True)
class IncidentLine:
    row: Incident
    form: CauseForm | None


@dataclass(frozen=True)
class SignalLine:
    signal: Signal
    form: AcknowledgeForm | None


@dataclass(frozen=True)
class OperationPanel:
    open: tuple[IncidentLine, ...]
    closed: tuple[Fact, ...]
    signals: tuple[SignalLine, ...]
    form: IncidentForm | None


def operation_panel(at: Visit, given: Mapping[str, Any]) -> OperationPanel:
    may_record = at.may(Action.INCIDENT_RECORD)
    form = given.get("incident") or IncidentForm(prefix="incident", view=at.view)
    return OperationPanel(
        open=tuple(_incidents(at, given, may_record=may_record)),
        closed=tuple(one for one in reversed(at.case.facts.incidents) if one.closed_at is not None),
        signals=tuple(_signals(at, given, may_record=may_record)),
        form=form if may_record else None,
    )


def _incidents(at: Visit, given: Mapping[str, Any], *, may_record: bool) -> Sequence[IncidentLine]:
    refs = [one.ref for one in at.case.facts.incidents if one.closed_at is None]
    rows = Incident.objects.filter(initiative=at.initiative, ref__in=refs).order_by("severity", "opened_at")
    return [
        IncidentLine(row, _form(given, f"close-{row.ref}", CauseForm) if may_record else None)
        for row in rows.select_related("recorded_by")
    ]


def _signals(at: Visit, given: Mapping[str, Any], *, may_record: bool) -> Sequence[SignalLine]:
    lines = []
    standing = (signal for signal in charted_signals(at.view) if signal.state == "open")
    for signal in sorted(standing, key=lambda signal: signal.due or signal.period_end):
        prefix = f"signal-{signal.metric}"
        initial = {"metric": signal.metric, "rule": signal.rule, "period_end": signal.period_end}
        form = given.get(prefix) or AcknowledgeForm(prefix=prefix, initial=initial)
        lines.append(SignalLine(signal, form if may_record else None))
    return lines


def _form(given: Mapping[str, Any], prefix: str, kind: type[CauseForm]) -> CauseForm:
    return given.get(prefix) or kind(prefix=prefix)
