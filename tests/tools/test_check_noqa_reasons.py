import pytest

NOQA = "# " + "noqa"
IGNORE = "# type: " + "ignore"
NOSEC = "# no" + "sec"


@pytest.fixture
def faults(tool, tmp_path):
    def read(line):
        path = tmp_path / "module.py"
        path.write_text(f"{line}\n")
        return [fault.sentence for fault in tool("check_noqa_reasons").faults_in(path)]

    return read


@pytest.mark.parametrize(
    "line",
    [
        f"x = 1  {NOQA}: S104 — compared, not bound",
        f"x = 1  {NOQA}: S104, E501 - two at once",
        f"import a  {NOQA}: PLC0415 — slow import",
        f"import a  {NOQA}: PLC0415 — optional dependency",
        f"import a  {NOQA}: PLC0415 — app ready",
        f"x = y  {IGNORE}[no-any-return]  # the library publishes no types",
        f"x = y  {IGNORE}[misc]  {NOQA}: SLF001 — the framework's name for it",
        f"x = y  {NOSEC} B310 — our own server",
        f"x = '{NOQA}'",
    ],
)
def test_a_silenced_check_with_code_and_reason_passes(faults, line):
    assert faults(line) == []


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (f"x = 1  {NOQA}", "noqa without a code: name what is silenced"),
        (f"x = 1  {NOQA} because", "noqa without a code: name what is silenced"),
        (f"x = 1  {NOQA}: S104", "noqa S104 without a reason: say why, after a dash"),
        (f"x = 1  {NOQA}: S104 —", "noqa S104 without a reason: say why, after a dash"),
        (
            f"import a  {NOQA}: PLC0415 — circular",
            "an import inside a function is for one of: slow import, optional dependency, app ready",
        ),
        (f"x = y  {IGNORE}", "type: ignore without a code: name what is silenced"),
        (f"x = y  {IGNORE}[misc]", "type: ignore without a reason: say why, in a comment behind it"),
        (
            f"x = y  {IGNORE}  {NOQA}: S104 — compared",
            "type: ignore without a code: name what is silenced",
        ),
        (f"x = y  {NOSEC}", "nosec without a code: name what is silenced"),
        (f"x = y  {NOSEC} B310", "nosec without a reason: say why, after a dash"),
    ],
)
def test_a_silenced_check_without_code_or_reason_is_named(faults, line, sentence):
    assert faults(line) == [sentence]


def test_the_fault_is_shown_with_file_and_line(tool, tmp_path, capsys):
    (tmp_path / "a.py").write_text(f"\nx = 1  {NOQA}\n")
    assert tool("check_noqa_reasons").main(tmp_path) == 1
    assert capsys.readouterr().out == "a.py:2: noqa without a code: name what is silenced\n"


def test_our_own_tree_passes(tool, capsys):
    assert (tool("check_noqa_reasons").main(), capsys.readouterr().out) == (0, "")
