"""Page numbers, links and names that are right across parts, each of which knows only itself until it is laid out.

WeasyPrint writes the foot of a sheet when all pages of a document are laid out, and asks a counter style for each number
there. This one hands in the number of pages at that moment, and waits until those of all parts are known. Page numbers of
contents are asked for as soon as the pages have been counted once, and laid out again by WeasyPrint as any others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from packs.rendering.cutting import ELSEWHERE, ELSEWHERE_STYLE
from packs.rendering.library import library

# Counter styles of pack_paper.css.
COUNTED, SHEET, SHEETS = "counted", "sheet", "sheets"
NOT_YET = "000"  # as wide as most page numbers will be


class Uneven(Exception):
    """The contents took more pages once their numbers were known: the parts do not fit together."""


@dataclass(frozen=True)
class Place:
    before: int  # pages of the parts before this one
    total: int


class Desk(Protocol):
    """Where a part hands in what it knows of itself, and hears of the others; both may wait for them."""

    def place(self, pages: int) -> Place:
        """Hand in the number of own pages; hear where they stand."""

    def found(self, anchors: Mapping[str, int]) -> None:
        """Hand in on which page of the whole each anchor of this part is."""

    def page_of(self, number: int) -> int:
        """The page of the whole that holds the anchor of that number in `Part.elsewhere`."""


def numbers_of(desk: Desk) -> Any:
    """The counter style for WeasyPrint; its `place` is known once the document is rendered."""

    class AcrossParts(library().css.counters.CounterStyle):  # type: ignore[misc]  # loaded late, so untyped
        def __init__(self) -> None:
            super().__init__()
            self.pages = 0
            self.place: Place | None = None

        def counted(self, pages: int) -> Place:
            if self.place is None:
                self.pages, self.place = pages, desk.place(pages)
            elif self.pages != pages:
                raise Uneven
            return self.place

        def render_value(self, counter_value: int, counter_name: Any = None, **more: Any) -> Any:
            if counter_name == COUNTED:
                self.counted(counter_value)
                return ""
            if counter_name == SHEET and self.place:
                return str(self.place.before + counter_value)
            if counter_name == SHEETS:
                return str(self.counted(counter_value).total)
            if isinstance(counter_name, str) and counter_name.startswith(ELSEWHERE_STYLE):
                if counter_value == 0:
                    return NOT_YET
                self.counted(counter_value)
                return str(desk.page_of(int(counter_name.removeprefix(ELSEWHERE_STYLE))))
            return super().render_value(counter_value, counter_name, **more)

    return AcrossParts()


def anchors_of(document: Any, before: int) -> dict[str, int]:
    """On which page of the whole each anchor of a laid out part is; the first counts."""
    found: dict[str, int] = {}
    for page, laid_out in enumerate(document.pages, start=before + 1):
        for name in laid_out.anchors:
            found.setdefault(name, page)
    return found


def settle(pdf: Any, number: int, elsewhere: Sequence[str]) -> None:
    """Before a part is written: links into other parts lead to names, and identifiers of cells are its own."""
    for item in pdf.objects:
        if not isinstance(item, dict):
            continue
        if item.get("Type") == "/StructElem" and "ID" in item:
            # The cells that name this header hold the very same string.
            item["ID"].string = f"{number}-{item['ID'].string}"
        elif item.get("Subtype") == "/Link" and "A" in item:
            _lead_elsewhere(item, elsewhere)


def _lead_elsewhere(link: dict[str, Any], elsewhere: Sequence[str]) -> None:
    address = link["A"]["URI"].string
    if address.startswith(ELSEWHERE):
        name = elsewhere[int(address.removeprefix(ELSEWHERE))]
        # As WeasyPrint writes a link inside of a document.
        link["Contents"].string = name
        link["Dest"] = type(link["Contents"])(name)
        del link["A"]
