"""Packs of whole facts and of facts with something cut out, in words and printed."""

import io
import subprocess
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pikepdf
from django.template.loader import render_to_string

from gates.engine import evaluate, explain
from initiatives.dossier.document import decode
from packs.content.gathered import Gathered, most_urgent_first
from packs.content.paper import pack_content
from packs.content.source import Meta, Source
from packs.rendering import Attached, render_pdf
from tests.factories.initiatives import small_document
from tests.gates.engine.builders import NOW, complete_facts
from tests.gates.engine.policies import policy

MOMENT = datetime(2026, 6, 15, 9, 30, tzinfo=UTC)
FILES = (Attached("dossier.json", "Dossier", b'{"a":1}'), Attached("verdict.json", "Verdict", b"{}"))
STAMP = SimpleNamespace(
    ref="PK-0001",
    number=3,
    fingerprint="0123456789abcdef" * 4,
    as_of=MOMENT,
    date_words="15 June 2026, 09:30 UTC",
    organisation="Example",
    anchor_seq=12,
    anchor_hash="f" * 64,
)


def whole(archetype="ml_decisioning"):
    return complete_facts(archetype)


def bare():
    """Facts of a dossier in which nothing but its name is filled in."""
    dossier = decode(msgspec.json.encode(small_document()))
    return msgspec.structs.replace(
        whole(),
        dossier=dossier,
        status="draft",
        evidence=(),
        endorsements=(),
        results=(),
        series=(),
        review=None,
    )


def content(facts=None, **meta):
    facts = facts or whole()
    verdict = evaluate(policy(), facts, NOW)
    return pack_content(facts, verdict, explain(policy(), facts, NOW, verdict), policy(), Meta(**meta))


def member(key, *, cluster="group", facts=None, **initiative):
    """One initiative among several: whole facts under another key."""
    facts = facts or whole()
    named = msgspec.structs.replace(facts.dossier.initiative, key=key, cluster=cluster, **initiative)
    facts = msgspec.structs.replace(facts, dossier=msgspec.structs.replace(facts.dossier, initiative=named))
    verdict = evaluate(policy(), facts, NOW)
    return Source(
        facts=facts,
        verdict=verdict,
        explanation=explain(policy(), facts, NOW, verdict),
        policy=policy(),
        meta=Meta(),
    )


def gathered(*members, **more):
    members = most_urgent_first(members or (member("AI-0001"), member("AI-0002", title="Claims")))
    return Gathered(key="group", title="The group", members=members, policy=policy().version, **more)


def section(said, code):
    return next(one for one in said.sections if one.code == code)


def words(part):
    """Everything a part says, as one text."""
    return msgspec.json.encode(part).decode()


def html(said):
    return render_to_string(
        "packs/paper.html",
        {
            "content": said,
            "stamp": STAMP,
            "palette": "print",
            "verify_url": "https://portal.example/packs/verify/0",
        },
    )


def printed(said):
    return render_pdf(html(said), moment=MOMENT, attachments=FILES)


@cache
def whole_print():
    return printed(content()).body


def text_of(body, page=None):
    """What pdftotext reads on a page, or on all of them."""
    pages = ["-f", str(page), "-l", str(page)] if page else []
    done = subprocess.run(
        ["pdftotext", "-layout", *pages, "-", "-"], input=body, capture_output=True, check=True
    )
    return done.stdout.decode()


def opened(body):
    return pikepdf.open(io.BytesIO(body))


def save(body, folder):
    place = Path(folder) / "pack.pdf"
    place.write_bytes(body)
    return place
