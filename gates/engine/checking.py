"""What a check is: a named pure function over one case that answers met, unmet or unknown, with what it found.

A check says nothing about severity, waivers or lanes; ``evaluation`` puts those around it. Beside each check stands
its ``mend``: a copy of the facts in which its remedy was carried out, by which an explanation proves itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import msgspec

from gates.engine.facts import Facts
from gates.engine.policy import Params, Rule
from gates.engine.verdict import Item, NextMove
from gates.engine.view import Case, View
from initiatives.dossier.document import Dossier


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a check found, line by line; true only when the rule is met."""

    items: tuple[Item, ...] = ()
    moves: tuple[NextMove, ...] = ()
    evidence: tuple[str, ...] = ()
    lapses_at: dt.datetime | None = None

    def __bool__(self) -> bool:
        """Only what is met counts as true."""
        return False


class Met(Outcome, frozen=True):
    """Everything needed is there."""

    def __bool__(self) -> bool:
        """Met is the one true outcome."""
        return True


class Unmet(Outcome, frozen=True):
    """Something found is not what is needed."""


class Unknown(Outcome, frozen=True):
    """Something needed is not recorded: not shown, therefore not passed."""


class Ledger:
    """Collects the lines of one check, in order, and settles them."""

    def __init__(self) -> None:
        self._items: list[Item] = []
        self._moves: list[NextMove] = []
        self._evidence: list[str] = []
        self._lapses_at: dt.datetime | None = None
        self._failed = False
        self._wrong = False

    def note(self, label: str, found: str, *, place: str = "", needed: str = "") -> None:
        """A line that is as it should be."""
        self._items.append(Item(label=label, found=found, needed=needed, place=place, ok=True))

    def lack(
        self,
        label: str,
        found: str,
        *moves: NextMove,
        needed: str = "",
        place: str = "",
        unknown: bool = False,
    ) -> None:
        """A line that is not: found wrong, or with ``unknown`` not recorded at all."""
        self._items.append(Item(label=label, found=found, needed=needed, place=place))
        self._moves.extend(moves)
        self._failed = True
        self._wrong = self._wrong or not unknown

    def rests_on(self, ref: str) -> None:
        """Name evidence that a line rests on."""
        if ref not in self._evidence:
            self._evidence.append(ref)

    def lapses(self, at: dt.datetime | None) -> None:
        """A line holds until then; the earliest counts."""
        if at is not None and (self._lapses_at is None or at < self._lapses_at):
            self._lapses_at = at

    @property
    def has_failed(self) -> bool:
        """Whether any line so far lacks something."""
        return self._failed

    def settle(self) -> Outcome:
        """Met when nothing is lacking, unknown when all that is lacking was never recorded, else unmet."""
        kind = Met if not self._failed else Unmet if self._wrong else Unknown
        return kind(
            items=tuple(self._items),
            moves=tuple(dict.fromkeys(self._moves)),
            evidence=tuple(self._evidence),
            lapses_at=None if self._failed else self._lapses_at,
        )


P = TypeVar("P", bound=Params)
Judge = Callable[[Case, P], Outcome]
Mender = Callable[[Case, P], Facts]


class Check(Generic[P]):
    """A registered check: its stable name, what it can be told, how it judges and how it is mended."""

    def __init__(
        self, name: str, params: type[P], judge: Judge[P], sees: Callable[[Dossier], object] | None
    ) -> None:
        self.name = name
        self.params = params
        self.judge = judge
        self.sees = sees  # the part of the dossier an endorsement of it is tied to
        self.mender: Mender[P] | None = None

    def __call__(self, case: Case, params: P) -> Outcome:
        """Judge one case."""
        return self.judge(case, params)

    def mend(self, mender: Mender[P]) -> Mender[P]:
        """Register how its remedy looks when carried out."""
        self.mender = mender
        return mender


CHECKS: dict[str, Check[Any]] = {}


def check(
    name: str, params: type[P], *, sees: Callable[[Dossier], object] | None = None
) -> Callable[[Judge[P]], Check[P]]:
    """Register a check under a stable name; a name taken twice is refused."""

    def register(judge: Judge[P]) -> Check[P]:
        if name in CHECKS:
            raise ValueError(f"The check {name} is registered twice.")
        CHECKS[name] = Check(name, params, judge, sees)
        return CHECKS[name]

    return register


def outcome_of(view: View, rule: Rule) -> Outcome:
    """What the rule's check says of this view, worked out once."""
    if rule.code not in view.settled:
        view.settled[rule.code] = CHECKS[rule.check](view.case(rule), rule.params)
    return view.settled[rule.code]


def deed(
    text: str,
    *,
    role: str,
    place: str,
    kind: str = "edit",
    key: str = "",
    after: tuple[str, ...] = (),
    days: float = 1.0,
    person: str = "",
) -> NextMove:
    """A next move by a role; ``movers`` finds the person. Places are relative to the initiative's page."""
    return NextMove(
        deed=text,
        role=role,
        person=person,
        place=place,
        kind=kind,
        key=key or f"{kind}:{role}:{text}",
        after=after,
        days=days,
    )
