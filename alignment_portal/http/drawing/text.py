"""Breaking words into lines that fit, by the widths of the portal's own sans."""

import unicodedata
from functools import cache

# Advance widths in thousandths of an em: the wider of regular and semibold, rounded up, so that a measured line never runs over.
# Accented letters are as wide as the letter under the accent.
_WIDTHS = {
    200: " ",
    270: "ij|",
    300: "',.:;Il·‘’",
    330: "!()-[]f{}",
    360: "/\\ª°",
    390: "rt²³¹º",
    450: "*?sz®",
    480: "c«»–",
    510: '"FJLYevxy“”',
    540: "#$+0123456789<=>EVZ^agk~¢£¤¥§±×÷€−≤≥",
    570: "ASTX`bdhnopquðøþ",
    600: "BCKPRÞµ",
    630: "DGß→",
    660: "&NUÐ",
    690: "HOQØ",
    750: "Mw©",
    810: "W—æ",
    870: "%mÆŒœ",
    990: "@…",
}
_ADVANCE = {character: width for width, characters in _WIDTHS.items() for character in characters}
_UNKNOWN = 1000
ELLIPSIS = "…"


@cache
def _advance(character: str) -> int:
    base = unicodedata.normalize("NFD", character)[0]
    return _ADVANCE.get(base, _UNKNOWN)


def width_of(words: str, size: float) -> float:
    """The width of a line in the units of `size`."""
    return sum(_advance(character) for character in words) * size / 1000


def shorten(words: str, room: float, size: float) -> str:
    """The words, or as many characters as fit with an ellipsis."""
    if width_of(words, size) <= room:
        return words
    while words and width_of(words + ELLIPSIS, size) > room:
        words = words[:-1]
    return words.rstrip() + ELLIPSIS


def wrap(words: str, room: float, size: float, most: int = 99) -> tuple[str, ...]:
    """Lines no wider than `room`, at most `most` of them; a word too long for a line is cut, a text too long ends in an ellipsis."""
    lines: list[str] = []
    current = ""
    for word in _pieces(words, room, size):
        longer = f"{current} {word}".strip()
        if current and width_of(longer, size) > room:
            lines.append(current)
            current = word
        else:
            current = longer
    lines.append(current)
    if len(lines) > most:
        lines = [*lines[: most - 1], shorten(" ".join(lines[most - 1 :]), room, size)]
    return tuple(line for line in lines if line)


def _pieces(words: str, room: float, size: float) -> list[str]:
    """The words, with those wider than a line cut where the line ends."""
    pieces: list[str] = []
    for word in words.split():
        rest = word
        while width_of(rest, size) > room and len(rest) > 1:
            end = max(
                1,
                next(
                    cut for cut in range(len(rest), 0, -1) if cut == 1 or width_of(rest[:cut], size) <= room
                ),
            )
            pieces.append(rest[:end])
            rest = rest[end:]
        pieces.append(rest)
    return pieces
