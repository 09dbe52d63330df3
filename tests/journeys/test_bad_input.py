"""What bad input gets through REST: a problem document that points at the place, and nothing half-written."""

import datetime as dt
import io
import json

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from alignment_portal import clock
from alignment_portal.audit.models import Entry
from gates.models import Blob, Evidence
from initiatives.models import DossierVersion, Initiative
from tests import people
from tests.factories.metrics import document_of
from tests.gates.scene import offered, saved

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/initiatives/AI-0001/dossier/"


def at(document, *steps):
    for step in steps:
        document = document[step]
    return document


def dates_out_of_order(document):
    at(document, "metrics", 0, "baseline")["period_end"] = "2020-01-01"


def share_over_one(document):
    at(document, "initiative", "scope")["volume_share_limit"] = 95


def negative_head_count(document):
    at(document, "change_impact", "groups", 0)["headcount"] = -3


def cycle(document):
    links = at(document, "outcome_chain", "links")
    links.append({"from": links[0]["to"], "to": links[0]["from"]})


def stranger(document):
    document["initiative"]["sponsor"] = "nobody@example.org"


def metric_twice(document):
    document["metrics"].append(document["metrics"][0])


def unknown_field(document):
    document["initiative"]["colour"] = "red"


def no_end_as_a_day(document):
    at(document, "deployments", 0)["live_from"] = "9999-12-31"


BAD = {
    no_end_as_a_day: ("/deployments/0/live_from", "range"),
    dates_out_of_order: ("/metrics/0/baseline/period_end", "order"),
    share_over_one: ("/initiative/scope/volume_share_limit", "range"),
    negative_head_count: ("/change_impact/groups/0/headcount", "range"),
    cycle: ("/outcome_chain/links", "cycle"),
    stranger: ("/initiative/sponsor", "unknown_person"),
    metric_twice: ("/metrics", "duplicate"),
    unknown_field: ("/initiative/colour", "unknown_field"),
}


def put(raw):
    people.everybody()
    client = people.api("programme_manager")
    return client.generic("PUT", ADDRESS, raw, content_type="application/json")


def kept():
    counts = (Initiative.objects.count(), DossierVersion.objects.count())
    return (*counts, Entry.objects.filter(action__startswith="initiatives.").count())


@pytest.mark.parametrize("spoil", BAD, ids=lambda spoil: spoil.__name__)
def test_a_dossier_with_a_fault_is_refused_at_its_place(spoil):
    document = document_of()
    spoil(document)
    answer = put(json.dumps(document))
    (fault,) = answer.json()["errors"]
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert (fault["pointer"].startswith(BAD[spoil][0]), fault["code"]) == (True, BAD[spoil][1])
    assert kept() == (0, 0, 0)


def test_two_baselines_for_one_metric_are_refused_by_name():
    text = json.dumps(document_of()).replace('"baseline": {', '"baseline": null, "baseline": {', 1)
    (fault,) = put(text).json()["errors"]
    assert (fault["pointer"], fault["code"]) == ("/metrics/0/baseline", "duplicate_name")
    assert kept() == (0, 0, 0)


def evidence(file):
    client = people.api("programme_manager")
    body = {
        "question": "DR-01",
        "form": "file",
        "kind": "legal_clearance",
        "title": "Memo",
        "statement": "Cleared.",
        "observed_on": str(clock.now().date()),
        "file": file,
    }
    return client.post("/api/v1/initiatives/AI-0001/evidence/", body, format="multipart")


def pdf_with_script():
    document, out = pikepdf.new(), io.BytesIO()
    document.add_blank_page()
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    document.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("memo.pdf", pdf_with_script()),
        ("memo.pdf", b"<html><script>alert(1)</script></html>"),
        ("memo.html", b"<html><script>alert(1)</script></html>"),
        ("memo.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
        ("memo.csv", b""),
    ],
)
def test_a_file_that_is_a_script_or_nothing_is_refused_and_not_kept(name, content):
    saved()
    answer = evidence(SimpleUploadedFile(name, content, content_type="application/pdf"))
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/files/0"]
    assert (Evidence.objects.count(), Blob.objects.count()) == (0, 0)


def test_a_file_over_the_limit_is_refused_however_it_is_announced(settings):
    settings.UPLOAD_MAX_BYTES = 1024
    saved()
    answer = evidence(SimpleUploadedFile("long.csv", b"a,b\n" * 400))
    assert (answer.status_code, Evidence.objects.count(), Blob.objects.count()) == (400, 0, 0)


