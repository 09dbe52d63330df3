"""The register of groups of people, and change from elsewhere that they absorb as well."""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service
from alignment_portal.outbox.events import announce
from alignment_portal.refusals import Conflict, Fault, Invalid
from initiatives.models import Group, Status
from portfolio.actions import Actions
from portfolio.models import OtherChange, PeopleGroup

CODE = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
GROUP = ("name", "headcount", "capacity_hours", "peak_months", "peak_share")
MOST_PEOPLE, MOST_HOURS, MOST_EFFORT, LONGEST = 10_000_000, 744, 10_000, 200
MONTHS = range(1, 13)
LONGEST_SPELL = dt.timedelta(days=1830)


@service
def record_group(
    *,
    by: Actor,
    code: str,
    name: str,
    headcount: int,
    capacity_hours: float = 12.0,
    peak_months: Sequence[int] = (),
    peak_share: float = 1.0,
) -> PeopleGroup:
    """Add a group, or say anew how large it is and what it can absorb. Saying the same does nothing."""
    require(by, Action.PORTFOLIO_EDIT)
    said: dict[str, Any] = {
        "name": name.strip(),
        "headcount": headcount,
        "capacity_hours": float(capacity_hours),
        "peak_months": sorted(set(peak_months)),
        "peak_share": float(peak_share),
    }
    faults = _group_faults(code, said)
    if faults:
        raise Invalid(faults[0].sentence, faults=faults, code="invalid")
    last = PeopleGroup.objects.select_for_update().filter(code=code).order_by("-number").first()
    before = None if last is None else {field: getattr(last, field) for field in GROUP}
    if last is not None and before == said:
        return last
    number = 1 if last is None else last.number + 1
    row = PeopleGroup.objects.create(
        code=code, number=number, recorded_at=clock.now(), recorded_by_id=by.user_id, **said
    )
    record(by=by, action=Actions.GROUP_RECORDED, subject=code, before=before, after=said)
    _announce(code)
    return row


@service
def record_other_change(
    *, by: Actor, group: str, title: str, hours_per_person: float, starts_on: dt.date, ends_on: dt.date
) -> OtherChange:
    """Change that is not AI, spread evenly from its first month to its last."""
    require(by, Action.PORTFOLIO_EDIT)
    faults = []
    if not PeopleGroup.objects.filter(code=group).exists():
        faults.append(Fault("/group", f"There is no group “{group}” in the register.", "unknown_group"))
    if not 1 <= len(title.strip()) <= LONGEST:
        faults.append(Fault("/title", "A title has 1 to 200 characters.", "required"))
    if not 0 < hours_per_person <= MOST_EFFORT:
        faults.append(
            Fault("/hours_per_person", "Say how many hours a person spends, above none.", "out_of_range")
        )
    if not dt.timedelta() <= ends_on - starts_on <= LONGEST_SPELL:
        faults.append(
            Fault("/ends_on", "It ends on the day it begins or later, within five years.", "out_of_order")
        )
    if faults:
        raise Invalid(faults[0].sentence, faults=faults, code="invalid")
    row = OtherChange.objects.create(
        group=group, title=title.strip(), hours_per_person=hours_per_person, starts_on=starts_on, ends_on=ends_on,
        recorded_at=clock.now(), recorded_by_id=by.user_id,
    )  # fmt: skip
    record(by=by, action=Actions.OTHER_CHANGE_RECORDED, subject=group, after={"title": row.title})
    _announce(group)
    return row


@service
def withdraw_other_change(*, by: Actor, change: OtherChange) -> OtherChange:
    require(by, Action.PORTFOLIO_EDIT)
    row = OtherChange.objects.select_for_update().get(pk=change.pk)
    if row.withdrawn_at is not None:
        raise Conflict("It is withdrawn already.", code="over")
    row.withdrawn_at = clock.now()
    row.save(update_fields=["withdrawn_at"])
    record(by=by, action=Actions.OTHER_CHANGE_WITHDRAWN, subject=row.group, before={"title": row.title})
    _announce(row.group)
    return row


def _group_faults(code: str, said: dict[str, Any]) -> list[Fault]:
    faults = []
    if not CODE.fullmatch(code):
        sentence = "A code is a short name of lower-case letters, digits, dots, dashes or underscores."
        faults.append(Fault("/code", sentence, "invalid_code"))
    if not 1 <= len(said["name"]) <= LONGEST:
        faults.append(Fault("/name", "A name has 1 to 200 characters.", "required"))
    if not 1 <= said["headcount"] <= MOST_PEOPLE:
        faults.append(Fault("/headcount", "A group has at least one person.", "out_of_range"))
    if not 0 < said["capacity_hours"] <= MOST_HOURS:
        faults.append(
            Fault("/capacity_hours", f"Hours a month are above 0, at most {MOST_HOURS}.", "out_of_range")
        )
    if any(month not in MONTHS for month in said["peak_months"]):
        faults.append(Fault("/peak_months", "Months are numbers from 1 to 12.", "out_of_range"))
    if not 0 < said["peak_share"] <= 1:
        faults.append(
            Fault("/peak_share", "The share left in the peak is above 0, at most 1.", "out_of_range")
        )
    return faults


def _announce(group: str) -> None:
    rows = Group.objects.filter(code=group).exclude(initiative__status=Status.RETIRED)
    keys = sorted(set(rows.values_list("initiative__key", flat=True)))
    if keys:
        announce("portfolio.change_load_changed", keys=keys)
