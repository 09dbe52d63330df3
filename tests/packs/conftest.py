"""An initiative that can be packed, and a folder of its own for what is built."""

from datetime import UTC, datetime
from functools import cache

import pytest

from packs.rendering import render_pdf
from packs.services.building import finish
from packs.services.holding import claim
from packs.services.requests import request_pack
from tests.initiatives.cast import OWNER, actor, open_people, saved

KEY = "AI-0001"
SUBJECT = f"initiative:{KEY}"


@pytest.fixture
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def initiative(db, files):
    open_people()
    return saved()


@pytest.fixture
def owner(initiative):
    return actor(OWNER)


@pytest.fixture
def queued(owner):
    return request_pack(by=owner, subject=SUBJECT).build


@cache
def short_pdf():
    """A sound PDF that names a pack, laid out in a moment: most tests are not about how a pack looks."""
    words = "<html lang=en><head><title>Pack</title><meta name=keywords content='AI-0001, PK-0001, 0'></head><p>Pack"
    return render_pdf(words, moment=datetime(2026, 6, 15, tzinfo=UTC))


@pytest.fixture
def ready(queued):
    finish(claim(queued.pk), short_pdf())
    queued.refresh_from_db()
    return queued
