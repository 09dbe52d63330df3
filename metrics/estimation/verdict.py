"""What a result says: the verdict on each counter-metric and on the whole, in words for an executive."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from metrics.estimation.inputs import NotComputable, check_finite
from metrics.estimation.means import Novelty

CounterCode = Literal[
    "HARM_BEYOND_MARGIN", "HARM", "BETTER", "NON_INFERIOR_BUT_WORSE", "NON_INFERIOR", "INCONCLUSIVE"
]
ResultCode = Literal[
    "R0_INVALID",
    "R1_WIN_WITH_HARM",
    "R2_HARM",
    "R3_WIN_GUARD_OPEN",
    "R4_WIN_SMALLER",
    "R5_WIN",
    "R6_NULL",
    "R7_INCONCLUSIVE",
]


@dataclass(frozen=True, slots=True)
class Measured:
    """A difference with its 95 % interval, oriented by its use, and how to say it.

    `unit` follows the number in words; a share (`is_share`) is said in percentage points.
    """

    name: str
    value: float
    low: float
    high: float
    unit: str = ""
    is_share: bool = False
    decimals: int = 2


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter-metric: its worsening (positive = worse) and margin, or no reading where none could be computed.

    `more_cases` would rule out harm with a chance of `power`, were the worsening to stay what it is.
    """

    name: str
    margin: float
    worsening: Measured | None = None
    more_cases: int | None = None
    power: float = 0.8


@dataclass(frozen=True, slots=True)
class Validity:
    """What must hold before a result may be read; None where the check does not belong to the method."""

    sample_ratio_p: float | None = None
    is_balanced: bool | None = None
    log_completeness: float | None = None
    sample_ratio_alpha: float = 0.001
    least_completeness: float = 0.98


@dataclass(frozen=True, slots=True)
class Context:
    """What is said after the verdict: was it read too soon, does the effect last, is it provisional, were the groups randomised."""

    planned_until: date | None = None  # the end of the plan, where the result was read before it
    novelty: Novelty | None = None
    provisional_until: date | None = None
    is_randomised: bool = True
    e_value: float | None = None
    claims: int = 1  # primary claims judged together
    level: float = 0.95  # of the interval this verdict rests on, where that is another than 95 %


