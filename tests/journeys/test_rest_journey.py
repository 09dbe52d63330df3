"""The whole way of one initiative through REST alone, from the first account to scale-ready and back."""

import datetime as dt
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from rest_framework.test import APIClient

from alignment_portal import clock
from alignment_portal.audit.guard import writes_allowed
from alignment_portal.dispatch import run_due
from tests import people
from tests.gates.engine.dossiers import at
from tests.journeys import story

pytestmark = pytest.mark.django_db
V1 = "/api/v1"
HERE = f"{V1}/initiatives/{story.KEY}"
EVERY_SCOPE = ["read", "write", "evidence", "endorse", "observations"]


class World:
    """One portal, and what each person may call with a token that they issued themselves."""

    def __init__(self):
        self.today = clock.now().date()
        self.admin = people.api("administrator")
        self.clients = {}
        self.ids = {}

    def open_everybody(self):
        for body, role in story.people():
            made = self.admin.post(f"{V1}/people/", body | {"password": people.PASSWORD}, format="json")
            assert made.status_code == 201, made.json()
            self.ids[body["email"]] = made.json()["id"]
            granted = self.admin.post(f"{V1}/people/{made.json()['id']}/roles/", role, format="json")
            assert granted.status_code == 201, granted.json()

    def token(self, who, **more):
        body = {"name": "journey", "scopes": EVERY_SCOPE, "person": self.ids[at(who)], **more}
        refused = self.admin.post(f"{V1}/tokens/", body, format="json")
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "own_only")
        theirs = APIClient()
        theirs.post("/sign-in/", {"username": at(who), "password": people.PASSWORD}, format="multipart")
        issued = theirs.post(f"{V1}/tokens/", body, format="json")
        assert issued.status_code == 201, issued.json()
        return issued.json()["token"]

    def client(self, token):
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        return client

    def by(self, who):
        if who not in self.clients:
            self.clients[who] = self.client(self.token(who))
        return self.clients[who]

    def get(self, path, who="pam.manager", **query):
        answer = self.by(who).get(f"{HERE}{path}", query)
        assert answer.status_code == 200, answer.json()
        return answer.json()

    def post(self, path, body, who="pam.manager", expect=201):
        """Post as JSON below the initiative, or anywhere when the path is whole; then let the portal react."""
        path = path if path.startswith("/api/") else f"{HERE}{path}"
        answer = self.by(who).post(path, body, format="json")
        assert answer.status_code == expect, answer.json()
        run_due()
        return answer.json()

    @property
    def verdict(self):
        return self.get("/verdict/")["verdict"]

    def failing(self):
        return [f["code"] for f in self.get("/verdict/")["findings"] if f["outcome"] == "fail"]


@pytest.fixture
def world(db):
    world = World()
    world.open_everybody()
    return world


def put(world, document, who="pam.manager", **headers):
    answer = world.by(who).put(
        f"{HERE}/dossier/", json.dumps(document), content_type="application/json", headers=headers
    )
    run_due()
    return answer


def imported(world):
    made = put(world, story.package(world.today), **{"If-None-Match": "*"})
    assert (made.status_code, made.json()["created"]) == (201, True)
    return made.headers["ETag"]


def questions(world):
    """Every gate's questions that ask for evidence."""
    for gate in world.get("/gates/")["results"]:
        yield from (
            {**question, "reviewers": gate["reviewers"]}
            for question in gate["questions"]
            if question["kinds"] and question["outcome"] != "not_applicable"
        )


def send(world, number, question):
    """A file, an address or measured values, in turn."""
    body, client = story.offer(question, world.today), world.by("tim.technology")
    form = ("file", "link", "measurement" if body["measures"] else "link")[number % 3]
    body |= {"form": form} | ({"link": f"https://records.alder.example/{number}"} if form == "link" else {})
    if form == "file":
        body |= {"measures": json.dumps(body["measures"])}
        file = SimpleUploadedFile(f"proof-{number}.csv", f"case,shown\n{number},yes\n".encode())
        answer = client.post(f"{HERE}/evidence/", {**body, "file": file}, format="multipart")
    else:
        answer = client.post(f"{HERE}/evidence/", body, format="json")
    assert answer.status_code == 201, answer.json()
    return answer.json()["results"][0]["ref"]


