import datetime as dt

import msgspec

from packs.content.parts import Gap, Table, decode, encode
from packs.content.source import PastMove, Promise, Settled, Voice
from tests.gates.engine.policies import policy
from tests.packs.papers import bare, content, section, whole, words


def test_sections_come_in_the_order_of_the_board_paper():
    assert [one.code for one in content().sections] == [
        "chain", "measurement", "gates", "risk", "operating-model", "change", "alignment", "limits", "appendix",
    ]  # fmt: skip


def test_equal_facts_give_equal_content():
    assert encode(content()) == encode(content())


def test_content_survives_being_stored():
    assert decode(encode(content())) == content()


def test_no_section_of_a_bare_dossier_is_empty():
    for one in content(bare()).sections:
        assert one.blocks, one.code
        assert all(block.rows for block in one.blocks if isinstance(block, Table)), one.code


def test_what_is_missing_is_said_with_who_has_the_next_move():
    (gap,) = section(content(bare()), "chain").blocks
    assert isinstance(gap, Gap)
    assert gap.sentence == (
        "The outcome chain is not drawn yet, so no effect can be expected. Bella Business has the next move."
    )


def test_a_claim_is_to_be_learned_as_long_as_no_impact_may_be_claimed():
    facts = msgspec.structs.replace(whole(), endorsements=())
    told = words(section(content(facts), "measurement"))
    assert content(facts).level == "blocked"
    assert "To be learned" in told
    assert "Claimed effect" not in told
    assert "−1.3" not in told


def test_a_claim_stands_with_its_unit_once_it_may_be_made():
    told = words(section(content(), "measurement"))
    assert content().level == "scale_ready"
    assert "−1.3 minutes per case" in told


def test_each_number_of_a_baseline_has_unit_period_and_sample():
    told = words(section(content(), "measurement"))
    assert '"text":"11.8 minutes per case"' in told
    assert "5 January 2026 to 22 March 2026; 16,800 cases" in told


def test_sealed_stances_reach_no_pack():
    review = msgspec.structs.replace(whole().review, state="pre_read")
    told = section(content(msgspec.structs.replace(whole(), review=review)), "alignment")
    assert "Answers stay sealed until it ends." in words(told)
    assert '"title":"Stances","columns"' not in words(told)


def voice_of(answer, reason=""):
    at = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
    return Voice(
        person="eva.risk@example.org",
        role="risk_legal",
        trade_off="log-first",
        answer=answer,
        at=at,
        reason=reason,
    )


def test_dissent_stands_in_its_own_words():
    voice = voice_of("disagree", "The peak season comes first.")
    assert '"text":"The peak season comes first."' in words(section(content(voices=(voice,)), "alignment"))


def test_a_condition_without_a_reason_is_not_called_nothing():
    voice = voice_of("agree_with_conditions")
    told = words(section(content(voices=(voice,)), "alignment"))
    assert "set conditions; no reason was given beside them." in told
    assert "Nobody disagreed" not in told


def test_a_commitment_past_its_day_is_overdue():
    late = Promise(
        ref="CM-0001", text="Fund the log", owner="eva.risk@example.org", due_on=dt.date(2026, 6, 1)
    )
    assert '"text":"Overdue"' in words(section(content(promises=(late,)), "alignment"))


def test_the_history_of_moves_is_told():
    move = PastMove(
        at=dt.datetime(2026, 3, 30, tzinfo=dt.UTC),
        before="in_review",
        after="aligned",
        by="Bella Business",
        reason="Agreed",
    )
    assert "In review → Aligned" in words(section(content(moves=(move,)), "appendix"))


def test_every_rule_of_the_policy_is_named_in_the_appendix():

    told = words(section(content(), "appendix"))
    assert [rule.code for rule in policy().rules if rule.code not in told] == []


def lapsed(**review):
    changed = msgspec.structs.replace(whole().review, state="lapsed", **review)
    return msgspec.structs.replace(whole(), review=changed)


def test_what_was_concluded_stays_in_the_paper_after_it_lapsed():
    meta = {
        "voices": (Voice(person="ben.business@example.org", role="business", trade_off="log-first",
                      answer="disagree", at=dt.datetime(2026, 6, 1, tzinfo=dt.UTC), reason="We lose the summer."),),
        "review_lapse": "on 12 June 2026: Overtaken.",
    }  # fmt: skip
    told = section(content(lapsed(outcome="not_aligned"), **meta), "alignment")
    assert "not aligned. It lapsed on 12 June 2026: Overtaken." in told.lead
    assert "We lose the summer." in words(told)
    assert "sealed" not in words(told)


def test_a_review_that_lapsed_without_an_end_says_so():
    told = section(content(lapsed(outcome=""), review_lapse="on 12 June 2026: Overtaken."), "alignment")
    assert "lapsed before it was concluded, on 12 June 2026: Overtaken." in words(told)


def test_a_trade_off_that_was_added_in_the_review_stands_in_the_paper_in_its_words():
    added = Settled(
        code="slower", choose="start slower", accept="two months less", because="people come first"
    )
    meta = {
        "trade_offs": (added,),
        "voices": (Voice(person="ben.business@example.org", role="business", trade_off="slower",
                      answer="disagree", at=dt.datetime(2026, 6, 1, tzinfo=dt.UTC), reason="Too slow.", deputy="eva.risk@example.org"),),
    }  # fmt: skip
    told = words(section(content(whole(), **meta), "alignment"))
    assert "start slower." in told
    assert "two months less" in told
    assert "by the deputy" in told
