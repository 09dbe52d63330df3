"""The whole corpus of uploads, in through the door and out again: what is kept is given back to be saved, and only so."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from alignment_portal.refusals import Invalid
from gates.models import Blob, Evidence
from gates.services.intake.refusing import FileRefused
from tests.gates import scene
from tests.gates.test_intake import BAD, GOOD, inspected, office, pdf
from tests.people import api, browser

TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpeg": "image/jpeg",
    "text": "text/plain; charset=utf-8",
    "json": "application/json",
}


def layers(depth, content=b"0" * 1000):
    """An archive in an archive in an archive …: the form of 42.zip."""
    for level in range(depth):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for copy in range(4):
                archive.writestr(f"{level}-{copy}.zip", content)
        content = buffer.getvalue()
    return content


TRAPS = {
    "42.zip": layers(5),
    "42.xlsx": layers(5),
    "script.gif": b"GIF89a=1;alert(1);//",
    "script.jpg": b"\xff\xd8\xff\xe0/*" + b"\0" * 20 + b"*/=alert(1)",
    "page-behind.pdf": pdf() + b"<html><script>alert(1)</script></html>",
    "page-before.pdf": b"<html><script>alert(1)</script>" + pdf(),
    "picture.xlsx": office(parts=[("xl/media/a.svg", "<svg onload='alert(1)'/>")]),
}


def test_the_corpus_is_as_large_as_was_promised():
    assert len(GOOD) + len(BAD) + len(TRAPS) >= 60


@pytest.mark.parametrize("name", TRAPS)
def test_a_file_that_is_two_things_or_endless_is_refused(tmp_path, name):
    with pytest.raises(FileRefused):
        inspected(tmp_path, name, TRAPS[name])


@pytest.fixture
def initiative(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return scene.saved()


def test_every_file_that_is_kept_is_given_back_unchanged_to_be_saved_and_never_shown(initiative):
    client = browser("programme_manager")
    for name, (raw, kind) in GOOD.items():
        item = scene.offered(initiative, form="file", file=scene.upload(raw, name), title=name)
        answer = client.get(f"/initiatives/AI-0001/evidence/{item.ref}/file/")
        assert b"".join(answer.streaming_content) == raw, name
        assert answer.headers["Content-Type"].startswith(TYPES.get(kind, "application/vnd.openxmlformats")), (
            name
        )
        assert answer.headers["Content-Disposition"].startswith("attachment;"), name
        assert answer.headers["X-Content-Type-Options"] == "nosniff", name
        assert answer.headers["Content-Security-Policy"].startswith("sandbox"), name


def test_of_what_is_refused_nothing_is_kept(initiative, tmp_path):
    client = api("programme_manager")
    for name in ("eicar.txt", "page.txt", "bomb.png", "macro.xlsx", "slip.xlsx", "javascript.pdf"):
        offer = {
            "question": "DR-01", "form": "file", "kind": "legal_clearance", "title": name, "statement": "Seen.",
            "observed_on": "2026-11-20", "file": SimpleUploadedFile(name, BAD[name][0]),
        }  # fmt: skip
        answer = client.post("/api/v1/initiatives/AI-0001/evidence/", offer, format="multipart")
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/files/0"), name
    assert (Evidence.objects.count(), Blob.objects.count()) == (0, 0)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(("size", "is_kept"), [(2000, True), (2001, False)])
def test_the_limit_is_kept_and_one_byte_more_is_not(initiative, settings, size, is_kept):
    settings.UPLOAD_MAX_BYTES = 2000
    line = b"1,limit too low\n"
    raw = (line * (size // len(line) + 1))[: size - 1] + b"\n"
    if is_kept:
        assert scene.offered(initiative, form="file", file=scene.upload(raw)).blob.size == 2000
    else:
        with pytest.raises(Invalid, match="larger than"):
            scene.offered(initiative, form="file", file=scene.upload(raw))