def answer_every_question(world):
    """Offered by one person, accepted by another; the refs by question."""
    asked = list(questions(world))
    refs = {question["code"]: send(world, number, question) for number, question in enumerate(asked)}
    run_due()
    review = {"accepted": True, "reason": "Read in full; it shows what it says."}
    for question in asked:
        ref = refs[question["code"]]
        answer = world.by(reviewer(question)).post(f"{HERE}/evidence/{ref}/reviews/", review, format="json")
        assert answer.status_code == 201, answer.json()
    run_due()
    return refs


def reviewer(question):
    return next(who for who, function in story.REVIEWERS.items() if function in question["reviewers"])


def endorse_every_gate(world):
    for gate, who in story.ENDORSERS.items():
        seen = next(each["seen"] for each in world.get("/gates/", who)["results"] if each["code"] == gate)
        world.post(f"/gates/{gate}/endorsements/", {"seen": seen, "statement": "I stand behind it."}, who)


def align(world):
    """A review opened, answered by each seat while sealed, and concluded."""
    opened = world.post(
        f"{V1}/reviews/",
        {
            "subject": f"initiative:{story.KEY}",
            "purpose": "Agree on what we give up for the first horizon.",
            "pre_read_at": (clock.now() + dt.timedelta(hours=1)).isoformat(),
            "participants": [{"email": at(who), "role": role} for who, role in story.SEATS.items()],
            "send": True,
        },
    )
    about = f"{V1}/reviews/{opened['ref']}/"
    for who in story.SEATS:
        for trade_off in opened["trade_offs"]:
            world.post(f"{about}stances/", {"trade_off": trade_off["code"], "answer": "agree"}, who)
    world.post(f"{about}conclude/", {"outcome": "aligned"}, "bella.business", expect=200)


def measure(world):
    told = world.post(f"{V1}/observations/", {"observations": story.readings(world.today)})
    assert told["added"] == told["received"]


def register_bottleneck(world):
    body = {"code": "legal", "title": "Legal", "people": 3, "cap": 4}
    made = world.admin.post(f"{V1}/portfolio/bottlenecks/", body, format="json")
    assert made.status_code == 201, made.json()
    run_due()


def prove(world):
    world.post("/metrics/handling-time/result/", story.result(world.today))


def waive(world):
    """The shared dependency is not in the register; an executive lets it pass for three weeks."""
    waiver = world.post(
        "/waivers/",
        {
            "rule": "PF-02",
            "reason": "The register opens next week.",
            "compensating_control": "The log is written by hand and compared weekly.",
            "until": str(world.today + dt.timedelta(days=21)),
        },
    )
    world.post(f"/waivers/{waiver['ref']}/acceptance/", {"reason": "Short and watched."}, "ed.technology")


def move(world, to, who, expect=200):
    return world.post("/status/", {"to": to, "reason": "The package carries it."}, who, expect)


def test_an_initiative_climbs_to_scale_ready_and_falls_when_its_evidence_goes(world):
    imported(world)
    assert world.verdict == "blocked"
    assert {"DR-01", "EX-01", "CO-02", "G0-01"} <= set(world.failing())
    refs = answer_every_question(world)
    measure(world)
    register_bottleneck(world)
    endorse_every_gate(world)
    align(world)
    assert (world.verdict, world.failing()) == ("learning_only", ["ME-12", "PF-02"])
    waive(world)
    assert (world.verdict, world.failing()) == ("aligned", ["ME-12"])
    prove(world)
    assert (world.verdict, world.failing()) == ("scale_ready", [])
    move(world, "in_review", "pam.manager")
    move(world, "aligned", "bella.business")
    move(world, "scale_ready", "bella.business")
    high = clock.now()
    world.post(f"/evidence/{refs['GC-01']}/withdrawal/", {"reason": "The sample was drawn wrongly."})
    assert (world.get("/status/")["status"], world.verdict) == ("suspended", "blocked")
    then = world.get("/verdict/", at=high.isoformat())
    assert (then["verdict"], then["status"]) == ("scale_ready", "scale_ready")
    moves = [row["to_status"] for row in world.get("/status/moves/")["results"]]
    assert moves == ["suspended", "scale_ready", "aligned", "in_review"]


def refused(answer, status, code):
    body = answer.json()
    assert (answer.status_code, body["code"], answer.headers["Content-Type"]) == (
        status,
        code,
        "application/problem+json",
    ), body
    return body


