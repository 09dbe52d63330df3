"""JSON as programs send it, without what could be read in two ways or could not be kept.

Refused are a name that stands twice in one object (RFC 8259 leaves open which of the two counts), half of a
character, control characters, numbers that are none, and what is nested deeper than anything the portal takes.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser, get_encoding  # type: ignore[attr-defined]  # the stubs leave it out
from rest_framework.utils.json import strict_constant

# NUL is refused by the fields themselves, each with its pointer; raw control characters are no JSON.
_ESCAPED = re.compile(r"\\(?:[bf]|u00(?:0[1-8bcef]|1[0-9a-f]|7f))", re.IGNORECASE)
CONTROLS = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
DEEPEST = 64  # levels; a dossier inside a list of many has about a dozen


class TextParser(JSONParser):
    """Refuses half of a character as well: JSON can write one (`\\ud800`), UTF-8 cannot."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        raw = stream.read()
        encoding = get_encoding(parser_context or {})
        try:
            text = raw.decode("utf-8-sig" if encoding.lower() in {"utf-8", "utf8"} else encoding)
            value = json.loads(text, parse_constant=strict_constant, object_pairs_hook=_members)
        except RecursionError as error:
            raise _too_deep() from error
        except ValueError as error:
            sentence = f"JSON parse error - {error}"
            raise ParseError(sentence) from error
        _require_shallow(value)
        if "\\ud" in text.lower():
            _require_text(value)
        if _ESCAPED.search(text):
            _require_no_controls(value)
        return value


def _members(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        sentence = f"“{twice[:80]}” stands twice in one object."
        raise ValueError(sentence)
    return members


def _require_shallow(value: Any) -> None:
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(DEEPEST):
        level = [
            child
            for parent in level
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, dict | list)
        ]
        if not level:
            return
    raise _too_deep()


def _too_deep() -> ParseError:
    return ParseError(f"This JSON is nested more than {DEEPEST} levels deep.")


def _require_text(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        half = f"U+{ord(error.object[error.start]):04X}"
        raise ParseError(f"A text holds {half}, which is half of a character; send the whole one.") from error


def _require_no_controls(value: Any) -> None:
    """No page, workbook, calendar or PDF can show one, so that it would only do harm there."""
    for text in _texts(value):
        if found := CONTROLS.search(text):
            raise ParseError(f"A text holds the control character U+{ord(found[0]):04X}; send it without.")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
