import jsonschema
import pytest

from initiatives.dossier.canonical import (
    canonical_json,
    digest,
    fingerprint,
    material_fingerprint,
    material_section_fingerprints,
    section_fingerprints,
)
from initiatives.dossier.differences import Difference, differences
from initiatives.dossier.document import SECTIONS
from initiatives.dossier.parsing import parse
from initiatives.dossier.paths import value_at, with_section, with_value
from initiatives.dossier.references import people_named
from initiatives.dossier.schema import dossier_schema
from tests.factories.initiatives import DEPUTY, OWNER, SPONSOR, TEAM, full_document, small_document


def test_the_canonical_form_is_the_worked_check_fp_1():
    text = canonical_json({"b": 1, "a": [{"x": 0.1, "y": "é"}], "n": None})
    assert text == '{"a":[{"x":0.1,"y":"é"}],"b":1,"n":null}'
    assert digest(text) == "a217e6b2736f6bdcec8601eef0626b07a4ed6b20d54a9681f3a333803e1e80f1"


def test_whole_numbers_lose_their_fraction_in_the_canonical_form():
    assert canonical_json({"a": 1.0, "b": [-0.0, 1.5]}) == '{"a":1,"b":[0,1.5]}'


def test_a_text_outside_the_material_parts_leaves_the_agreement_alone():
    before, after = parse(full_document()), parse(full_document(summary="Written better."))
    assert fingerprint(before) != fingerprint(after)
    assert material_fingerprint(before) == material_fingerprint(after)


def test_a_wider_horizon_changes_the_scope_alone():
    before, after = (
        material_section_fingerprints(parse(full_document(horizon=name))) for name in ("H1", "H2")
    )
    assert {name for name in before if before[name] != after[name]} == {"scope"}


def test_each_section_has_its_own_fingerprint():
    before = section_fingerprints(parse(full_document()))
    after = section_fingerprints(parse(full_document() | {"trade_offs": []}))
    assert tuple(before) == SECTIONS
    assert {name for name in before if before[name] != after[name]} == {"trade_offs"}


def test_the_published_schema_is_valid_and_accepts_a_full_document():
    jsonschema.Draft202012Validator.check_schema(dossier_schema())
    jsonschema.Draft202012Validator(dossier_schema()).validate(full_document())
    assert dossier_schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_people_are_found_wherever_they_are_named():
    named = people_named(parse(full_document()))
    assert {email for _, email in named} == {OWNER, SPONSOR, TEAM, DEPUTY}
    assert ("/operating_model/raci/0/responsible/0", DEPUTY) in named
    assert ("/metrics/0/baseline/extracted_by", TEAM) in named


def test_a_changed_field_is_told_with_its_place_and_both_values():
    document = full_document()
    document["metrics"][0]["unit"] = "minutes"
    assert differences(parse(full_document()), parse(document)) == (
        Difference(
            "/metrics/0/unit",
            "minutes per ticket",
            "minutes",
            "Metric handling-time, unit: “minutes per ticket” → “minutes”",
        ),
    )


def test_rows_are_matched_by_code_and_not_by_position():
    document = full_document()
    removed = document["metrics"].pop(0)
    document["change_impact"]["incentive_conflicts"] = []
    document["metrics"][0]["guards"] = []
    document["operating_model"]["triggers"] = []
    found = {
        difference.words: difference.pointer
        for difference in differences(parse(full_document()), parse(document))
    }
    assert found == {
        "Metric handling-time removed": "/metrics/0",
        "Guard handling-time removed": "/metrics/0/guards/0",
        "Incentive conflict speed removed": "/change_impact/incentive_conflicts/0",
        "Trigger drifted removed": "/operating_model/triggers/0",
    }
    assert removed["code"] == "handling-time"


def test_a_first_version_records_every_section_that_holds_something():
    assert [item.pointer for item in differences(None, parse(small_document()))][:2] == [
        "/schema",
        "/initiative",
    ]


def test_one_section_or_field_is_replaced_and_the_rest_kept():
    dossier = parse(full_document())
    assert parse(with_section(dossier, "trade_offs", [])).trade_offs == ()
    changed = parse(with_value(dossier, "/metrics/1/limits/margin", 0.02))
    assert (changed.metrics[1].limits.margin, dossier.metrics[1].limits.margin) == (0.02, 0.01)
    assert value_at(dossier, "/initiative/title") == "Support assistant"


def test_a_row_is_added_at_the_end():
    added = with_value(parse(full_document()), "/deployments/-", {"code": "york"})
    assert [row.code for row in parse(added).deployments] == ["leeds", "york"]


@pytest.mark.parametrize("pointer", ["/nothing", "/metrics/9", "/metrics/0/nothing", "/initiative/title/x"])
def test_a_place_that_does_not_exist_is_refused(pointer):
    with pytest.raises(LookupError, match="There is nothing at"):
        with_value(parse(full_document()), pointer, 1)
