"""Reading a policy file: every fault at once, each with its line and a reason."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import msgspec

from gates.engine.catalogue import CHECKS
from gates.engine.movers import FUNCTIONS, is_role
from gates.engine.policy import Clause, Evidenced, Gate, Kind, Params, Policy, Rule

T = TypeVar("T", bound=Clause)
TABLES = ("kinds", "gates", "rules")
WORDS = ("title", "why", "remedy", "good")
_CODE = re.compile(r"[A-Z][A-Z0-9]-[0-9]{2}")


class PolicyFault(msgspec.Struct, frozen=True):
    """One thing wrong with a policy file."""

    line: int
    reason: str


class PolicyFaults(ValueError):
    """A policy file that cannot be used, with everything that is wrong with it."""

    def __init__(self, source: str, faults: list[PolicyFault]) -> None:
        self.source = source
        self.faults = tuple(sorted(set(faults), key=lambda fault: (fault.line, fault.reason)))
        super().__init__("\n".join(f"{source}, line {fault.line}: {fault.reason}" for fault in self.faults))


def load_policy(text: str, source: str = "policy") -> Policy:
    """Read a policy. Raises PolicyFaults with the line and the reason of every fault."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"at line (\d+)", str(error))
        line = int(where[1]) if where else len(text.splitlines())
        raise PolicyFaults(source, [PolicyFault(line, f"this is not TOML: {error}")]) from error
    reader = _Reader(text)
    policy = reader.policy(raw) if reader.has_tables(raw) else None
    if reader.faults or policy is None:
        raise PolicyFaults(source, reader.faults)
    return msgspec.structs.replace(policy, sha256=hashlib.sha256(text.encode()).hexdigest())


