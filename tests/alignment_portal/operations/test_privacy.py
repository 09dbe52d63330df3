"""Everything about a person can be taken away; a person can be erased, and the record stays whole."""

import datetime as dt
import json

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from alignment_portal import clock, tasks
from alignment_portal.accounts import services, tokens
from alignment_portal.accounts.models import ApiToken, SignIn, User
from alignment_portal.accounts.sessions import note_sign_in
from alignment_portal.audit.chain import verify_chain
from alignment_portal.audit.guard import writes_allowed
from alignment_portal.audit.models import Entry
from alignment_portal.operations.erasing import erase_person, holdings_of, pseudonym_of
from alignment_portal.operations.person_data import counts_of, export_person, tables_of_people
from alignment_portal.outbox.models import Attempt, Delivery, Event
from alignment_portal.outbox.webhooks import open_webhook
from alignment_portal.refusals import Conflict, Forbidden, Invalid
from initiatives.models import Initiative
from initiatives.services.dossiers import save_dossier
from packs.models import PackBuild, PackReading
from packs.services.readings import note_reading
from packs.services.requests import request_pack
from reviews.models import Signature
from reviews.services.conclusions import conclude_review
from reviews.services.signing import sign_conclusion
from tests import people
from tests.factories.initiatives import small_document
from tests.factories.portfolio import dependency
from tests.factories.reviews import agreed, review, stance
from tests.gates import scene
from tests.people import actor, person

pytestmark = pytest.mark.django_db


def erase(who, by="administrator", reason="Asked for it."):
    return erase_person(by=actor(by), person=person(who), reason=reason)


def texts_of(model):
    """Every row of a table as one text."""
    return [repr(row) for row in model._base_manager.values_list()]


def test_the_export_holds_what_the_person_did_and_no_secret():
    scene.offered(scene.saved(), who="contributor")
    callum = person("contributor")
    issued = tokens.issue_token(by=actor("contributor"), user=callum, name="mine", scopes=["read"])
    body = export_person(by=actor("contributor"), person=callum)
    kinds = {record["kind"] for record in body["records"]}
    assert {"accounts.rolegrant", "accounts.apitoken", "gates.evidence"} <= kinds
    assert body["person"]["email"] == "callum@example.org"
    text = json.dumps(body)
    assert callum.password not in text
    assert issued.token.digest not in text
    assert Entry.objects.filter(action="operations.person.export").count() == 1


SAID = {"answer", "rating", "reason", "commits", "will_do", "nonce"}


def stances_in(body):
    return next(record["rows"] for record in body["records"] if record["kind"] == "reviews.stance")


def test_what_is_sealed_stays_sealed_to_administrators():
    about = review(hours=24)
    stance(about, "risk_executive", "disagree", reason="We lose the summer.")
    rafael = person("risk_executive")
    [told] = stances_in(export_person(by=actor("administrator"), person=rafael))
    assert SAID.isdisjoint(told)
    assert told["withheld"] == "sealed"
    assert "We lose the summer." not in json.dumps(export_person(by=actor("administrator"), person=rafael))
    [own] = stances_in(export_person(by=actor("risk_executive"), person=rafael))
    assert (own["reason"], own["nonce"] != "") == ("We lose the summer.", True)


def test_what_is_open_to_all_is_told():
    about = agreed(review())
    conclude_review(by=actor("executive"), review=about, outcome="aligned")
    [told] = stances_in(export_person(by=actor("administrator"), person=person("risk_executive")))
    assert (told["answer"], "withheld" in told) == ("agree", False)


def test_every_table_that_points_at_people_is_walked():
    walked = {model for model, _ in tables_of_people()}
    pointing = {
        model
        for model in apps.get_models()
        if any(
            getattr(field, "related_model", None) is User and field.concrete for field in model._meta.fields
        )
    }
    assert walked == pointing


def test_an_export_of_somebody_else_is_for_administrators():
    with pytest.raises(Forbidden):
        export_person(by=actor("executive"), person=person("contributor"))
    assert export_person(by=actor("administrator"), person=person("contributor"))["named_in_packs"] == []


def test_erasing_takes_the_person_away_and_keeps_the_record_whole():
    initiative = scene.saved()
    scene.offered(initiative, who="contributor")
    callum = person("contributor")
    tokens.issue_token(by=actor("contributor"), user=callum, name="mine", scopes=["read"])
    note_sign_in(person=callum, session_key="k" * 32, agent="Firefox/1 Linux", address="10.0.0.9")
    hand_over("contributor")
    before = Entry.objects.filter(actor_id=callum.pk).count()
    erased = erase("contributor")
    callum.refresh_from_db()
    assert (callum.name, callum.email) == pseudonym_of(callum) == (erased.person.name, erased.person.email)
    assert not callum.is_active
    assert not callum.has_usable_password()
    assert callum.current_grants() == []
    assert not ApiToken.objects.filter(user=callum).exists()
    assert not SignIn.objects.filter(user=callum).exists()
    assert Entry.objects.filter(actor_id=callum.pk).count() == before
    assert verify_chain().ok
    call_command("verify_audit")


