"""What undoes an agreement, and what is the work of a tidy hand."""

import msgspec
import pytest

from initiatives.dossier.differences import Difference
from initiatives.dossier.document import Dossier
from initiatives.dossier.materiality import is_tolerated, material_changes
from tests.factories.metrics import document_of


def dossier(change=None):
    document = document_of()
    if change:
        change(document)

    return msgspec.convert(document, Dossier)


def difference(before, after, pointer="/risk_posture/harms/0/description"):
    return Difference(pointer, before, after, "")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Agents edit the draft.", "agents edit  the draft"),
        ("Stop, then tell.", "Stop; then tell!"),
        (["a", "b"], ["b", "a"]),
    ],
)
def test_case_spacing_marks_and_order_are_tolerated(before, after):
    assert is_tolerated(difference(before, after))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Agents may send it.", "Agents may not send it."),
        ("At most -5 %.", "At most 5 %."),
        ("Within 4 hours.", "Within 4.5 hours."),
        (["a", "b"], ["a", "c"]),
        ("advisory", "binding"),
        (None, "A new rule."),
        (0.1, 0.104),
        (True, False),
    ],
)
def test_another_meaning_is_of_substance(before, after):
    assert not is_tolerated(difference(before, after))


@pytest.mark.parametrize(
    ("before", "after", "tolerated"), [(100.0, 104.9, True), (100.0, 105.0, False), (0.0, 0.1, False)]
)
def test_a_measured_baseline_may_move_by_less_than_five_per_cent(before, after, tolerated):
    assert is_tolerated(difference(before, after, "/metrics/0/baseline/value")) is tolerated


def test_a_claim_may_not_move_at_all():
    assert not is_tolerated(difference(-1.3, -1.31, "/metrics/0/target/effect"))


def test_every_change_says_which_part_it_is_in():
    def change(document):
        document["initiative"]["scope"]["volume_share_limit"] = 0.5
        document["outcome_chain"]["links"][0]["mechanism"] = "Something else."
        document["initiative"]["summary"] = "Not what the agreement rests on."

    found = material_changes(dossier(), dossier(change))
    assert [(one.section, one.substance) for one in found] == [("scope", True), ("outcome_chain", True)]
