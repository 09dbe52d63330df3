"""JSON as programs send it, without texts that no database can keep and no answer can repeat."""

import io
import json
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class TextParser(JSONParser):
    """Refuses half of a character: JSON can write one (`\\ud800`), UTF-8 cannot."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        raw = stream.read()
        value = super().parse(io.BytesIO(raw), media_type, parser_context)
        if b"\\ud" in raw.lower():
            _require_text(value)
        return value


def _require_text(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        half = f"U+{ord(error.object[error.start]):04X}"
        raise ParseError(f"A text holds {half}, which is half of a character; send the whole one.") from error
