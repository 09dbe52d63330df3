"""Look into one PDF in a process of its own: `python pdf_probe.py FILE` prints what it found as JSON.

A hostile file may ask for all memory or all time; here it gets neither, and takes nobody with it.
It imports nothing of the portal's, so that it starts quickly and can reach nothing.
"""

import json
import resource
import sys
from collections.abc import Iterator

import pikepdf

MOST_MEMORY = 1024 * 1024 * 1024
MOST_SECONDS = 20
MOST_OBJECTS = 300_000
MOST_PAGES = 5000
DEEPEST = 60
# Actions and parts that make a document do something, reach out, or carry another file.
ACTIVE_KEYS = {
    "/JS": "a script",
    "/JavaScript": "a script",
    "/Launch": "a command to start a program",
    "/EmbeddedFile": "an attached file",
    "/EmbeddedFiles": "an attached file",
    "/EF": "an attached file",
    "/AF": "an attached file",
    "/RichMedia": "embedded media",
    "/RichMediaContent": "embedded media",
    "/XFA": "an active form",
}
ACTIVE_NAMES = {
    "/JavaScript": "a script",
    "/Launch": "a command to start a program",
    "/EmbeddedFile": "an attached file",
    "/FileAttachment": "an attached file",
    "/RichMedia": "embedded media",
    "/Rendition": "embedded media",
    "/Movie": "embedded media",
    "/Sound": "embedded media",
    "/Screen": "embedded media",
    "/3D": "embedded media",
    "/SubmitForm": "a form that sends data away",
    "/ImportData": "a form that loads data",
    "/GoToE": "a way into another file",
    "/GoToR": "a way into another file",
}
NAMED_BY = ("/S", "/Type", "/Subtype")


def active_parts(item: pikepdf.Object, depth: int = 0) -> Iterator[str]:
    """What is active in one object and in everything written directly inside of it."""
    if depth > DEEPEST:
        yield "parts nested too deeply to be looked into"
        return
    if isinstance(item, pikepdf.Array):
        for inner in item:
            yield from _inside(inner, depth)
    elif isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
        for key, value in item.items():
            if key in ACTIVE_KEYS:
                yield ACTIVE_KEYS[key]
            if key in NAMED_BY and isinstance(value, pikepdf.Name) and str(value) in ACTIVE_NAMES:
                yield ACTIVE_NAMES[str(value)]
            yield from _inside(value, depth)


def _inside(item: object, depth: int) -> Iterator[str]:
    # What is only referred to comes by itself in the list of all objects.
    if isinstance(item, pikepdf.Object) and not item.is_indirect:
        yield from active_parts(item, depth + 1)


def report(path: str) -> dict[str, object]:
    try:
        with pikepdf.open(path, suppress_warnings=True) as pdf:
            if pdf.is_encrypted:
                return {"fault": "encrypted"}
            if len(pdf.objects) > MOST_OBJECTS or len(pdf.pages) > MOST_PAGES:
                return {"fault": "large"}
            found = {part for item in pdf.objects for part in active_parts(item)}
            return {"fault": "", "pages": len(pdf.pages), "active": sorted(found)}
    except pikepdf.PasswordError:
        return {"fault": "encrypted"}
    except (pikepdf.PdfError, RuntimeError, ValueError, OverflowError):
        return {"fault": "damaged"}
    except (MemoryError, RecursionError):
        return {"fault": "large"}


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.write(json.dumps(report(sys.argv[1])))


if __name__ == "__main__":
    main()