class _Reader:
    """Reads tables into structs, collecting faults on the way."""

    def __init__(self, text: str) -> None:
        self.lines = text.splitlines()
        self.faults: list[PolicyFault] = []

    # -- lines -------------------------------------------------------------------------------------------

    def block(self, table: str, index: int) -> range:
        """Line numbers of the index-th [[table]] (or of [table]), sub-tables included."""
        heads = [n for n, line in enumerate(self.lines, 1) if re.match(rf"\s*\[{{1,2}}{table}\]", line)]
        if index >= len(heads):
            return range(1, len(self.lines) + 1)
        end = len(self.lines) + 1
        for number in range(heads[index] + 1, len(self.lines) + 1):
            head = re.match(r"\s*\[{1,2}([\w.]+)\]", self.lines[number - 1])
            if head and not head[1].startswith(f"{table}."):
                end = number
                break
        return range(heads[index], end)

    def line_of(self, block: range, key: str) -> int:
        """The line of a key within a block; the block's own line when the key is absent."""
        pattern = re.compile(rf"(^|[\s{{,]){re.escape(key)}\s*=")
        return next((number for number in block if pattern.search(self.lines[number - 1])), block.start)

    def fault(self, line: int, reason: str) -> None:
        """Remember one fault."""
        self.faults.append(PolicyFault(line, reason))

    def has_tables(self, raw: Mapping[str, Any]) -> bool:
        """Whether what is read table by table consists of tables; where it does not, nothing else can be said."""
        everything = range(1, len(self.lines) + 1)
        for table in TABLES:
            rows = raw.get(table, [])
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                self.fault(self.line_of(everything, table), f"{table!r} is not an array of tables")
        waivers = raw.get("waivers", {})
        never = waivers.get("never", []) if isinstance(waivers, dict) else None
        if not isinstance(never, list) or not all(isinstance(code, str) for code in never):
            self.fault(
                self.line_of(everything, "waivers"), "'waivers' is not a table with codes under 'never'"
            )
        return not self.faults

    # -- structs -----------------------------------------------------------------------------------------

    def read(self, kind: type[T], raw: Mapping[str, Any], block: range, where: str) -> T | None:
        """One struct out of a table, field by field, so that every fault is found and not only the first."""
        fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
        before = len(self.faults)
        for key in raw.keys() - fields.keys():
            self.fault(self.line_of(block, key), f"{where} has the unknown key {key!r}")
        values: dict[str, Any] = {}
        for name, field in fields.items():
            if name not in raw:
                if field.required:
                    self.fault(block.start, f"{where} lacks {name!r}")
                continue
            try:
                values[field.name] = msgspec.convert(raw[name], field.type)
            except msgspec.ValidationError as error:
                self.fault(self.line_of(block, name), f"{where}: {name}: {error}")
        return kind(**values) if len(self.faults) == before else None

    def policy(self, raw: Mapping[str, Any]) -> Policy | None:
        """The whole file."""
        everything = range(1, len(self.lines) + 1)
        kinds = self.tables(Kind, raw, "kinds", "kind")
        gates = self.tables(Gate, raw, "gates", "gate")
        rules = self.rules(raw)
        self.check_gates(gates)
        self.check_rules(
            rules, {kind.code: kind for kind in kinds if kind}, {g.code: g for g in gates if g}, raw
        )
        header = {**raw, "kinds": [], "gates": [], "rules": []}
        policy = self.read(Policy, header, everything, "the policy")
        if policy is None:
            return None
        return msgspec.structs.replace(
            policy,
            kinds=tuple(kind for kind in kinds if kind),
            gates=tuple(gate for gate in gates if gate),
            rules=tuple(rule for rule in rules if rule),
        )

    def tables(self, kind: type[T], raw: Mapping[str, Any], table: str, word: str) -> list[T | None]:
        """An array of tables; codes must be unique."""
        rows = raw.get(table, [])
        if not rows:
            self.fault(1, f"the policy has no {word}")
        found = [self.read(kind, row, self.block(table, n), _named(word, row)) for n, row in enumerate(rows)]
        self.check_unique(table, word, [row.get("code") for row in rows])
        return found

    def check_unique(self, table: str, word: str, codes: list[object]) -> None:
        """A code names one thing only, and for ever."""
        for code, times in Counter(code for code in codes if isinstance(code, str)).items():
            if times > 1:
                last = len(codes) - 1 - codes[::-1].index(code)
                line = self.line_of(self.block(table, last), "code")
                self.fault(line, f"the {word} code {code} is used {times} times")

    # -- rules -------------------------------------------------------------------------------------------

    def rules(self, raw: Mapping[str, Any]) -> list[Rule | None]:
        """Every rule with the params of its check."""
        rows = raw.get("rules", [])
        if not rows:
            self.fault(1, "the policy has no rule")
        self.check_unique("rules", "rule", [row.get("code") for row in rows])
        return [self.rule(row, self.block("rules", index)) for index, row in enumerate(rows)]

    def rule(self, row: Mapping[str, Any], block: range) -> Rule | None:
        """One rule; its params are read by what its check declares."""
        where = _named("rule", row)
        rule = self.read(Rule, {key: value for key, value in row.items() if key != "params"}, block, where)
        for word in WORDS:
            if word in row and not str(row[word]).strip():
                self.fault(self.line_of(block, word), f"{where} has an empty {word!r}")
        params = self.params(row, block, where)
        if rule is None or params is None:
            return None
        return msgspec.structs.replace(rule, params=params)

    def params(self, row: Mapping[str, Any], block: range, where: str) -> Params | None:
        """The params of the rule's check, or None with the reasons noted."""
        name = row.get("check")
        if name is None:
            return None
        if not isinstance(name, str) or name not in CHECKS:
            self.fault(
                self.line_of(block, "check"), f"{where} names the check {name!r}, which does not exist"
            )
            return None
        given = row.get("params", {})
        if not isinstance(given, dict):
            self.fault(self.line_of(block, "params"), f"{where}: params is not a table")
            return None
        params: Params | None = self.read(CHECKS[name].params, given, block, f"{where}, params of {name}")
        for reason in params.faults() if params else ():
            self.fault(block.start, f"{where}: {reason}")
        return params

    # -- sense -------------------------------------------------------------------------------------------

    def check_gates(self, gates: list[Gate | None]) -> None:
        """Gates name roles and functions that exist."""
        for index, gate in enumerate(gates):
            if gate is None:
                continue
            block = self.block("gates", index)
            if not is_role(gate.owner_role):
                self.fault(
                    self.line_of(block, "owner_role"),
                    f"gate {gate.code}: nobody has the role {gate.owner_role!r}",
                )
            for key, function in (
                ("reviewer_function", gate.reviewer_function),
                ("endorser_function", gate.endorser_function),
                *(("also_reviewed_by", function) for function in gate.also_reviewed_by),
            ):
                if function not in FUNCTIONS:
                    self.fault(
                        self.line_of(block, key), f"gate {gate.code}: there is no function {function!r}"
                    )

    def check_rules(
        self,
        rules: list[Rule | None],
        kinds: Mapping[str, Kind],
        gates: Mapping[str, Gate],
        raw: Mapping[str, Any],
    ) -> None:
        """Rules belong to a gate, name roles and kinds that exist, and are not waivable where nothing may be waived."""
        never = raw.get("waivers", {}).get("never", ())
        codes = {rule.code for rule in rules if rule}
        for code in never if len(codes) == len(rules) else ():
            if code not in codes:
                line = self.line_of(self.block("waivers", 0), "never")
                self.fault(line, f"{code} may never be waived, but there is no such rule")
        for index, rule in enumerate(rules):
            if rule is not None:
                block = self.block("rules", index)
                for key, reason in _faults_of(rule, kinds, gates, never):
                    self.fault(self.line_of(block, key), f"rule {rule.code}: {reason}")


def _named(word: str, row: Mapping[str, Any]) -> str:
    return f"{word} {row['code']}" if "code" in row else f"a {word} without code"


def _faults_of(
    rule: Rule, kinds: Mapping[str, Kind], gates: Mapping[str, Gate], never: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    if not _CODE.fullmatch(rule.code):
        yield "code", "a code is two capitals or a capital and a digit, a dash and two digits"
    gate = gates.get(rule.gate)
    if gate is None:
        yield "gate", f"there is no gate {rule.gate!r}"
    if not is_role(rule.default_owner):
        yield "default_owner", f"nobody has the role {rule.default_owner!r}"
    if rule.waiver != "none" and (rule.code in never or (gate is not None and not gate.waivable)):
        yield "waiver", "it can never be waived"
    if rule.waiver != "none" and rule.severity in {"suspender", "readiness", "advisory"}:
        yield "waiver", f"a rule of severity {rule.severity} has no waiver"
    if isinstance(rule.params, Evidenced):
        yield from _faults_of_kinds(rule.params, kinds)


def _faults_of_kinds(asks: Evidenced, kinds: Mapping[str, Kind]) -> Iterator[tuple[str, str]]:
    for code in asks.kinds:
        kind = kinds.get(code)
        if kind is None:
            yield "kinds", f"there is no kind of evidence {code!r}"
        elif asks.demonstrated and not kind.demonstrates:
            yield "kinds", f"it must be demonstrated, which {code!r} cannot do"
