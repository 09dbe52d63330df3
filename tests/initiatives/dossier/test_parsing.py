import datetime as dt
import json
import time

import pytest

from initiatives.dossier.faults import DossierFaults, Fault
from initiatives.dossier.parsing import MAX_FAULTS, parse
from tests.factories.initiatives import full_document, small_document


def faults_of(document):
    with pytest.raises(DossierFaults) as caught:
        parse(document)
    return caught.value.faults


def only_fault(document):
    (fault,) = faults_of(document)
    return fault


def changed(pointer, value):
    """A full document with the value at a pointer replaced."""
    document = full_document()
    *above, last = pointer.strip("/").split("/")
    place = document
    for step in above:
        place = place[int(step)] if isinstance(place, list) else place.setdefault(step, {})
    place[int(last) if isinstance(place, list) else last] = value
    return document


def test_a_full_document_is_a_dossier():
    assert parse(json.dumps(full_document()).encode()).initiative.key == "AI-0001"


def test_a_byte_order_mark_is_passed_over():
    raw = b"\xef\xbb\xbf" + json.dumps(small_document()).encode()
    assert parse(raw).initiative.key == "AI-0001"


def test_e_mails_are_kept_in_lower_case():
    dossier = parse(small_document(owner="Priya.Nair@Aldermoor.example", team=["X@y.example"]))
    assert (dossier.initiative.owner, dossier.initiative.team) == (
        "priya.nair@aldermoor.example",
        ("x@y.example",),
    )


def test_dates_that_are_dates_already_are_held_in_order_as_well():
    document = changed("/deployments/0/live_from", dt.date(2026, 3, 2))
    document["deployments"][0]["live_until"] = dt.date(2026, 3, 1)
    assert only_fault(document).pointer == "/deployments/0/live_until"


UNREADABLE = {
    "empty": (b"", "The document is empty.", "syntax"),
    "a list": (b"[]", "A dossier is one JSON object, in braces.", "type"),
    "null": (b"null", "A dossier is one JSON object, in braces.", "type"),
    "cut off": (
        b'{"schema": ',
        "This is not JSON: Expecting value in line 1, column 12.",
        "syntax",
    ),
    "UTF-16": ("{}".encode("utf-16"), "The document is UTF-16; save it as UTF-8.", "encoding"),
    "Latin-1": (
        '{"a": "é"}'.encode("latin-1"),
        "The document is not UTF-8: byte 8 cannot be read. Save it as UTF-8.",
        "encoding",
    ),
    "deep": (b"[" * 100_000, "The document is nested more than 16 levels deep.", "too_deep"),
    "rather deep": (
        b'{"a":' * 20 + b"1" + b"}" * 20,
        "The document is nested more than 16 levels deep.",
        "too_deep",
    ),
    "huge": (b" " * 2_100_000, "The document is 2.1 MB; at most 2 MB can be read.", "too_large"),
    "crowded": (
        b'{"a":[' + b"1," * 250_000 + b"1]}",
        "The document holds more than 200,000 values.",
        "too_large",
    ),
}


