"""The door for files: what is this really, and may it be evidence? Judged by content, never by name."""

import io
from pathlib import Path

import puremagic

from gates.selectors.kinds import ALLOWED_WORDS, Kind
from gates.services.intake.images import JPEG_START, PNG_START, kind_of_image
from gates.services.intake.names import extension_of
from gates.services.intake.office import kind_of_office
from gates.services.intake.pdf import START as PDF_START
from gates.services.intake.pdf import kind_of_pdf
from gates.services.intake.refusing import FileRefused, refuse_malware
from gates.services.intake.text import kind_of_text

ZIP_START = b"PK\x03\x04"
_END_OF_ZIP = b"PK\x05\x06"
_LONGEST_ZIP_TAIL = 65_557
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PROGRAMS = (b"MZ", b"\x7fELF", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")


def inspect_file(path: Path, name: str) -> Kind:
    """The kind of the file at `path`, called `name`; raises FileRefused with the reason."""
    raw = path.read_bytes()
    if not raw:
        raise FileRefused("This file is empty.", code="file_empty")
    refuse_malware(raw)
    kind = _kind_of(path, raw, extension_of(name))
    _check_nothing_hidden(raw, kind)
    if extension_of(name) not in kind.extensions:
        endings = " or ".join(f".{extension}" for extension in kind.extensions)
        raise FileRefused(
            f"By its content this is {kind.words}, but it is called “{name}”. Give it the ending {endings} if that is right."
        )
    return kind


def _kind_of(path: Path, raw: bytes, extension: str) -> Kind:
    if raw.startswith(PDF_START):
        return kind_of_pdf(path, raw)
    if raw.startswith((PNG_START, JPEG_START)):
        return kind_of_image(path, raw)
    if raw.startswith(ZIP_START):
        return kind_of_office(io.BytesIO(raw))
    if raw.startswith(_OLE):
        raise FileRefused(
            "This is an old or encrypted office file. Save it as DOCX, XLSX or PPTX without a password."
        )
    if raw.startswith(_PROGRAMS):
        raise FileRefused(f"This is a program, not a record. Evidence may be {ALLOWED_WORDS}.")
    if b"\x00" in raw[:65_536]:
        raise FileRefused(f"This is {_looks_like(raw)}. Evidence may be {ALLOWED_WORDS}.")
    return kind_of_text(raw, extension)


def _check_nothing_hidden(raw: bytes, kind: Kind) -> None:
    """No second file inside the first: such a file is one thing to us and another to somebody's program."""
    if kind.code != "pdf" and PDF_START in raw[:1024]:
        raise FileRefused("A PDF begins inside this file. Send each document by itself.")
    office = kind.code in {"xlsx", "docx", "pptx"}
    if not office and _END_OF_ZIP in raw[-_LONGEST_ZIP_TAIL:]:
        raise FileRefused("An archive is hidden at the end of this file. Send it without.")


def _looks_like(raw: bytes) -> str:
    try:
        found = puremagic.magic_string(raw[:4096])
    except puremagic.PureError:
        return "of an unknown kind"
    return f"a file of another kind ({found[0].name})" if found and found[0].name else "of an unknown kind"
