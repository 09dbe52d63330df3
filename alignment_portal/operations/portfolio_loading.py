"""Taking a portfolio file into an empty portal: all of it, with its own times and authors, and proved, or nothing.

As when a backup is restored, the guards are off while the rows come in and on again before they count. What the
guards would have asked of each row when it was new is asked of all of them at the end (portfolio_proofs.py).
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import msgspec
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.management.color import no_style
from django.db import IntegrityError, connection
from django.db.models import F, Model
from django.utils.timezone import is_naive

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.models import RoleGrant, User
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.accounts.services import CONFLICTS
from alignment_portal.audit import triggers
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service
from alignment_portal.http.models import ReferenceCounter
from alignment_portal.operations.actions import Actions
from alignment_portal.operations.portfolio_codes import codes_of, known_words, unknown_word
from alignment_portal.operations.portfolio_proofs import proved
from alignment_portal.operations.portfolio_rows import (
    COUNTER,
    GRANT,
    MEMBER,
    USER,
    AnyField,
    PortfolioRows,
    Rows,
    fields_of,
    names_a_person,
    tables,
)
from alignment_portal.refusals import Conflict, Fault, Invalid
from gates.models import PolicyGate, PolicyQuestion, PolicyVersion
from initiatives.dossier.document import decode
from initiatives.models import DossierVersion, Initiative, PartRow
from initiatives.models.projection import changes, instances

AT_ONCE = 500
MOST_FAULTS = 100
# Moments that may be to come: of everything else a file tells what was.
AHEAD = frozenset({"lease_until", "meeting_at", "pre_read_at", "valid_until"})
CLOCKS_DIFFER = timedelta(hours=1)
POLICY: tuple[type[Model], ...] = (PolicyQuestion, PolicyGate, PolicyVersion)
Values = dict[str, Any]


@service
def load_portfolio(*, by: Actor, file: PortfolioRows, fingerprint: str) -> dict[str, int]:
    """How many rows came in, by table. Raises Invalid with the place of every fault, and then nothing stands."""
    for action in (Action.PEOPLE_MANAGE, Action.PORTFOLIO_EDIT, Action.INITIATIVE_CREATE):
        require(by, action)
    _require_empty()
    _require_known(file)
    triggers.remove_all()
    try:
        _Loader(file).load()
        triggers.install_all()
        connection.check_constraints()
    except IntegrityError as error:
        raise Invalid(f"Nothing was imported: the file contradicts itself: {error}.") from error
    _refuse([*proved(), *known_words()])
    counts = {label: len(part.rows) for label, part in sorted(file.tables.items()) if part.rows}
    record(
        by=by,
        action=Actions.PORTFOLIO_IMPORTED,
        subject="portfolio",
        after=counts,
        fingerprint=fingerprint,
        initiatives=Initiative.objects.count(),
        people=User.objects.count(),
    )
    return counts


def _refuse(faults: Sequence[Fault]) -> None:
    if faults:
        more = f" and {len(faults) - MOST_FAULTS} more" if len(faults) > MOST_FAULTS else ""
        sentence = f"Nothing was imported: parts of the file are wrong{more}."
        raise Invalid(sentence, faults=faults[:MOST_FAULTS])


def _require_empty() -> None:
    """People may be there, such as the first administrator, and the policy that every portal begins with."""
    beside = {USER, GRANT, MEMBER, COUNTER, *(model._meta.label_lower for model in POLICY)}
    for label, model in tables().items():
        if label not in beside and model._base_manager.exists():
            raise Conflict(
                f"This portal holds {model._meta.verbose_name_plural} already. A portfolio comes into an empty portal only.",
                code="not_empty",
            )


def _require_known(file: PortfolioRows) -> None:
    """A column that came later may be missing; one that nobody knows may not be there."""
    known = tables()
    faults: list[Fault] = []
    for label, part in file.tables.items():
        if label not in known:
            faults.append(Fault(f"/tables/{label}", f"This portal has no table {label}.", "unknown"))
            continue
        fields = fields_of(label, known[label])
        for name in part.columns:
            if name not in fields:
                sentence = f"This portal has no {name} in {label}."
                faults.append(Fault(f"/tables/{label}/columns", sentence, "unknown"))
        if len(set(part.columns)) != len(part.columns):
            faults.append(Fault(f"/tables/{label}/columns", "A column stands twice.", "twice"))
    _refuse(faults)
    held = set(PolicyVersion.objects.exclude(proposed_by=None).values_list("version", "sha256"))
    part = file.tables.get(PolicyVersion._meta.label_lower, Rows(columns=(), rows=()))
    rows = [dict(zip(part.columns, row, strict=False)) for row in part.rows]
    if held - {(row.get("version"), row.get("sha256")) for row in rows}:
        raise Conflict(
            "This portal has a policy of its own, which the file does not hold. A portfolio comes into an empty portal only.",
            code="not_empty",
        )


class _Loader:
    def __init__(self, file: PortfolioRows) -> None:
        self.file = file
        self.latest = clock.now() + CLOCKS_DIFFER
        self.people: dict[str, uuid.UUID] = {}
        self.faults: list[Fault] = []
        self.codes: dict[AnyField, tuple[str, ...] | None] = {}

    def load(self) -> None:
        self._people()
        for model in POLICY:  # those that came with the portal; the file has its own
            model._base_manager.all().delete()
        models = {label: model for label, model in tables().items() if label != USER}
        for label, model in models.items():
            rows = list(self._values(label, model))
            _refuse(self.faults)
            if label == GRANT:
                rows = self._grants(rows)
            if label == COUNTER:
                rows = _counters(rows)
            model._base_manager.bulk_create((model(**row) for row in rows), batch_size=AT_ONCE)
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), list(models.values())):
                cursor.execute(statement)
        self._parts()
        _refuse(self.faults)

    # -- values -------------------------------------------------------------------------------------------

    def _values(self, label: str, model: type[Model]) -> Iterator[Values]:
        part = self.file.tables.get(label)
        if part is None:
            return
        fields = fields_of(label, model)
        columns = [(name, fields[name]) for name in part.columns]
        for number, row in enumerate(part.rows):
            place = f"/tables/{label}/rows/{number}"
            if len(row) != len(columns):
                self._fault(place, f"This row has {len(row)} values for {len(columns)} columns.")
                continue
            yield {
                field.attname: self._value(field, value, f"{place}/{at}")
                for at, ((_, field), value) in enumerate(zip(columns, row, strict=True))
            }

    def _value(self, field: AnyField, value: Any, place: str) -> Any:
        if value is None:
            if not field.null:
                self._fault(place, f"{field.name} is missing.")
            return None
        if names_a_person(field):
            if value not in self.people:
                self._fault(place, f"There is no person {value} in the file.")
            return self.people.get(value)
        try:
            value = field.to_python(value)
            field.run_validators(value)
        except ValidationError as error:
            self._fault(place, " ".join(error.messages))
        except (TypeError, ValueError):
            self._fault(place, f"{field.name} cannot be read.")
        codes = self._codes_of(field)
        if codes is not None and value not in codes:
            self._fault(place, unknown_word(field, str(value), codes), "unknown_code")
        if isinstance(value, str) and "\x00" in value:
            self._fault(place, f"{field.name} holds a NUL character, which has no place in text.")
        if not isinstance(value, datetime):
            return value
        if is_naive(value):
            self._fault(place, f"{field.name} says no time zone.")
        elif field.name not in AHEAD and value > self.latest:
            self._fault(place, f"{field.name} lies in the future, and tells what has happened.")
        return value

    def _codes_of(self, field: AnyField) -> tuple[str, ...] | None:
        if field not in self.codes:
            self.codes[field] = codes_of(field)
        return self.codes[field]

    def _fault(self, place: str, sentence: str, code: str = "invalid") -> None:
        self.faults.append(Fault(place, sentence, code))

    # -- people -------------------------------------------------------------------------------------------

    def _people(self) -> None:
        """Somebody who is there already, such as the first administrator, becomes as the file says."""
        rows = list(self._values(USER, User))
        _refuse(self.faults)
        there = User.objects.in_bulk(field_name="email")
        new = [User(password=make_password(None), **row) for row in rows if row["email"] not in there]
        for row in rows:
            person = there.get(row["email"])
            if person is not None:
                for name, value in row.items():
                    setattr(person, name, value)
                person.save(update_fields=list(row))
        User.objects.bulk_create(new, batch_size=AT_ONCE)
        self.people = dict(User.objects.values_list("email", "pk"))

    def _grants(self, rows: Sequence[Values]) -> list[Values]:
        """Without those that are held already; one that must not be held beside another is a fault."""
        active = RoleGrant.objects.filter(revoked_at__isnull=True)
        held = set(active.values_list("user_id", "role", "function"))
        emails = {key: email for email, key in self.people.items()}
        kept = []
        for row in rows:
            key = (row["user_id"], row["role"], row["function"])
            if row["revoked_at"] is None:
                if key in held:
                    continue
                for person, role, _ in held:
                    if person == key[0] and (
                        role in CONFLICTS.get(key[1], ()) or key[1] in CONFLICTS.get(role, ())
                    ):
                        sentence = f"{emails[person]} holds {role} here and cannot be {key[1]} as well."
                        self._fault(f"/tables/{GRANT}", sentence)
            kept.append(row)
        _refuse(self.faults)
        return kept

    # -- parts --------------------------------------------------------------------------------------------

    def _parts(self) -> None:
        """The tables of the parts of every dossier, from its current version, some initiatives at a time."""
        current = DossierVersion.objects.filter(number=F("initiative__version")).select_related("initiative")
        versions = current.order_by("initiative__key").iterator(chunk_size=AT_ONCE)
        while some := list(islice(versions, AT_ONCE)):
            found: dict[type[PartRow], list[PartRow]] = {}
            for version in some:
                self._parts_of(version, found)
            for model, rows in found.items():
                model._default_manager.bulk_create(rows, batch_size=AT_ONCE)

    def _parts_of(self, version: DossierVersion, found: dict[type[PartRow], list[PartRow]]) -> None:
        key = version.initiative.key
        try:
            for change in changes(version.initiative_id, None, decode(version.document.encode())):
                rows = instances(version.initiative_id, change.model, change.written, self.people)
                found.setdefault(change.model, []).extend(rows)
        except KeyError as error:
            self._fault(f"/tables/{USER}", f"{key} names {error.args[0]}, who is not in the file.")
        except msgspec.DecodeError as error:
            place = f"/tables/{version._meta.label_lower}"
            self._fault(place, f"The dossier of {key} cannot be read: {error}.")


def _counters(rows: Sequence[Values]) -> list[Values]:
    """Numbers that were given out, here or there, are not given out again."""
    here: Mapping[str, int] = dict(ReferenceCounter.objects.values_list("prefix", "value"))
    ReferenceCounter.objects.all().delete()
    there = {row["prefix"]: row["value"] for row in rows}
    return [
        {"prefix": prefix, "value": max(here.get(prefix, 0), there.get(prefix, 0))}
        for prefix in sorted({*here, *there})
    ]
