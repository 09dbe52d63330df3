"""The verdict in a sentence, three answers, and the shortest way on."""

from gates.engine import explain, explanation
from tests.gates.engine.builders import NOW, complete_facts
from tests.gates.engine.cutting import cut
from tests.gates.engine.policies import policy
from tests.packs.papers import bare


def told(*changes, archetype="ml_decisioning"):
    return explain(policy(), cut(complete_facts(archetype), list(changes)), NOW)


ROTA = {"path": "dossier.operating_model.rota", "to": []}
OLD = {"path": "evidence[DR-01].observed_on", "to": "2025-01-10"}
OLDER = {"path": "evidence[GC-02].observed_on", "to": "2025-01-10"}
NO_BASELINE = {"path": "dossier.metrics[handling-time].baseline", "drop": True}
NO_RESULT = {"path": "results[handling-time]", "drop": True}


def test_the_sentence_names_what_is_wrong_and_counts_what_has_expired():
    assert told(ROTA, OLD, OLDER).sentence == (
        "Blocked: nobody is on call from 15 June 2026 for Leeds team, "
        "two pieces of evidence have expired and two gates are not endorsed."
    )


def test_what_two_rules_say_alike_is_said_once():
    said = explain(policy(), bare(), NOW)
    assert said.sentence.count("no way from an AI output to an outcome is drawn") == 1


def test_in_brief_it_counts_what_it_has_no_room_to_name(monkeypatch):
    monkeypatch.setattr(explanation, "LONGEST_BRIEF", 160)
    assert explain(policy(), bare(), NOW).in_brief == (
        "Blocked: no way from an AI output to an outcome is drawn, 19 questions have no accepted evidence, "
        "five gates are not endorsed and 14 further rules are not met."
    )
    monkeypatch.setattr(explanation, "LONGEST_BRIEF", 0)
    assert "five gates are not endorsed and 17 rules are not met." in explain(policy(), bare(), NOW).in_brief


def test_a_short_sentence_is_the_same_in_brief():
    said = told(ROTA)
    assert said.in_brief == said.sentence


def test_nothing_stands_above_scale_ready():
    said = told()
    assert (said.target, said.moves, said.sentence) == (
        None,
        (),
        "Scale-ready: every rule that decides is met; it may be proposed beyond H1.",
    )


def test_the_way_goes_one_step_up_and_is_named_by_where_it_leads():
    """What clears the worst is enough for the step; where nothing else is open, it leads to the top at once."""
    assert [told(c).target for c in (ROTA, NO_BASELINE, NO_RESULT)] == ["scale_ready"] * 3
    assert told(ROTA, NO_BASELINE).target == "learning_only"
    assert told(NO_BASELINE, NO_RESULT).target == "aligned"


def test_a_gap_in_the_rota_is_one_deed():
    said = told(ROTA)
    assert [(m.deed, m.person_name, m.place) for m in said.moves] == [
        (
            "Fill the on-call rota for Leeds team until 12 July 2026",
            "Tim Technology",
            "/initiatives/AI-0001/operating-model/",
        )
    ]


def test_evidence_comes_before_its_review_and_review_before_endorsement():
    assert [move.kind for move in told(OLD).moves] == ["submit", "review", "endorse"]


def test_who_waits_is_told_for_what():
    moves = told(OLD).moves
    assert [move.after for move in moves] == [(), (moves[0].key,), (moves[0].key, moves[1].key)]


def test_the_three_questions_are_answered():
    said = told(ROTA, NO_BASELINE)
    assert [(answer.question, answer.ok) for answer in said.answers] == [
        ("Will the organisation change?", True),
        ("Will the impact be provable?", False),
        ("Can we run it safely at scale?", False),
    ]


def test_an_answer_says_why_not():
    assert told(ROTA).answers[2].sentence == "Not yet: nobody is on call from 15 June 2026 for Leeds team."


def test_an_answer_counts_what_is_met():
    assert told().answers[0].sentence == "Yes: 23 of 23 rules met."


def test_only_the_rules_whose_remedies_are_needed_are_listed():
    assert told(OLD, NO_BASELINE).clears == ("DR-01", "G0-01")
