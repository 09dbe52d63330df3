"""XLSX, DOCX and PPTX: counted and measured before anything is unpacked, and never unpacked to disk."""

import io
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from gates.selectors.kinds import DOCX, PPTX, XLSX, Kind
from gates.services.intake.refusing import FileRefused, refuse_malware

MOST_ENTRIES = 3000
MOST_UNPACKED = 200 * 1024 * 1024
MOST_RATIO = 200  # office XML packs about 10 to 1; a bomb packs 1,000 to 1
_SMALL = 1024 * 1024  # below this even a high ratio does no harm
_MAIN: Mapping[str, Kind] = {
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml": XLSX,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml": DOCX,
    "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml": PPTX,
}
_ACTIVE_PART = re.compile(
    r"vbaproject|vbadata|activex|oleobject|customui|\.(?:bin|exe|dll|js|vbs|hta|html?|svg)$"
)
# Settings that Excel writes for a printer carry no program.
_HARMLESS_BINARY = re.compile(r"printersettings/printersettings\d*\.bin$")
_LINK = "/hyperlink"
_END_OF_ZIP = b"PK\x05\x06"


def kind_of_office(file: BinaryIO, *, depth: int = 0) -> Kind:
    """The kind of an office file; refuses bombs, macros, encryption, active parts and links out of it."""
    raw_size = file.seek(0, io.SEEK_END)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            _check_frame(file, raw_size, entries, archive.start_dir)
            _check_entries(entries, raw_size)
            return _kind_of_parts(archive, entries, depth)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, RuntimeError) as error:
        raise FileRefused("This file looks like an office document but is damaged. Save it again.") from error


def _check_frame(file: BinaryIO, size: int, entries: list[zipfile.ZipInfo], directory_at: int) -> None:
    """The archive fills the whole file: nothing before it, nothing after it, no two entries on one another."""
    file.seek(max(0, size - 22))
    tail = file.read(22)
    if not tail.startswith(_END_OF_ZIP) or tail[20:] != b"\x00\x00":
        raise FileRefused("Something follows the end of this office document. Save it again.")
    at = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < at:
            raise FileRefused("Parts of this archive lie on one another, which only a trap needs.")
        at = entry.header_offset + 30 + entry.compress_size
    if at > directory_at or (entries and min(entry.header_offset for entry in entries) != 0):
        raise FileRefused("Something stands before the beginning of this office document. Save it again.")


def _check_entries(entries: list[zipfile.ZipInfo], size: int) -> None:
    if len(entries) > MOST_ENTRIES:
        raise FileRefused(f"This file holds {len(entries):,} parts; {MOST_ENTRIES:,} is the most.")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MOST_UNPACKED or (unpacked > _SMALL and unpacked > MOST_RATIO * size):
        raise FileRefused("This file would unpack to far more than an office document holds.")
    if len({entry.filename.lower() for entry in entries}) != len(entries):
        raise FileRefused("Two parts of this file have the same name, which only a trap needs.")
    for entry in entries:
        _check_entry(entry)


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    if entry.flag_bits & 0x1:
        raise FileRefused("This file is encrypted. Send it without a password.")
    if name.startswith("/") or "\\" in name or "\x00" in name or ".." in name.split("/") or ":" in name:
        raise FileRefused("A part of this file has a name that points outside of it.")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise FileRefused("A part of this file is a link to another file.")
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise FileRefused("This file is packed in a way that office programs do not use.")
    lowered = name.lower()
    if _ACTIVE_PART.search(lowered) and not _HARMLESS_BINARY.search(lowered):
        raise FileRefused(
            f"This file carries an active part ({name.rsplit('/', 1)[-1]}): a macro, program or embedded object."
            " Save it without, or as PDF."
        )


def _kind_of_parts(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], depth: int) -> Kind:
    left = MOST_UNPACKED
    kind: Kind | None = None
    for entry in entries:
        content = _unpacked(archive, entry, left)
        left -= len(content)
        refuse_malware(content)
        lowered = entry.filename.lower()
        if lowered == "[content_types].xml":
            kind = _main_kind(content)
        elif lowered.endswith(".rels"):
            _check_relations(content)
        elif lowered.endswith((".xml", ".vml")):
            _check_xml(content)
        elif "/embeddings/" in lowered:
            _check_embedded(content, entry.filename, depth)
    if kind is None:
        raise FileRefused("This is an archive, but not an office document. Send the files in it one by one.")
    return kind


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    """The content of one entry, read in pieces: its stated size may be a lie."""
    read = bytearray()
    with archive.open(entry) as part:
        while piece := part.read(64 * 1024):
            read += piece
            if len(read) > most:
                raise FileRefused("This file would unpack to far more than an office document holds.")
    return bytes(read)


def _main_kind(content: bytes) -> Kind:
    types = {str(element.get("ContentType", "")) for element in _elements(content)}
    if any("macroenabled" in content_type.lower() for content_type in types):
        raise FileRefused("This file is made to carry macros. Save it without, or as PDF.")
    kinds = [_MAIN[content_type] for content_type in sorted(types & set(_MAIN))]
    if len(kinds) != 1:
        raise FileRefused("This is an archive, but not an office document. Send the files in it one by one.")
    return kinds[0]


def _check_relations(content: bytes) -> None:
    for element in _elements(content):
        outside = element.get("TargetMode", "").lower() == "external"
        if outside and not element.get("Type", "").endswith(_LINK):
            raise FileRefused(
                "This file fetches a part of itself from elsewhere. Save it with everything inside."
            )


def _check_xml(content: bytes) -> None:
    for _ in _elements(content):
        pass


def _elements(content: bytes) -> Iterator[Any]:
    try:
        for _, element in ElementTree.iterparse(io.BytesIO(content), forbid_dtd=True):
            yield element
            element.clear()
    except DefusedXmlException as error:
        raise FileRefused("A part of this file declares entities, which office programs never do.") from error
    except ElementTree.ParseError as error:
        raise FileRefused("A part of this file is not readable XML. Save it again.") from error


def _check_embedded(content: bytes, name: str, depth: int) -> None:
    # Charts keep their numbers in a workbook inside the file; nothing else may be embedded, nor deeper.
    if depth or not name.lower().endswith(".xlsx"):
        raise FileRefused(
            f"Another file is embedded in this one ({name.rsplit('/', 1)[-1]}). Send it by itself."
        )
    kind_of_office(io.BytesIO(content), depth=depth + 1)
