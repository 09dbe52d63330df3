"""What is shipped to the browser: small, unaltered, and without inline script or style."""

import gzip
import hashlib
import re

import pytest
from django.conf import settings
from django.template.loader import get_template

STATIC = settings.BASE_DIR / "static"
TEMPLATES = settings.BASE_DIR / "templates"
PARTS = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
VENDOR = STATIC / "vendor"


def test_every_vendored_file_is_the_one_in_the_manifest():
    listed = dict(
        reversed(row.split("  ./")) for row in (VENDOR / "MANIFEST").read_text().splitlines() if "  ./" in row
    )
    found = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "MANIFEST"
    }
    assert found == listed


def test_sheets_and_scripts_of_a_page_stay_under_150_kilobytes_compressed():
    shipped = [
        *STATIC.glob("css/*.css"),
        *STATIC.glob("js/*.js"),
        *VENDOR.glob("*/*.css"),
        *VENDOR.glob("*/*.js"),
    ]
    assert sum(len(gzip.compress(path.read_bytes())) for path in shipped) < 150_000


@pytest.mark.parametrize("path", sorted(STATIC.glob("css/*.css")), ids=lambda path: path.name)
def test_a_style_sheet_holds_one_part(path):
    assert len(path.read_text("utf-8").splitlines()) <= 150


@pytest.mark.parametrize("name", PARTS)
def test_a_template_compiles_and_opens_by_saying_what_it_takes(name):
    get_template(name)
    assert (TEMPLATES / name).read_text("utf-8").startswith("{#")


@pytest.mark.parametrize("name", PARTS)
def test_a_template_has_no_inline_script_style_or_handler(name):
    words = (TEMPLATES / name).read_text("utf-8")
    assert re.findall(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=|javascript:|<!--", words) == []


@pytest.mark.parametrize("name", PARTS)
def test_a_template_has_at_most_200_lines(name):
    assert len((TEMPLATES / name).read_text("utf-8").splitlines()) <= 200


def test_every_sheet_and_script_named_in_a_template_exists():
    named = {
        found
        for name in PARTS
        for found in re.findall(r"{% static '([^']+)' %}", (TEMPLATES / name).read_text("utf-8"))
    }
    assert [name for name in sorted(named) if not (STATIC / name).is_file()] == []


def test_every_sheet_of_ours_is_linked():
    """By every page, or by the pages of one app; the printed pack calls its own by pack:///."""
    linked = "".join(path.read_text("utf-8") for path in TEMPLATES.rglob("*.html"))
    sheets = [path.name for path in sorted(STATIC.glob("css/*.css"))]
    assert [
        name
        for name in sheets
        if not {f"css/{name}", f"pack:///{name}"} & set(re.findall(r"(?:css/|pack:///)[\w.]+", linked))
    ] == []
