"""Frameworks of others (NIST, ISO, EU) beside the policy: which rule answers which requirement, and what is missing.

A framework is a file: one of ours in `gates/frameworks/`, or a customer's in the folder that FRAMEWORKS names.
"""

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from alignment_portal.refusals import NotFound
from gates.engine import Finding, Policy, Verdict

SHIPPED = Path(__file__).resolve().parent.parent / "frameworks"
REQUIRED = ("code", "title", "version")
KNOWN = {*REQUIRED, "source", "requirements"}
_CODE = re.compile(r"[A-Za-z0-9_-]{1,60}")
KNOWN_HERE = {"id", "label", "gates", "rules"}


class FrameworkFaults(Exception):
    """What is wrong with a file, each fault with its line and the reason."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True)
class Requirement:
    id: str
    label: str
    gates: tuple[str, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Framework:
    code: str
    title: str
    version: str
    source: str
    requirements: tuple[Requirement, ...]


@dataclass(frozen=True)
class Support:
    """One requirement held against one initiative."""

    requirement: Requirement
    findings: tuple[Finding, ...]

    @property
    def counted(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.outcome != "not_applicable")

    @property
    def missing(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.counted if finding.is_failing)

    @property
    def evidence(self) -> tuple[str, ...]:
        return tuple(sorted({ref for finding in self.counted for ref in finding.evidence}))

    @property
    def is_met(self) -> bool:
        return bool(self.counted) and not self.missing


@dataclass(frozen=True)
class Missing:
    """A requirement that some initiatives do not meet, of those to which it applies."""

    requirement: Requirement
    initiatives: int
    of: int


@dataclass(frozen=True)
class Coverage:
    """One framework held against many initiatives; a requirement that applies to none of them is in neither list."""

    framework: Framework
    met: tuple[Requirement, ...]
    missing: tuple[Missing, ...]  # what most initiatives miss comes first


# --- reading files -----------------------------------------------------------------------------------------


def framework_files() -> list[Path]:
    own = settings.FRAMEWORKS
    return sorted(SHIPPED.glob("*.toml")) + (sorted(own.glob("*.toml")) if own else [])


def load_framework(text: str, name: str, *, gates: Collection[str], rules: Collection[str]) -> Framework:
    """Read one file; FrameworkFaults with all its faults, `name:line: reason`."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FrameworkFaults([f"{name}: {error}"]) from error
    heads = [number for number, line in enumerate(text.splitlines(), 1) if line.strip() == "[[requirements]]"]
    faults = [f"{name}:1: “{word}” is missing, or is no text." for word in REQUIRED if not _text(data, word)]
    faults += [f"{name}:1: there is no word “{word}” in a framework." for word in sorted(set(data) - KNOWN)]
    faults += [f"{name}:1: {reason}" for reason in _faults_of_head(data)]
    found, seen = data.get("requirements"), set[str]()
    if not isinstance(found, list) or not found:
        raise FrameworkFaults([*faults, f"{name}:1: it holds no [[requirements]]."])
    for place, row in enumerate(found):
        line = heads[place] if place < len(heads) else 1
        reasons = _faults_of(row, gates, rules, seen) if isinstance(row, dict) else ["it is no table."]
        faults += [f"{name}:{line}: {reason}" for reason in reasons]
    if faults:
        raise FrameworkFaults(faults)
    requirements = tuple(_requirement(row) for row in found)
    return Framework(data["code"], data["title"], data["version"], str(data.get("source", "")), requirements)


def _text(row: Mapping[str, Any], word: str) -> bool:
    value = row.get(word)
    return isinstance(value, str) and bool(value.strip())


def _faults_of_head(data: Mapping[str, Any]) -> list[str]:
    faults = []
    if _text(data, "code") and not _CODE.fullmatch(data["code"]):
        faults.append("“code” stands in addresses: letters, digits, - and _, at most 60 of them.")
    source = data.get("source", "")
    if not isinstance(source, str) or (source and not source.startswith(("https://", "http://"))):
        faults.append("“source” is an address that begins with https://.")
    return faults


