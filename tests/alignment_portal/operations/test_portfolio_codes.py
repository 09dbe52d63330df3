"""No word comes in with a portfolio that means nothing here: every column that holds words of a closed set is walked."""

import json

import pytest
from django.db.models import CharField

from alignment_portal.accounts.actors import SYSTEM
from alignment_portal.audit.guard import writes_allowed
from alignment_portal.operations.portfolio_codes import CODES, codes_of, known_words
from alignment_portal.operations.portfolio_file import read
from alignment_portal.operations.portfolio_import import import_portfolio
from alignment_portal.operations.portfolio_loading import _Loader, load_portfolio
from alignment_portal.operations.portfolio_rows import (
    FORMAT,
    PortfolioRows,
    Rows,
    fields_of,
    portfolio_bytes,
    tables,
)
from alignment_portal.refusals import Invalid
from gates.models import Evaluation
from initiatives.models import Initiative
from metrics.models import MetricResult
from tests.alignment_portal.operations.test_portfolio_file import (
    changed,
    decide,
    first_form,
    loaded,
    take_everything_away,
)
from tests.factories.metrics import initiative
from tests.people import everybody

# Texts, names, references, hashes, and what a dossier, a review or a system outside is free to call its own.
FREE = {
    "accounts.groupmember": {"group"},
    "accounts.user": {"email", "name", "title", "time_zone", "external_id"},
    "gates.blob": {"sha256"},
    "gates.endorsement": {"ref", "seen"},
    "gates.evaluation": {"fingerprint", "facts_sha256"},
    "gates.evidence": {"ref", "blob_id", "title", "link", "filename", "deployment", "control"},
    "gates.findingset": {"sha256"},
    "gates.policyversion": {"version", "sha256"},
    "gates.waiver": {"ref"},
    "http.referencecounter": {"prefix"},
    "initiatives.cluster": {"code", "title"},
    "initiatives.dossierversion": {"fingerprint", "material_fingerprint"},
    "initiatives.incident": {"ref", "title", "deployment"},
    "initiatives.initiative": {
        "key",
        "title",
        "fingerprint",
        "material_fingerprint",
        "judged_gate",
        "next_mover_name",
    },
    "metrics.acknowledgement": {"rule"},
    "metrics.driftreading": {"deployment", "source"},
    "metrics.metric": {"code", "title", "unit", "node", "owner_email"},
    "metrics.metricresult": {"fingerprint"},
    "metrics.observation": {"deployment", "segment", "source"},
    "portfolio.bottleneck": {"code", "title"},
    "portfolio.bottleneckversion": {"title"},
    "portfolio.closure": {"reason"},
    "portfolio.dependencyversion": {"title"},
    "portfolio.otherchange": {"group", "title"},
    "portfolio.peoplegroup": {"code", "name"},
    "portfolio.shareddependency": {"code", "title"},
    "portfolio.simulation": {"ref", "title"},
    "portfolio.workitem": {"gate"},
    "portfolio.worth": {"currency"},
    "reviews.commitment": {"ref", "unblocks"},
    "reviews.condition": {"ref"},
    "reviews.mailedinvitation": {"dates"},
    "reviews.participant": {"role"},
    "reviews.review": {"ref", "policy_version"},
    "reviews.reviewtradeoff": {"code", "until"},
    "reviews.signature": {"name", "role", "fingerprint"},
    "reviews.snapshot": {"digest"},
}
# What the policies of the file close; their rows are looked at when all of them are in.
OF_POLICIES = {
    "gates.endorsement": {"gate"},
    "gates.evidence": {"question", "kind"},
    "gates.policygate": {"gate"},
    "gates.policyquestion": {"question"},
    "gates.reinstatement": {"gate"},
    "gates.waiver": {"rule"},
    "reviews.gatequestion": {"gate"},
}


def columns():
    """(table, column, field, words) of every column that holds words of a closed set."""
    return [
        (label, name, field, codes)
        for label, model in tables().items()
        for name, field in fields_of(label, model).items()
        if (codes := codes_of(field)) is not None
    ]


@pytest.mark.unit
def test_every_choice_of_a_model_is_walked():
    walked = {(label, name) for label, name, _, _ in columns()}
    choices = {
        (label, name)
        for label, model in tables().items()
        for name, field in fields_of(label, model).items()
        if field.choices
    }
    assert choices <= walked
    assert set(CODES) <= walked
    assert ("gates.evaluation", "level") in walked  # held by a constraint alone
    assert len(walked) >= 39


@pytest.mark.unit
def test_every_short_text_of_the_file_is_closed_or_free_on_purpose():
    undecided = {
        f"{label}.{name}"
        for label, model in tables().items()
        for name, field in fields_of(label, model).items()
        if isinstance(field, CharField)
        and codes_of(field) is None
        and name not in FREE.get(label, set()) | OF_POLICIES.get(label, set())
    }
    assert undecided == set()


