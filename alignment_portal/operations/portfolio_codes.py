"""Which words a portfolio file may hold where a word stands for something: statuses, verdicts, roles, kinds.

A word that nobody knows would come in with the guards off, and stand in lists, papers and verdicts as if it meant
something. What is closed by the portal is asked of each value; what the policies close is asked of all rows at the end.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, get_args

from django.db.models import CheckConstraint, Model, Q

from alignment_portal.operations.portfolio_rows import AnyField
from alignment_portal.refusals import Fault
from gates.engine import Policy
from gates.engine.loading import PolicyFaults, load_policy
from gates.models import (
    Endorsement,
    Evaluation,
    Evidence,
    PolicyGate,
    PolicyQuestion,
    PolicyVersion,
    Reinstatement,
    Waiver,
)
from gates.selectors.kinds import KINDS
from initiatives.dossier.scalars import Horizon, Lane
from metrics.estimation.verdict import CounterCode, ResultCode
from metrics.models import MetricResult
from portfolio.models import DependencyKind, DependencyState, Funding
from reviews.models import Condition, GateQuestion

# Closed in the code, and neither by choices nor by a constraint of the table.
CODES: Mapping[tuple[str, str], Collection[str]] = {
    ("gates.blob", "kind"): tuple(KINDS),
    ("gates.evaluation", "lane"): get_args(Lane),
    ("gates.waiver", "horizon"): get_args(Horizon),
    ("metrics.metricresult", "code"): get_args(ResultCode),
    ("portfolio.dependencyversion", "kind"): tuple(DependencyKind.values),
    ("portfolio.dependencyversion", "funding"): tuple(Funding.values),
    ("portfolio.dependencyversion", "state"): tuple(DependencyState.values),
}
CHUNK = 500


def codes_of(field: AnyField) -> tuple[str, ...] | None:
    """The words that the column may hold; None where it holds other things than words of a closed set."""
    model = field.model
    if field.choices:
        return tuple(str(value) for value, _ in field.flatchoices) + ("",) * bool(field.blank)
    if (codes := CODES.get((model._meta.label_lower, field.attname))) is not None:
        return tuple(codes)
    for constraint in model._meta.constraints:
        if isinstance(constraint, CheckConstraint) and (held := _held(constraint.condition, field.name)):
            return held
    return None


def _held(condition: object, name: str) -> tuple[str, ...]:
    """The texts that a constraint says the column is one of, where it says that whatever else holds."""
    if not isinstance(condition, Q) or condition.connector != Q.AND or condition.negated:
        return ()
    for part in condition.children:
        if (
            isinstance(part, tuple)
            and part[0] == f"{name}__in"
            and all(isinstance(one, str) for one in part[1])
        ):
            return tuple(str(one) for one in part[1])
    return ()


def unknown_word(field: AnyField, value: str, codes: Collection[str]) -> str:
    """The sentence about a word that the column cannot hold."""
    known = ", ".join(code for code in codes if code)
    return f"{field.name} cannot be “{value[:40]}”. Known are: {known}."


# --- what policies and results close -----------------------------------------------------------------------


def known_words() -> Iterator[Fault]:
    """A fault for every row with a code that no policy of the file has, or a verdict that no result can have."""
    policies: dict[str, Policy] = {}
    for version, text in PolicyVersion.objects.order_by("version").values_list("version", "text"):
        try:
            policies[version] = load_policy(text, f"policy {version}")
        except PolicyFaults as error:
            yield _fault(PolicyVersion, version, f"it cannot be read: {error.faults[0].reason}")
    if len(policies) == PolicyVersion.objects.count():
        yield from _repeated(policies)
        yield from _of_policies(policies.values())
    yield from _of_results()


def _fault(model: type[Model], name: object, sentence: str) -> Fault:
    return Fault(
        f"/tables/{model._meta.label_lower}",
        f"{model._meta.verbose_name} {name}: {sentence}.",
        "unknown_code",
    )


def _repeated(policies: Mapping[str, Policy]) -> Iterator[Fault]:
    """What the guards of the database know of a policy is what it says."""
    gates = set(PolicyGate.objects.values_list("policy__version", "gate", "waivable"))
    questions = set(
        PolicyQuestion.objects.values_list("policy_gate__policy__version", "policy_gate__gate", "question")
    )
    for version, policy in policies.items():
        endorsed = [gate for gate in policy.gates if gate.endorsed]
        said = {(version, gate.code, gate.waivable) for gate in endorsed}
        if said != {row for row in gates if row[0] == version}:
            yield _fault(PolicyGate, f"of {version}", "its gates are not those of the policy")
        asked = {
            (version, gate.code, rule.code)
            for gate in endorsed
            for rule in policy.rules_of(gate.code)
            if rule.asks is not None
        }
        if asked != {row for row in questions if row[0] == version}:
            yield _fault(PolicyQuestion, f"of {version}", "its questions are not those of the policy")


def _of_policies(policies: Collection[Policy]) -> Iterator[Fault]:
    gates = {gate.code for policy in policies for gate in policy.gates}
    kinds = {kind.code for policy in policies for kind in policy.kinds}
    # A condition that a gate asks is a question of its own, by its reference.
    rules = {rule.code for policy in policies for rule in policy.rules} | set(
        Condition.objects.values_list("ref", flat=True)
    )
    closed: tuple[tuple[type[Model], str, str, Collection[str]], ...] = (
        (Evidence, "ref", "question", rules),
        (Evidence, "ref", "kind", kinds),
        (Waiver, "ref", "rule", rules),
        (Endorsement, "ref", "gate", gates),
        (Reinstatement, "pk", "gate", {*gates, ""}),
        (GateQuestion, "pk", "gate", {*gates, ""}),
        (Evaluation, "pk", "suspenders", rules),
        (Evaluation, "pk", "awaiting_endorsement", gates),
    )
    for model, name, column, known in closed:
        rows = model._base_manager.order_by("pk").values_list(name, column)
        for key, held in rows.iterator(chunk_size=CHUNK):
            for word in _words(held):
                if not isinstance(word, str) or word not in known:
                    yield _fault(model, key, f"no policy of the file has a {column} “{str(word)[:40]}”")


def _words(held: Any) -> list[Any]:
    return held if isinstance(held, list) else [held]


def _of_results() -> Iterator[Fault]:
    """The verdict on each metric that a result was to leave unharmed."""
    known = get_args(CounterCode)
    for key, details in MetricResult.objects.order_by("pk").values_list("pk", "details").iterator(CHUNK):
        for guard in _words(details.get("guards", [])) if isinstance(details, dict) else ():
            word = guard.get("verdict") if isinstance(guard, dict) else guard
            if word not in known:
                sentence = f"a verdict on a metric beside it cannot be “{str(word)[:40]}”; known are: {', '.join(known)}"
                yield _fault(MetricResult, key, sentence)
