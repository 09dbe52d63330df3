"""What an endorsement rests on, and when it falls."""

import datetime as dt

import msgspec

from gates.engine import gate_fingerprint
from tests.gates.engine.builders import NOW, TODAY, complete_facts, finding, moment
from tests.gates.engine.cutting import cut
from tests.gates.engine.policies import policy


def seen(facts, now=NOW):
    return gate_fingerprint(facts, policy(), "governance", now)


def further(question, **changes):
    first = next(e for e in complete_facts().evidence if e.question == question)
    return msgspec.structs.replace(first, ref="EV-9000", sha256="a" * 64, **changes)


def with_further(facts, *items):
    return msgspec.structs.replace(facts, evidence=(*facts.evidence, *items))


def test_the_fingerprint_changes_with_the_content_of_the_evidence():
    changed = cut(complete_facts(), [{"path": "evidence[GC-01].sha256", "to": "b" * 64}])
    assert seen(changed) != seen(complete_facts())


def test_the_fingerprint_does_not_change_with_evidence_of_another_gate():
    changed = cut(complete_facts(), [{"path": "evidence[DR-01].sha256", "to": "b" * 64}])
    assert seen(changed) == seen(complete_facts())


def test_the_fingerprint_changes_with_the_part_of_the_dossier_that_is_judged():
    changed = cut(
        complete_facts(), [{"path": "dossier.risk_posture.oversight_rules[stop].who", "to": "Nobody"}]
    )
    assert seen(changed) != seen(complete_facts())


def test_the_fingerprint_changes_when_evidence_expires():
    later = NOW + dt.timedelta(days=200)
    assert seen(complete_facts(), later) != seen(complete_facts())


def test_evidence_added_beside_what_was_seen_leaves_the_endorsement_standing():
    richer = with_further(
        complete_facts(), further("GC-01", observed_on=TODAY, submitted_at=moment(TODAY, 7))
    )
    assert finding(richer, "G0-01").outcome == "pass"


def test_the_newest_evidence_is_what_the_next_endorsement_sees():
    richer = with_further(complete_facts(), further("GC-01", observed_on=TODAY))
    assert seen(richer) != seen(complete_facts())


def test_evidence_withdrawn_makes_the_endorsement_fall_although_there_is_other_evidence():
    richer = with_further(complete_facts(), further("GC-01", observed_on=TODAY))
    withdrawn = cut(richer, [{"path": "evidence[EV-0009].state", "to": "withdrawn"}])
    found = finding(withdrawn, "G0-01")
    assert (finding(withdrawn, "GC-01").outcome, found.reason) == (
        "pass",
        "Governance controls is no longer endorsed: the evidence changed after Eva Risk endorsed it on 10 June 2026.",
    )


def test_an_endorsement_lapses_with_the_evidence_it_rests_on():
    first = next(e for e in complete_facts().evidence if e.question == "WI-01")
    last_day = first.observed_on + dt.timedelta(days=183)
    assert finding(complete_facts(), "G0-01").lapses_at == dt.datetime.combine(
        last_day, dt.time(), dt.UTC
    ) + dt.timedelta(1)


def test_somebody_who_is_no_executive_cannot_endorse():
    changed = cut(
        complete_facts(), [{"path": "endorsements[governance].by", "to": "rita.risk@alder.example"}]
    )
    assert finding(changed, "G0-01").reason == (
        "Governance controls is no longer endorsed: Rita Risk is not an active executive."
    )


def test_the_executive_named_for_a_gate_has_the_next_move():
    changed = cut(complete_facts(), [{"path": "endorsements[governance]", "drop": True}])
    named = msgspec.structs.replace(changed, gate_owners={"governance": "ed.technology@alder.example"})
    assert finding(named, "G0-01").next_mover_name == "Ed Technology"
