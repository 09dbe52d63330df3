"""The forms of these pages: one for each part of a dossier, made from its questions, and a few small ones."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from django import forms
from django.forms.boundfield import BoundField
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from alignment_portal.refusals import Fault
from initiatives.dossier.metrics import Comparison
from initiatives.dossier.pointers import steps_of
from initiatives.web.fields import Known, form_field, sent_value, shown_value, stored_value
from initiatives.web.methods import asked_for
from initiatives.web.places import Place
from initiatives.web.questions import Question, all_questions
from initiatives.web.words import section_word

# What names a new row when it is added without a code.
NAMING = ("title", "name", "description", "decision", "rule", "kpi", "step", "choose", "condition", "kind", "lever", "group")  # fmt: skip


def field_name(prefix: str, name: str) -> str:
    return f"{prefix}__{name}" if prefix else name


class PartForm(forms.Form):
    """One part of a dossier. `groups` are its fields under their headings; `values()` is the part as plain values."""

    version = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *args: Any, place: Place, known: Known, method: str = "", held: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.place = place
        self.held: Mapping[str, Any] = held if held is not None else place.value or {}
        self.questions = dict(self._asked(method))
        for name, (prefix, question) in self.questions.items():
            value = self.held_value(prefix, question)
            made = form_field(question, known, value)
            if question.name == "code":
                made.required = False
                made.help_text = _(
                    "A short stable name for links and files. Left empty, it is made from the words."
                )
            made.initial = shown_value(question, value)
            self.fields[name] = made

    def _asked(self, method: str) -> Iterator[tuple[str, tuple[str, Question]]]:
        for prefix, question in all_questions(self.place.struct):
            if question.name == "key" or (question.name == "code" and self._is_fixed):
                continue
            if self.place.struct is Comparison and not asked_for(question.name, method):
                continue
            yield field_name(prefix, question.name), (prefix, question)

    @property
    def _is_fixed(self) -> bool:
        """A code is what others point to: it stays as it was once the row exists."""
        return not self.place.is_new and self.place.part is not None and self.place.part.key == ("code",)

    def held_value(self, prefix: str, question: Question) -> Any:
        around = self.held.get(prefix) or {} if prefix else self.held
        return around.get(question.name, question.default)

    @property
    def groups(self) -> list[tuple[str, list[BoundField]]]:
        found: dict[str, list[BoundField]] = {}
        for name, (prefix, _question) in self.questions.items():
            found.setdefault(prefix, []).append(self[name])
        return [(section_word(prefix) if prefix else "", fields) for prefix, fields in found.items()]

    def values(self) -> dict[str, Any]:
        """The part as it would stand in the document; what the form did not ask stays as it was."""
        found: dict[str, Any] = dict(self.held)
        for name, (prefix, question) in self.questions.items():
            value = stored_value(question, self.cleaned_data.get(name))
            if prefix:
                found[prefix] = {**(found.get(prefix) or {}), question.name: value}
            else:
                found[question.name] = value
        if self.place.is_new and "code" in self.questions and not found.get("code"):
            found["code"] = self._code_from(found)
        return found

    def _code_from(self, found: Mapping[str, Any]) -> str:
        words = next((str(found[name]) for name in NAMING if found.get(name)), "")
        base = slugify(words)[:48].strip("-_") or "item"
        taken = self.place_codes
        return next(code for code in _numbered(base) if code not in taken)

    place_codes: frozenset[str] = frozenset()

    def carried(self, value: Mapping[str, Any]) -> list[tuple[str, str]]:
        """A part as (name, value) pairs of hidden inputs."""
        pairs = []
        for name, (prefix, question) in self.questions.items():
            around = (value.get(prefix) or {}) if prefix else value
            pairs.append((name, sent_value(question, around.get(question.name, question.default))))
        return pairs

    def add_faults(self, faults: Sequence[Fault], pointer: str) -> list[Fault]:
        """Put each fault at its field; what belongs to another place of the document comes back."""
        here, elsewhere = steps_of(pointer), []
        for fault in faults:
            steps = steps_of(fault.pointer) if fault.pointer.startswith("/") else ()
            name = self._field_at(steps[len(here) :]) if steps[: len(here)] == here else None
            if name is not None:
                self.add_error(name, fault.sentence)
            else:
                elsewhere.append(fault)
        return elsewhere

    def _field_at(self, steps: Sequence[str]) -> str | None:
        for depth in (2, 1):
            name = "__".join(steps[:depth]) if len(steps) >= depth else ""
            if name in self.fields:
                return name
        return None


def _numbered(base: str) -> Iterator[str]:
    yield base
    number = 2
    while True:
        yield f"{base}-{number}"
        number += 1


def restored(form_class: type[PartForm], body: Mapping[str, Sequence[str]], **given: Any) -> PartForm:
    """A form that shows what a draft holds, without judging it yet."""
    form = form_class(**given)
    data = _Words(body)
    for name, field in form.fields.items():
        if name != "version" and (
            name in body or isinstance(field, forms.MultipleChoiceField | forms.BooleanField)
        ):
            form.initial[name] = field.widget.value_from_datadict(data, {}, name)
    return form


class _Words(dict[str, Any]):
    """A draft's body read like posted data: the last value of a name, or all of them."""

    def get(self, name: str, default: Any = None) -> Any:
        values = super().get(name)
        return values[-1] if values else default

    def __getitem__(self, name: str) -> Any:
        return super().__getitem__(name)[-1]

    def getlist(self, name: str) -> list[str]:
        return list(super().get(name) or [])


class ImportForm(forms.Form):
    """A dossier as a file or as pasted text."""

    file = forms.FileField(
        required=False,
        label=_("A JSON file"),
        help_text=_("At most 2 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": ".json,application/json"}),
    )
    document = forms.CharField(
        required=False,
        label=_("Or the document itself"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "class": "code"}),
    )

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if not found.get("file") and not str(found.get("document", "")).strip():
            self.add_error("file", _("Choose a file, or paste the document below."))
        return found

    def text(self) -> bytes:
        file = self.cleaned_data.get("file")
        return bytes(file.read()) if file else str(self.cleaned_data["document"]).encode()


class SavedViewForm(forms.Form):
    name = forms.CharField(max_length=80, label=_("Name of this view"))
    shared = forms.BooleanField(required=False, label=_("Others may use it"))


def struct_defaults(struct: type[msgspec.Struct]) -> dict[str, Any]:
    """What a part holds before anybody answered anything."""
    return {question.name: question.default for prefix, question in all_questions(struct) if not prefix}
