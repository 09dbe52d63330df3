"""Two sets of colours: variables of the style sheet on screen, literals on paper (WeasyPrint reads no variables inside SVG)."""

from dataclasses import dataclass
from typing import Literal

Where = Literal["screen", "print"]


@dataclass(frozen=True, kw_only=True)
class Palette:
    ground: str
    soft: str
    ink: str
    ink_soft: str
    hairline: str
    outline: str
    accent: str
    band: str
    second: str
    broken: str
    font: str


SCREEN = Palette(
    ground="var(--ground)",
    soft="var(--ground-soft)",
    ink="var(--ink)",
    ink_soft="var(--ink-soft)",
    hairline="var(--chart-grid)",
    outline="var(--hairline-strong)",
    accent="var(--chart-line)",
    band="var(--chart-band)",
    second="var(--chart-second)",
    broken="var(--blocked)",
    font="var(--font-sans)",
)
PRINT = Palette(
    ground="#ffffff",
    soft="#f6f7f6",
    ink="#15191c",
    ink_soft="#4f5961",
    hairline="#d9dddf",
    outline="#7f8990",
    accent="#0b5a5e",
    band="#d3e6e5",
    second="#a8590e",
    broken="#a61b1b",
    font="Portal Sans, Source Sans 3, sans-serif",
)
PALETTES: dict[Where, Palette] = {"screen": SCREEN, "print": PRINT}

# Cells of a heat grid carry their own ground and ink, so they read the same in light, dark and on paper.
# From little to far too much, told apart by people who do not tell red from green, and by lightness alone.
HEAT = (
    ("#e8f1f0", "#15191c"),
    ("#bcd9d6", "#15191c"),
    ("#e9b95f", "#15191c"),
    ("#cf7d2c", "#15191c"),
    ("#8f2f12", "#ffffff"),
)
