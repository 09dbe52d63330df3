"""A dossier's question as a form field, and the way between what is typed and what the document holds."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from initiatives.web.questions import OPEN_REFERENCES, Question

RADIOS_AT_MOST = 5
Choices = list[tuple[str, str]]


@dataclass(frozen=True)
class Known:
    """What may be chosen: active people, the dossier's own codes, the portfolio's codes; each with its words."""

    people: Choices = field(default_factory=list)
    codes: Mapping[str, Choices] = field(default_factory=dict)


class OneOf(forms.TextInput):
    """A text input that proposes known values and takes others too."""

    def __init__(self, proposals: Choices) -> None:
        super().__init__()
        self.proposals = proposals

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        known = f"{(attrs or {}).get('id', name)}_known"
        box = super().render(name, value, {**(attrs or {}), "list": known}, renderer)
        options = format_html_join("", '<option value="{}">{}</option>', self.proposals)
        return format_html('{}<datalist id="{}">{}</datalist>', box, known, options)


class Several(forms.CheckboxSelectMultiple):
    """Boxes to tick, framed when there are many; a value sent as lines counts too (the choice after a conflict)."""

    MANY = 9

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        boxes = super().render(name, value, attrs, renderer)
        choices = list(self.choices)
        if not choices:
            return format_html('<p class="quiet">{}</p>', _("There is nothing to choose from yet."))
        return (
            format_html('<div class="several several-many">{}</div>', boxes)
            if len(choices) >= self.MANY
            else boxes
        )

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        sent = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
        sent = [sent] if isinstance(sent, str) else sent
        return [line for value in sent for line in value.splitlines() if line]


class PairsField(forms.CharField):
    """Pairs of numbers, one pair a line."""

    def clean(self, value: Any) -> list[list[float]]:
        pairs = []
        for number, row in enumerate(str(value or "").splitlines(), start=1):
            if row.strip():
                pairs.append(self._pair(number, row))
        return pairs

    def _pair(self, number: int, row: str) -> list[float]:
        try:
            first, second = (float(part) for part in row.replace(";", " ").replace(",", " ").split())
        except ValueError as error:
            raise forms.ValidationError(
                _("Line %(line)d does not hold two numbers.") % {"line": number}
            ) from error
        return [first, second]


def form_field(question: Question, known: Known, value: Any) -> forms.Field:
    """The field of a question. `value` is what stands there now: somebody who has left stays choosable while named."""
    made = _MAKERS[question.kind](question, known, value)
    made.label, made.help_text = question.label, question.help
    always = question.kind == "choice" and not question.nullable  # something is always chosen
    made.required = always or (
        question.required and question.kind not in {"truth", "choices", "people", "lines"}
    )
    made.error_messages["required"] = _("This must be answered.")
    for name in ("unit", "good"):
        setattr(made, name, getattr(question, name))
    return made


def _line(question: Question, _known: Known, _value: Any) -> forms.Field:
    return forms.CharField(max_length=None)


def _text(question: Question, _known: Known, _value: Any) -> forms.Field:
    return forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))


def _lines(question: Question, _known: Known, _value: Any) -> forms.Field:
    return forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))


def _number(question: Question, _known: Known, _value: Any) -> forms.Field:
    words = {"invalid": _("This is not a number: write it as 12.5.")}
    return forms.FloatField(widget=forms.TextInput(attrs=_NUMERIC), error_messages=words)


def _integer(question: Question, _known: Known, _value: Any) -> forms.Field:
    words = {"invalid": _("This is not a whole number: write it in digits, such as 8400.")}
    return forms.IntegerField(
        widget=forms.TextInput(attrs={**_NUMERIC, "inputmode": "numeric"}), error_messages=words
    )


_NUMERIC = {"inputmode": "decimal", "class": "short", "autocomplete": "off"}


def _truth(question: Question, _known: Known, _value: Any) -> forms.Field:
    if question.nullable:
        choices = [("", _("Not known yet")), ("true", _("Yes")), ("false", _("No"))]
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect)
    return forms.BooleanField(widget=forms.CheckboxInput)


def _day(question: Question, _known: Known, _value: Any) -> forms.Field:
    words = {"invalid": _("This is not a date that exists: write it as 2026-06-30.")}
    return forms.DateField(
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), error_messages=words
    )


def _choice(question: Question, _known: Known, _value: Any) -> forms.Field:
    choices: Choices = list(question.choices)
    if len(choices) <= RADIOS_AT_MOST:
        if question.nullable:
            choices = [("", str(_("Not said"))), *choices]
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, error_messages=_NO_CHOICE)
    if question.default is None:
        choices = [("", str(_("Choose"))), *choices]
    return forms.ChoiceField(choices=choices, error_messages=_NO_CHOICE)


def _choices(question: Question, _known: Known, _value: Any) -> forms.Field:
    return forms.MultipleChoiceField(choices=question.choices, widget=Several, error_messages=_NO_CHOICE)


_NO_CHOICE = {
    "invalid_choice": _("“%(value)s” is not one of the choices."),
    "invalid_list": _("Choose from the list."),
}


def _person(question: Question, known: Known, value: Any) -> forms.Field:
    choices = [("", _("Nobody named yet")), *_with(known.people, [value])]
    return forms.ChoiceField(choices=choices, error_messages=_NO_CHOICE)


def _people(question: Question, known: Known, value: Any) -> forms.Field:
    return forms.MultipleChoiceField(
        choices=_with(known.people, value or []), widget=Several, error_messages=_NO_CHOICE
    )


def _reference(question: Question, known: Known, value: Any) -> forms.Field:
    codes = list(known.codes.get(question.refers, []))
    if question.refers in OPEN_REFERENCES:
        return forms.CharField(widget=OneOf(codes))
    nothing = _("Choose one") if question.required else _("None")
    choices = [("", nothing), *_with(codes, [value])]
    return forms.ChoiceField(choices=choices, error_messages=_NO_CHOICE)


def _references(question: Question, known: Known, value: Any) -> forms.Field:
    codes = _with(known.codes.get(question.refers, []), value or [])
    return forms.MultipleChoiceField(choices=codes, widget=Several, error_messages=_NO_CHOICE)


def _pairs(question: Question, _known: Known, _value: Any) -> forms.Field:
    return PairsField(widget=forms.Textarea(attrs={"rows": 6, "placeholder": "0.12  0.31"}))


def _with(choices: Iterable[tuple[str, str]], held: Iterable[Any]) -> Choices:
    """The choices, and what is held now although it could not be chosen anew."""
    found = list(choices)
    codes = {code for code, _ in found}
    return [*found, *((str(value), str(value)) for value in held if value and value not in codes)]


_MAKERS: Mapping[str, Callable[[Question, Known, Any], forms.Field]] = {
    "line": _line,
    "text": _text,
    "lines": _lines,
    "number": _number,
    "integer": _integer,
    "truth": _truth,
    "day": _day,
    "choice": _choice,
    "choices": _choices,
    "person": _person,
    "people": _people,
    "reference": _reference,
    "references": _references,
    "pairs": _pairs,
}


def shown_value(question: Question, value: Any) -> Any:
    """What the document holds, as the field shows it."""
    if question.kind == "lines":
        return "\n".join(value or ())
    if question.kind == "pairs":
        return "\n".join(f"{first:g}  {second:g}" for first, second in value or ())
    if question.kind in {"number", "integer"}:
        return "" if value is None else typed_number(value)
    if question.kind == "truth" and question.nullable:
        return "" if value is None else str(value).lower()
    return value


def typed_number(value: float) -> str:
    """A number as one types it: no exponent, no fraction where there is none."""
    if isinstance(value, int) or float(value).is_integer():
        return str(int(value))
    return f"{value:.12f}".rstrip("0")


def stored_value(question: Question, cleaned: Any) -> Any:
    """What was typed, as the document holds it."""
    empty = cleaned in (None, "", [])
    if question.kind == "lines":
        return [line.strip() for line in str(cleaned or "").splitlines() if line.strip()]
    if question.kind == "truth" and question.nullable:
        return None if empty else str(cleaned).lower() == "true"
    if question.kind in {"choices", "people", "references", "pairs"}:
        return list(cleaned or [])
    if question.kind == "truth":
        return bool(cleaned)
    if empty:
        return None if question.nullable else question.default if question.default is not None else cleaned
    if isinstance(cleaned, str):
        return cleaned.replace("\r\n", "\n")  # browsers send the line ends of another system
    return cleaned.isoformat() if isinstance(cleaned, date) else cleaned


def sent_value(question: Question, value: Any) -> str:
    """A value as one hidden or radio input can carry it: several as lines."""
    shown = shown_value(question, value)
    if question.kind in {"choices", "people", "references"}:
        return "\n".join(shown or ())
    if question.kind == "truth" and not question.nullable:
        return "on" if shown else ""
    return "" if shown is None else str(shown)
