"""`?expand=`: what belongs to an initiative, in the same answer, for a whole page in a fixed number of queries."""

from collections.abc import Collection, Sequence
from typing import Any

from gates.selectors.bodies import verdict_body
from gates.selectors.judging import judged
from initiatives.dossier.canonical import builtins_of
from initiatives.selectors import load_dossiers


def expanded(keys: Sequence[str], wanted: Collection[str]) -> dict[str, dict[str, Any]]:
    """For each key what was asked for, under the name `expanded`; nothing where nothing was."""
    if not wanted:
        return {}
    found: dict[str, dict[str, Any]] = {key: {} for key in keys}
    if "dossier" in wanted:
        for key, loaded in load_dossiers(keys).items():
            found[key]["dossier"] = builtins_of(loaded.dossier)
    if "verdict" in wanted:
        for case, key, verdict in judged(keys):
            found[key]["verdict"] = verdict_body(case, verdict)
    return {key: {"expanded": parts} for key, parts in found.items()}