@pytest.mark.unit
def test_every_word_that_is_known_is_taken():
    loader = _Loader(PortfolioRows(format=FORMAT, tables={}))
    for _, _, field, codes in columns():
        for word in codes:
            loader._value(field, word, f"{field} {word}")  # noqa: SLF001 — a whole file for each word would take minutes
    assert loader.faults == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("word", ["forged", "R5_WIN ", "", 7])
def test_a_word_that_nobody_knows_is_refused_with_its_place(word):
    told = {}
    for label, name, _, codes in columns():
        if word in codes:  # nothing, where it may be left empty
            continue
        file = PortfolioRows(format=FORMAT, tables={label: Rows(columns=(name,), rows=((word,),))})
        with pytest.raises(Invalid) as refused:
            load_portfolio(by=SYSTEM, file=file, fingerprint="f" * 64)
        told[label, name] = {
            fault.pointer
            for fault in refused.value.faults
            if fault.code == "unknown_code" and f"“{word}”" in fault.sentence and codes[0] in fault.sentence
        }
    assert {
        place for place, pointers in told.items() if pointers != {f"/tables/{place[0]}/rows/0/0"}
    } == set()
    assert len(told) >= (30 if word == "" else 39)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("label", "column", "value", "said"),
    [
        ("gates.evidence", "question", "XX-99", "has a question “XX-99”"),
        ("gates.evidence", "kind", "bribe", "has a kind “bribe”"),
        ("gates.endorsement", "gate", "back_door", "has a gate “back_door”"),
        ("gates.evaluation", "suspenders", ["XX-99"], "has a suspenders “XX-99”"),
        ("gates.evaluation", "suspenders", [{"code": "XX-99"}], "has a suspenders “{"),
        ("gates.evaluation", "suspenders", {"XX-99": 1}, "has a suspenders “{"),
        ("gates.evaluation", "awaiting_endorsement", ["back_door"], "awaiting_endorsement “back_door”"),
        ("gates.policygate", "waivable", lambda held: not held, "its gates are not those of the policy"),
        ("gates.policygate", "gate", "back_door", "its gates are not those of the policy"),
        ("gates.policyquestion", "question", "XX-99", "its questions are not those of the policy"),
        ("gates.policyversion", "text", "code = 1", "it cannot be read"),
    ],
)
def test_what_no_policy_of_the_file_asks_does_not_come_in(label, column, value, said):
    decide()
    body = portfolio_bytes()
    take_everything_away()
    with pytest.raises(Invalid) as refused:
        loaded(changed(body, label, column, value))
    found = [fault.sentence for fault in refused.value.faults if fault.pointer == f"/tables/{label}"]
    assert any(said in sentence for sentence in found), [fault.sentence for fault in refused.value.faults]
    assert not Initiative.objects.exists()


@pytest.mark.django_db
def test_a_portfolio_that_was_decided_on_holds_known_words_only():
    decide()
    assert Evaluation.objects.exists()
    assert list(known_words()) == []


@pytest.mark.django_db
@pytest.mark.parametrize("guards", [[{"metric": "m", "verdict": "FINE"}], ["FINE"], [{}], [[]], 7])
def test_a_forged_verdict_on_a_metric_beside_a_result_is_found(guards):
    everybody()
    about = initiative()
    with writes_allowed():
        for found in ([{"metric": "m", "verdict": "INCONCLUSIVE"}], guards):
            MetricResult.objects.create(
                metric=about.metrics.first(), method="ab_test", read_on="2026-06-01", figures="{}", estimate=1,
                low=0, high=2, code="R5_WIN", sentence="x", details={"guards": found}, fingerprint="f" * 64,
            )  # fmt: skip
    [fault] = known_words()
    assert (fault.pointer, fault.code) == ("/tables/metrics.metricresult", "unknown_code")
    assert "INCONCLUSIVE" in fault.sentence


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("part", "change", "pointer"),
    [
        ("people", {"function": "wizardry"}, "/people/0/function"),
        ("people", {"roles": [{"role": "king"}]}, "/people/0/role"),
        ("people", {"roles": [{"role": "executive", "function": "wizardry"}]}, "/people/0/function"),
        ("dependencies", {"kind": "magic"}, "/dependencies/0/kind"),
        ("dependencies", {"funding": "luck"}, "/dependencies/0/funding"),
        ("dependencies", {"state": "lost"}, "/dependencies/0/state"),
    ],
)
def test_a_file_of_the_first_form_holds_known_words_only_as_well(part, change, pointer):
    told = first_form()
    told[part][0] |= change
    with pytest.raises(Invalid) as refused:
        import_portfolio(by=SYSTEM, file=read(json.dumps(told).encode()), fingerprint="f" * 64)
    assert pointer in {fault.pointer for fault in refused.value.faults}
    assert not Initiative.objects.exists()
