"""What the pages about one metric share: whose initiative, the facts the judge has, and who may record."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action, may
from alignment_portal.http.requests import actor_of
from gates.engine.view import View
from gates.selectors.facts import Case
from gates.selectors.judging import case_of
from initiatives.models import Initiative, Status
from initiatives.selectors import initiative_or_404, standing


@dataclass(frozen=True)
class Visit:
    """One request about one initiative's metrics; one somebody may not see is not found."""

    request: HttpRequest
    by: Actor
    initiative: Initiative
    may_record: bool
    may_edit: bool
    may_read_result: bool

    @property
    def key(self) -> str:
        return self.initiative.key

    @cached_property
    def case(self) -> Case:
        return case_of(self.key)

    @cached_property
    def view(self) -> View:
        return View(self.case.policy, self.case.facts, clock.now())


def visit(request: HttpRequest, key: str) -> Visit:
    by = actor_of(request)
    initiative = initiative_or_404(by, key)
    stands = standing(by, initiative)
    may_record = may(by, Action.OBSERVATION_RECORD, own=stands.own, invited=stands.invited)
    may_edit = may(by, Action.INITIATIVE_EDIT, own=stands.own, invited=stands.invited)
    may_read = may(by, Action.RESULT_RECORD, own=stands.own, invited=stands.invited)
    is_over = initiative.status == Status.RETIRED
    return Visit(
        request,
        by,
        initiative,
        may_record=may_record and not is_over,
        may_edit=may_edit and not is_over,
        may_read_result=may_read and not is_over,
    )


def crumbs(key: str, *more: tuple[str, str]) -> list[dict[str, Any]]:
    found = (
        (_("Initiatives"), "/initiatives/"),
        (key, f"/initiatives/{key}/"),
        (_("Measurement"), f"/initiatives/{key}/measurement/"),
        *more,
    )
    return [{"label": label, "url": url} for label, url in found]
