"""Write docs/configuration.md from the one table of settings, or say that it is out of date."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from alignment_portal.variables import SETTINGS, Setting

HEAD = """# Configuration

Everything is set by environment variables, or by lines `NAME=value` in a file `.env` beside `manage.py`. A value the
portal does not understand stops it at the start, with a sentence that says what it would understand.
A setting marked *secret* may instead be given as the path of a file, in `NAME_FILE`.

| setting | kind | default | in production | what it does |
| --- | --- | --- | --- | --- |
"""


class Command(BaseCommand):
    help = "Write docs/configuration.md from the table of settings."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="only say whether the page is up to date")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "configuration.md"
        text = page()
        if not options["check"]:
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            raise CommandError("docs/configuration.md is out of date: run manage.py document_settings.")


def page() -> str:
    return HEAD + "\n".join(_row(setting) for setting in SETTINGS) + "\n"


def _row(setting: Setting) -> str:
    kind = (
        "one of " + ", ".join(f"`{choice}`" for choice in setting.choices)
        if setting.choices
        else _KINDS[setting.kind]
    )
    if setting.secret:
        kind += ", *secret*"
    default = f"`{setting.default}`" if setting.default else "–"
    return f"| `{setting.name}` | {kind} | {default} | {setting.production or '–'} | {setting.words} |"


_KINDS = {
    "text": "text",
    "bool": "on or off",
    "int": "whole number",
    "path": "folder",
    "list": "list",
    "url": "address",
}
