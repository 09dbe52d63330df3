"""Plain text, CSV and JSON: readable, and not a program or a page in disguise."""

import json
import re

from gates.selectors.kinds import JSON, TEXT, Kind
from gates.services.intake.refusing import FileRefused

# A page or a program that a browser or a shell might be talked into running.
_ACTIVE = re.compile(
    r"<\s*(?:script|html|svg|iframe|object|embed|body|img|link|meta|!doctype|\?xml|\?php)\b"
    r"|<!doctype|<\?xml|<\?php|<%|javascript\s*:",
    re.IGNORECASE,
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_DEEPEST = 100


def kind_of_text(raw: bytes, extension: str) -> Kind:
    words = _decoded(raw)
    if words.startswith("#!"):
        raise FileRefused("This file is a program (a script), not a record. Send the result it gave instead.")
    if _ACTIVE.search(words):
        raise FileRefused(
            "This file holds parts of a web page or a program (HTML, SVG or a script). Export it as PDF or plain text."
        )
    if extension == "json":
        _check_json(words)
        return JSON
    return TEXT


def _decoded(raw: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            words = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _CONTROLS.search(words):
            break
        return words
    raise FileRefused("This file is neither text nor any other kind that can be evidence.")


def _check_json(words: str) -> None:
    try:
        json.loads(words)
    except (ValueError, RecursionError) as error:
        raise FileRefused(f"This file is called .json but is not valid JSON: {error}.") from error
    depth = deepest = 0
    for character in words:
        depth += (character in "[{") - (character in "]}")
        deepest = max(deepest, depth)
    if deepest > _DEEPEST:
        raise FileRefused(f"This JSON is nested {deepest} levels deep; {_DEEPEST} is the most.")
