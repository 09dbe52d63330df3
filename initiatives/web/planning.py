"""What the comparison plan being written can tell, worked out as one types; the same numbers the judge uses."""

from collections.abc import Iterator, Mapping
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
from initiatives.dossier.shape import shape_faults
from initiatives.web.forms import PartForm
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


def panel_of(
    dossier: Dossier, place: Place, value: Mapping[str, Any] | None, typed: PartForm | None = None
) -> PlanPanel | None:
    """None where no comparison is planned; `value` is the plan, or the early reading, as stored or as typed.

    `typed` is the form it was typed into: what is wrong in it is said in place of an answer that leaves it out.
    """
    if not is_computed(place):
        return None
    if place.struct is LeadingIndicator:
        return _early(dossier, value or {})
    title, head = _("What this plan can tell"), (_("Effect"), _("Chance of showing it"))
    metric = next((one for one in dossier.metrics if one.code == place.path.split("/")[1]), None)
    if metric is None or not (value or {}).get("method"):
        fault = _("Choose a method, and what the plan can tell is worked out here.")
        return PlanPanel(title, [], head, (), fault)
    wrong = _wrong_fields(typed, value or {}) if typed is not None else ()
    try:
        plan = msgspec.convert(value, Comparison)
    except msgspec.ValidationError:
        return PlanPanel(title, [], head, (), " ".join(wrong) or _not_yet())
    if wrong:
        return PlanPanel(title, [], head, threats_of(plan), " ".join(wrong))
    planned: Metric = msgspec.structs.replace(metric, comparison=plan)
    if planned.target is None:
        fault = _("Say first which effect is claimed: then what the plan can tell is worked out here.")
        return PlanPanel(title, [], head, threats_of(plan), fault)
    return PlanPanel(title, plans_shown(current_policy(), dossier, planned), head, threats_of(plan), "")


def _wrong_fields(typed: PartForm, value: Mapping[str, Any]) -> tuple[str, ...]:
    """A sentence for each field that holds what no plan can: what cannot be read, and what the dossier or power refuse."""
    words = {name: str(errors[0]) for name, errors in typed.errors.items() if typed.data.get(name)}
    around = "/metrics/0/comparison/"
    for fault in shape_faults({"metrics": [{"comparison": value}]}):
        if fault.pointer.startswith(around):
            words.setdefault(fault.pointer.removeprefix(around).partition("/")[0], fault.sentence)
    for name, sentence in _beyond_power(value):
        words.setdefault(name, sentence)
    return tuple(
        _("“%(field)s”: %(fault)s") % {"field": field.label, "fault": words[name]}
        for name, field in typed.fields.items()
        if name in words
    )


def _beyond_power(value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a dossier may hold and no power can be computed from."""
    if value.get("sample_per_arm") == 0:
        yield "sample_per_arm", _("0 must be more than 0.")
    alpha, power = value.get("alpha"), value.get("power")
    if alpha in {0, 1}:
        yield "alpha", _("An error rate lies between 0 and 1, at neither end.")
    elif isinstance(alpha, float) and isinstance(power, float | int) and not alpha < power < 1:
        yield "power", _("A power lies above the error rate and below 1.")


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
    shown = PlanShown(told.title, told.sentence, told.qualifies, (), "", "", "", "", [])
    return PlanPanel(title, [shown], head, threats_of_leading(leading), "")
