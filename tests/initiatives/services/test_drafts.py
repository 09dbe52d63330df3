import datetime as dt

import pytest

from alignment_portal.refusals import Forbidden, Invalid
from initiatives.models import Draft, Initiative
from initiatives.services.drafts import discard_draft, save_draft
from initiatives.services.judgements import note_judgement
from tests.initiatives.cast import AUDITOR, OWNER, STRANGER, actor, saved

pytestmark = pytest.mark.usefixtures("people")
NOON = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)


def drafted(by=OWNER, body="first", section="outcome_chain", initiative=None):
    initiative = initiative or saved()
    return save_draft(by=actor(by), initiative=initiative, section=section, body=body, based_on=1)


def test_a_draft_replaces_the_one_before_it():
    initiative = drafted().initiative
    drafted(body="second", initiative=initiative)
    assert Draft.objects.get().body == "second"


def test_a_draft_is_no_change_of_the_dossier():
    initiative = drafted().initiative
    assert (Initiative.objects.get().version, initiative.inputs_rev) == (1, 1)


@pytest.mark.parametrize("email", [STRANGER, AUDITOR])
def test_who_may_not_edit_keeps_no_draft(email):
    with pytest.raises(Forbidden):
        drafted(by=email)


def test_a_huge_draft_is_refused():
    with pytest.raises(Invalid, match="too long"):
        drafted(body="x" * 600_000)


def test_discarding_removes_only_ones_own_section():
    initiative = drafted().initiative
    drafted(section="metrics", initiative=initiative)
    discard_draft(by=actor(OWNER), initiative=initiative, section="metrics")
    assert Draft.objects.get().section == "outcome_chain"


def test_a_late_note_of_a_verdict_does_not_replace_a_newer_one():
    initiative = saved()
    note_judgement(
        initiative=initiative, level="aligned", at=NOON, mover="Priya Nair", deed="Renew the drill"
    )
    note_judgement(initiative=initiative, level="blocked", at=NOON - dt.timedelta(hours=1))
    initiative.refresh_from_db()
    assert (initiative.judged_level, initiative.next_mover_name) == ("aligned", "Priya Nair")
