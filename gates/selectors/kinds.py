"""The kinds of file that may be evidence, and the one table of what each is called and served as."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A kind of file. `content_type` is what it is served as, whatever the uploader said."""

    code: str
    words: str
    content_type: str
    extensions: tuple[str, ...]


PDF = Kind("pdf", "a PDF document", "application/pdf", ("pdf",))
PNG = Kind("png", "a PNG image", "image/png", ("png",))
JPEG = Kind("jpeg", "a JPEG image", "image/jpeg", ("jpg", "jpeg"))
TEXT = Kind("text", "plain text", "text/plain; charset=utf-8", ("csv", "txt", "log", "md"))
JSON = Kind("json", "a JSON document", "application/json", ("json",))
XLSX = Kind(
    "xlsx",
    "an Excel workbook",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ("xlsx",),
)
DOCX = Kind(
    "docx",
    "a Word document",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ("docx",),
)
PPTX = Kind(
    "pptx",
    "a PowerPoint presentation",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ("pptx",),
)
KINDS: Mapping[str, Kind] = {kind.code: kind for kind in (PDF, PNG, JPEG, TEXT, JSON, XLSX, DOCX, PPTX)}
ALLOWED_WORDS = "PDF, PNG, JPEG, CSV or plain text, JSON, XLSX, DOCX or PPTX"
