"""In which order shared dependencies ask for a decision."""

from collections.abc import Iterable
from typing import Any

from alignment_portal.accounts.models import User

SETTLED = frozenset({"delivered", "dropped"})


def ranked(table: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What nobody owns or funds first, then by how many initiatives wait; what is delivered or dropped last. One query."""
    rows = list(table)
    emails = {row["owner"] for row in rows if row["owner"]}
    names = dict(User.objects.filter(email__in=emails).values_list("email", "name"))
    told = [
        {
            **row,
            "owner_name": names.get(row["owner"], ""),
            "settled": row["state"] in SETTLED,
            "unowned": row["owner"] is None,
            "unfunded": row["funding"] != "funded" and row["state"] not in SETTLED,
        }
        for row in rows
    ]
    return sorted(
        told,
        key=lambda row: (
            row["settled"],
            -(row["unowned"] + row["unfunded"]) if not row["settled"] else 0,
            -row["waiting"],
            row["code"],
        ),
    )
