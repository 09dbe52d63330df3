import msgspec
import pytest

from packs.content.agreed import audience_words, is_draft
from tests.packs.papers import whole


def facts(status, **review):
    agreed = msgspec.structs.replace(whole().review, **review) if review else whole().review
    return msgspec.structs.replace(whole(), status=status, review=agreed)


@pytest.mark.parametrize("status", ["draft", "in_review"])
def test_what_was_agreed_is_no_draft_though_its_status_waits_for_a_gate(status):
    assert is_draft(facts(status)) is False


@pytest.mark.parametrize(
    "review", [{"outcome": "not_aligned"}, {"stale": ("metrics",)}, {"state": "meeting"}]
)
def test_without_a_standing_agreement_it_is_a_draft(review):
    assert is_draft(facts("in_review", **review)) is True


def test_what_runs_by_a_decision_is_no_draft():
    assert is_draft(msgspec.structs.replace(whole(), status="learning_only", review=None)) is False


def test_a_restricted_paper_is_not_for_those_who_were_invited():
    assert "invited" in audience_words("initiative", "readers", "internal")
    assert "invited" not in audience_words("initiative", "readers", "restricted")
    assert audience_words("cluster", "executives", "internal") == "Executives and auditors only"
