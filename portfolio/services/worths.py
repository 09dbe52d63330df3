"""Stating what an initiative is hoped to bring and what it takes. Every statement stays; the last one counts."""

from collections.abc import Sequence

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.models import User
from alignment_portal.accounts.permissions import Action
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service
from alignment_portal.outbox.events import announce
from alignment_portal.refusals import Fault, Invalid, Stale
from initiatives.models import Initiative
from initiatives.selectors import require_on
from portfolio.actions import Actions
from portfolio.models import Worth
from portfolio.models.worth import MOST

RANGE = 3
NAMES = ("low", "likely", "high")


@service
def state_worth(
    *,
    by: Actor,
    initiative: Initiative,
    value: Sequence[float],
    cost: Sequence[float],
    owner: str,
    basis: str,
    currency: str = "EUR",
    expected: int | None = None,
) -> Worth:
    """`value` a year at full scale and `cost` of getting there, each as low, likely, high. Saying the same does nothing.

    `expected` is the number of the statement the caller has seen, 0 for none; another one means that they must look again.
    """
    require_on(by, Action.WORTH_STATE, initiative)
    Initiative.objects.select_for_update().get(pk=initiative.pk)
    last = initiative.worths.order_by("-number").first()
    if expected is not None and expected != (last.number if last else 0):
        raise Stale("Somebody stated it anew after you opened it. Nothing was overwritten.", code="stale")
    person = User.objects.filter(email=owner.strip().lower(), is_active=True).first()
    faults = [*_range_faults("value", value, -MOST), *_range_faults("cost", cost, 0)]
    if person is None:
        faults.append(
            Fault("/owner", f"Nobody active in the portal has the e-mail {owner}.", "unknown_person")
        )
    if not basis.strip():
        faults.append(Fault("/basis", "Say what these figures rest on.", "required"))
    if not (len(currency) == RANGE and currency.isascii() and currency.isupper()):
        faults.append(Fault("/currency", "A currency is three capital letters, such as EUR.", "invalid"))
    if faults or person is None:
        raise Invalid(faults[0].sentence, faults=faults, code="invalid")
    said = {f"value_{name}": float(number) for name, number in zip(NAMES, value, strict=True)}
    said |= {f"cost_{name}": float(number) for name, number in zip(NAMES, cost, strict=True)}
    told = {**said, "currency": currency, "basis": basis.strip(), "owner_id": person.pk}
    if last is not None and all(getattr(last, name) == value for name, value in told.items()):
        return last
    worth = Worth.objects.create(
        initiative=initiative,
        number=1 if last is None else last.number + 1,
        recorded_at=clock.now(),
        recorded_by_id=by.user_id,
        owner=person,
        currency=currency,
        basis=basis.strip(),
        **said,
    )
    record(
        by=by,
        action=Actions.WORTH_STATED,
        subject=initiative.key,
        initiative=initiative.key,
        after={**said, "currency": currency, "number": worth.number},
    )
    announce("portfolio.worth_stated", key=initiative.key)
    return worth


def _range_faults(name: str, numbers: Sequence[float], least: float) -> list[Fault]:
    ordered = len(numbers) == RANGE and all(least <= number <= MOST for number in numbers)
    if ordered and list(numbers) == sorted(numbers):
        return []
    return [
        Fault(
            f"/{name}", f"The {name} is a range: low, likely and high, each at least the one before.", "range"
        )
    ]