def first_answer(world):
    """Evidence for the first question, offered by somebody on the team; its ref."""
    return send(world, 1, next(questions(world)))


def test_nobody_reviews_what_they_submitted(world):
    imported(world)
    ref = first_answer(world)
    both = {"role": "assurer", "function": "legal"}
    world.admin.post(f"{V1}/people/{world.ids[at('tim.technology')]}/roles/", both, format="json")
    review = {"accepted": True, "reason": "Looks fine to me."}
    own = world.by("tim.technology").post(f"{HERE}/evidence/{ref}/reviews/", review, format="json")
    refused(own, 403, "own_evidence")
    other_gate = world.by("ann.change").post(f"{HERE}/evidence/{ref}/reviews/", review, format="json")
    refused(other_gate, 403, "forbidden")
    assert world.get(f"/evidence/{ref}/")["state"] == "in_review"


def test_only_an_executive_endorses_and_only_what_is_current(world):
    imported(world)
    yes = {"seen": "0" * 64, "statement": "Yes."}
    path = f"{HERE}/gates/data_rights/endorsements/"
    refused(world.by("ann.legal").post(path, yes, format="json"), 403, "forbidden")
    stale = refused(world.by("ella.legal").post(path, yes, format="json"), 409, "evidence_changed")
    assert [blocker["seen"] for blocker in stale["blockers"]] == ["0" * 64]
    gate = next(each for each in world.get("/gates/")["results"] if each["code"] == "data_rights")
    current = {**yes, "seen": gate["seen"]}
    empty = refused(world.by("ella.legal").post(path, current, format="json"), 409, "gate_incomplete")
    assert [blocker["code"] for blocker in empty["blockers"]] == ["DR-01", "DR-02", "DR-03"]
    assert world.get("/gates/data_rights/endorsements/")["results"] == []


def test_no_status_without_the_verdict_not_even_by_sql(world):
    imported(world)
    move(world, "in_review", "pam.manager")
    move(world, "aligned", "pam.manager", expect=403)
    answer = move(world, "aligned", "bella.business", expect=409)
    failing = [f["code"] for f in world.get("/verdict/")["findings"] if f["outcome"] == "fail"]
    assert answer["code"] == "verdict_forbids"
    assert {blocker["code"] for blocker in answer["blockers"]} <= set(failing)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor, writes_allowed():
        cursor.execute("UPDATE initiatives_initiative SET status = 'scale_ready'")
    assert world.get("/status/")["status"] == "in_review"


def test_a_waiver_is_refused_where_there_is_none_to_have(world):
    imported(world)
    asked = {"reason": "No time.", "compensating_control": "None.", "until": str(world.today)}
    never = world.by("pam.manager").post(f"{HERE}/waivers/", {**asked, "rule": "GC-01"}, format="json")
    refused(never, 409, "not_waivable")
    far = {**asked, "rule": "PF-02", "until": str(world.today + dt.timedelta(days=31))}
    late = world.by("pam.manager").post(f"{HERE}/waivers/", far, format="json")
    assert [fault["pointer"] for fault in late.json()["errors"]] == ["/until"]


def test_a_token_ends_and_what_was_not_read_is_not_overwritten(world):
    tag = imported(world)
    changed = story.package(world.today)
    changed["initiative"]["title"] = "Hardship requests, second desk"
    refused(put(world, changed), 428, "if_match_required")
    refused(put(world, changed, **{"If-Match": '"' + "0" * 64 + '"'}), 412, "stale")
    assert put(world, changed, **{"If-Match": tag}).json()["changed"] is True
    short = world.token("pam.manager", expires_at=(clock.now() + dt.timedelta(hours=1)).isoformat())
    with clock.at_moment(clock.now() + dt.timedelta(hours=2)):
        ended = world.client(short).get(f"{HERE}/")
    assert (ended.status_code, ended.headers["WWW-Authenticate"]) == (401, 'Bearer realm="alignment portal"')


def test_the_document_that_comes_back_changes_nothing(world):
    tag = imported(world)
    read = world.by("pam.manager").get(f"{HERE}/dossier/")
    again = put(world, json.loads(read.content), **{"If-Match": tag})
    assert (again.status_code, again.json()["changed"], again.headers["ETag"]) == (200, False, tag)
    assert world.by("pam.manager").get(f"{HERE}/dossier/").content == read.content
