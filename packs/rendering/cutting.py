"""Where a long pack is cut into parts that are laid out side by side: at sections that begin a sheet, by length alone.

The cut must not depend on the machine: the same content gives the same parts, and so the same bytes, everywhere.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from itertools import accumulate, pairwise

MOST_PARTS = 4
# Lengths from which two, three and four parts pay, in characters of HTML; a sheet of a pack has some 10,000 of them.
PAYS = (250_000, 1_000_000, 1_500_000)
SHEET = 4_000  # what beginning a sheet costs beside its words, in characters
START = 20_000  # what starting a process costs, in characters; the first part needs none
# Every name here has `break-before: page` in pack_paper.css.
BEGINS_A_SHEET = re.compile(
    r'<section class="(?:pack-member"|pack-section" id="(?:chain|gates|change|appendix|since|initiatives|decisions)")'
)
BODY = re.compile(r"<body[^>]*>")
NAME = re.compile(r' id="([^"]+)"')
LINK = re.compile(r'href="#([^"]+)"')
# The scheme of a link into another part, and the counter style of its page; the number of the name follows.
ELSEWHERE = "elsewhere:"
ELSEWHERE_STYLE = "elsewhere-"
CONTENTS = (
    '.contents-line a[href="{scheme}{number}"]::after {{ content: counter(pages, {style}{number}); }}\n'
)


@dataclass(frozen=True)
class Part:
    """A document of its own, from the beginning of a sheet on."""

    html: str
    elsewhere: tuple[
        str, ...
    ]  # anchors that it links to and another part holds; links say their place in here


def cut(html: str, most: int = MOST_PARTS, pays: Sequence[int] = PAYS) -> tuple[Part, ...]:
    """The parts of a document, in order; it alone when it is too short to be worth it, or begins no sheets."""
    body = BODY.search(html)
    end = html.rfind("</body>")
    parts = min(most, 1 + sum(len(html) >= length for length in pays))
    if body is None or end < 0 or parts < 2:  # noqa: PLR2004 — one part is the whole
        return (Part(html, ()),)
    begins = [found.start() for found in BEGINS_A_SHEET.finditer(html, body.end())]
    places = [body.end(), *_chosen(begins, body.end(), end, parts), end]
    texts = [html[start:stop] for start, stop in pairwise(places)]
    names = [frozenset(NAME.findall(text)) for text in texts]
    everything = frozenset().union(*names)
    head, tail = html[: body.end()], html[end:]
    return tuple(
        _part(head, text, tail, everything - own, is_first=not number)
        for number, (text, own) in enumerate(zip(texts, names, strict=True))
    )


def _chosen(begins: Sequence[int], start: int, end: int, parts: int) -> Iterator[int]:
    """The places to cut at: those nearest to where the work, starting included, is the same for every part."""
    sizes = [stop - place + SHEET for place, stop in zip([start, *begins], [*begins, end], strict=True)]
    done = list(accumulate(sizes))
    share = (done[-1] + START * (parts - 1)) / parts
    first = 0
    for number in range(1, parts):
        wanted = share * number - START * (number - 1)
        left = range(first, len(begins))
        if not left:
            return
        nearest = min(left, key=lambda place: abs(done[place] - wanted))
        yield begins[nearest]
        first = nearest + 1


def _part(head: str, text: str, tail: str, foreign: frozenset[str], *, is_first: bool) -> Part:
    elsewhere = tuple(dict.fromkeys(name for name in LINK.findall(text) if name in foreign))
    numbers = {name: number for number, name in enumerate(elsewhere)}

    def away(link: re.Match[str]) -> str:
        return f'href="{ELSEWHERE}{numbers[link[1]]}"' if link[1] in numbers else link[0]

    if is_first and elsewhere:
        # Only the first part has contents: the others would wait for each other's pages.
        rules = "".join(
            CONTENTS.format(scheme=ELSEWHERE, style=ELSEWHERE_STYLE, number=number)
            for number in numbers.values()
        )
        head = head.replace("</head>", f"<style>\n{rules}</style></head>", 1)
    return Part(head + LINK.sub(away, text) + tail, tuple(unescape(name) for name in elsewhere))
