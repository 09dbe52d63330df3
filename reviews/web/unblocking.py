"""What a commitment can unblock: a gate of the policy, a shared dependency, a bottleneck. To choose from, and in words."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from gates.selectors.agreement import gate_titles
from portfolio.selectors.register import bottlenecks_at, dependencies_at

Choices = list[tuple[str, str | list[tuple[str, str]]]]


def _known() -> Mapping[str, Mapping[str, str]]:
    return {
        "gate": gate_titles(),
        "dependency": {code: row.title for code, row in dependencies_at().items()},
        "bottleneck": {code: row.title for code, row in bottlenecks_at().items()},
    }


def unblockable() -> Choices:
    heads = {"gate": _("Gates"), "dependency": _("Shared dependencies"), "bottleneck": _("Bottlenecks")}
    groups: Choices = [("", _("Nothing in particular"))]
    for kind, rows in _known().items():
        if rows:
            groups.append((heads[kind], [(f"{kind}:{code}", title) for code, title in rows.items()]))
    return groups


def unblocked_words(names: set[str]) -> Mapping[str, str]:
    """Each name as people read it; nothing is looked up where there is none."""
    if not names - {""}:
        return {}
    heads = {
        "gate": _("the gate %(title)s"),
        "dependency": _("the dependency %(title)s"),
        "bottleneck": _("the queue of %(title)s"),
    }
    found = {}
    for kind, rows in _known().items():
        for code, title in rows.items():
            found[f"{kind}:{code}"] = heads[kind] % {"title": title}
    return {name: found.get(name, name.partition(":")[2] or name) for name in names}
