"""What is told outside, and to whom: events in words, cut down to what each reader may see."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse

from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action, may
from alignment_portal.outbox.deliveries import TEST
from alignment_portal.outbox.models import Delivery, Event, FeedHead
from alignment_portal.refusals import Refusal
from initiatives.selectors import visible_initiatives
from packs.selectors.access import visible_packs

WORDS: Mapping[str, str] = {
    "initiatives.dossier_changed": "A dossier was saved, or an initiative registered.",
    "initiatives.incident_changed": "An incident was recorded or closed.",
    "initiatives.portfolio_loaded": "Many initiatives were loaded at once.",
    "initiatives.person_invited": "Somebody was asked to help with an initiative.",
    "gates.evidence_changed": "Evidence was submitted, reviewed or withdrawn.",
    "gates.endorsement_changed": "A gate was endorsed, or an endorsement withdrawn.",
    "gates.waiver_changed": "A waiver was requested, answered or withdrawn.",
    "gates.status_moved": "An initiative has a new status.",
    "gates.evaluated": "The policy judged an initiative again; read its verdict.",
    "gates.policy_activated": "Another version of the policy is in force.",
    "metrics.readings_recorded": "Observations were recorded, or a signal acknowledged.",
    "metrics.result_recorded": "The result of a comparison was recorded.",
    "reviews.review_changed": "An alignment review changed: stances, trade-offs, commitments or its end.",
    "portfolio.dependency_changed": "A shared dependency or a bottleneck changed; these initiatives wait for it.",
    "portfolio.change_load_changed": "The change that a group of people absorbs, or how much it can, changed.",
    "portfolio.worth_stated": "What an initiative is hoped to bring and to cost was stated again.",
    "portfolio.scenario_chosen": "A what-if was chosen for the pack of the portfolio, or left out of it.",
    "portfolio.simulation_requested": "A what-if was asked; its answer is being worked out.",
    "accounts.person_changed": "An account or a role changed.",
    "packs.ordered": "A paper of many initiatives was ordered; it is being put into words.",
    "packs.build_requested": "A pack was asked for.",
    TEST: "A test, sent to one webhook on request.",
}
SCANNED = 200  # rows read at once
LONGEST_SCAN = 10  # times: whoever sees little of much is given a cursor to go on from


class CursorTooOld(Refusal):
    code = "cursor_too_old"
    status = 410


class CursorUnknown(Refusal):
    code = "cursor_unknown"
    status = 410


@dataclass(frozen=True)
class FeedPage:
    results: Sequence[Mapping[str, Any]]
    cursor: int
    latest: int


def read(by: Actor, *, after: int, limit: int, kinds: Collection[str] = ()) -> FeedPage:
    """The events behind a place, oldest first, as far as the reader may see them."""
    latest = FeedHead.objects.values_list("place", flat=True).first() or 0
    _require_kept(after, latest)
    results: list[Mapping[str, Any]] = []
    for _ in range(LONGEST_SCAN):
        rows = list(Event.objects.after(after)[:SCANNED])
        bodies = shown(by, rows)
        for row, body in zip(rows, bodies, strict=True):
            after = row.place or after
            if body is not None and (not kinds or row.name in kinds):
                results.append(body)
            if len(results) == limit:
                return FeedPage(results, after, latest)
        if len(rows) < SCANNED:
            break
    return FeedPage(results, after, latest)


def _require_kept(after: int, latest: int) -> None:
    if after > latest:
        # After a restore from a backup: whoever went on from there would miss all that is told again until then.
        raise CursorUnknown(
            f"No event ever had the place {after} here; the newest is {latest}. Was the portal restored? Read what you"
            f" follow anew, then go on from after={latest}."
        )
    oldest = (
        Event.objects.filter(place__isnull=False).order_by("place").values_list("place", flat=True).first()
    )
    if 0 < after < (latest if oldest is None else oldest - 1):
        raise CursorTooOld(
            "Events behind this cursor are no longer kept. Read what you follow anew, then go on from"
            f" after={latest}."
        )


def shown(by: Actor, events: Sequence[Event]) -> list[Mapping[str, Any] | None]:
    """Each event as the reader may see it; None where it is not theirs to see. Two queries, however many."""
    if not may(by, Action.INITIATIVE_READ, own=True):
        return [None] * len(events)
    keys = {key for event in events for key in _keys_of(event)}
    builds = {event.payload["build"] for event in events if "build" in event.payload}
    visible = set(visible_initiatives(by).filter(key__in=keys).values_list("key", flat=True))
    packs = dict(visible_packs(by).filter(pk__in=builds).values_list("pk", "ref")) if builds else {}
    return [_shown(by, event, visible, packs) for event in events]


def _keys_of(event: Event) -> list[str]:
    payload = event.payload
    return [*payload.get("keys", ()), *([payload["key"]] if payload.get("key") else [])]


def _shown(by: Actor, event: Event, visible: set[str], packs: Mapping[int, str]) -> Mapping[str, Any] | None:
    data = _data(by, event.payload, visible, packs)
    if data is None:
        return None
    return {"id": event.place or 0, "type": event.name, "timestamp": event.at.isoformat(), "data": data}


def _data(
    by: Actor, payload: Mapping[str, Any], visible: set[str], packs: Mapping[int, str]
) -> dict[str, Any] | None:
    """The ids an event carries; whoever is told looks the rest up, with their own rights."""
    data: dict[str, Any] = {}
    if payload.get("key"):
        if payload["key"] not in visible:
            return None
        data = {"initiative": payload["key"], "url": _address(payload["key"])}
        data |= {"review": payload["review"]} if "review" in payload else {}
    elif "keys" in payload:
        data = {"initiatives": [key for key in payload["keys"] if key in visible]}
        return data if data["initiatives"] else None
    elif "build" in payload:
        return {"pack": packs[payload["build"]]} if payload["build"] in packs else None
    elif "email" in payload:
        return {"person": payload["email"]} if may(by, Action.PEOPLE_MANAGE) else None
    elif "version" in payload:
        data = {"policy": payload["version"]}
    elif "webhook" in payload:
        data = {"webhook": payload["webhook"]}
    return data or None


def _address(key: str) -> str:
    return f"{settings.PORTAL_URL}{reverse('api:initiatives:initiative', args=[key])}"


def shown_to_owner(delivery: Delivery) -> Mapping[str, Any] | None:
    """The body for a webhook: judged again for every attempt, since rights may have ended meanwhile."""
    return shown(Actor.of(delivery.webhook.owner, "api"), [delivery.event])[0]