def hand_over(who):
    """Name somebody else wherever a dossier names them."""
    email = people.CAST[who].email
    for initiative in Initiative.objects.all():
        text = initiative.versions.latest().document.replace(email, "dmitri@example.org")
        person("data_assurer")
        save_dossier(by=actor("programme_manager"), document=json.loads(text))


def test_the_former_name_stays_only_where_nothing_is_ever_rewritten():
    scene.offered(scene.saved(), who="contributor")
    hand_over("contributor")
    erase("contributor")
    keeping = {
        model._meta.label
        for model in apps.get_models()
        for text in texts_of(model)
        if "callum@example.org" in text or "Callum Reid" in text
    }
    assert keeping <= {"initiatives.DossierVersion", "packs.PackBuild"}


def test_what_was_told_outside_and_kept_for_programs_forgets_them_too():
    admin = people.api("administrator")
    sent = {"email": "zoe.quill@example.org", "name": "Zoë Quill", "title": "Clerk of quills"}
    once = {"HTTP_IDEMPOTENCY_KEY": "once"}
    made = admin.post("/api/v1/people/", sent, format="json", **once)
    zoe = User.objects.get(email="zoe.quill@example.org")
    hook = open_webhook(
        by=actor("administrator"),
        owner=person("administrator"),
        name="Lake",
        url="https://example.org/",
        events=[],
        known=[],
    ).webhook
    with writes_allowed():
        event = Event.objects.filter(payload__email=zoe.email).first()
        delivery = Delivery.objects.create(webhook=hook, event=event)
        told = json.dumps({"data": {"person": zoe.email}})
        Attempt.objects.create(delivery=delivery, sent=told, received=f"We do not know {zoe.email}.")
    kinds = {record["kind"] for record in export_person(by=actor("administrator"), person=zoe)["records"]}
    assert "outbox.attempt" in kinds
    gone = erase_person(by=actor("administrator"), person=zoe, reason="Asked for it.").person
    keeping = [
        model._meta.label
        for model in apps.get_models()
        for text in texts_of(model)
        if any(word in text.lower() for word in ("zoe.quill", "quill", "zoë"))
    ]
    assert keeping == []
    assert Attempt.objects.get().received == f"We do not know {gone.email}."
    again = admin.post("/api/v1/people/", sent, format="json", **once)
    assert (again.status_code, again.json()) == (
        201,
        {**made.json(), "email": gone.email, "name": gone.name, "title": ""},
    )


def test_what_is_recorded_for_good_with_them_in_it_is_counted():
    about = agreed(review())
    conclude_review(by=actor("executive"), review=about, outcome="aligned")
    sign_conclusion(by=actor("risk_executive"), review=about)
    body = export_person(by=actor("administrator"), person=person("risk_executive"))
    assert {"kind": "reviews.signature", "count": 1} in body["named_in_records"]
    erased = erase("risk_executive")
    assert erased.records == sum(row["count"] for row in body["named_in_records"])
    assert Signature.objects.filter(name="Rafael Souza").count() == 1


def test_nobody_is_erased_while_something_rests_on_them():
    review()
    dependency(owner=person("programme_manager").email)
    sentences = [holding.sentence for holding in holdings_of(person("programme_manager"))]
    assert sentences[0] == "AI-0001 “Support assistant” is owned by them."
    assert any("shared dependency" in sentence for sentence in sentences)
    with pytest.raises(Conflict, match=r"Hand over first what still rests on Eleanor Voss: .*Review RV-0001"):
        erase("executive")
    assert person("executive").name == "Eleanor Voss"


def test_a_page_finds_by_tables_what_reading_every_document_finds():
    scene.saved()
    for who in ("programme_manager", "executive", "contributor", "auditor"):
        assert holdings_of(person(who), thorough=False) == holdings_of(person(who))


def test_nobody_erases_themselves_or_the_last_administrator():
    with pytest.raises(Conflict, match="Nobody erases themselves"):
        erase("administrator")
    with pytest.raises(Invalid, match="on what ground"):
        erase("auditor", reason=" ")


