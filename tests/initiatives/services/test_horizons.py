"""Moving from one horizon to the next, which depends on a status that only the judge's moves set."""

import json

import pytest
from django.db import connection

from alignment_portal.audit.guard import writes_allowed
from alignment_portal.audit.models import Entry
from alignment_portal.refusals import Conflict
from initiatives.models import DossierVersion, Initiative
from initiatives.services.dossiers import save_dossier
from tests.factories.initiatives import full_document
from tests.initiatives.cast import OWNER, actor, saved

pytestmark = pytest.mark.usefixtures("people")
GUARD = "guard_initiatives_initiative_status"


def stands_at(status):
    """An initiative of that status; the guard that would ask for a move is taken off within this test."""
    initiative = saved()
    table = ' ON "initiatives_initiative"' if connection.vendor == "postgresql" else ""
    with writes_allowed(), connection.cursor() as cursor:
        if table:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"DROP TRIGGER IF EXISTS {GUARD}{table}")
    evaluation = 1 if status in {"learning_only", "aligned", "scale_ready"} else None
    with writes_allowed():
        Initiative.objects.filter(pk=initiative.pk).update(status=status, verdict_evaluation_id=evaluation)


def move_to(horizon):
    return save_dossier(by=actor(OWNER), document=full_document(horizon=horizon))


def test_from_scale_ready_the_next_horizon_begins_a_new_package():
    stands_at("scale_ready")
    assert move_to("H2").initiative.package == 2
    assert list(DossierVersion.objects.values_list("number", "package").order_by("number")) == [
        (1, 1),
        (2, 2),
    ]
    payload = json.loads(Entry.objects.get(action="initiatives.package.start").payload)
    assert payload == {"before": {"horizon": "H1", "package": 1}, "after": {"horizon": "H2", "package": 2}}


@pytest.mark.parametrize("status", ["learning_only", "aligned", "suspended"])
def test_below_scale_ready_there_is_no_next_horizon(status):
    stands_at(status)
    with pytest.raises(Conflict) as caught:
        move_to("H2")
    assert (caught.value.code, caught.value.pointer) == ("not_scale_ready", "/initiative/horizon")


def test_no_horizon_is_skipped():
    stands_at("scale_ready")
    with pytest.raises(Conflict, match="One horizon is taken after the other"):
        move_to("H3")


@pytest.mark.parametrize("status", ["draft", "in_review"])
def test_before_anything_was_decided_the_horizon_is_free(status):
    stands_at(status)
    assert move_to("H3").initiative.package == 1


def test_a_retired_initiative_stays_as_it_was():
    stands_at("retired")
    with pytest.raises(Conflict) as caught:
        save_dossier(by=actor(OWNER), document=full_document(title="Other"))
    assert caught.value.code == "retired"
