"""What may be evidence and what may not, judged by what is in the file."""

import io
import json
import struct
import zipfile
import zlib

import pikepdf
import pytest
from PIL import Image

from gates.services.intake.inspection import inspect_file
from gates.services.intake.names import clean_name
from gates.services.intake.refusing import EICAR, FileRefused

XLSX_MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
DOCX_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
PPTX_MAIN = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"


def pdf(change=None, **options):
    document = pikepdf.new()
    document.add_blank_page()
    if change is not None:
        change(document)
    buffer = io.BytesIO()
    document.save(buffer, **options)
    return buffer.getvalue()


def image(form="PNG", size=(4, 3)):
    buffer = io.BytesIO()
    Image.new("RGB", size).save(buffer, form)
    return buffer.getvalue()


def wide_png(width, height):
    """A PNG header that claims a size, with almost no pixels behind it."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0")), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def office(main=XLSX_MAIN, parts=(), compression=zipfile.ZIP_DEFLATED, types=()):
    overrides = "".join(
        f'<Override PartName="/p{n}" ContentType="{kind}"/>' for n, kind in enumerate((main, *types))
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        archive.writestr("[Content_Types].xml", f"<Types>{overrides}</Types>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        for name, content in parts:
            archive.writestr(name, content)
    return buffer.getvalue()


def action(**entries):
    return lambda document: document.Root.__setitem__("/OpenAction", pikepdf.Dictionary(**entries))


def script(document):
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def hidden_script(document):
    """In an object of its own that only a page's annotation points to."""
    deed = document.make_indirect(pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)"))
    document.pages[0].Annots = pikepdf.Array([pikepdf.Dictionary(Subtype=pikepdf.Name.Link, A=deed)])


def attachment(document):
    document.attachments["payload.txt"] = b"hello"


def launch(document):
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.Launch, F="cmd.exe")


def escaped_script(document):
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name("/JavaScript"), JS="x")


def zipped(name="a.txt", content="hello"):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


def linked():
    buffer = io.BytesIO(office())
    with zipfile.ZipFile(buffer, "a") as archive:
        entry = zipfile.ZipInfo("xl/link.xml")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    return buffer.getvalue()


def encrypted_entry():
    raw = bytearray(office())
    raw[6] |= 1
    at = raw.index(b"PK\x01\x02")
    raw[at + 8] |= 1
    return bytes(raw)


def overlapping():
    """Two entries of the directory that share one piece of data."""
    raw = bytearray(office(parts=[("xl/a.xml", "<a/>"), ("xl/b.xml", "<b/>")]))
    entries = [at for at in range(len(raw)) if raw[at : at + 4] == b"PK\x01\x02"]
    raw[entries[-1] + 42 : entries[-1] + 46] = raw[entries[-2] + 42 : entries[-2] + 46]
    return bytes(raw)


EXTERNAL = (
    '<Relationships><Relationship Type="http://x/attachedTemplate" TargetMode="External" Target="http://x/t.dotm"/>'
    "</Relationships>"
)
HYPERLINK = (
    '<Relationships><Relationship Type="http://x/hyperlink" TargetMode="External" Target="https://example.org/"/>'
    "</Relationships>"
)
ENTITY = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
LAUGHS = '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;&x;">]><a>&y;</a>'

GOOD = {
    "report.pdf": (pdf(), "pdf"),
    "goto.pdf": (
        pdf(lambda d: d.Root.__setitem__("/OpenAction", pikepdf.Array([d.pages[0].obj, pikepdf.Name.Fit]))),
        "pdf",
    ),
    "shot.png": (image(), "png"),
    "shot.jpg": (image("JPEG"), "jpeg"),
    "shot.jpeg": (image("JPEG"), "jpeg"),
    "sample.csv": (b"case,reason\n1,limit too low\n", "text"),
    "excel.csv": ("caf\u00e9;1\r\n".encode("cp1252"), "text"),
    "with-mark.csv": (b"\xef\xbb\xbfa,b\n1,2\n", "text"),
    "notes.txt": (b"Seen on 3 June: 5 < 7 and 9 > 8.\n", "text"),
    "trace.log": (b"2026-06-01 12:00 decision 17\n", "text"),
    "run.json": (json.dumps({"recall": 0.994}).encode(), "json"),
    "book.xlsx": (office(), "xlsx"),
    "memo.docx": (office(DOCX_MAIN), "docx"),
    "deck.pptx": (office(PPTX_MAIN), "pptx"),
    "linking.docx": (office(DOCX_MAIN, [("word/_rels/document.xml.rels", HYPERLINK)]), "docx"),
    "charted.pptx": (office(PPTX_MAIN, [("ppt/embeddings/sheet1.xlsx", office())]), "pptx"),
    "printed.xlsx": (office(parts=[("xl/printerSettings/printerSettings1.bin", b"\0\1\2")]), "xlsx"),
}