def test_an_erased_person_never_comes_back_and_erasing_twice_is_no_fault():
    erase("auditor")
    gone = User.objects.get(email__endswith="@erased.invalid")
    for deed in (
        lambda: services.reactivate_person(by=actor("administrator"), person=gone),
        lambda: services.change_person(by=actor("administrator"), person=gone, name="Back"),
        lambda: services.grant_role(by=actor("administrator"), person=gone, role="auditor"),
    ):
        with pytest.raises(Conflict, match="This person was erased"):
            deed()
    assert erase_person(by=actor("administrator"), person=gone, reason="again").person == gone


def test_the_pages_show_take_away_and_erase():
    aurel = person("auditor")
    admin = people.browser("administrator")
    assert "Erase for good" in admin.get(f"/settings/people/{aurel.pk}/data/").content.decode()
    answer = admin.get(f"/settings/people/{aurel.pk}/data/export/")
    assert answer.json()["person"]["name"] == "Aurel Popescu"
    assert answer["Content-Disposition"].startswith("attachment")
    assert admin.post(f"/settings/people/{aurel.pk}/erase/", {"reason": ""}).status_code == 422
    answer = admin.post(f"/settings/people/{aurel.pk}/erase/", {"reason": "Asked for it."}, follow=True)
    assert "This person was erased" in answer.content.decode()
    assert "Open again" not in answer.content.decode()


def test_the_page_lists_what_to_hand_over():
    save_dossier(by=actor("programme_manager"), document=small_document())
    page = people.browser("administrator").get(f"/settings/people/{person('programme_manager').pk}/data/")
    assert "AI-0001 “Support assistant” is owned by them." in page.content.decode()
    assert "Erase for good" not in page.content.decode()


def test_everybody_takes_their_own_data_away():
    mine = people.browser("contributor")
    assert "Take it away as JSON" in mine.get("/settings/data/").content.decode()
    assert mine.get("/settings/data/export/").json()["person"]["email"] == "callum@example.org"


def test_a_program_exports_asks_what_hangs_and_erases():
    aurel = person("auditor")
    admin = people.api("administrator")
    assert admin.get(f"/api/v1/people/{aurel.pk}/data/").json()["format"] == "person-data/1"
    assert admin.get(f"/api/v1/people/{aurel.pk}/erasure/").json() == {"erased_at": None, "holdings": []}
    answer = admin.post(f"/api/v1/people/{aurel.pk}/erasure/", {"reason": "Asked."}, format="json")
    assert answer.status_code == 200
    assert answer.json()["email"] == f"erased-{aurel.pk.hex}@erased.invalid"
    own = people.api("contributor")
    assert own.get(f"/api/v1/people/{person('contributor').pk}/data/").status_code == 200
    reader = people.api("contributor", "read")
    assert reader.get(f"/api/v1/people/{person('contributor').pk}/data/").status_code == 403


def test_a_refused_erasure_lists_what_hangs(client):
    save_dossier(by=actor("programme_manager"), document=small_document())
    answer = people.api("administrator").post(
        f"/api/v1/people/{person('programme_manager').pk}/erasure/", {"reason": "Left."}, format="json"
    )
    assert answer.status_code == 409
    assert answer.json()["code"] == "still_held"
    assert answer.json()["blockers"][0]["url"] == "/initiatives/AI-0001/"


def test_the_commands_export_and_erase(tmp_path, capsys):
    person("auditor")
    call_command("export_person", "aurel@example.org", to=str(tmp_path / "aurel.json"))
    assert json.loads((tmp_path / "aurel.json").read_text())["person"]["name"] == "Aurel Popescu"
    call_command("erase_person", "aurel@example.org", reason="Asked.")
    assert "stands for them now" in capsys.readouterr().out
    with pytest.raises(CommandError, match="Nobody in the portal"):
        call_command("export_person", "aurel@example.org")


def test_what_is_kept_goes_after_the_time_that_is_set(settings):
    scene.saved()
    build = request_pack(by=actor("programme_manager"), subject="initiative:AI-0001").build
    note_reading(by=actor("executive"), build=build)
    old = (clock.wall() - dt.timedelta(days=366)).date()
    with writes_allowed():
        PackReading.objects.create(build=PackBuild.objects.get(), user=person("auditor"), day=old)
    settings.KEEP_READINGS = None
    assert "pack readings" not in tasks.clear_old()
    settings.KEEP_READINGS = dt.timedelta(days=365)
    assert tasks.clear_old()["pack readings"] == 1
    assert PackReading.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic(), writes_allowed():
        PackReading.objects.all().delete()


def test_counts_say_how_much_there_is():
    scene.offered(scene.saved(), who="contributor")
    assert dict(counts_of(person("contributor")))["role grants"] == 1