@pytest.mark.parametrize(("raw", "sentence", "code"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_at_all_is_refused_early(raw, sentence, code):
    assert only_fault(raw) == Fault("", sentence, code)


CODE_FORM = "A short stable name: lower-case letters, digits, dots, dashes or underscores."
WRONG = {
    "an unknown field": (
        "/metrics/0/untit",
        1,
        "There is no field “untit” here. Did you mean “unit”?",
    ),
    "a percentage": (
        "/initiative/scope/volume_share_limit",
        95,
        "95 is more than 1. A share is between 0 and 1. Write 0.95 for 95%.",
    ),
    "a negative head count": (
        "/change_impact/groups/0/headcount",
        -3,
        "-3 is negative; it must be 0 or more.",
    ),
    "half a person": (
        "/change_impact/groups/0/headcount",
        1.5,
        "This must be a whole number, and is the number 1.5.",
    ),
    "a date that does not exist": (
        "/initiative/planned_launch_on",
        "2026-02-30",
        "“2026-02-30” is not a date that exists; write it as 2026-06-30.",
    ),
    "a wrong choice": (
        "/metrics/0/layer",
        "operatonal",
        "“operatonal” is none of counter, model_health, operational, outcome. Did you mean “operational”?",
    ),
    "no e-mail": ("/initiative/sponsor", "Helen", "“Helen” is not an e-mail address."),
    "an empty title": ("/initiative/title", "", "This must not be empty."),
    "a long title": ("/initiative/title", "x" * 201, "The text has 201 characters; at most 200 fit."),
    "a very long title": (
        "/initiative/title",
        "x" * 5000,
        "The text has 5000 characters; at most 4000 fit.",
    ),
    "an e-mail made of dots": (
        "/initiative/sponsor",
        "a@" + "." * 250,
        f"“a@{'.' * 54}… is not an e-mail address.",
    ),
    "null": ("/initiative/title", None, "This must be a text in quotation marks, and is nothing (null)."),
    "zero margin": ("/metrics/1/limits/margin", 0, "0 must be more than 0."),
    "too steep": ("/change_impact/before_after/0/magnitude", 5, "5 is more than 4, the most that can be."),
    "a wrong code": (
        "/trade_offs/0/code",
        "Log First",
        f"“Log First” is not written as it must be. {CODE_FORM}",
    ),
    "text for a list": (
        "/initiative/team",
        "ann",
        "This must be a list in square brackets, and is the text “ann”.",
    ),
    "a control character": (
        "/initiative/title",
        "a\x00b",
        "The text holds the character U+0000, which cannot be printed; remove it.",
    ),
    "half a character": (
        "/initiative/title",
        "a\ud800",
        "The text holds the character U+D800, which cannot be printed; remove it.",
    ),
    "an unknown node": (
        "/metrics/0/node",
        "nowhere",
        "There is no node of the outcome chain “nowhere” in this dossier.",
    ),
    "an unknown metric": (
        "/risk_posture/harms/0/metric",
        "none",
        "There is no metric “none” in this dossier.",
    ),
    "an unknown group": (
        "/change_impact/training/0/group",
        "none",
        "There is no group “none” in this dossier.",
    ),
    "an unknown deployment": (
        "/operating_model/rota/0/deployment",
        "none",
        "There is no deployment “none” in this dossier.",
    ),
    "dates out of order": (
        "/metrics/0/baseline/period_end",
        "2025-12-31",
        "The period ends before it begins: 2025-12-31 against 2026-01-05.",
    ),
    "a shift that ends first": (
        "/operating_model/rota/0/to_on",
        "2026-03-01",
        "The shift ends before it begins: 2026-03-01 against 2026-03-02.",
    ),
    "estimates out of order": (
        "/bottleneck_demand/0/days_high",
        5,
        "The greatest number of days is below the most likely one: 5 against 8.",
    ),
    "a wrong subkind": (
        "/outcome_chain/nodes/1/subkind",
        "risk",
        "For a node of the kind “change” this must be one of decision, workflow_step, customer_interaction.",
    ),
    "a person named twice": (
        "/initiative/team",
        ["a@b.example", "a@b.example"],
        "“a@b.example” is named here twice.",
    ),
    "a metric that guards itself": (
        "/metrics/1/guards/0/metric",
        "repeat-contact",
        "A metric cannot guard itself.",
    ),
}


@pytest.mark.parametrize(("pointer", "value", "sentence"), WRONG.values(), ids=WRONG)
def test_one_wrong_value_is_told_at_its_place(pointer, value, sentence):
    fault = only_fault(changed(pointer, value))
    assert (fault.sentence, fault.pointer.startswith(pointer)) == (sentence, True)


def test_a_missing_field_is_named():
    document = small_document()
    del document["initiative"]["archetype"]
    assert only_fault(document) == Fault("/initiative/archetype", "“archetype” is missing.", "missing")


def test_two_baselines_for_one_metric_are_refused():
    text = json.dumps(full_document()).replace('"baseline":', '"baseline": {"value": 1}, "baseline":', 1)
    assert only_fault(text.encode()) == Fault(
        "/metrics/0/baseline", "“baseline” stands here more than once; keep one of them.", "duplicate_name"
    )


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 400])
def test_a_number_json_does_not_have_is_refused(number):
    text = json.dumps(full_document()).replace("11.8", number)
    fault = only_fault(text.encode())
    assert (fault.pointer, fault.code) == ("/metrics/0/baseline/value", "number")