def test_a_waiver_that_has_ended_is_neither_asked_for_nor_accepted():
    saved()
    client = people.api("programme_manager")
    asked = {
        "rule": "ME-03",
        "reason": "The trial is small.",
        "compensating_control": "Weekly look.",
        "until": str(clock.now().date() - dt.timedelta(days=1)),
    }
    answer = client.post("/api/v1/initiatives/AI-0001/waivers/", asked, format="json")
    assert (answer.status_code, [f["pointer"] for f in answer.json()["errors"]]) == (400, ["/until"])
    asked["until"] = str(clock.now().date() + dt.timedelta(days=2))
    ref = client.post("/api/v1/initiatives/AI-0001/waivers/", asked, format="json").json()["ref"]
    with clock.at_moment(clock.now() + dt.timedelta(days=4)):
        late = people.api("risk_executive").post(
            f"/api/v1/initiatives/AI-0001/waivers/{ref}/acceptance/", {"reason": "Yes."}, format="json"
        )
    assert (late.status_code, late.json()["code"]) == (409, "waiver_lapsed")


ODD = (
    "/api/v1/initiatives/%00/",
    "/api/v1/initiatives/%ED%A0%80/",
    "/api/v1/initiatives/AI-0001/evidence/%00/",
    "/api/v1/initiatives/AI-0001/metrics/%00/series/",
    "/api/v1/initiatives/AI-0001/metrics/repeat-contact/series/?segment=%00",
    "/api/v1/initiatives/AI-0001/verdict/?at=%00",
    "/api/v1/initiatives/AI-0001/verdict/?at=0001-01-01T00:00:00Z",
    "/api/v1/initiatives/AI-0001/verdict/?at=9999-12-31T23:59:59-12:00",
    "/api/v1/initiatives/AI-0001/verdict/?at=2026-02-30T00:00:00Z",
    "/api/v1/initiatives/?q=%00",
    "/api/v1/initiatives/?cursor=%00",
    "/api/v1/initiatives/?owner=%00",
    "/api/v1/initiatives/?limit=99999999999999999999",
    "/api/v1/initiatives/" + "A" * 5000 + "/",
    "/api/v1/tokens/99999999999999999999999/",
    "/api/v1/reviews/%00/",
    "/api/v1/reviews/?subject=initiative:%00",
    "/api/v1/reviews/?cursor=AAAA",
    "/api/v1/packs/%00/",
    "/api/v1/packs/?initiative=%00",
    "/api/v1/portfolio/dependencies/%00/",
    "/api/v1/portfolio/change-load/?at=0001-01-01T00:00:00Z",
    "/api/v1/history/?actor=%00",
    "/api/v1/history/?initiative=%00&since=0001-01-01T00:00:00Z",
    "/initiatives/%00/",
    "/initiatives/?q=%00",
    "/initiatives/?cursor=%00",
    "/history/?actor=%00",
    "/packs/%00/",
    "/packs/verify/%00/",
)


@pytest.mark.parametrize("address", ODD)
def test_an_odd_address_is_answered_and_never_breaks(address):
    saved()
    client = people.api("executive") if "/api/" in address else people.browser("executive")
    client.raise_request_exception = False
    answer = client.get(address)
    assert answer.status_code in {200, 400, 404, 405}, answer.content[:300]


TEXTS = ("\x00", "\ud800", "é" * 5000, "0" * 400, "<script>alert(1)</script>")


@pytest.mark.parametrize("text", TEXTS, ids=["NUL", "surrogate", "long", "digits", "markup"])
def test_odd_texts_are_refused_or_kept_as_text(text):
    item = offered(saved())
    calls = {
        f"/api/v1/initiatives/AI-0001/evidence/{item.ref}/withdrawal/": {"reason": text},
        "/api/v1/initiatives/AI-0001/invitations/": {"email": text},
        "/api/v1/initiatives/AI-0001/status/": {"to": text, "reason": text},
        "/api/v1/initiatives/": {"title": text, "archetype": "forecasting"},
        "/api/v1/tokens/": {"name": text, "scopes": ["read"]},
        "/api/v1/reviews/": {"subject": f"initiative:{text}", "purpose": text},
        "/api/v1/packs/": {"subject": f"initiative:{text}"},
        "/api/v1/observations/": {"observations": [{"initiative": text, "metric": text}]},
    }
    client = people.api("programme_manager")
    client.raise_request_exception = False
    for address, body in calls.items():
        raw = json.dumps(body)
        answer = client.generic("POST", address, raw, content_type="application/json")
        assert answer.status_code < 500, (address, answer.content[:300])
    key = {"headers": {"Idempotency-Key": "a" * 300}}
    assert client.post("/api/v1/packs/", {"subject": "portfolio"}, format="json", **key).status_code == 400
