import pytest

from gates.engine import PolicyFaults, load_policy
from tests.gates.engine.policies import policy, text


def faults_of(changed):
    with pytest.raises(PolicyFaults) as caught:
        load_policy(changed, "changed.toml")
    return caught.value.faults


def line_of(changed, part):
    return next(number for number, line in enumerate(changed.splitlines(), 1) if part in line)


def test_the_policy_in_the_tree_is_read_without_a_fault():
    assert policy().version == "2026.1"


def test_rules_keep_their_order_by_gate():
    order = [gate.code for gate in policy().gates]
    gates = [rule.gate for rule in policy().rules]
    assert gates == sorted(gates, key=order.index)


CHANGES = [
    ('code = "OC-02"', 'code = "OC-01"', "the rule code OC-01 is used 2 times"),
    (
        'check = "chain.no_orphans"',
        'check = "chain.none"',
        "rule OC-06 names the check 'chain.none', which does not exist",
    ),
    (
        'check = "chain.no_orphans"',
        'check = "chain.no_orphans"\ncolour = "red"',
        "rule OC-06 has the unknown key 'colour'",
    ),
    (
        'severity = "advisory"',
        'severity = "grave"',
        "rule OC-06: severity: Invalid enum value 'grave'",
    ),
    (
        'forbidden = ["model_health"]',
        'forbidden = ["model"]',
        "rule OC-07, params of chain.headline_is_not_a_model_metric: forbidden: Invalid enum value 'model' - at `$[0]`",
    ),
    (
        'reviewer_function = "legal"',
        'reviewer_function = "law"',
        "gate data_rights: there is no function 'law'",
    ),
]


@pytest.mark.parametrize(("old", "new", "reason"), CHANGES)
def test_a_fault_is_told_with_its_line_and_reason(old, new, reason):
    changed = text().replace(old, new, 1)
    assert reason in [fault.reason for fault in faults_of(changed)]


def test_an_unknown_key_is_told_at_its_own_line():
    changed = text().replace('check = "chain.no_orphans"', 'check = "chain.no_orphans"\ncolour = "red"')
    assert [fault.line for fault in faults_of(changed)] == [line_of(changed, "colour")]


def test_every_fault_is_told_at_once():
    changed = (
        text()
        .replace('severity = "advisory"', 'severity = "grave"', 1)
        .replace('check = "chain.', 'check = "chane.')
    )
    assert len(faults_of(changed)) > 8


def test_a_rule_without_a_why_is_refused():
    lines = [line for line in text().splitlines() if not line.startswith("why = ")]
    assert {fault.reason.split(" ", 2)[2] for fault in faults_of("\n".join(lines))} == {"lacks 'why'"}


def test_a_rule_that_can_never_be_waived_is_refused_a_waiver():
    changed = text().replace('code = "OC-01"', 'code = "OC-01"\nwaiver = "exec"', 1)
    assert [fault.reason for fault in faults_of(changed)] == ["rule OC-01: it can never be waived"]


def test_what_is_not_toml_is_told_with_its_line():
    assert faults_of("version = \n")[0].line == 1


def test_an_empty_file_is_refused():
    assert "the policy has no rule" in [fault.reason for fault in faults_of("")]


ODD = ["1", '"x"', "[1]", '["x"]', "[[]]", "[{}]", "{}", "true", "2026-01-01"]


@pytest.mark.parametrize("value", ODD)
@pytest.mark.parametrize("name", ["kinds", "gates", "rules", "waivers", "lanes", "version", "nonsense"])
def test_a_file_of_another_shape_is_refused_with_its_line(name, value):
    faults = faults_of(f"# A policy.\n{name} = {value}\n")
    assert all(fault.line in {1, 2} for fault in faults)


def test_what_should_be_tables_and_is_not_is_named():
    assert [(fault.line, fault.reason) for fault in faults_of("# A policy.\ngates = 1\nwaivers = []")] == [
        (2, "'gates' is not an array of tables"),
        (3, "'waivers' is not a table with codes under 'never'"),
    ]
    assert "'waivers' is not a table with codes under 'never'" in [
        fault.reason for fault in faults_of("[waivers]\nnever = [[1]]")
    ]


@pytest.mark.parametrize("value", ODD)
@pytest.mark.parametrize("line", ['code = "OC-06"', 'check = "chain.no_orphans"'])
def test_a_rule_whose_code_or_check_is_something_else_is_refused(line, value):
    assert line in text()
    assert faults_of(text().replace(line, f"{line.split()[0]} = {value}", 1))
