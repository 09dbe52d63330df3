"""What others ask of AI, held beside the policy; a customer adds a framework as a file."""

import io
from types import SimpleNamespace

import pytest
from openpyxl import load_workbook

from alignment_portal import clock
from gates.engine import evaluate
from gates.selectors.facts import load_cases
from gates.selectors.frameworks import (
    FrameworkFaults,
    coverage,
    framework_files,
    frameworks,
    load_framework,
    supports,
)
from gates.selectors.policies import current_policy, read_policy, shipped_files
from tests import people
from tests.factories.metrics import initiative

GATES, RULES = {"change"}, {"CI-01"}
OWN = """code = "house"
title = "House rules"
version = "3"

[[requirements]]
id = "H 1"
label = "People are told"
gates = ["change"]
"""


def faults_of(text):
    with pytest.raises(FrameworkFaults) as broken:
        load_framework(text, "house.toml", gates=GATES, rules=RULES)
    return list(broken.value.faults)


@pytest.mark.parametrize("path", framework_files(), ids=lambda path: path.stem)
def test_every_shipped_framework_fits_the_shipped_policy(path):
    policy = read_policy(shipped_files()[-1])
    found = load_framework(
        path.read_text(),
        path.name,
        gates={gate.code for gate in policy.gates},
        rules={rule.code for rule in policy.rules},
    )
    assert found.code == path.stem
    assert len(found.requirements) >= 10


def test_a_whole_file_is_read():
    found = load_framework(OWN, "house.toml", gates=GATES, rules=RULES)
    assert [(row.id, row.gates) for row in found.requirements] == [("H 1", ("change",))]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('"change"', '"chance"', "house.toml:5: the policy has no gate “chance”."),
        ('gates = ["change"]', "", "house.toml:5: it names neither a gate nor a rule."),
        ('label = "People are told"', "label = 3", "house.toml:5: “label” is missing, or is no text."),
        ('gates = ["change"]', 'gates = "change"', "house.toml:5: “gates” is no list of codes."),
        (
            'gates = ["change"]',
            'gates = ["change"]\nrule = []',
            "house.toml:5: there is no word “rule” in a requirement.",
        ),
        ('version = "3"', "", "house.toml:1: “version” is missing, or is no text."),
        (
            '"house"',
            '"our house/1"',
            "house.toml:1: “code” stands in addresses: letters, digits, - and _, at most 60 of them.",
        ),
        (
            'version = "3"',
            'version = "3"\nsource = "javascript:alert(1)"',
            "house.toml:1: “source” is an address that begins with https://.",
        ),
        ("code =", "code", "house.toml: Expected '=' after a key in a key/value pair (at line 1, column 6)"),
    ],
)
def test_what_is_wrong_is_named_with_its_line_and_the_reason(old, new, fault):
    assert faults_of(OWN.replace(old, new)) == [fault]


def test_an_id_that_stands_twice_and_a_file_without_requirements_are_refused():
    assert faults_of(OWN + OWN.split("\n\n")[1]) == ["house.toml:9: “H 1” stands twice."]
    assert faults_of(OWN.split("\n\n", maxsplit=1)[0]) == ["house.toml:1: it holds no [[requirements]]."]


@pytest.mark.django_db
def test_a_customer_s_file_is_shown_and_a_broken_one_is_told_of(settings, tmp_path):
    settings.FRAMEWORKS = tmp_path
    (tmp_path / "house.toml").write_text(OWN)
    (tmp_path / "broken.toml").write_text("title = ")
    found, faults = frameworks(current_policy())
    assert "house" in {framework.code for framework in found}
    assert [fault.partition(":")[0] for fault in faults] == ["broken.toml"]
    page = people.browser("auditor").get("/settings/frameworks/").content.decode()
    assert "House rules" in page
    assert "broken.toml: Invalid value" in page


@pytest.mark.django_db
def test_a_file_of_another_encoding_and_a_folder_are_told_in_words_and_without_their_place(
    settings, tmp_path
):
    settings.FRAMEWORKS = tmp_path
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "house.toml").write_text(OWN.replace("House rules", "Hausmaßstab"), "latin-1")
    assert frameworks(current_policy())[1] == [
        "folder.toml: it cannot be read: Is a directory.",
        "house.toml:2: this is not written in UTF-8. Save the file as UTF-8.",
    ]


@pytest.mark.django_db
def test_a_file_with_a_byte_order_mark_is_read_and_a_second_one_of_the_same_code_told_of(settings, tmp_path):
    settings.FRAMEWORKS = tmp_path
    (tmp_path / "house.toml").write_text(OWN, "utf-8-sig")
    (tmp_path / "later.toml").write_text(OWN.replace('version = "3"', 'version = "4"'))
    found, faults = frameworks(current_policy())
    assert [framework.version for framework in found if framework.code == "house"] == ["3"]
    assert faults == ["later.toml: the code “house” stands in house.toml already."]


