"""Which figures fit what a metric measures: a share, a mean or a count. No database."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from alignment_portal.refusals import Fault
from initiatives.dossier.metrics import Measure, Metric
from metrics.services.figures import (
    FORMS,
    Clusters,
    Figures,
    Means,
    PairedCounts,
    PairedMeans,
    Part,
    Rates,
    Series,
    Shares,
    Staggered,
)

_SHARE = re.compile(r"\b(share|proportion|fraction|per ?cent|percentage)\b|%", re.IGNORECASE)
_EITHER: tuple[type[Part], ...] = (PairedMeans, Clusters)
# Counts that vary more than Poisson's law says are compared by their mean and spread, as they are planned.
FITTING: Mapping[Measure, tuple[type[Part], ...]] = {
    "proportion": (Shares, PairedCounts, *_EITHER),
    "mean": (Means, *_EITHER),
    "count": (Rates, Means, *_EITHER),
}
_SUMMARIES: tuple[type[Part], ...] = (Shares, Means, Rates, PairedCounts, *_EITHER)
_NAMED: Mapping[Measure, str] = {"proportion": "a share", "mean": "a mean", "count": "a count"}


def says_share(unit: str) -> bool:
    """Whether a unit is that of a share, such as “share of tickets” or “%”."""
    return bool(_SHARE.search(unit))


def measures_of(metric: Metric) -> tuple[Measure, ...]:
    """What a metric may be: what its plan says, else its unit; without either whatever does not contradict it."""
    if metric.comparison is not None:
        return (metric.comparison.measure,)
    if says_share(metric.unit):
        return ("proportion",)
    between = metric.baseline is None or 0 <= metric.baseline.value <= 1
    if metric.numerator and metric.denominator and between:
        return ("proportion", "mean", "count")
    return ("mean", "count")


def misfits(metric: Metric, figures: Figures, pointer: str, method: str = "") -> Iterator[Fault]:
    """The fault of figures that are of another measure than their metric, or outside what a share can be.

    `pointer` is the place of the figures; `method` narrows the forms proposed to those that its plan allows.
    An effect that was estimated elsewhere, and observations yet to be read, fit every metric.
    """
    measures = measures_of(metric)
    fitting = {form for measure in measures for form in FITTING[measure]}
    if isinstance(figures, _SUMMARIES) and type(figures) not in fitting:
        allowed = FORMS.get(method, _SUMMARIES)
        kinds = _listed([kind_of(form) for form in _SUMMARIES if form in fitting and form in allowed])
        said = _listed([_NAMED[measure] for measure in measures])
        unit = "" if measures == ("proportion",) else f", in {metric.unit}"
        sentence = f"{metric.title} is {said}{unit}: send {kinds}, not {kind_of(type(figures))}."
        yield Fault(f"{pointer}/kind", sentence, "wrong_measure")
    elif measures == ("proportion",) and not _is_within(figures):
        yield Fault(pointer, f"{metric.title} is a share: its values lie between 0 and 1.", "out_of_range")


def kind_of(form: type[Part]) -> str:
    """The word by which figures of this form are sent."""
    return str(form.__struct_config__.tag)


def _listed(words: Sequence[str]) -> str:
    return " or ".join(words) if len(words) < 3 else f"{', '.join(words[:-1])} or {words[-1]}"  # noqa: PLR2004 — commas between three


def _is_within(figures: Figures) -> bool:
    match figures:
        case Clusters() | Staggered():
            return all(0 <= row.value <= 1 for row in figures.readings)
        case Series():
            return all(0 <= value <= 1 for value in figures.values or ())
        case PairedMeans():
            return -1 <= figures.mean <= 1
        case _:
            return True
