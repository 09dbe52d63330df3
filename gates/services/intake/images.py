"""PNG and JPEG: the header only, never the pixels, and nothing behind the end of the picture."""

import struct
import warnings
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from gates.selectors.kinds import JPEG, PNG, Kind
from gates.services.intake.refusing import FileRefused

MOST_PIXELS = 50_000_000
PNG_START = b"\x89PNG\r\n\x1a\n"
JPEG_START = b"\xff\xd8\xff"


def kind_of_image(path: Path, raw: bytes) -> Kind:
    kind = PNG if raw.startswith(PNG_START) else JPEG
    _check_size(path)
    if kind is PNG:
        _check_png_end(raw)
    elif not raw.rstrip(b"\x00").endswith(b"\xff\xd9"):
        raise FileRefused(
            "Something follows the end of this JPEG image. Save it again with an image program."
        )
    return kind


def _check_size(path: Path) -> None:
    try:
        with warnings.catch_warnings():
            # Pillow warns of very large pictures; we refuse them below in words.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path, formats=("PNG", "JPEG")) as image:
                width, height = image.size
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise FileRefused("This image is damaged or far too large to be opened safely.") from error
    if width * height > MOST_PIXELS:
        raise FileRefused(
            f"This image has {width * height:,} pixels; {MOST_PIXELS:,} is the most. Save a smaller one."
        )


def _check_png_end(raw: bytes) -> None:
    at = len(PNG_START)
    while at + 12 <= len(raw):
        length, name = struct.unpack(">I4s", raw[at : at + 8])
        at += 12 + length
        if name == b"IEND":
            break
    else:
        raise FileRefused("This PNG image is cut off. Save it again with an image program.")
    if at != len(raw):
        raise FileRefused("Something follows the end of this PNG image. Save it again with an image program.")
