"""What the comparison plan being written can tell, worked out as one types; the same numbers the judge uses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from gates.engine.planning import Threat, threats_of, threats_of_leading
from gates.selectors.leading import leading_told
from gates.selectors.plans import PlanShown, plans_shown
from gates.selectors.policies import current_policy
from initiatives.dossier.document import Dossier
from initiatives.dossier.metrics import Comparison, LeadingIndicator, Metric
from initiatives.web.places import Place


def _not_yet() -> str:
    return _("Something typed is no number or no day yet; it is worked out once it is.")


@dataclass(frozen=True)
class PlanPanel:
    """Beside the form: what the plan can tell, or the sentence why that cannot be worked out yet."""

    title: str
    plans: list[PlanShown]
    head: tuple[str, str]
    threats: tuple[Threat, ...]
    fault: str


def is_computed(place: Place) -> bool:
    """Whether something is worked out beside the form of this place."""
    return place.path.startswith("metrics/") and place.struct in {Comparison, LeadingIndicator}


def panel_of(dossier: Dossier, place: Place, value: Mapping[str, Any] | None) -> PlanPanel | None:
    """None where no comparison is planned; `value` is the plan, or the early reading, as stored or as typed."""
    if not is_computed(place):
        return None
    if place.struct is LeadingIndicator:
        return _early(dossier, value or {})
    title, head = _("What this plan can tell"), (_("Effect"), _("Chance of showing it"))
    metric = next((one for one in dossier.metrics if one.code == place.path.split("/")[1]), None)
    if metric is None or not (value or {}).get("method"):
        fault = _("Choose a method, and what the plan can tell is worked out here.")
        return PlanPanel(title, [], head, (), fault)
    try:
        plan = msgspec.convert(value, Comparison)
    except msgspec.ValidationError:
        return PlanPanel(title, [], head, (), _not_yet())
    typed: Metric = msgspec.structs.replace(metric, comparison=plan)
    if typed.target is None:
        fault = _("Say first which effect is claimed: then what the plan can tell is worked out here.")
        return PlanPanel(title, [], head, threats_of(plan), fault)
    return PlanPanel(title, plans_shown(current_policy(), dossier, typed), head, threats_of(plan), "")


def _early(dossier: Dossier, value: Mapping[str, Any]) -> PlanPanel:
    title, head = _("What this early reading can tell"), ("", "")
    if not value.get("metric"):
        return PlanPanel(title, [], head, (), _("Choose the early reading, and it is worked out here."))
    try:
        leading = msgspec.convert(value, LeadingIndicator)
    except msgspec.ValidationError:
        return PlanPanel(title, [], head, (), _not_yet())
    named = next((one.title for one in dossier.metrics if one.code == leading.metric), leading.metric)
    told = leading_told(leading, named, dossier.initiative.key)
    shown = PlanShown(told.title, told.sentence, told.qualifies, (), None, "", "", "", [])
    return PlanPanel(title, [shown], head, threats_of_leading(leading), "")
