"""The scripts in a real browser, on a page made of the parts; the server's answers are given by the test."""

import json
import mimetypes
import re
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.template import Context, Template
from django.test import RequestFactory

pytestmark = pytest.mark.browser

HOME = "http://portal.test"
POLICY = "default-src 'self'"
SAVED = (200, {"saved_at": "2026-03-09T14:02:00Z", "version": 5})


class Claim(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput, initial=4)
    effect = forms.CharField(label="What changes?")


PAGE = """{% extends "base.html" %}{% block content %}
{% include "parts/form.html" with autosave="/draft/" submit="Save" %}
{% include "parts/upload.html" with action="/evidence/" limits="PDF up to 1 MB." accept=accept max_bytes=1000000 %}
{% include "parts/dialog.html" with id="retire" title="Retire?" sentence="It leaves the lists." action="/retire/" submit="Retire it" trigger="Retire" %}
{% include "parts/theme_switch.html" %}{% endblock %}"""


class Portal:
    """Answers the browser: the page, the static files, and to posts what the test sets."""

    def __init__(self):
        self.answers = {"/draft/": SAVED}
        self.posts = []
        context = {
            "form": Claim(),
            "accept": [".pdf"],
            "csrf_token": "t",
            "request": RequestFactory().get("/"),
        }
        self.page = Template(PAGE).render(Context(context))

    def answer(self, route):
        path = "/" + route.request.url.removeprefix(HOME).lstrip("/")
        if route.request.method == "POST":
            self.posts.append((path, route.request.post_data_buffer or b""))
            status, body = self.answers[path]
            route.fulfill(status=status, content_type="application/json", body=json.dumps(body))
        elif path.startswith("/static/"):
            file = Path(settings.BASE_DIR) / path.lstrip("/")
            route.fulfill(
                body=file.read_bytes(), content_type=mimetypes.guess_type(file.name)[0] or "font/woff2"
            )
        else:
            route.fulfill(
                body=self.page, content_type="text/html", headers={"Content-Security-Policy": POLICY}
            )


@pytest.fixture
def portal(page):
    portal = Portal()
    page.route("**/*", portal.answer)
    page.goto(HOME)
    return portal


def state_of(page, words):
    page.wait_for_function(
        "words => document.querySelector('[data-saved-state]').textContent.includes(words)", arg=words
    )
    return page.inner_text("[data-saved-state]")


def upload_states(page):
    return [
        (item.get_attribute("data-state"), item.query_selector(".upload-words").inner_text())
        for item in page.query_selector_all(".upload-file")
    ]


def pdf(name, size=10):
    return {"name": name, "mimeType": "application/pdf", "buffer": b"x" * size}


def test_a_draft_is_saved_after_a_pause_and_the_newer_version_is_carried_on(page, portal):
    page.fill("#id_effect", "The agent edits")
    assert re.fullmatch(r"Saved \d\d:\d\d", state_of(page, "Saved")) is not None
    assert [path for path, _ in portal.posts] == ["/draft/"]
    assert (page.input_value("#id_version"), page.evaluate("localStorage.length")) == ("5", 0)


def test_words_outlive_a_lost_session(page, portal):
    portal.answers["/draft/"] = (403, {})
    page.fill("#id_effect", "Kept words")
    assert state_of(page, "signed out").startswith("You are signed out.")
    page.reload()
    assert (page.input_value("#id_effect"), state_of(page, "put back")) == (
        "Kept words",
        "Words kept in this browser were put back.",
    )


def test_kept_words_never_cover_a_newer_version(page, portal):
    portal.answers["/draft/"] = (403, {})
    page.fill("#id_effect", "Older words")
    state_of(page, "signed out")
    portal.page = portal.page.replace('value="4"', 'value="7"')
    page.reload()
    assert (page.input_value("#id_effect"), page.evaluate("localStorage.length")) == ("", 0)


def test_files_are_checked_before_they_are_sent(page, portal):
    page.set_input_files("[data-upload-input]", [pdf("ok.pdf"), pdf("large.pdf", 1_500_000), pdf("run.exe")])
    assert upload_states(page) == [
        ("waiting", "Ready to send"),
        ("refused", "Larger than the limit (1.5 MB; 1.0 MB)"),
        ("refused", "This kind of file is not accepted (.exe)"),
    ]


def test_a_refused_file_says_why_and_stays_to_be_removed(page, portal):
    portal.answers["/evidence/"] = (422, {"errors": [{"detail": "It is a script, not a PDF."}]})
    page.set_input_files("[data-upload-input]", [pdf("odd.pdf")])
    page.click("[data-upload] [type=submit]")
    page.wait_for_selector("[data-state=refused]")
    assert upload_states(page) == [("refused", "It is a script, not a PDF.")]
    page.click("text=Remove")
    assert upload_states(page) == []


def test_each_file_is_sent_on_its_own_with_the_token(page, portal):
    portal.answers["/evidence/"] = (201, {})
    page.set_input_files("[data-upload-input]", [pdf("one.pdf"), pdf("two.pdf")])
    with page.expect_navigation():
        page.click("[data-upload] [type=submit]")
    assert [path for path, _ in portal.posts] == ["/evidence/", "/evidence/"]
    assert ["csrfmiddlewaretoken" in body.decode() for _, body in portal.posts] == [True, True]


def test_a_dialog_opens_and_closes_by_keyboard_and_gives_the_focus_back(page, portal):
    page.focus("[data-opens]")
    page.keyboard.press("Enter")
    opened = page.evaluate("document.getElementById('retire').open")
    page.keyboard.press("Escape")
    assert (opened, page.evaluate("document.getElementById('retire').open")) == (True, False)
    assert page.evaluate("document.activeElement.textContent") == "Retire"


def test_the_chosen_theme_is_kept(page, portal):
    page.check("input[value=dark]")
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(17, 21, 23)"
    assert page.is_checked("input[value=dark]") is True
