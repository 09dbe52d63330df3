"""A late outcome and the early reading that foretells it, in words: how well it did so far, and what it says now."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from initiatives.dossier.metrics import LeadingIndicator
from metrics.estimation.indicators import leading_indicator, predict_outcome
from metrics.estimation.inputs import NotComputable
from metrics.selectors import series_for


@dataclass(frozen=True)
class LeadingTold:
    """How well the early reading did so far, in words; `qualifies` when it may stand in for the outcome."""

    title: str
    sentence: str
    qualifies: bool


def leading_told(leading: LeadingIndicator, title: str, key: str) -> LeadingTold:
    """Empty of numbers, with the reason, where the vintages do not determine one; `title` is the early metric's."""
    pairs = leading.vintages
    firsts, lasts = [first for first, _last in pairs], [last for _first, last in pairs]
    try:
        found = leading_indicator(firsts, lasts)
    except NotComputable as refusal:
        return LeadingTold(title, refusal.sentence, qualifies=False)
    words = _("r = %(r)s (%(low)s to %(high)s) over %(n)d vintages: %(said)s.") % {
        "r": f"{found.r:.2f}",
        "low": f"{found.low:.2f}",
        "high": f"{found.high:.2f}",
        "n": found.vintages,
        "said": _("it may stand in for the outcome")
        if found.qualifies
        else _("too weak or too short to rely on"),
    }
    return LeadingTold(title, f"{words} {_foretold(leading, key)}".strip(), found.qualifies)


def _foretold(leading: LeadingIndicator, key: str) -> str:
    """What the latest early reading says of the outcome, with the range one new vintage falls into."""
    series = (one for one in series_for([key]).get(key, ()) if one.metric == leading.metric and one.readings)
    latest = next(series, None)
    if latest is None:
        return ""
    value = latest.readings[-1].value
    firsts, lasts = [first for first, _last in leading.vintages], [last for _first, last in leading.vintages]
    try:
        told = predict_outcome(firsts, lasts, new=value)
    except NotComputable:
        return ""
    until = f"{leading.outcome_read_on:%-d %B %Y}" if leading.outcome_read_on else _("the outcome is read")
    return _(
        "The latest reading, %(early)s, foretells %(value)s (%(low)s to %(high)s), provisional until %(until)s."
    ) % {
        "early": f"{value:.4g}",
        "value": f"{told.value:.4g}",
        "low": f"{told.low:.4g}",
        "high": f"{told.high:.4g}",
        "until": until,
    }
