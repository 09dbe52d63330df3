"""When somebody else saved first: both people's changes stand unless they touched the same field."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from initiatives.web.fields import sent_value, shown_value
from initiatives.web.forms import PartForm
from initiatives.web.questions import Question


@dataclass(frozen=True)
class Clash:
    """One field that two people changed to different things."""

    name: str
    label: str
    mine: str
    theirs: str
    mine_words: str
    theirs_words: str


@dataclass(frozen=True)
class Merged:
    """The part with both changes in it, the fields that clash, and what the other person changed."""

    value: dict[str, Any]
    clashes: tuple[Clash, ...]
    theirs: tuple[str, ...]


def merge(
    form: PartForm, mine: Mapping[str, Any], base: Mapping[str, Any], theirs: Mapping[str, Any]
) -> Merged:
    """Three-way, field by field of the form. What the form does not ask is as the other person left it."""
    merged: dict[str, Any] = dict(theirs)
    clashes: list[Clash] = []
    kept: list[str] = []
    for name, (prefix, question) in form.questions.items():
        was, here, there = (_held(side, prefix, question) for side in (base, mine, theirs))
        if there != was:
            kept.append(question.label)
        if here not in (was, there) and there != was:
            clashes.append(_clash(name, question, form, here, there))
        _put(merged, prefix, question.name, there if here == was else here)
    return Merged(merged, tuple(clashes), tuple(kept))


def _held(part: Mapping[str, Any], prefix: str, question: Question) -> Any:
    around = (part.get(prefix) or {}) if prefix else part
    value = around.get(question.name, question.default)
    if isinstance(value, tuple):
        value = list(value)
    return value


def _put(part: dict[str, Any], prefix: str, name: str, value: Any) -> None:
    if prefix:
        part[prefix] = {**(part.get(prefix) or {}), name: value}
    else:
        part[name] = value


def _clash(name: str, question: Question, form: PartForm, mine: Any, theirs: Any) -> Clash:
    return Clash(
        name=name,
        label=question.label,
        mine=sent_value(question, mine),
        theirs=sent_value(question, theirs),
        mine_words=in_words(question, mine, form),
        theirs_words=in_words(question, theirs, form),
    )


def in_words(question: Question, value: Any, form: PartForm) -> str:
    """A value as people read it, with the words of its choices."""
    words = dict(getattr(form.fields.get(field_of(form, question)), "choices", ()))
    if question.kind in {"choices", "people", "references"}:
        return "\n".join(str(words.get(item, item)) for item in value or ()) or "–"
    if question.kind == "truth":
        return {True: "Yes", False: "No"}.get(value, "–")
    shown = shown_value(question, value)
    return str(words.get(shown, shown)) if shown not in (None, "") else "–"


def field_of(form: PartForm, question: Question) -> str:
    return next((name for name, (_, asked) in form.questions.items() if asked is question), "")
