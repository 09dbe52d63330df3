"""Initiatives that say nearly the same as another."""

from django.db.models import Q

from alignment_portal.accounts.actors import Actor
from initiatives.models import Initiative
from initiatives.selectors import visible_initiatives


def similar_to(by: Actor, *, title: str, summary: str = "", but: str = "") -> list[Initiative]:
    """At most five visible initiatives whose title or summary shares the telling words, the most alike first."""
    words = {word for word in _words(f"{title} {summary}") if len(word) > 3}  # noqa: PLR2004 — shorter words tell nothing
    if not words:
        return []
    any_word = Q()
    for word in sorted(words)[:20]:
        any_word |= Q(title__icontains=word)
    found = visible_initiatives(by).exclude(key=but).filter(any_word).only("key", "title", "summary")[:200]
    alike = [(_likeness(words, row), row) for row in found]
    return [row for share, row in sorted(alike, key=lambda pair: (-pair[0], pair[1].key)) if share >= 0.3][:5]  # noqa: PLR2004 — below a third it is chance


def _words(text: str) -> set[str]:
    return {word.strip(".,;:!?()“”\"'").casefold() for word in text.split()}


def _likeness(words: set[str], row: Initiative) -> float:
    """The share of the title's telling words that both have (overlap coefficient)."""
    theirs = {word for word in _words(row.title) if len(word) > 3}  # noqa: PLR2004 — as above
    return len(words & theirs) / min(len(words), len(theirs)) if theirs else 0.0
