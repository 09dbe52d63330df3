"""Figures of a result as people type them, for the claim and for each counter-metric that guards it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from alignment_portal import clock
from alignment_portal.refusals import Fault
from initiatives.dossier.metrics import Comparison, Metric
from metrics.services.figures import FORMS, Given, Means, Observed, Part, Rates, Series, Shares
from metrics.services.measures import FITTING, kind_of, measures_of

OFFERED: tuple[type[Part], ...] = (Observed, Series, Shares, Means, Rates, Given)
NAMES = {
    "observed": _("From the readings recorded here, by segment"),
    "series": _("From the readings recorded here, before and after launch"),
    "shares": _("From two shares"),
    "means": _("From two means"),
    "rates": _("From two counts"),
    "estimate": _("Estimated elsewhere"),
}
GROUPS = {"changed": _("With the change"), "comparison": _("For comparison")}
PARTS: Mapping[str, Mapping[str, Any]] = {
    "shares": {"events": _("cases with the event"), "total": _("all cases")},
    "means": {"mean": _("mean"), "sd": _("standard deviation"), "n": _("cases")},
    "rates": {"events": _("events"), "exposure": _("exposure, such as cases or hours")},
}
WHOLE = {"events", "total", "n"}
FROM_READINGS = {"observed", "series"}
ESTIMATE = {
    "value": _("Difference"),
    "low": _("Lower end of 95%"),
    "high": _("Upper end of 95%"),
    "n": _("Cases"),
}


@dataclass(frozen=True)
class Asked:
    """Figures asked for of one metric; the names of its fields begin with `place`."""

    metric: Metric
    kind: str
    place: str


def kinds_for(metric: Metric, plan: Comparison) -> list[str]:
    """The forms in which figures of a claim can be typed, the readings first."""
    fitting = {form for measure in measures_of(metric) for form in FITTING[measure]}
    always: set[type[Part]] = {Observed, Series, Given}
    return [
        kind_of(form)
        for form in OFFERED
        if form in FORMS[plan.method] and (form in always or form in fitting)
    ]


def kind_of_guard(guard: Metric, kind: str) -> str:
    """From the readings where the claim is, else in the first form that fits what the guard measures."""
    if kind in FROM_READINGS:
        return kind
    fitting = {form for measure in measures_of(guard) for form in FITTING[measure]}
    return next(kind_of(form) for form in (Shares, Means, Rates) if form in fitting)


@dataclass(frozen=True)
class Column:
    """The fields of one group."""

    title: str
    fields: Sequence[forms.BoundField]


@dataclass(frozen=True)
class Block:
    """The fields of one metric, as the page lays them out."""

    title: str
    is_claim: bool
    read: forms.BoundField | None
    columns: Sequence[Column]


class ResultForm(forms.Form):
    read_on = forms.DateField(
        label=_("Data to"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(
        self, *args: Any, metric: Metric, guards: Sequence[Metric], kind: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["read_on"].initial = clock.now().date()
        self.asked = [Asked(metric, kind, "claim")]
        self.asked += [
            Asked(guard, kind_of_guard(guard, kind), f"guard{number}") for number, guard in enumerate(guards)
        ]
        for asked in self.asked:
            is_guard = asked is not self.asked[0]
            if is_guard and asked.kind in FROM_READINGS:
                self.fields[f"{asked.place}-read"] = forms.BooleanField(
                    label=_("Read it too"), required=False, initial=True
                )
            for name, field in _fields(asked):
                field.required = not is_guard
                self.fields[f"{asked.place}-{name}"] = field
        self.fields["assigned-changed"] = _count(_("Cases assigned to the change"))
        self.fields["assigned-comparison"] = _count(_("Cases assigned to the comparison"))
        self.fields["other_changes"] = forms.CharField(
            label=_("What else changed at the same time?"),
            required=False,
            max_length=4000,
            widget=forms.Textarea,
        )

    def blocks(self) -> list[Block]:
        """One for each metric, the claim first; its fields in a column for each group."""
        found = []
        for asked in self.asked:
            read = f"{asked.place}-read"
            own = [self[name] for name in self.fields if name.startswith(f"{asked.place}-") and name != read]
            columns = [
                Column(str(words), [field for field in own if field.name.split("-")[1] == group])
                for group, words in GROUPS.items()
            ]
            if not any(column.fields for column in columns):
                columns = [Column("", own)] if own else []
            is_claim = asked is self.asked[0]
            found.append(
                Block(asked.metric.title, is_claim, self[read] if read in self.fields else None, columns)
            )
        return found

    def others(self) -> list[forms.BoundField]:
        return [self[name] for name in ("assigned-changed", "assigned-comparison", "other_changes")]

    def figures(self) -> dict[str, Any]:
        """As `record_result` takes them; a guard that is not read, or left empty, is left out."""
        given = self.cleaned_data
        sent: dict[str, Any] = {
            "figures": self._figures(self.asked[0]),
            "read_on": given["read_on"].isoformat(),
        }
        guards = [
            {"metric": asked.metric.code, "figures": self._figures(asked)} for asked in self._guards_read()
        ]
        assigned = {name: given.get(f"assigned-{name}") for name in GROUPS}
        if guards:
            sent["guards"] = guards
        if None not in assigned.values():
            sent["assigned"] = assigned
        if given.get("other_changes"):
            sent["other_changes"] = given["other_changes"]
        return sent

    def _guards_read(self) -> Iterator[Asked]:
        for asked in self.asked[1:]:
            if asked.kind in FROM_READINGS:
                is_read = bool(self.cleaned_data.get(f"{asked.place}-read"))
            else:
                is_read = any(value not in (None, "") for _, value in self._values(asked))
            if is_read:
                yield asked

    def _values(self, asked: Asked) -> Iterator[tuple[list[str], Any]]:
        """Where each value stands within the figures, and the value."""
        for name, value in self.cleaned_data.items():
            place, *path = name.split("-")
            if place == asked.place and path != ["read"]:
                yield path, value

    def _figures(self, asked: Asked) -> dict[str, Any]:
        figures: dict[str, Any] = {"kind": asked.kind}
        for path, value in self._values(asked):
            if value in (None, ""):
                continue
            inner = figures
            for step in path[:-1]:
                inner = inner.setdefault(step, {})
            inner[path[-1]] = value
        return figures

    def show(self, fault: Fault) -> None:
        """A fault of the service at its field, by where the service says that it is."""
        parts = fault.pointer.strip("/").split("/")
        places = [asked.place for asked in self._guards_read()]
        if parts[:1] == ["guards"] and len(parts) > 1 and parts[1].isdigit() and int(parts[1]) < len(places):
            name = "-".join([places[int(parts[1])], *parts[3:]])
        elif parts[:1] == ["figures"]:
            name = "-".join(["claim", *parts[1:]])
        else:
            name = "-".join(parts)
        self.add_error(name if name in self.fields else None, fault.sentence)


def _fields(asked: Asked) -> Iterator[tuple[str, forms.Field]]:
    """By the path of each value within the figures; the label names the metric, `short` only the value."""
    title = asked.metric.title
    if asked.kind == "observed":
        for group, segment in (("changed", "treated"), ("comparison", "control")):
            label = f"{title}, {str(GROUPS[group]).lower()}: {_('segment')}"
            yield group, _named(forms.CharField(label=label, initial=segment, max_length=64), _("segment"))
    for group, words in GROUPS.items() if asked.kind in PARTS else ():
        for part, said in PARTS[asked.kind].items():
            yield f"{group}-{part}", _number(part, f"{title}, {str(words).lower()}: {said}", said)
    for part, said in ESTIMATE.items() if asked.kind == "estimate" else ():
        yield part, _number(part, f"{title}: {said}", said)


def _number(part: str, label: str, short: Any) -> forms.Field:
    kind = forms.IntegerField if part in WHOLE else forms.FloatField
    return _named(kind(label=label), short)


def _named(field: forms.Field, short: Any) -> forms.Field:
    field.short = short  # type: ignore[attr-defined]  # read by metrics/read_result.html
    return field


def _count(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=0)
