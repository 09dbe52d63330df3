"""File names: kept for people to recognise, with nothing in them that could do harm."""

import unicodedata
from pathlib import PurePosixPath

LONGEST = 120


def clean_name(name: str) -> str:
    """The last part of the name, without control, direction or path characters, of bearable length."""
    last = PurePosixPath(name.replace("\\", "/")).name
    # Category C holds controls, format characters (right-to-left overrides among them) and surrogates.
    kept = "".join(
        character
        for character in unicodedata.normalize("NFC", last)
        if unicodedata.category(character)[0] != "C"
    )
    kept = "".join("_" if character in '<>:"|?*/%;' else character for character in kept).strip(" .")
    stem, dot, extension = kept.rpartition(".")
    if dot and len(extension) <= 8:  # noqa: PLR2004 — a longer ending is not an extension
        return f"{stem[: LONGEST - len(extension) - 1] or 'file'}.{extension}"
    return kept[:LONGEST] or "file"


def extension_of(name: str) -> str:
    _, dot, extension = name.rpartition(".")
    return extension.lower() if dot else ""
