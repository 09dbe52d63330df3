"""What a decoder refuses, in plain words that name the field. A leaf, so that any storey may say it alike."""

import re

import msgspec

from alignment_portal.refusals import Fault

_TYPES = {
    "int": "a whole number",
    "float": "a number",
    "str": "a text",
    "bool": "true or false",
    "object": "an object in braces",
    "array": "a list in square brackets",
    "date": "a day such as 2026-06-30",
    "datetime": "a moment such as 2026-06-30T12:00:00Z",
    "null": "nothing (null)",
}
_PLACE = re.compile(r" - at (?:`key` in )?`\$(?P<path>[^`]*)`$")
_STEP = re.compile(r"[^.\[\]]+")
_MISSING = re.compile(r"Object missing required field `(?P<name>[^`]+)`")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>[^`]+)`")
_NO_CHOICE = re.compile(r"Invalid (?:enum )?value (?P<value>.+)")
_NO_DAY = re.compile(r"Invalid RFC3339 encoded date\b")
_WRONG_TYPE = re.compile(r"Expected `(?P<wanted>[^`]+)`, got `(?P<found>[^`]+)`")
_BOUND = re.compile(r"Expected `(?P<wanted>[^`]+)` (?P<sign>>=|<=|>|<) (?P<bound>\S+)")
_LENGTH = re.compile(r"Expected `(?P<wanted>[^`]+)` of length (?P<sign>>=|<=) (?P<bound>\d+)")
_LIMITS = {">=": "at least", "<=": "at most", ">": "more than", "<": "less than"}


def shape_fault(error: msgspec.ValidationError, prefix: str = "") -> Fault:
    """The fault behind an error of msgspec; its pointer stands below `prefix`, the pointer of what was decoded.

    What is missing or not known is pointed to at the object that lacks or holds it.
    """
    said = str(error)
    place = _PLACE.search(said)
    steps = _STEP.findall(place["path"]) if place else []
    words = _PLACE.sub("", said)
    pointer = "".join([prefix, *(f"/{step}" for step in steps)])
    field = next((step for step in reversed(steps) if not step.isdigit()), "")
    return Fault(pointer, _sentence(words, f"“{field}”" if field else "What was sent"), "shape")


def _sentence(words: str, subject: str) -> str:
    if missing := _MISSING.fullmatch(words):
        return f"“{missing['name']}” is missing."
    if unknown := _UNKNOWN.fullmatch(words):
        return f"There is no field “{unknown['name']}” here."
    if choice := _NO_CHOICE.fullmatch(words):
        return f"{subject} cannot be {choice['value'].strip(chr(39))}."
    if _NO_DAY.match(words):
        return f"{subject} must be a day that exists, written as 2026-06-30."
    if wrong := _WRONG_TYPE.fullmatch(words):
        return f"{subject} must be {_kinds(wrong['wanted'])}, and is {_kinds(wrong['found'])}."
    if long := _LENGTH.fullmatch(words):
        unit = "row" if "array" in long["wanted"] else "character"
        unit += "" if long["bound"] == "1" else "s"
        return f"{subject} must have {_LIMITS[long['sign']]} {_number(long['bound'])} {unit}."
    if bound := _BOUND.fullmatch(words):
        limit = f"{_LIMITS[bound['sign']]} {_number(bound['bound'])}"
        return f"{subject} must be {_kinds(bound['wanted'])}, {limit}."
    return f"{subject} is not as it must be: {words.replace('`', '')}."


def _kinds(names: str) -> str:
    return " or ".join(_TYPES.get(name, name) for name in names.split(" | "))


def _number(text: str) -> str:
    return f"{float(text):,.16g}"