@pytest.mark.django_db
def test_a_requirement_names_rules_evidence_and_what_is_missing():
    about = initiative()
    body = people.api("auditor").get(f"/api/v1/frameworks/nist-ai-rmf/?initiative={about.key}").json()
    privacy = next(row for row in body["requirements"] if row["id"] == "MEASURE 2.10")
    assert privacy["gates"] == ["data_rights"]
    assert (privacy["standing"]["met"], privacy["standing"]["applicable"]) == (False, True)
    assert {row["rule"] for row in privacy["standing"]["missing"]} <= set(privacy["rules"])
    assert all(row["reason"] for row in privacy["standing"]["missing"])


@pytest.mark.django_db
def test_the_list_names_all_three_and_an_unknown_one_is_not_found():
    caller = people.api("auditor")
    rows = caller.get("/api/v1/frameworks/").json()["results"]
    assert {row["code"] for row in rows} == {"eu-ai-act", "iso-42001", "nist-ai-rmf"}
    assert caller.get("/api/v1/frameworks/nothing/").status_code == 404


@pytest.mark.django_db
def test_nobody_learns_of_initiatives_that_are_not_theirs():
    about = initiative()
    stranger = people.api("other_manager")
    assert stranger.get(f"/api/v1/frameworks/iso-42001/?initiative={about.key}").status_code == 404
    page = people.browser("other_manager").get("/settings/frameworks/iso-42001/").content.decode()
    assert about.key not in page


@pytest.mark.django_db
def test_the_page_shows_all_and_one_and_saves_both():
    about = initiative()
    page = people.browser("auditor")
    assert "0 of 1" in page.get("/settings/frameworks/eu-ai-act/").content.decode()
    one = page.get(f"/settings/frameworks/eu-ai-act/?initiative={about.key}").content.decode()
    assert "Not met" in one
    saved = page.get("/settings/frameworks/eu-ai-act/export/")
    rows = list(load_workbook(io.BytesIO(saved.content)).active.values)
    assert rows[0][0] == "Requirement"
    assert {row[4] for row in rows[1:]} == {about.key}


@pytest.mark.django_db
def test_a_saved_file_says_that_it_holds_the_first_initiatives_only(monkeypatch):
    first, _second = initiative(), initiative(key="AI-0002")
    monkeypatch.setattr("gates.web.frameworks.MOST", 1)
    saved = people.browser("auditor").get("/settings/frameworks/eu-ai-act/export/")
    rows = list(load_workbook(io.BytesIO(saved.content)).active.values)
    assert rows[1][1] == "You see more initiatives: these are the first 1 by key."
    assert {row[4] for row in rows[2:]} == {first.key}


# --- over a portfolio ------------------------------------------------------------------------------------------


class Judged:
    """A verdict of which only the outcome of each rule is looked at."""

    def __init__(self, **outcomes):
        self.findings = [
            SimpleNamespace(code=code.replace("_", "-"), outcome=outcome, is_failing=outcome == "fail")
            for code, outcome in outcomes.items()
        ]


def test_a_requirement_is_met_by_all_it_applies_to_or_missing_or_asked_of_nobody():
    policy = read_policy(shipped_files()[-1])
    text = """code = "house"
title = "House rules"
version = "3"
"""
    for rule in ("DR-01", "DR-02", "DR-03", "WI-01"):
        text += f'[[requirements]]\nid = "{rule}"\nlabel = "x"\nrules = ["{rule}"]\n'
    found = load_framework(text, "house.toml", gates=set(), rules={rule.code for rule in policy.rules})
    judged = [
        (policy, Judged(DR_01="pass", DR_02="fail", DR_03="not_applicable", WI_01="fail")),
        (policy, Judged(DR_01="waived", DR_02="pass", DR_03="not_applicable", WI_01="fail")),
        (
            policy,
            Judged(DR_01="not_applicable", DR_02="pass", DR_03="not_applicable", WI_01="not_applicable"),
        ),
    ]
    told = coverage(found, judged)
    assert [row.id for row in told.met] == ["DR-01"]
    assert [(row.requirement.id, row.initiatives, row.of) for row in told.missing] == [
        ("WI-01", 2, 2),
        ("DR-02", 1, 3),
    ]


@pytest.mark.django_db
def test_the_portfolio_counts_what_each_initiative_s_page_says():
    keys = [initiative().key, initiative().key]
    cases = load_cases(keys)
    judged = [(case.policy, evaluate(case.policy, case.facts, clock.now())) for case in cases.values()]
    for framework in frameworks(current_policy())[0]:
        told = coverage(framework, judged)
        pages = [supports(policy, framework, verdict) for policy, verdict in judged]
        lacking = {support.requirement.id for page in pages for support in page if support.missing}
        assert {row.requirement.id for row in told.missing} == lacking != set()
        assert {row.id for row in told.met} == {
            places[0].requirement.id
            for places in zip(*pages, strict=True)
            if any(place.is_met for place in places) and not any(place.missing for place in places)
        }