def _faults_of(
    row: Mapping[str, Any], gates: Collection[str], rules: Collection[str], seen: set[str]
) -> list[str]:
    faults = [f"“{word}” is missing, or is no text." for word in ("id", "label") if not _text(row, word)]
    faults += [f"there is no word “{word}” in a requirement." for word in sorted(set(row) - KNOWN_HERE)]
    for word, known in (("gates", gates), ("rules", rules)):
        given = row.get(word, [])
        if not isinstance(given, list) or not all(isinstance(code, str) for code in given):
            faults.append(f"“{word}” is no list of codes.")
            continue
        faults += [f"the policy has no {word[:-1]} “{code}”." for code in given if code not in known]
    if not row.get("gates") and not row.get("rules"):
        faults.append("it names neither a gate nor a rule.")
    if str(row.get("id")) in seen:
        faults.append(f"“{row['id']}” stands twice.")
    seen.add(str(row.get("id")))
    return faults


def _requirement(row: Mapping[str, Any]) -> Requirement:
    return Requirement(row["id"], row["label"], tuple(row.get("gates", ())), tuple(row.get("rules", ())))


def frameworks(policy: Policy) -> tuple[list[Framework], list[str]]:
    """Every framework that can be read, and what is wrong with the files that cannot."""
    gates, rules = {gate.code for gate in policy.gates}, {rule.code for rule in policy.rules}
    found: dict[str, Framework] = {}
    faults: list[str] = []
    own: dict[str, str] = {}  # a code, and the customer's file that has it
    for path in framework_files():
        try:
            read = load_framework(path.read_text(encoding="utf-8-sig"), path.name, gates=gates, rules=rules)
        except FrameworkFaults as broken:
            faults += broken.faults
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            faults.append(f"{path.name}:{line}: this is not written in UTF-8. Save the file as UTF-8.")
        except OSError as error:
            faults.append(f"{path.name}: it cannot be read: {error.strerror}.")
        else:
            if path.parent != SHIPPED and own.setdefault(read.code, path.name) != path.name:
                faults.append(f"{path.name}: the code “{read.code}” stands in {own[read.code]} already.")
                continue
            found[read.code] = read  # a customer's file stands in for ours of the same code
    return sorted(found.values(), key=lambda framework: framework.title), faults


def framework_or_404(policy: Policy, code: str) -> Framework:
    for framework in frameworks(policy)[0]:
        if framework.code == code:
            return framework
    raise NotFound(f"There is no framework “{code}”.")


# --- holding one against facts -----------------------------------------------------------------------------


def rules_of(policy: Policy, requirement: Requirement) -> tuple[str, ...]:
    """The rules a requirement rests on, in the policy's order."""
    return tuple(
        rule.code for rule in policy.rules if rule.gate in requirement.gates or rule.code in requirement.rules
    )


def supports(policy: Policy, framework: Framework, verdict: Verdict) -> list[Support]:
    by_code = {finding.code: finding for finding in verdict.findings}
    return [
        Support(row, tuple(by_code[code] for code in rules_of(policy, row) if code in by_code))
        for row in framework.requirements
    ]


def coverage(framework: Framework, judged: Sequence[tuple[Policy, Verdict]]) -> Coverage:
    """Each requirement over all of them, each judged by its own policy: met by every one it applies to, or missing."""
    codes: dict[str, tuple[frozenset[str], ...]] = {}
    applies, fails = [0] * len(framework.requirements), [0] * len(framework.requirements)
    for policy, verdict in judged:
        if policy.version not in codes:
            codes[policy.version] = tuple(frozenset(rules_of(policy, row)) for row in framework.requirements)
        counted = {finding.code for finding in verdict.findings if finding.outcome != "not_applicable"}
        failing = {finding.code for finding in verdict.findings if finding.is_failing}
        for place, rules in enumerate(codes[policy.version]):
            applies[place] += not rules.isdisjoint(counted)
            fails[place] += not rules.isdisjoint(failing)
    rows = list(zip(framework.requirements, applies, fails, strict=True))
    missing = [Missing(row, failed, of) for row, of, failed in rows if failed]
    return Coverage(
        framework=framework,
        met=tuple(row for row, of, failed in rows if of and not failed),
        missing=tuple(sorted(missing, key=lambda found: -found.initiatives)),
    )