def test_two_rows_of_one_code_are_refused():
    document = full_document()
    document["metrics"].append(document["metrics"][0])
    assert only_fault(document) == Fault(
        "/metrics/2/code", "There is already another metric “handling-time”; keep one of them.", "duplicate"
    )


def test_a_circle_in_the_chain_names_its_nodes():
    document = full_document()
    document["outcome_chain"]["links"].append({"from": "cost", "to": "edits"})
    fault = only_fault(document)
    assert fault.code == "cycle"
    assert sorted(fault.sentence.rstrip(".").split(": ")[1].split(" → ")[1:]) == ["cost", "edits", "faster"]


def test_a_node_that_leads_to_itself_is_a_circle():
    document = full_document()
    document["outcome_chain"]["links"].append({"from": "cost", "to": "cost"})
    assert only_fault(document).sentence == "The chain goes round in a circle: cost → cost."


def test_two_separate_circles_are_both_told():
    document = full_document()
    document["outcome_chain"]["links"] += [{"from": "edits", "to": "draft"}, {"from": "cost", "to": "faster"}]
    assert [fault.code for fault in faults_of(document)] == ["cycle", "cycle"]


def test_metrics_computed_from_each_other_are_a_circle():
    document = full_document()
    document["metrics"][0]["derived_from"] = ["repeat-contact"]
    document["metrics"][1]["derived_from"] = ["handling-time"]
    assert only_fault(document).code == "cycle"


def test_every_fault_is_told_at_once_in_the_order_of_the_document():
    document = changed("/metrics/0/layer", "x")
    document["initiative"]["tittle"] = "x"
    document["change_impact"]["groups"][0]["headcount"] = -1
    document["metrics"][1]["node"] = "nowhere"
    assert [fault.pointer for fault in faults_of(document)] == [
        "/initiative/tittle",
        "/metrics/0/layer",
        "/metrics/1/node",
        "/change_impact/groups/0/headcount",
    ]


def test_a_list_beyond_its_cap_is_refused_before_its_rows_are_read():
    document = full_document()
    document["outcome_chain"]["nodes"] = [{"code": "x"}] * 501
    assert only_fault(document) == Fault(
        "/outcome_chain/nodes", "The list has 501 rows; at most 500 are allowed.", "too_many"
    )


def test_the_list_of_faults_itself_has_an_end():
    document = full_document()
    document["metrics"] = [{"code": f"m{i}"} for i in range(400)]
    faults = faults_of(document)
    assert len(faults) == MAX_FAULTS + 1
    assert faults[-1].code == "more"


def test_a_name_longer_than_any_is_not_repeated():
    fault = only_fault(small_document() | {"x" * 5000: 1})
    assert (fault.pointer, fault.sentence) == (
        "",
        "A name in this object has 5000 characters; none is that long.",
    )


def test_texts_made_to_be_slow_are_refused_quickly():
    document = full_document(team=["a@" + "." * 3900 + " "] * 100)
    started = time.process_time()  # what it costs, whatever else the machine does
    faults_of(document)
    assert time.process_time() - started < 2


def test_names_with_slashes_are_escaped_in_pointers():
    document = small_document() | {"a/b~c": 1}
    assert only_fault(document).pointer == "/a~1b~0c"
