"""WeasyPrint and pikepdf, loaded late, and all that WeasyPrint may load: the pack's own fonts and sheets, from bytes."""

import io
import logging
import os
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from alignment_portal.refusals import Refusal

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
FONTS = (
    "sans-400", "sans-600", "serif-400", "serif-400-italic", "serif-600", "display-400",
    "arabic-400", "hebrew-400", "emoji-400",
)  # fmt: skip
SHEETS = ("pack_widths.css", "pack_paper.css", "pack_scripts.css")
SCHEME = "pack:///"
TYPES = {".css": "text/css", ".woff2": "font/woff2"}
# Fonts are dated while they are cut down; one renderer at a time may set the date for the whole process.
_dated = threading.Lock()


class CannotRender(Refusal):
    """The PDF cannot be made on this machine, or of this content; `is_lasting` when trying again changes nothing."""

    code = "cannot_render"
    is_lasting = False


class NoLibrary(CannotRender):
    is_lasting = True


@dataclass(frozen=True)
class Attached:
    """A file inside the PDF, from bytes and never from a place."""

    name: str
    description: str
    body: bytes


@cache
def own_files() -> Mapping[str, bytes]:
    """Everything a pack may load, by address."""
    fonts = {f"{SCHEME}{name}.woff2": STATIC / "vendor" / "fonts" / f"{name}.woff2" for name in FONTS}
    sheets = {f"{SCHEME}{name}": STATIC / "css" / name for name in SHEETS}
    return {address: path.read_bytes() for address, path in {**fonts, **sheets}.items()}


def library() -> Any:
    # Steps and font tables are of no use in the log of the portal.
    progress = logging.getLogger("weasyprint.progress")
    progress.propagate = False
    progress.setLevel(logging.INFO)
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    try:
        import weasyprint  # noqa: PLC0415 — slow import
    except OSError as error:
        raise NoLibrary(
            "PDFs cannot be made on this machine: a library that WeasyPrint needs (Pango) is not installed. "
            "The pack can be read on screen and printed from the browser."
        ) from error
    return weasyprint


def pdf_tool() -> Any:
    logging.getLogger("pikepdf").setLevel(logging.WARNING)
    import pikepdf  # noqa: PLC0415 — slow import

    return pikepdf


def fetcher(refused: list[str]) -> Any:
    weasyprint = library()
    urls = weasyprint.urls

    class OwnFilesOnly(urls.URLFetcher):  # type: ignore[misc, name-defined]  # loaded late, so untyped
        """INVARIANT: answers from `own_files` alone; opens no file and no connection."""

        def __init__(self) -> None:
            super().__init__(allowed_protocols=[], allow_redirects=False)

        def fetch(self, url: str, headers: object = None) -> Any:
            body = own_files().get(url)
            if body is None:
                refused.append(url)
                raise ValueError("A pack loads nothing but its own fonts and sheets.")
            return urls.URLFetcherResponse(url, body, {"Content-Type": TYPES[Path(url).suffix]})

    return OwnFilesOnly()


@contextmanager
def date_of(moment: datetime) -> Iterator[None]:
    with _dated:
        before = os.environ.get("SOURCE_DATE_EPOCH")
        os.environ["SOURCE_DATE_EPOCH"] = str(int(moment.timestamp()))
        try:
            with warnings.catch_warnings():
                # The library leaves the file of its colour profile to the collector.
                warnings.simplefilter("ignore", ResourceWarning)
                yield
        finally:
            if before is None:
                del os.environ["SOURCE_DATE_EPOCH"]
            else:
                os.environ["SOURCE_DATE_EPOCH"] = before


def saved(pdf: Any) -> bytes:
    target = io.BytesIO()
    pdf.save(target, deterministic_id=True, object_stream_mode=pdf_tool().ObjectStreamMode.generate)
    return target.getvalue()