@dataclass(frozen=True, slots=True)
class CounterVerdict:
    """One counter-metric's code."""

    name: str
    code: CounterCode

    @property
    def is_harm(self) -> bool:
        return self.code in {"HARM", "HARM_BEYOND_MARGIN"}

    @property
    def holds(self) -> bool:
        return self.code in {"BETTER", "NON_INFERIOR", "NON_INFERIOR_BUT_WORSE"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The overall code, its sentence, the sentences that qualify it, and each counter-metric's code."""

    code: ResultCode
    sentence: str
    modifiers: tuple[str, ...]
    counters: tuple[CounterVerdict, ...]

    @property
    def counts_as_win(self) -> bool:
        """Whether the result counts toward expansion as it stands; R4 does only after the claim is rewritten."""
        return self.code == "R5_WIN"

    @property
    def is_win_with_harm(self) -> bool:
        return self.code == "R1_WIN_WITH_HARM"


def counter_verdict(worsening: float, low: float, high: float, margin: float) -> CounterCode:
    """Code of a counter-metric from its worsening (positive = worse), 95 % limits and margin, in one unit.

    An upper limit below the margin is the one-sided non-inferiority test at 2.5 % (ICH E9; Piaggio et al. 2012).
    Raises NotComputable when limits are out of order, a number is not finite, or the margin is not above 0.
    """
    check_finite(worsening=worsening, low=low, high=high, margin=margin)
    if not low <= worsening <= high:
        raise NotComputable(("interval",), "The limits of an interval must enclose its estimate.")
    if margin <= 0:
        raise NotComputable(("margin",), "A counter-metric needs a margin above 0, agreed before results.")
    if low > margin:
        return "HARM_BEYOND_MARGIN"
    if low > 0:
        return "HARM" if high >= margin else "NON_INFERIOR_BUT_WORSE"
    if high < 0:
        return "BETTER"
    return "NON_INFERIOR" if high < margin else "INCONCLUSIVE"


def overall_verdict(
    primary: Measured,
    *,
    claimed: float,
    counters: Sequence[Counter],
    validity: Validity | None = None,
    context: Context | None = None,
) -> Verdict:
    """The result as a whole, first code that applies from R0 to R7.

    `primary` is oriented so that positive = better; `claimed` is the promised size in its unit, above 0. A counter
    without a reading is INCONCLUSIVE, and a win guarded by no counter stays R3: what is not shown does not hold.
    Raises NotComputable as `counter_verdict` does, or for a claim that is not above 0.
    """
    check_finite(value=primary.value, low=primary.low, high=primary.high, claimed=claimed)
    if not primary.low <= primary.value <= primary.high:
        raise NotComputable(("interval",), "The limits of an interval must enclose its estimate.")
    if claimed <= 0:
        raise NotComputable(("claimed",), "A claim needs a size above 0.")
    verdicts = tuple(CounterVerdict(counter.name, _judged(counter)) for counter in counters)
    code = _code(primary, claimed, verdicts, validity or Validity())
    sentence = _sentence(code, primary, claimed, counters, verdicts)
    return Verdict(code, sentence, _modifiers(code, primary, context or Context()), verdicts)


def _judged(counter: Counter) -> CounterCode:
    if counter.worsening is None:
        return "INCONCLUSIVE"
    w = counter.worsening
    return counter_verdict(w.value, w.low, w.high, counter.margin)


def _code(
    primary: Measured, claimed: float, counters: Sequence[CounterVerdict], validity: Validity
) -> ResultCode:
    if not _is_valid(validity):
        return "R0_INVALID"
    is_win, is_harmed = primary.low > 0, any(counter.is_harm for counter in counters)
    if is_harmed:
        return "R1_WIN_WITH_HARM" if is_win else "R2_HARM"
    if primary.high < 0:
        return "R2_HARM"
    if is_win and not (counters and all(counter.holds for counter in counters)):
        return "R3_WIN_GUARD_OPEN"
    if is_win:
        return "R4_WIN_SMALLER" if primary.high < claimed else "R5_WIN"
    return "R6_NULL" if primary.high < claimed else "R7_INCONCLUSIVE"


def _is_valid(validity: Validity) -> bool:
    """NaN counts as failed: what could not be checked was not shown."""
    p, complete = validity.sample_ratio_p, validity.log_completeness
    return (
        (p is None or p >= validity.sample_ratio_alpha)
        and validity.is_balanced is not False
        and (complete is None or complete >= validity.least_completeness)
    )


def _sentence(
    code: ResultCode,
    primary: Measured,
    claimed: float,
    counters: Sequence[Counter],
    verdicts: Sequence[CounterVerdict],
) -> str:
    gain = f"{primary.name} improved by {_amount(primary.value, primary)}"
    pairs = tuple(zip(counters, verdicts, strict=True))
    harmed = [counter for counter, verdict in pairs if verdict.is_harm]
    guards = [counter for counter, verdict in pairs if not verdict.holds]
    match code:
        case "R0_INVALID":
            return "We cannot read this result: the groups were not comparable. Fix and run again."
        case "R1_WIN_WITH_HARM":
            return f"{gain}, but {_worse(harmed)}. Do not expand."
        case "R2_HARM":
            cause = (
                _worse(harmed)
                if harmed
                else f"{primary.name} got worse by {_with_interval(_turned(primary))}"
            )
            return f"It made things worse: {cause}."
        case "R3_WIN_GUARD_OPEN":
            return f"{primary.name} improved; {_open(guards)}"
        case "R4_WIN_SMALLER":
            size = f"{_amount(primary.value, primary)} against {_amount(claimed, primary)}"
            return f"Real, but smaller than promised ({size})."
        case "R5_WIN":
            return f"{gain} ({_interval(primary)}); no harm beyond the agreed margins."
        case "R6_NULL":
            return "No effect of the promised size."
        case "R7_INCONCLUSIVE":
            return f"Too early or too little data: could be anything from {_interval(primary)}."


def _worse(harmed: Sequence[Counter]) -> str:
    clauses = [
        f"{c.name} got worse by {_with_interval(c.worsening)}" for c in harmed if c.worsening is not None
    ]
    return " and ".join(clauses)


def _open(guards: Sequence[Counter]) -> str:
    if not guards:
        return "no counter-metric was read, so harm cannot be ruled out."
    harms = " or ".join(
        f"to {c.name} beyond {_amount(c.margin, c.worsening)}"
        if c.worsening
        else f"to {c.name}, which was not read"
        for c in guards
    )
    most = max((c for c in guards if c.more_cases), key=lambda c: c.more_cases or 0, default=None)
    need = ""
    if most is not None:
        chance = f"{most.power:.0%} of ruling it out, if the worsening stays as measured"
        need = f" Need about {most.more_cases:,} more cases. They would give a chance of {chance}."
    return f"we cannot yet rule out harm {harms}.{need}"


def _modifiers(code: ResultCode, primary: Measured, context: Context) -> tuple[str, ...]:
    if code == "R0_INVALID":
        return ()
    said = []
    if end := context.planned_until:
        said.append(
            f"Read before its plan ends on {end.day} {end:%B %Y}: who looks early finds effects that are not there more often."
        )
    if context.novelty and (context.novelty.is_fading or context.novelty.is_growing):
        first, last = (_number(part.value, primary) for part in (context.novelty.first, context.novelty.last))
        change = "fading" if context.novelty.is_fading else "still growing"
        said.append(
            f"The effect is {change}: first third {first}, last third {last}; we count only the last."
        )
    if context.claims > 1:
        words = (
            f"One of {context.claims} primary claims, so its interval was read at {context.level:.1%} (Holm)."
        )
        said.append(words)
    if context.provisional_until:
        until = context.provisional_until
        said.append(f"Provisional until {until.day} {until:%B %Y}.")
    if not context.is_randomised:
        said.append("Not randomised: moderate confidence.")
        if context.e_value is not None and math.isfinite(context.e_value):
            said.append(
                "Something unmeasured would have to be tied to both group and outcome "
                f"by a risk ratio of {context.e_value:.2f} to explain this away."
            )
    return tuple(said)


def _turned(measured: Measured) -> Measured:
    """The same difference seen from the other side."""
    return Measured(
        measured.name,
        -measured.value,
        -measured.high,
        -measured.low,
        measured.unit,
        measured.is_share,
        measured.decimals,
    )


def _number(value: float, said_as: Measured) -> str:
    return f"{value * (100 if said_as.is_share else 1):,.{said_as.decimals}f}".replace("-", "−")


def _amount(value: float, said_as: Measured) -> str:
    unit = "percentage points" if said_as.is_share else said_as.unit
    return f"{_number(value, said_as)} {unit}".strip()


def _interval(measured: Measured) -> str:
    return f"{_number(measured.low, measured)} to {_amount(measured.high, measured)}"


def _with_interval(measured: Measured) -> str:
    limits = f"{_number(measured.low, measured)} to {_number(measured.high, measured)}"
    return f"{_amount(measured.value, measured)} ({limits})"
