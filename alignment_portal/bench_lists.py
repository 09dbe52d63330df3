"""Measure the list deep down, against its first page, and what somebody waits for who types into its search."""

from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.test import Client

from alignment_portal import dispatch
from alignment_portal.accounts.roles import Scope
from alignment_portal.bench import answered, caller, compared, in_a_row
from initiatives.models import Initiative

LIST = "/api/v1/initiatives/"
SHOWN, MOST = "100", "200"  # rows of a page
AT_A_STRETCH = 400  # pages that one token walks; each has a rate of its own
LIMIT_MS = 5  # for an answer while somebody types
NOTHING = "zzqx"


def measure(email: str, rounds: int) -> dict[str, Any]:
    """To be called after `bench.measure`, on its made-up initiatives and with its executive."""
    with dispatch.held_back():
        return {
            "deep_page": _deep(email, rounds),
            "search": _search(caller(email, Scope.READ), rounds),
        }


def _deep(email: str, rounds: int) -> dict[str, Any]:
    """The last full page in the order of the keys, reached by its cursor."""
    cursors = [""]
    client = caller(email, Scope.READ)
    while following := _asked(client, limit=MOST, cursor=cursors[-1]).json()["next"]:
        cursors += parse_qs(urlsplit(following).query)["cursor"]
        if len(cursors) % AT_A_STRETCH == 0:
            client = caller(email, Scope.READ)
    *_, last, _not_full = ["", *cursors]
    client = caller(email, Scope.READ)
    first = in_a_row(partial(_asked, client, limit=SHOWN), rounds)
    deep = in_a_row(partial(_asked, client, limit=SHOWN, cursor=last), rounds)
    return {"row": max(0, len(cursors) - 2) * int(MOST), **compared(deep, first)}


def _search(client: Client, rounds: int) -> dict[str, Any]:
    """One page of fifty as JSON, signed in, visibility applied, for words that find one, some, many and none."""
    one = Initiative.objects.order_by("key")[Initiative.objects.count() // 2]
    sought = {
        "one of all": one.key,
        "a hundred": one.key[:-2],
        "a word of many": one.title.split()[0],
        "two such words": " ".join(one.title.replace(",", "").split()[:2]),
        "nothing": NOTHING,
    }
    found = {
        name: round(in_a_row(partial(_asked, client, limit="50", q=words), rounds) * 1000, 3)
        for name, words in sought.items()
    }
    over = [name for name, milliseconds in found.items() if milliseconds > LIMIT_MS]
    return {"limit_ms": LIMIT_MS, "ms": found, "over_the_limit": over}


def _asked(client: Client, **query: str) -> Any:
    return answered(client.get(LIST, {name: value for name, value in query.items() if value}), 200)
