"""What may be chosen in a form: the people of the portal, and the codes of this dossier and of the portfolio."""

from collections.abc import Iterable, Mapping
from typing import Any

from alignment_portal.accounts.models import User
from initiatives.models import Cluster
from initiatives.web.fields import Choices, Known
from portfolio.selectors.register import bottlenecks_at, dependencies_at


def known_for(document: Mapping[str, Any]) -> Known:
    """The choices for the forms of one document, in four queries."""
    metrics = document.get("metrics") or ()
    return Known(
        people=active_people(),
        codes={
            "nodes": _titled((document.get("outcome_chain") or {}).get("nodes") or (), "title"),
            "metrics": _titled(metrics, "title"),
            "counters": _titled((row for row in metrics if row["layer"] == "counter"), "title"),
            "groups": _titled((document.get("change_impact") or {}).get("groups") or (), "name"),
            "deployments": _titled(document.get("deployments") or (), "title"),
            "clusters": list(Cluster.objects.values_list("code", "title")),
            "dependencies": [(code, row.title) for code, row in dependencies_at(None).items()],
            "bottlenecks": [(code, row.title) for code, row in bottlenecks_at(None).items()],
        },
    )


def active_people() -> Choices:
    rows = User.objects.filter(is_active=True).order_by("name").values_list("email", "name", "title")
    return [(email, f"{name}, {title}" if title else name) for email, name, title in rows]


def names_of_people() -> dict[str, str]:
    return dict(User.objects.values_list("email", "name"))


def _titled(rows: Iterable[Mapping[str, Any]], field: str) -> Choices:
    return [(row["code"], row.get(field) or row["code"]) for row in rows]


def titles_of(document: Mapping[str, Any]) -> dict[str, str]:
    """What the codes of a document are called, so that a list can be read without knowing them."""
    groups = (document.get("change_impact") or {}).get("groups") or ()
    nodes = (document.get("outcome_chain") or {}).get("nodes") or ()
    lists = (
        (groups, "name"),
        (nodes, "title"),
        (document.get("metrics") or (), "title"),
        (document.get("deployments") or (), "title"),
    )
    return {code: title for rows, field in lists for code, title in _titled(rows, field)}
