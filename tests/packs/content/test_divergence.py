"""The board paper shows where opinions part: drawn, in figures, and in the order in which to talk about it."""

import msgspec

from gates.engine.facts import Review, Stance
from packs.content.parts import OpinionDrawing, Table
from packs.content.source import Promise, Voice
from tests.gates.engine.builders import NOW
from tests.packs.papers import content, html, section, whole, words

PEOPLE = {"ella.legal@alder.example": "risk_legal", "otto.chief@alder.example": "business"}


def papers(*said):
    """A paper after a review in which these were said: person, point, answer, rating."""
    voices = [
        Voice(
            person=who,
            role=PEOPLE[who],
            trade_off=point,
            answer=answer,
            at=NOW,
            rating=rating,
            reason="So be it.",
        )
        for who, point, answer, rating in said
    ]
    stances = tuple(
        Stance(person=v.person, role=v.role, trade_off=v.trade_off, answer=v.answer, at=NOW, sealed=True)
        for v in voices
    )
    offs = tuple(off.code for off in whole().dossier.trade_offs)
    review = Review(
        ref="RV-0001",
        state="concluded",
        outcome="aligned",
        participants=PEOPLE,
        trade_offs=offs,
        stances=stances,
    )
    promise = Promise(
        ref="CM-0001",
        text="x",
        owner="ella.legal@alder.example",
        due_on=NOW.date(),
        unblocks="gate:data_rights",
    )
    return content(msgspec.structs.replace(whole(), review=review), voices=tuple(voices), promises=(promise,))


def split():
    ella, otto = PEOPLE
    off = whole().dossier.trade_offs[0].code
    return papers(
        (ella, off, "agree", None),
        (otto, off, "disagree", None),
        (ella, "part:change_load", "agree", 4),
        (otto, "part:change_load", "agree", 4),
    )


def blocks(said, kind):
    return [block for block in section(said, "alignment").blocks if isinstance(block, kind)]


def test_what_divides_most_is_drawn_first():
    [drawing] = blocks(split(), OpinionDrawing)
    assert [row.flagged for row in drawing.rows] == [True, False]
    assert drawing.title.startswith("1 point of 2 to discuss, first:")
    assert [one.place for one in drawing.rows[0].people] == [5, 1]


def test_a_single_point_is_not_counted_against_itself():
    (ella, otto), off = PEOPLE, whole().dossier.trade_offs[0].code
    [drawing] = blocks(papers((ella, off, "agree", None), (otto, off, "disagree", None)), OpinionDrawing)
    assert drawing.title.startswith("There is one point, and it has to be discussed:")


def test_the_same_stands_in_a_table():
    table = next(block for block in blocks(split(), Table) if block.title == "Where opinions part")
    assert [cell.text for cell in table.rows[0][1:]] == [
        "3", "2", "0", "Answers lie far apart, the middle half is wide and fewer than three quarters are for it",
    ]  # fmt: skip
    assert [cell.text for cell in table.rows[1]] == ["Change load", "4", "0", "1", "Agreed"]


def test_the_drawing_says_in_words_what_it_shows():
    assert "1 point of 2 to discuss" in html(split())


def test_a_stance_on_a_part_is_named_and_rated():
    said = words(section(split(), "alignment"))
    assert '"text":"Change load"' in said
    assert "rated 4 of 5" in said


def test_what_a_promise_unblocks_is_said_in_words():
    assert "unblocks the gate data rights" in words(section(split(), "alignment"))


def test_nothing_is_drawn_where_nobody_took_a_side():
    assert blocks(papers(), OpinionDrawing) == []
