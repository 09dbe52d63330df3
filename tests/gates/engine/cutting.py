"""Cutting something out of whole facts: ``dossier.metrics[handling-time].baseline`` set to a value, or dropped.

A step in brackets picks one entry of a list (by code, or what stands for it), or all of them with ``*``.
"""

import re

import msgspec

from gates.engine import Facts

NAMES = ("code", "ref", "responsibility", "activity", "deployment", "question", "metric", "impact", "dimension", "kind",
         "gate", "group", "level", "person", "email", "lever", "rule")  # fmt: skip
_STEP = re.compile(r"([^.\[\]]+)|\[([^\]]+)\]")


def cut(facts, changes):
    """A copy of the facts with the changes made."""
    document = msgspec.json.decode(msgspec.json.encode(facts))
    for change in changes:
        steps = [plain or f"[{picked}]" for plain, picked in _STEP.findall(change["path"])]
        _change(document, steps, change)
    return msgspec.convert(document, Facts)


def _change(node, steps, change):
    *way, last = steps
    holders = [node]
    for step in way:
        holders = [found for holder in holders for found in _entries(holder, step)]
    assert holders, change["path"]
    for holder in holders:
        _put(holder, last, change)


def _entries(holder, step):
    if not step.startswith("["):
        return [holder[step]]
    return [holder[index] for index in _picked(holder, step[1:-1])]


def _picked(entries, name):
    if isinstance(entries, dict):
        return list(entries) if name == "*" else [name]
    found = [
        n for n, entry in enumerate(entries) if name == "*" or any(str(entry.get(k)) == name for k in NAMES)
    ]
    assert found, name
    return found


def _put(holder, last, change):
    if not last.startswith("["):
        if change.get("drop"):
            holder.pop(last, None)
        elif "add" in change:
            holder[last] = [*holder.get(last, []), change["add"]]
        else:
            holder[last] = change.get("to")
        return
    for index in sorted(_picked(holder, last[1:-1]), reverse=not isinstance(holder, dict)):
        if change.get("drop"):
            del holder[index]
        else:
            holder[index] = change["to"]
