"""Initiatives, evidence links and people leave as tables and come back: a preview first, then all of it or nothing."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from alignment_portal.accounts.models import User
from alignment_portal.audit.guard import writes_allowed
from gates.models import Evidence
from initiatives.models import Initiative
from tests.factories.metrics import initiative
from tests.gates import scene
from tests.people import actor, api, browser, everybody

pytestmark = pytest.mark.django_db
INITIATIVES = "Key,Title,Kind of AI,Owner,Team,Horizon,Planned launch\n"
NEW = "AI-0100,Drafting,internal_copilot,priya@example.org,callum@example.org,H2,2027-03-01\n"


@pytest.fixture(autouse=True)
def people(db):
    return everybody()


def bring(who, address, text, name="table.csv"):
    body = text if isinstance(text, bytes) else text.encode()
    return browser(who).post(address, {"file": SimpleUploadedFile(name, body)})


def confirm(who, address, page):
    return browser(who).post(address, {"rows": page.context["rows"]})


def send(who, address, text, **more):
    return api(who).post(address, {"file": io.BytesIO(text.encode()), **more}, format="multipart")


# --- initiatives -------------------------------------------------------------------------------------------


def test_initiatives_are_added_and_changed_by_their_main_fields():
    initiative()
    text = (
        INITIATIVES + NEW + "AI-0001,Renamed,genai_customer_facing,priya@example.org,callum@example.org,H1,\n"
    )
    page = bring("programme_manager", "/initiatives/table-import/", text)
    assert page.context["outcome"].counts == {"add": 1, "change": 1, "same": 0}
    assert ("title", "Support assistant", "Renamed") in page.context["outcome"].lines[1].done.differences
    assert Initiative.objects.count() == 1
    confirm("programme_manager", "/initiatives/table-import/", page)
    assert list(Initiative.objects.values_list("key", "title")) == [
        ("AI-0001", "Renamed"),
        ("AI-0100", "Drafting"),
    ]
    changed = Initiative.objects.get(key="AI-0001")
    assert '"outcome_chain"' in changed.versions.latest().document  # what no column holds stays


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_initiatives_come_back_as_they_left(ending):
    initiative()
    taken = browser("programme_manager").get(f"/initiatives/table/{ending}/")
    page = bring("programme_manager", "/initiatives/table-import/", taken.content, f"t.{ending}")
    assert page.context["outcome"].counts == {"add": 0, "change": 0, "same": 1}


def test_wrong_initiatives_are_told_row_by_row_and_change_nothing():
    text = (
        INITIATIVES
        + NEW.replace("H2", "H9")
        + NEW.replace("AI-0100", "AI-0101").replace("callum@", "nobody@")
    )
    answer = send("programme_manager", "/api/v1/initiatives/imports/", text)
    assert answer.status_code == 400
    assert [row["pointer"] for row in answer.json()["errors"]] == ["/rows/2/horizon", "/rows/3/team/0"]
    assert not Initiative.objects.exists()


def test_one_changes_only_what_one_may():
    initiative()
    text = INITIATIVES + "AI-0001,Taken,internal_copilot,oskar@example.org,,H1,\n"
    answer = send("other_manager", "/api/v1/initiatives/imports/", text)
    assert answer.status_code == 400
    assert Initiative.objects.get().title == "Support assistant"


def test_a_table_of_initiatives_costs_the_same_however_long(django_assert_num_queries):
    client = browser("auditor")
    initiative()
    for number in range(2, 5):
        send(
            "programme_manager",
            "/api/v1/initiatives/imports/",
            INITIATIVES + NEW.replace("AI-0100", f"AI-000{number}"),
        )
        with django_assert_num_queries(5):
            client.get("/initiatives/table/csv/")


# --- evidence ----------------------------------------------------------------------------------------------

LINKS = "Initiative,Question,Kind,Title,What it shows,Link,Observed on\n"
LINK = "AI-0001,DR-01,legal_clearance,Memo,The data may be used.,https://example.org/1,{day}\n"


def link(**changes):
    day = scene.clock.now().date().isoformat()
    return LINK.format(day=changes.pop("day", day))


def test_links_are_offered_once_however_often_they_are_sent():
    scene.saved()
    dry = send("contributor", "/api/v1/evidence/imports/", LINKS + link(), dry_run="true")
    assert (dry.json()["added"], Evidence.objects.count()) == (1, 0)
    assert send("contributor", "/api/v1/evidence/imports/", LINKS + link()).json()["added"] == 1
    assert send("contributor", "/api/v1/evidence/imports/", LINKS + link()).json()["same"] == 1
    assert Evidence.objects.get().submitted_by.email == "callum@example.org"


def test_a_dry_run_that_is_asked_in_the_address_is_refused_and_not_done():
    scene.saved()
    answer = send("contributor", "/api/v1/evidence/imports/?dry_run=true", LINKS + link())
    [fault] = answer.json()["errors"]
    assert (answer.status_code, fault["pointer"], fault["code"]) == (400, "/dry_run", "misplaced")
    assert Evidence.objects.count() == 0


def test_links_come_back_as_they_left():
    scene.saved()
    send("contributor", "/api/v1/evidence/imports/", LINKS + link())
    taken = browser("contributor").get("/evidence/links/xlsx/")
    page = bring("contributor", "/evidence/links-import/", taken.content, "t.xlsx")
    assert page.context["outcome"].counts == {"add": 0, "change": 0, "same": 1}


def test_wrong_links_are_told_row_by_row():
    scene.saved()
    text = (
        LINKS
        + link(day="yesterday")
        + link().replace("https://", "ftp://")
        + link().replace("AI-0001", "X-1")
    )
    answer = send("contributor", "/api/v1/evidence/imports/", text)
    assert [row["pointer"] for row in answer.json()["errors"]] == [
        "/rows/2/observed_on",
        "/rows/3/link",
        "/rows/4/initiative",
    ]
    assert not Evidence.objects.exists()


def test_links_of_what_one_may_not_see_are_not_handed_out():
    scene.saved()
    send("contributor", "/api/v1/evidence/imports/", LINKS + link())
    assert browser("other_manager").get("/evidence/links/csv/").content.decode().count("\n") == 1


# --- people ------------------------------------------------------------------------------------------------

PEOPLE = "E-mail address,Name,Title,Function,Time zone,Roles\n"


def test_people_are_opened_changed_and_given_roles():
    text = (
        PEOPLE
        + 'Ann@example.org,Ann Other,Lead,data,Europe/Paris,"contributor, assurer:risk"\n'
        + "aurel@example.org,Aurel Popescu,Head of audit,,UTC,auditor\n"
    )
    page = bring("administrator", "/settings/people/table-import/", text)
    assert page.context["outcome"].counts == {"add": 1, "change": 1, "same": 0}
    assert not User.objects.filter(email="ann@example.org").exists()
    confirm("administrator", "/settings/people/table-import/", page)
    ann = User.objects.get(email="ann@example.org")
    assert sorted(str(grant) for grant in ann.current_grants()) == ["assurer (risk)", "contributor"]
    assert not ann.has_usable_password()
    assert User.objects.get(email="aurel@example.org").title == "Head of audit"


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_people_come_back_as_they_left(ending):
    taken = browser("administrator").get(f"/settings/people/table/{ending}/")
    page = bring("administrator", "/settings/people/table-import/", taken.content, f"t.{ending}")
    assert page.context["outcome"].counts == {"add": 0, "change": 0, "same": 15}


def test_a_column_that_is_left_out_leaves_what_is_there():
    with writes_allowed():
        User.objects.filter(email="aurel@example.org").update(time_zone="Europe/Bucharest")
    answer = send(
        "administrator", "/api/v1/people/imports/", "email,name,title\naurel@example.org,Aurel,Auditor\n"
    )
    assert answer.json()["changed"] == 1
    aurel = User.objects.get(email="aurel@example.org")
    assert (aurel.name, aurel.title, aurel.time_zone) == ("Aurel", "Auditor", "Europe/Bucharest")


def test_wrong_people_are_told_row_by_row():
    text = (
        PEOPLE
        + "ann,Ann,,,,\n"
        + "bea@example.org,Bea,,wizardry,UTC,\n"
        + "cia@example.org,Cia,,,UTC,king\n"
        + "eleanor@example.org,Eleanor Voss,,business,UTC,auditor\n"
    )
    answer = send("administrator", "/api/v1/people/imports/", text)
    assert [row["pointer"] for row in answer.json()["errors"]] == [
        "/rows/2/email",
        "/rows/3/function",
        "/rows/4/roles",
        "/rows/5/roles",
    ]
    assert not User.objects.filter(name="Bea").exists()


def test_only_administrators_bring_people():
    assert send("executive", "/api/v1/people/imports/", PEOPLE).status_code == 403
    assert actor("executive").email == "eleanor@example.org"
