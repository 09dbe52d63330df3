"""PDF: a document to read, with no script, no attachment, no password and nothing around it."""

import json
import subprocess
import sys
from pathlib import Path

from gates.selectors.kinds import PDF, Kind
from gates.services.intake.refusing import FileRefused

START = b"%PDF-"
_END = b"%%EOF"
_TAIL = 1024
_SECONDS = 40
PROBE = Path(__file__).with_name("pdf_probe.py")
_FAULTS = {
    "encrypted": "This PDF is encrypted. Send it without a password.",
    "large": "This PDF holds far more than a document for people to read. Send the pages that matter.",
    "damaged": "This PDF is damaged. Save or print it to PDF again.",
}


def kind_of_pdf(path: Path, raw: bytes) -> Kind:
    _check_frame(raw)
    found = _probe(path)
    if fault := _FAULTS.get(str(found["fault"])):
        raise FileRefused(fault)
    if active := found["active"]:
        words = ", ".join(str(part) for part in active) if isinstance(active, list) else ""
        raise FileRefused(f"This PDF carries {words}. Print it to a plain PDF and send that.")
    if not found["pages"]:
        raise FileRefused("This PDF has no page.")
    return PDF


def _check_frame(raw: bytes) -> None:
    tail = raw[-_TAIL:]
    end = tail.rfind(_END)
    if end < 0:
        raise FileRefused(_FAULTS["damaged"])
    if tail[end + len(_END) :].strip(b"\r\n\t \x00"):
        raise FileRefused("Something follows the end of this PDF. Save or print it to PDF again.")


def _probe(path: Path) -> dict[str, object]:
    command = [sys.executable, "-I", str(PROBE), str(path)]
    try:
        done = subprocess.run(  # noqa: S603 — our own script, and a path we made
            command, capture_output=True, timeout=_SECONDS, check=True, stdin=subprocess.DEVNULL
        )
        found = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError):
        return {"fault": "large"}
    return dict(found)
