import json

import pytest

from alignment_portal.accounts.actors import SYSTEM
from alignment_portal.audit.chain import verify_chain
from alignment_portal.audit.models import Entry
from alignment_portal.outbox.models import Event
from alignment_portal.refusals import Conflict, Fault, Forbidden, Invalid, NotFound, Stale
from initiatives.dossier.canonical import builtins_of, canonical_json
from initiatives.dossier.document import decode
from initiatives.models import Cluster, DossierVersion, Initiative, Membership, Node
from initiatives.selectors import current_dossier
from initiatives.services.dossiers import change_section, register_initiative, save_dossier
from tests.factories.initiatives import DEPUTY, OWNER, SPONSOR, TEAM, full_document, small_document
from tests.initiatives.cast import AUDITOR, LEFT, STRANGER, actor, leave, saved

pytestmark = pytest.mark.usefixtures("people")


def test_a_new_document_creates_an_initiative_of_its_own():
    result = save_dossier(by=actor(OWNER), document=json.dumps(full_document()).encode())
    assert (result.version, result.changed, result.created) == (1, True, True)
    initiative = Initiative.objects.get(key="AI-0001")
    assert (initiative.status, initiative.title, initiative.owner.email) == (
        "draft",
        "Support assistant",
        OWNER,
    )
    assert (initiative.version, initiative.package, initiative.inputs_rev) == (1, 1, 1)
    assert initiative.cluster == Cluster.objects.get(code="contact-centre", title="Contact centre")


def test_the_same_document_again_changes_nothing_at_all():
    before = saved()
    counts = (DossierVersion.objects.count(), Entry.objects.count(), Event.objects.count())
    result = save_dossier(by=actor(OWNER), document=full_document(), expected="something else")
    assert (result.version, result.changed, result.created) == (1, False, False)
    assert (DossierVersion.objects.count(), Entry.objects.count(), Event.objects.count()) == counts
    assert Initiative.objects.get().changed_at == before.changed_at


def test_what_was_exported_is_imported_without_a_new_version():
    initiative = saved()
    exported = current_dossier(initiative).dossier
    assert not save_dossier(by=actor(OWNER), document=builtins_of(exported)).changed
    assert initiative.versions.get().document == canonical_json(exported)


def test_a_changed_document_is_recorded_with_its_differences():
    saved()
    document = full_document(title="Better assistant")
    document["deployments"][0]["volume_share"] = 0.05
    assert save_dossier(by=actor(OWNER), document=document).version == 2
    payload = json.loads(Entry.objects.get(action="initiatives.dossier.save").payload)
    assert payload["changes"] == [
        {"pointer": "/initiative/title", "before": "Support assistant", "after": "Better assistant"},
        {"pointer": "/deployments/0/volume_share", "before": None, "after": 0.05},
    ]
    assert verify_chain().ok


def test_the_audit_record_names_people_by_id(people):
    saved()
    save_dossier(by=actor(OWNER), document=full_document(sponsor=None))
    payload = json.loads(Entry.objects.get(action="initiatives.dossier.save").payload)
    assert payload["changes"][0]["before"] == f"person:{people[SPONSOR].pk}"
    assert "@" not in json.dumps(payload)


def test_every_save_is_announced_once():
    saved()
    save_dossier(by=actor(OWNER), document=full_document(title="Other"))
    assert [
        (event.name, event.payload) for event in Event.objects.filter(name__startswith="initiatives.")
    ] == [("initiatives.dossier_changed", {"key": "AI-0001"})] * 2


def test_a_save_on_an_earlier_version_is_refused_with_what_changed():
    saved()
    save_dossier(by=actor(OWNER), document=full_document(title="Theirs"), expected="1")
    with pytest.raises(Stale) as caught:
        save_dossier(by=actor(OWNER), document=full_document(title="Mine"), expected="1")
    assert caught.value.blockers == (
        {
            "pointer": "/initiative/title",
            "before": "Support assistant",
            "after": "Theirs",
            "words": "Initiative, title: “Support assistant” → “Theirs”",
        },
    )
    assert caught.value.sentence.startswith("Priya Nair saved version 2 on ")
    assert Initiative.objects.get().title == "Theirs"


