"""The scalar types a dossier is made of, and the struct every section is built from."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal, dataclass_transform

import msgspec
from msgspec import Meta


# What the line below says of this class, type checkers do not pass on to the classes built on it.
@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One part of a dossier: immutable, every field known by name."""


def ask(question: str, help_text: str = "", *, good: str = "", unit: str = "", **more: Any) -> Meta:
    """The words a form, the published schema and a fault use for one field.

    ``good`` is an example of a good answer, ``unit`` what a number is counted in; ``more`` are
    the bounds that msgspec and JSON Schema share (``ge``, ``le``, ``max_length`` …).
    """
    extra: dict[str, Any] = {"x-unit": unit} if unit else {}
    return Meta(
        title=question,
        description=help_text or None,
        examples=[good] if good else None,
        extra_json_schema=extra or None,
        **more,
    )


Code = Annotated[
    str,
    Meta(
        title="Code",
        description="A short stable name: lower-case letters, digits, dots, dashes or underscores.",
        pattern=r"^[a-z0-9][a-z0-9._-]{0,63}(?![\s\S])",
    ),
]
Key = Annotated[
    str,
    Meta(
        title="Key",
        description="For example AI-0007; it never changes.",
        pattern=r"^[A-Z][A-Z0-9]{0,9}-[0-9]{4,9}(?![\s\S])",
    ),
]
Email = Annotated[
    str,
    Meta(
        description="The e-mail of somebody the portal knows.",
        # The dots are outside the labels, so that no text takes long to refuse.
        pattern=r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+(?![\s\S])",
        max_length=254,
        extra_json_schema={"format": "email", "x-person": True},
    ),
]
Line = Annotated[str, Meta(max_length=200)]
Text = Annotated[str, Meta(max_length=4000)]
Share = Annotated[float, Meta(ge=0, le=1)]
Count = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Positive = Annotated[float, Meta(gt=0, le=1e15)]
NotNegative = Annotated[float, Meta(ge=0, le=1e15)]
Number = Annotated[float, Meta(ge=-1e15, le=1e15)]
Day = dt.date
Cadence = Annotated[int, Meta(ge=1, le=3660)]
Correlation = Annotated[float, Meta(ge=-0.999, le=0.999)]
SeverityLevel = Annotated[int, Meta(ge=1, le=4)]
Reward = Annotated[int, Meta(ge=-2, le=2)]
Magnitude = Annotated[int, Meta(ge=0, le=4)]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}(?![\s\S])")]

Archetype = Literal[
    "genai_customer_facing", "ml_decisioning", "agentic_automation", "internal_copilot", "forecasting"
]
Horizon = Literal["H1", "H2", "H3"]
Lane = Literal["light", "standard", "enhanced"]
DecisionMode = Literal["information", "advisory", "default_with_override", "binding"]
