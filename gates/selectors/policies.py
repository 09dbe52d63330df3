"""Which policy is in force, now and then, and what the shipped files say."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from alignment_portal.prepared import Prepared
from alignment_portal.refusals import NotFound
from gates.engine import Policy, load_policy
from gates.models import PolicyVersion

SHIPPED = Path(__file__).resolve().parent.parent / "policies"
_parsed: dict[str, Policy] = {}


def shipped_files() -> list[Path]:
    return sorted(SHIPPED.glob("*.toml"), key=lambda path: [int(part) for part in path.stem.split(".")])


def read_policy(path: Path) -> Policy:
    """The policy in a file; raises PolicyFaults with lines and reasons."""
    return load_policy(path.read_text(encoding="utf-8"), path.name)


def policy_of(row: PolicyVersion) -> Policy:
    """The parsed policy of a row. INVARIANT: rows never change, so what was parsed once stays right."""
    if row.sha256 not in _parsed:
        _parsed[row.sha256] = load_policy(row.text, f"policy {row.version}")
    return _parsed[row.sha256]


def current_version(at: datetime | None = None) -> PolicyVersion:
    """The row in force at a moment; before the first adoption, the first that ever was."""
    adopted = PolicyVersion.objects.filter(adopted_at__isnull=False)
    then = adopted if at is None else adopted.filter(adopted_at__lte=at)
    row = then.order_by("-adopted_at", "-id").first() or adopted.order_by("adopted_at", "id").first()
    if row is None:
        raise NotFound("No policy is in force yet. Run manage.py migrate: it puts the shipped one in force.")
    return row


def policy_in_force(at: datetime | None = None) -> tuple[int, Policy]:
    """The id of the row in force at a moment, and what it says. One query, as a rule."""
    for pk, version, sha256, text in _last_adopted.rows(at or datetime.max.replace(tzinfo=UTC)):
        return pk, policy_of(PolicyVersion(pk=pk, version=version, sha256=sha256, text=text))
    current = current_version(at)
    return current.pk, policy_of(current)


_last_adopted = Prepared(
    lambda at: (
        PolicyVersion.objects.filter(adopted_at__lte=at)
        .order_by("-adopted_at", "-id")
        .values_list("id", "version", "sha256", "text")[:1]
    )
)


def current_policy(at: datetime | None = None) -> Policy:
    return policy_of(current_version(at))


def policies_by_id(ids: set[int]) -> Mapping[int, Policy]:
    return {row.pk: policy_of(row) for row in PolicyVersion.objects.filter(pk__in=ids)}


def policies_decided_under() -> Mapping[int, Policy]:
    """Every policy that the status of some initiative was ever decided under."""
    rows = PolicyVersion.objects.filter(adopted_at__isnull=False)
    return {row.pk: policy_of(row) for row in rows}


def proposed_versions() -> list[PolicyVersion]:
    return list(PolicyVersion.objects.filter(adopted_at__isnull=True).order_by("-proposed_at"))