def test_a_save_on_the_current_fingerprint_goes_through():
    initiative = saved()
    document = full_document(title="Other")
    assert save_dossier(by=actor(OWNER), document=document, expected=initiative.fingerprint).changed


def test_every_fault_of_a_document_is_refused_at_once_and_nothing_is_kept():
    document = full_document(title="")
    document["metrics"][0]["node"] = "nowhere"
    with pytest.raises(Invalid) as caught:
        save_dossier(by=actor(OWNER), document=document)
    assert [fault.pointer for fault in caught.value.faults] == ["/initiative/title", "/metrics/0/node"]
    assert not Initiative.objects.exists()


def test_people_who_do_not_exist_or_have_left_are_refused_at_their_places():
    document = full_document(sponsor="nobody@example.org")
    document["operating_model"]["owners"][0]["deputy"] = LEFT
    with pytest.raises(Invalid) as caught:
        save_dossier(by=actor(OWNER), document=document)
    assert caught.value.faults == (
        Fault(
            "/initiative/sponsor",
            "Nobody in the portal has the e-mail nobody@example.org.",
            "unknown_person",
        ),
        Fault(
            "/operating_model/owners/0/deputy",
            f"{LEFT} has left and can no longer be named.",
            "inactive_person",
        ),
    )


def test_somebody_who_left_may_stay_until_a_new_name_is_found():
    saved()
    leave(DEPUTY)
    assert save_dossier(by=actor(OWNER), document=full_document(title="Other")).changed


def test_a_stranger_neither_sees_nor_changes_an_initiative():
    saved()
    with pytest.raises(NotFound):
        save_dossier(by=actor(STRANGER), document=full_document(title="Mine now"))
    with pytest.raises(Conflict, match="The key AI-0001 is taken"):
        save_dossier(by=actor(STRANGER), document=full_document(title="Mine now"), create=True)


@pytest.mark.parametrize("email", [AUDITOR, SPONSOR, TEAM])
def test_who_may_only_read_changes_nothing(email):
    initiative = saved()
    with pytest.raises(Forbidden, match="Only a programme manager of this initiative may do this"):
        save_dossier(by=actor(email), document=full_document(title="Other"))
    with pytest.raises(Forbidden):
        change_section(
            by=actor(email), initiative=initiative, section="nonsense", value=1, expected_version=1
        )
    assert Initiative.objects.get().version == 1


def test_only_programme_managers_create():
    with pytest.raises(Forbidden, match="Only a programme manager may do this"):
        save_dossier(by=actor(TEAM), document=small_document(owner=TEAM))


def test_whoever_creates_an_initiative_must_belong_to_it():
    with pytest.raises(Invalid) as caught:
        save_dossier(by=actor(STRANGER), document=full_document())
    assert (caught.value.code, caught.value.faults[0].pointer) == ("not_a_member", "/initiative/owner")


def test_only_the_owner_hands_an_initiative_over():
    saved(team=[STRANGER])
    with pytest.raises(Forbidden, match=f"Only its owner, {OWNER}, may hand AI-0001"):
        save_dossier(by=actor(STRANGER), document=full_document(owner=STRANGER))
    assert save_dossier(by=actor(OWNER), document=full_document(owner=STRANGER)).changed
    assert Initiative.objects.get().owner.email == STRANGER


def test_where_the_owner_has_left_a_member_names_a_new_one():
    saved(team=[STRANGER])
    leave(OWNER)
    assert save_dossier(by=actor(STRANGER), document=full_document(owner=STRANGER, team=[])).changed


