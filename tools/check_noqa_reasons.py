"""Every silenced check names its code and its reason; an import inside a function has a reason of three.

x = y  # noqa: S104 — compared, not bound
value = call()  # type: ignore[no-any-return]  # the library publishes no types
"""

import re
import sys
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SKIPPED = {".venv", ".bootstrap", ".git", "var", "node_modules", "staticfiles"}
IMPORT_REASONS = ("slow import", "optional dependency", "app ready")

NOQA = re.compile(r"#\s*(?:ruff:\s*)?noqa\b(?P<rest>[^#]*)", re.IGNORECASE)
NOQA_FORM = re.compile(r":\s*(?P<codes>[A-Z]+\d+(?:\s*,\s*[A-Z]+\d+)*)(?P<reason>.*)")
TYPE_IGNORE = re.compile(r"#\s*type:\s*ignore(?P<rest>.*)")
TYPE_IGNORE_FORM = re.compile(r"\[[a-z-]+(?:,\s*[a-z-]+)*\](?P<reason>.*)")
NOSEC = re.compile(r"#\s*nosec\b(?P<rest>[^#]*)")
NOSEC_FORM = re.compile(r":?\s*B\d+(?:\s*,\s*B\d+)*(?P<reason>.*)")
NOQA_CODES = re.compile(r"#\s*noqa:\s*[A-Z]+\d+(?:\s*,\s*[A-Z]+\d+)*")
SEPARATORS = " \t—–-:#"


@dataclass(frozen=True, order=True)
class Fault:
    line: int
    sentence: str


def reason_in(text: str) -> str:
    return text.strip(SEPARATORS)


def noqa_faults(comment: str) -> Iterator[str]:
    for found in NOQA.finditer(comment):
        form = NOQA_FORM.match(found["rest"].lstrip())
        if form is None:
            yield "noqa without a code: name what is silenced"
        elif not reason_in(form["reason"]):
            yield f"noqa {form['codes']} without a reason: say why, after a dash"
        elif "PLC0415" in form["codes"] and reason_in(form["reason"]) not in IMPORT_REASONS:
            yield f"an import inside a function is for one of: {', '.join(IMPORT_REASONS)}"


def type_ignore_faults(comment: str) -> Iterator[str]:
    for found in TYPE_IGNORE.finditer(comment):
        form = TYPE_IGNORE_FORM.match(found["rest"])
        if form is None:
            yield "type: ignore without a code: name what is silenced"
        elif not reason_in(NOQA_CODES.sub("", form["reason"])):  # one reason may serve both on a line
            yield "type: ignore without a reason: say why, in a comment behind it"


def nosec_faults(comment: str) -> Iterator[str]:
    for found in NOSEC.finditer(comment):
        form = NOSEC_FORM.match(found["rest"].strip())
        if form is None:
            yield "nosec without a code: name what is silenced"
        elif not reason_in(form["reason"]):
            yield "nosec without a reason: say why, after a dash"


def faults_in(path: Path) -> list[Fault]:
    """Read the comments of one file; text inside strings is no comment."""
    faults = []
    with tokenize.open(path) as source:
        for token in tokenize.generate_tokens(source.readline):
            if token.type == tokenize.COMMENT:
                for check in (noqa_faults, type_ignore_faults, nosec_faults):
                    faults += [Fault(token.start[0], sentence) for sentence in check(token.string)]
    return sorted(faults)


def python_files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*.py") if not SKIPPED & set(path.relative_to(root).parts))


def main(root: Path = ROOT, names: Sequence[str] = ()) -> int:
    n_faults = 0
    for path in [root / name for name in names] or python_files(root):
        for fault in faults_in(path):
            n_faults += 1
            print(f"{path.relative_to(root)}:{fault.line}: {fault.sentence}")
    return 1 if n_faults else 0


if __name__ == "__main__":
    sys.exit(main(names=sys.argv[1:]))
