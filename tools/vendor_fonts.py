"""Subset the two font families to what the portal writes, under names of our own.

The licence reserves the name "Source" for unmodified files, and a subset is a modified file.
"""

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

# Latin with its European extensions, punctuation, currency, arrows and the signs of comparison; a few Greek letters for statistics.
RANGES = (
    (0x20, 0x7E), (0xA0, 0x17F), (0x218, 0x21B), (0x2C6, 0x2DD), (0x1E80, 0x1E85), (0x1E9E, 0x1E9E),
    (0x2010, 0x2026), (0x202F, 0x203A), (0x2044, 0x2044), (0x2070, 0x2089), (0x20AC, 0x20AC), (0x2116, 0x2122),
    (0x2190, 0x2193), (0x2212, 0x2212), (0x221A, 0x221E), (0x2248, 0x2248), (0x2260, 0x2265), (0x2713, 0x2713),
    (0x394, 0x394), (0x3A3, 0x3A3), (0x3B1, 0x3B2), (0x3BC, 0x3BC), (0x3C3, 0x3C3), (0x3C7, 0x3C7),
)  # fmt: skip
FEATURES = [
    "kern",
    "mark",
    "mkmk",
    "liga",
    "ccmp",
    "locl",
    "tnum",
    "lnum",
    "onum",
    "pnum",
    "case",
    "frac",
    "numr",
    "dnom",
    "sups",
]
FONTS = (
    ("sans", "SourceSans3-Regular", "Portal Sans", "sans-400"),
    ("sans", "SourceSans3-It", "Portal Sans", "sans-400-italic"),
    ("sans", "SourceSans3-Semibold", "Portal Sans", "sans-600"),
    ("serif", "SourceSerif4-Regular", "Portal Serif", "serif-400"),
    ("serif", "SourceSerif4-It", "Portal Serif", "serif-400-italic"),
    ("serif", "SourceSerif4-Semibold", "Portal Serif", "serif-600"),
    ("serif", "SourceSerif4Display-Regular", "Portal Display", "display-400"),
)
# Kinds of record in the name table: the family alone, or family and style; the last without spaces.
FAMILY, UNIQUE, FULL, POSTSCRIPT, TYPOGRAPHIC_FAMILY, WWS_FAMILY = 1, 3, 4, 6, 16, 21


def subset(source: Path, family: str, target: Path) -> None:
    options = Options(
        layout_features=FEATURES, flavor="woff2", drop_tables=["DSIG"], hinting=False, name_IDs=["*"]
    )
    font = TTFont(source, recalcTimestamp=False)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[code for first, last in RANGES for code in range(first, last + 1)])
    subsetter.subset(font)
    style = target.stem.partition("-")[2]
    for record in font["name"].names:
        if record.nameID in (FAMILY, TYPOGRAPHIC_FAMILY, WWS_FAMILY):
            record.string = family
        elif record.nameID in (UNIQUE, FULL):
            record.string = f"{family} {style}"
        elif record.nameID == POSTSCRIPT:
            record.string = f"{family}-{style}".replace(" ", "")
    font.flavor = "woff2"
    font.save(target)


def main(packages: Path, target: Path) -> None:
    for package, source, family, name in FONTS:
        subset(packages / package / "TTF" / f"{source}.ttf", family, target / f"{name}.woff2")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