def test_memberships_follow_the_dossier(people):
    initiative = saved()
    assert memberships() == {
        (OWNER, "owner"),
        (SPONSOR, "sponsor"),
        (TEAM, "team"),
        (TEAM, "named"),
        (DEPUTY, "named"),
    }
    document = full_document(team=[STRANGER], sponsor=None)
    document["operating_model"]["owners"] = []
    save_dossier(by=actor(OWNER), document=document)
    assert memberships() == {(OWNER, "owner"), (STRANGER, "team")}
    assert initiative.memberships.count() == 2


def memberships():
    return set(Membership.objects.values_list("user__email", "kind"))


def test_the_portal_itself_may_save_for_anybody():
    assert save_dossier(by=SYSTEM, document=full_document()).created


def test_one_section_is_replaced_and_the_others_stay():
    initiative = saved()
    result = change_section(
        by=actor(OWNER), initiative=initiative, section="initiative/title", value="Other", expected_version=1
    )
    dossier = current_dossier(result.initiative).dossier
    assert (dossier.initiative.title, len(dossier.metrics)) == ("Other", 2)


def test_changes_of_two_people_to_different_sections_both_stand():
    initiative = saved()
    change_section(by=actor(OWNER), initiative=initiative, section="trade_offs", value=[], expected_version=1)
    result = change_section(
        by=actor(OWNER), initiative=initiative, section="dependencies", value=[], expected_version=1
    )
    dossier = current_dossier(result.initiative).dossier
    assert (result.version, dossier.trade_offs, dossier.dependencies) == (3, (), ())


def test_changes_of_two_people_to_one_section_are_not_mixed():
    initiative = saved()
    change_section(by=actor(OWNER), initiative=initiative, section="trade_offs", value=[], expected_version=1)
    with pytest.raises(Stale) as caught:
        change_section(
            by=actor(OWNER),
            initiative=initiative,
            section="trade_offs",
            value=[{"code": "x", "choose": "a", "accept": "b"}],
            expected_version=1,
        )
    assert [change["pointer"] for change in caught.value.blockers] == ["/trade_offs/0"]


@pytest.mark.parametrize("section", ["nonsense", "initiative/nonsense", "metrics/7"])
def test_a_section_that_does_not_exist_is_refused(section):
    with pytest.raises(Invalid, match="A dossier has no part"):
        change_section(by=actor(OWNER), initiative=saved(), section=section, value=1, expected_version=1)


def test_a_key_never_changes():
    with pytest.raises(Invalid) as caught:
        change_section(
            by=actor(OWNER), initiative=saved(), section="initiative/key", value="AI-0002", expected_version=1
        )
    assert caught.value.code == "key_is_fixed"


def test_registering_gives_the_next_free_key_and_the_ownership():
    saved()
    result = register_initiative(
        by=actor(STRANGER), section={"title": "Demand forecast", "archetype": "forecasting"}
    )
    assert (result.initiative.key, result.initiative.owner.email) == ("AI-0002", STRANGER)


def test_the_tables_follow_the_document_and_only_differences_are_written(django_assert_max_num_queries):
    initiative = saved()
    node = Node.objects.get(initiative=initiative, code="edits")
    document = full_document()
    document["outcome_chain"]["nodes"][1]["title"] = "Agent checks and sends"
    with django_assert_max_num_queries(30):  # 14 statements, and the marks of nested transactions
        save_dossier(by=actor(OWNER), document=document)
    node.refresh_from_db()
    assert node.title == "Agent checks and sends"
    assert decode(initiative.versions.get(number=2).document).outcome_chain.nodes[1].title == node.title


def test_the_metrics_of_the_dossier_are_projected_with_it():
    initiative = saved()
    assert set(initiative.metrics.in_dossier().values_list("code", "claimed")) == {
        ("handling-time", -1.3),
        ("repeat-contact", None),
    }
    document = full_document()
    document["metrics"].pop(0)
    document["metrics"][0]["guards"] = []
    document["operating_model"]["triggers"] = []
    save_dossier(by=actor(OWNER), document=document)
    assert list(initiative.metrics.in_dossier().values_list("code", flat=True)) == ["repeat-contact"]
