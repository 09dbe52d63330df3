"""What the comparison plan being written can tell, worked out as one types; the same numbers the judge uses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from gates.engine.planning import Threat, threats_of
from gates.selectors.plans import PlanShown, plans_shown
from gates.selectors.policies import current_policy
from initiatives.dossier.document import Dossier
from initiatives.dossier.metrics import Comparison, Metric
from initiatives.web.places import Place


@dataclass(frozen=True)
class PlanPanel:
    """Beside the form: what the plan can tell, or the sentence why that cannot be worked out yet."""

    plans: list[PlanShown]
    head: tuple[str, str]
    threats: tuple[Threat, ...]
    fault: str


def panel_of(dossier: Dossier, place: Place, value: Mapping[str, Any] | None) -> PlanPanel | None:
    """None where no comparison plan is written; `value` is the plan as stored, or as typed."""
    steps = place.path.split("/")
    if place.struct is not Comparison or steps[0] != "metrics":
        return None
    head = (_("Effect"), _("Chance of showing it"))
    metric = next((one for one in dossier.metrics if one.code == steps[1]), None)
    if metric is None or not (value or {}).get("method"):
        return PlanPanel([], head, (), _("Choose a method, and what the plan can tell is worked out here."))
    try:
        plan = msgspec.convert(value, Comparison)
    except msgspec.ValidationError:
        return PlanPanel(
            [], head, (), _("Something typed is no number or no day yet; it is worked out once it is.")
        )
    typed: Metric = msgspec.structs.replace(metric, comparison=plan)
    if typed.target is None:
        fault = _("Say first which effect is claimed: then what the plan can tell is worked out here.")
        return PlanPanel([], head, threats_of(plan), fault)
    return PlanPanel(plans_shown(current_policy(), dossier, typed), head, threats_of(plan), "")
