"""Writing SVG: elements with escaped text, and the frame every drawing has."""

from collections.abc import Iterable
from html import escape

from alignment_portal.http.drawing.palette import Palette
from alignment_portal.http.drawing.text import wrap

SIZE = 13.0
Attribute = str | float | None


def number(value: float) -> str:
    """Coordinates to a tenth, without a trailing zero."""
    return f"{value:.1f}".removesuffix(".0")


def element(name: str, *inside: str, **attributes: Attribute) -> str:
    """One element; `stroke_width` becomes `stroke-width`, `class_` becomes `class`, None is left out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(number(value) if isinstance(value, int | float) else value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}>{''.join(inside)}</{name}>" if inside else f"<{name}{written}/>"


def label(words: str, x: float, y: float, **attributes: Attribute) -> str:
    return element("text", escape(words), x=x, y=y, **attributes)


def line(x1: float, y1: float, x2: float, y2: float, **attributes: Attribute) -> str:
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, **attributes)


def title(words: str) -> str:
    return element("title", escape(words))


def row_name(words: str, y: float, room: float) -> str:
    """The name at the left of a row, centred on `y`: two lines at most, the whole in the title."""
    lines = wrap(words, room, SIZE, 2)
    first = y + 4 - (len(lines) - 1) * 7.5
    return element(
        "g", title(words), *(label(told, 0, first + index * 15) for index, told in enumerate(lines))
    )


def octagon(x: float, y: float, radius: float, **attributes: Attribute) -> str:
    """The sign of a broken rule: the same shape as the mark of a blocked verdict."""
    cut = radius * 0.4142
    corners = [(radius, cut), (cut, radius), (-cut, radius), (-radius, cut)]
    corners += [(-dx, -dy) for dx, dy in corners]
    return element(
        "polygon", points=" ".join(f"{number(x + dx)},{number(y + dy)}" for dx, dy in corners), **attributes
    )


def drawing(
    inside: Iterable[str],
    *,
    width: float,
    height: float,
    alternative: str,
    palette: Palette,
    links: bool = False,
) -> str:
    """The whole drawing. `alternative` says in a sentence what it shows: WeasyPrint takes it as the alternative text.

    A drawing that holds links is a group, so that they can be reached.
    """
    return element(
        "svg",
        title(alternative),
        *inside,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {number(width)} {number(height)}",
        role="group" if links else "img",
        aria_label=alternative,
        font_family=palette.font,
        font_size=SIZE,
        fill=palette.ink,
    )
