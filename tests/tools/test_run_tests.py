from collections import Counter

import pytest


@pytest.mark.parametrize(
    ("line", "counts"),
    [
        ("===== 31 passed in 4.20s =====", {"passed": 31}),
        ("= 2 failed, 31 passed, 1 error in 64.20s (0:01:04) =", {"failed": 2, "passed": 31, "errors": 1}),
        ("5 passed, 1 skipped, 3 deselected, 1 warning in 0.10s", {"passed": 5, "skipped": 1, "deselected": 3, "warnings": 1}),
        ("tests/test_a.py::test_b PASSED", {}),
    ],
)  # fmt: skip
def test_the_closing_line_of_a_run_is_counted(tool, line, counts):
    assert tool("run_tests").counts_of(line) == Counter(counts)


def test_both_runs_add_up_in_the_form_of_pytest(tool):
    totals = Counter(passed=31, failed=2) + Counter(passed=9)
    line = tool("run_tests").closing_line(totals, 12.345)
    assert line.strip("= ") == "2 failed, 40 passed in 12.35s"


def test_nothing_run_is_said(tool):
    assert tool("run_tests").closing_line(Counter(), 0).strip("= ") == "no tests ran in 0.00s"


def test_every_line_is_shown_and_the_last_count_kept(tool, capsys):
    lines = ["....\n", "= 1 passed in 0.10s =\n", "= 4 passed in 0.20s =\n"]
    assert tool("run_tests").relay(lines) == Counter(passed=4)
    assert capsys.readouterr().out == "".join(lines)
