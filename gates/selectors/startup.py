"""System checks: a policy file that cannot be read stops the start, with the line and the reason."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error

from gates.engine import PolicyFaults
from gates.selectors.policies import SHIPPED, read_policy, shipped_files


def policies_can_be_read(**_: Any) -> Sequence[CheckMessage]:
    files = shipped_files()
    if not files:
        return [Error(f"There is no policy file in {SHIPPED}.", hint="Restore it.", id="gates.E001")]
    found: list[CheckMessage] = []
    for path in files:
        try:
            read_policy(path)
        except PolicyFaults as refused:
            found += [
                Error(
                    f"{path.name}, line {fault.line}: {fault.reason}",
                    hint="Mend the policy file and start again.",
                    id="gates.E002",
                )
                for fault in refused.faults
            ]
    return found
