"""What plans can tell, drawn: the same on the page of a metric, on its form and on the measurement tab."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from alignment_portal.http.drawing.charts import power_curve_svg
from alignment_portal.http.drawing.scale import reading
from gates.engine.planning import PlanTold, plans_told, terms_of
from gates.engine.policy import Policy
from initiatives.dossier.document import Dossier
from initiatives.dossier.metrics import Metric


@dataclass(frozen=True)
class PlanShown:
    """One question of a plan as parts/plan_power.html shows it; `rows` are the table beside the drawing."""

    title: str
    sentence: str
    is_enough: bool
    remedies: tuple[str, ...]
    timing: str
    curve_title: str
    smallest: str
    drawing: str
    rows: list[tuple[str, str]]


def plans_shown(policy: Policy, dossier: Dossier, claim: Metric) -> list[PlanShown]:
    """The claim's plan as it stands in the dossier, or as it is being typed."""
    guards = [one for one in dossier.metrics if any(guard.metric == claim.code for guard in one.guards)]
    return [_shown(told) for told in plans_told(claim, guards, terms_of(policy))]


def _shown(told: PlanTold) -> PlanShown:
    advice = told.advice
    if advice is None:
        return PlanShown(told.title, told.fault, False, (), "", "", "", "", [])  # noqa: FBT003 — is_enough, as named above
    scale, unit = (100.0, _("percentage points")) if told.is_share else (1.0, told.unit)
    curve = [(size * scale, power) for size, power in advice.curve]
    power = advice.power
    drawing = power_curve_svg(
        curve,
        title=(
            _("The chance of ruling out harm, by its margin: %(title)s")
            if told.is_guard
            else _("The chance of showing an effect, by its size: %(title)s")
        )
        % {"title": told.title},
        unit=unit,
        claimed=None if told.claimed is None else told.claimed * scale,
        detectable=None if power.mde is None else power.mde * scale,
        target=power.target_power,
    )
    return PlanShown(
        title=told.title,
        sentence=told.sentence,
        is_enough=power.is_enough,
        remedies=advice.remedies,
        timing=advice.timing,
        curve_title=_("The chance of ruling out harm, by the margin")
        if told.is_guard
        else _("The chance of showing an effect, by its size"),
        smallest="" if power.mde is None else f"{reading(power.mde * scale)} {unit}",
        drawing=drawing,
        rows=_rows(curve, unit),
    )


def _rows(curve: Sequence[tuple[float, float]], unit: str) -> list[tuple[str, str]]:
    return [(f"{reading(size)} {unit}".strip(), f"{math.floor(100 * power)}%") for size, power in curve[1::4]]
