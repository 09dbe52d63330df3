"""What can be recorded, in words. Every app lists its own in `<app>/actions.py` as `class Actions(ActionWords)`.

A sentence may name {actor}, {subject}, {initiative}, {reason} and anything kept with the entry. A leaf.
"""

from enum import StrEnum
from typing import Self


class ActionWords(StrEnum):
    """A recorded action: `CODE = "app.noun.verb", "label", "{actor} did this to {subject}"`."""

    label: str
    sentence: str

    def __new__(cls, code: str, label: str, sentence: str) -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        member.sentence = sentence
        return member