BAD = {
    "empty.pdf": (b"", "empty"),
    "empty.csv": (b"", "empty"),
    "eicar.txt": (EICAR, "virus"),
    "eicar.xlsx": (office(parts=[("xl/x.xml", b"<a>" + EICAR.replace(b"<", b"") + b"</a>")]), "virus"),
    "script.pdf": (b"import os\nos.system('ls')\n", "plain text, but it is called"),
    "shell.txt": (b"#!/bin/sh\nrm -rf /\n", "a program (a script)"),
    "page.txt": (b"<!DOCTYPE html><html><script>alert(1)</script></html>", "parts of a web page"),
    "page.pdf": (b"<html><body>hi</body></html>", "parts of a web page"),
    "drawing.png": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "parts of a web page"),
    "drawing.svg": (b'<?xml version="1.0"?><svg/>', "parts of a web page"),
    "hidden.csv": (b"a,b\n1,<script>alert(1)</script>\n", "parts of a web page"),
    "code.js": (b"alert(1)\n", "plain text, but it is called"),
    "php.txt": (b"<?php system($_GET['x']); ?>", "parts of a web page"),
    "jump.txt": (b"see javascript:alert(1)", "parts of a web page"),
    "setup.pdf": (b"MZ\x90\x00" + b"\0" * 100, "a program"),
    "elf.csv": (b"\x7fELF" + b"\0" * 100, "a program"),
    "old.xlsx": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old or encrypted office file"),
    "noise.txt": (bytes(range(1, 32)) * 10, "neither text"),
    "nul.csv": (b"a,b\0c\n", "Evidence may be"),
    "anim.png": (b"GIF89a" + b"\0" * 40, "Evidence may be"),
    "broken.json": (b'{"a": ', "not valid JSON"),
    "deep.json": (b"[" * 500 + b"]" * 500, "levels deep"),
    "very-deep.json": (b"[" * 200_000, "not valid JSON"),
    "javascript.pdf": (pdf(script), "a script"),
    "hidden-javascript.pdf": (
        pdf(hidden_script, object_stream_mode=pikepdf.ObjectStreamMode.generate),
        "a script",
    ),
    "named.pdf": (pdf(escaped_script).replace(b"/JavaScript", b"/#4aavaScript", 1), "a script"),
    "attached.pdf": (pdf(attachment), "an attached file"),
    "launch.pdf": (pdf(launch), "a command to start a program"),
    "submit.pdf": (pdf(action(S=pikepdf.Name.SubmitForm, F="http://x/")), "sends data away"),
    "locked.pdf": (pdf(encryption=pikepdf.Encryption(user="u", owner="o")), "encrypted"),
    "owner-locked.pdf": (pdf(encryption=pikepdf.Encryption(user="", owner="o")), "encrypted"),
    "cut.pdf": (pdf()[:200], "damaged"),
    "fake.pdf": (b"%PDF-1.7\nnothing\n%%EOF\n", "damaged"),
    "late.pdf": (b"junk before\n" + pdf(), "A PDF begins inside"),
    "tail.pdf": (pdf() + zipped(), "Something follows the end"),
    "zip-comment.pdf": (pdf() + zipped() + b"%%EOF\n", "An archive is hidden"),
    "bomb.png": (wide_png(60_000, 60_000), "image"),
    "wide.png": (wide_png(9000, 9000), "81,000,000 pixels"),
    "tail.png": (image() + b"<script>", "Something follows the end"),
    "zip.png": (image() + zipped(), "Something follows the end"),
    "zip.jpg": (image("JPEG") + zipped(), "Something follows the end"),
    "cut.png": (image()[:30], "damaged"),
    "pdf-inside.txt": (b"hello\n%PDF-1.7\n", "A PDF begins inside"),
    "renamed.csv": (image(), "a PNG image, but it is called"),
    "renamed.pdf": (office(), "an Excel workbook, but it is called"),
    "no-ending": (b"just words\n", "but it is called"),
    "archive.xlsx": (zipped(), "not an office document"),
    "macro.xlsx": (office(parts=[("xl/vbaProject.bin", b"x")]), "an active part"),
    "macro-type.xlsx": (
        office(types=["application/vnd.ms-excel.sheet.macroEnabled.main+xml"]),
        "made to carry macros",
    ),
    "ole.docx": (office(DOCX_MAIN, [("word/embeddings/oleObject1.bin", b"x")]), "an active part"),
    "active-x.docx": (
        office(DOCX_MAIN, [("word/activeX/activeX1.xml", "<a/>"), ("word/a.exe", "x")]),
        "an active part",
    ),
    "nested.docx": (office(DOCX_MAIN, [("word/embeddings/inner.docx", "x")]), "Another file is embedded"),
    "remote.docx": (office(DOCX_MAIN, [("word/_rels/settings.xml.rels", EXTERNAL)]), "from elsewhere"),
    "entity.docx": (office(DOCX_MAIN, [("word/document.xml", ENTITY)]), "declares entities"),
    "laughs.xlsx": (office(parts=[("xl/sharedStrings.xml", LAUGHS)]), "declares entities"),
    "bad-xml.xlsx": (office(parts=[("xl/styles.xml", "<a>")]), "not readable XML"),
    "bomb.xlsx": (office(parts=[("xl/media/a.dat", b"\0" * 220_000_000)]), "unpack to far more"),
    "many.xlsx": (
        office(parts=[(f"xl/p{n}.dat", b"") for n in range(3100)], compression=zipfile.ZIP_STORED),
        "3,000 is the most",
    ),
    "slip.xlsx": (office(parts=[("../../etc/cron.d/x", "x")]), "points outside"),
    "absolute.xlsx": (office(parts=[("/etc/passwd", "x")]), "points outside"),
    "link.xlsx": (linked(), "a link to another file"),
    "locked.xlsx": (encrypted_entry(), "encrypted"),
    "overlap.xlsx": (overlapping(), "lie on one another"),
    "tail.xlsx": (office() + b"junk", "Something follows the end"),
    "front.xlsx": (b"PK\x03\x04" + b"junk" + office(), "before the beginning"),
    "lzma.xlsx": (office(compression=zipfile.ZIP_LZMA), "packed in a way"),
    "cut.xlsx": (office()[:100], "damaged"),
}


def inspected(tmp_path, name, raw):
    path = tmp_path / "upload"
    path.write_bytes(raw)
    return inspect_file(path, name)


@pytest.mark.parametrize("name", GOOD)
def test_a_sound_file_is_taken_for_what_it_is(tmp_path, name):
    raw, kind = GOOD[name]
    assert inspected(tmp_path, name, raw).code == kind


@pytest.mark.parametrize("name", BAD)
def test_an_unsound_file_is_refused_and_told_why(tmp_path, name):
    raw, words = BAD[name]
    with pytest.raises(FileRefused) as refused:
        inspected(tmp_path, name, raw)
    assert words in refused.value.sentence


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Report (final).pdf", "Report (final).pdf"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\me\\notes.txt", "notes.txt"),
        ("inv\u202efdp.exe.pdf", "invfdp.exe.pdf"),
        ("a\r\nContent-Type: x.pdf", "aContent-Type_ x.pdf"),
        ("null\x00byte.pdf", "nullbyte.pdf"),
        ("x" * 300 + ".csv", "x" * 116 + ".csv"),
        ("", "file"),
        ("...", "file"),
    ],
)
def test_names_are_kept_without_what_could_harm(given, kept):
    assert clean_name(given) == kept
