import pytest

from alignment_portal.audit.models import Entry
from alignment_portal.outbox.models import Event
from alignment_portal.refusals import Conflict, Forbidden, Invalid
from gates.models import PolicyVersion
from gates.selectors import startup
from gates.selectors.policies import current_policy, shipped_files
from gates.services.policies import adopt_policy, adopt_shipped_policy, propose_policy
from tests.gates import policy
from tests.people import actor

pytestmark = pytest.mark.django_db


def proposed(version="9.1", who="administrator", **changes):
    return propose_policy(by=actor(who), text=policy.text(version, **changes), reason="Clearer.")


def test_an_empty_portal_begins_under_the_shipped_policy():
    row = PolicyVersion.objects.get(is_current=True)
    assert (row.version, row.proposed_by, row.text) == ("2026.1", None, shipped_files()[-1].read_text())
    assert sorted(row.gates.values_list("gate", flat=True)) == [
        "data_rights",
        "governance",
        "instrumentation",
        "integration",
        "ownership",
    ]
    assert adopt_shipped_policy() is None


def test_two_administrators_put_a_policy_in_force():
    row = proposed()
    with pytest.raises(Forbidden) as refused:
        adopt_policy(by=actor("administrator"), version="9.1")
    assert (refused.value.code, current_policy().version) == ("two_people_needed", "2026.1")
    adopt_policy(by=actor("second_administrator"), version="9.1")
    row.refresh_from_db()
    assert (row.is_current, row.confirmed_by.email, current_policy().version) == (
        True,
        "siobhan@example.org",
        "9.1",
    )
    assert Entry.objects.first().action == "gates.policy.adopt"
    assert Event.objects.filter(name="gates.policy_activated").count() == 1


@pytest.mark.parametrize("who", ["executive", "programme_manager", "assurer", "auditor"])
def test_nobody_but_administrators_touches_policies(who):
    with pytest.raises(Forbidden):
        proposed(who=who)
    proposed()
    with pytest.raises(Forbidden):
        adopt_policy(by=actor(who), version="9.1")


def test_proposing_the_same_text_again_is_the_same_proposal():
    assert proposed() == proposed()


def test_a_version_means_one_text():
    proposed()
    with pytest.raises(Conflict) as refused:
        proposed(fresh_days=99)
    assert refused.value.code == "version_taken"


def test_an_earlier_policy_is_not_put_back():
    proposed()
    adopt_policy(by=actor("second_administrator"), version="9.1")
    with pytest.raises(Conflict) as refused:
        adopt_policy(by=actor("second_administrator"), version="2026.1")
    assert refused.value.code == "policy_adopted_once"


def test_a_broken_policy_is_refused_with_every_line_and_reason():
    broken = (
        policy.text()
        .replace('severity = "blocker"', 'severity = "deadly"', 1)
        .replace("fresh_days = 180", "", 1)
    )
    with pytest.raises(Invalid) as refused:
        propose_policy(by=actor("administrator"), text=broken, reason="A try.")
    assert len(refused.value.faults) >= 2
    assert all(fault.sentence.startswith("Line ") for fault in refused.value.faults)


def test_what_is_in_force_is_adopted_again_without_effect():
    proposed()
    adopt_policy(by=actor("second_administrator"), version="9.1")
    assert adopt_policy(by=actor("second_administrator"), version="9.1").version == "9.1"


# --- start-up ----------------------------------------------------------------------------------------------


def test_the_shipped_policy_lets_the_portal_start():
    assert startup.policies_can_be_read() == []


def test_a_broken_policy_file_stops_the_start_with_line_and_reason(monkeypatch, tmp_path):
    (tmp_path / "2026.2.toml").write_text(policy.text().replace('code = "DR-01"', 'code = "D"', 1))
    monkeypatch.setattr("gates.selectors.policies.SHIPPED", tmp_path)
    (fault, *_) = startup.policies_can_be_read()
    assert (fault.id, fault.msg.startswith("2026.2.toml, line ")) == ("gates.E002", True)


def test_no_policy_file_stops_the_start(monkeypatch, tmp_path):
    monkeypatch.setattr("gates.selectors.policies.SHIPPED", tmp_path)
    assert [fault.id for fault in startup.policies_can_be_read()] == ["gates.E001"]
