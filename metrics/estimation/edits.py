"""How much of a draft was changed before it was sent."""

from __future__ import annotations


def levenshtein(draft: str, sent: str) -> int:
    """Fewest insertions, deletions and substitutions that turn one text into the other (Levenshtein 1966)."""
    shorter, longer = sorted((draft, sent), key=len)
    above = list(range(len(shorter) + 1))
    for i, letter in enumerate(longer, 1):
        row = [i]
        for j, other in enumerate(shorter, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (letter != other)))
        above = row
    return above[-1]


def edit_distance(draft: str, sent: str) -> float:
    """Edits as a share of the longer text: 0 unchanged, 1 rewritten; two empty texts are unchanged."""
    longest = max(len(draft), len(sent))
    return levenshtein(draft, sent) / longest if longest else 0.0
