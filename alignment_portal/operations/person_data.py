"""Everything held about one person, as JSON: found by walking every table that points at people, so that none is forgotten."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Field, ForeignKey, Model, Q, QuerySet, TextField
from django.db.models.functions import Cast

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.models import User
from alignment_portal.accounts.permissions import Action, require, require_proof
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service
from alignment_portal.audit.models import Entry
from alignment_portal.operations.actions import Actions
from alignment_portal.outbox.models import Attempt, Event
from gates.models import FindingSet
from initiatives.models import DossierVersion, PartRow
from packs.models import PackBuild
from reviews.models import Conclusion, Signature, Snapshot, Stance
from reviews.selectors.standings import standings

FORMAT = "person-data/1"
# What opens a door is no data about anybody, and belongs in no file.
SECRET = frozenset({"password", "digest", "session_key", "token", "sealed_secret", "sealed_former_secret"})
# What a stance says, and what would let its digest in the record be guessed.
SAID = frozenset({"answer", "rating", "reason", "commits", "will_do", "nonce"})
WITHHELD: Mapping[str, frozenset[str]] = {
    "mfa.authenticator": frozenset({"data"}),
    # Whole documents and papers, which have an export of their own; that the person wrote them is said.
    "initiatives.dossierversion": frozenset({"document"}),
    "packs.packbuild": frozenset({"content", "dossier", "verdict", "changes"}),
}


def tables_of_people() -> Iterator[tuple[type[Model], tuple[str, ...]]]:
    """Every table with a column that points at a person, and those columns."""
    for model in sorted(apps.get_models(), key=label_of):
        names = tuple(
            field.name
            for field in model._meta.concrete_fields
            if isinstance(field, ForeignKey) and field.related_model is User
        )
        if names:
            yield model, names


def label_of(model: type[Model]) -> str:
    return model._meta.label_lower


def rows_about(model: type[Model], names: tuple[str, ...], person: User) -> QuerySet[Any]:
    about = Q()
    for name in names:
        about |= Q(**{name: person.pk})
    return model._base_manager.filter(about).order_by("pk")


def documents_naming(email: str) -> QuerySet[DossierVersion]:
    """Every version of a dossier, the former ones too, in which the address stands."""
    return DossierVersion.objects.filter(document__contains=json.dumps(email, ensure_ascii=False))


def packs_naming(person: User) -> QuerySet[PackBuild]:
    named = Q(content__contains=person.email) | Q(content__contains=person.name)
    return PackBuild.objects.filter(named | Q(dossier__contains=person.email)).order_by("pk")


def records_naming(person: User) -> list[tuple[str, int]]:
    """Verdicts, snapshots, conclusions and signatures with the person's address or name in them; none is ever rewritten."""
    within: tuple[tuple[type[Model], str], ...] = (
        (FindingSet, "body"),
        (Snapshot, "packages"),
        (Conclusion, "dissent"),
    )
    found = [(label_of(model), _with_text(model, column, person.email).count()) for model, column in within]
    found.append((label_of(Signature), Signature.objects.filter(by=person.pk).count()))
    return [(kind, count) for kind, count in found if count]


def _with_text(model: type[Model], column: str, text: str) -> QuerySet[Any]:
    words = model._base_manager.annotate(words=Cast(column, TextField()))
    return words.filter(words__contains=json.dumps(text, ensure_ascii=False))


def counts_of(person: User) -> list[tuple[str, int]]:
    """How much is held, by kind; what there is nothing of is left out."""
    found: list[tuple[str, int]] = []
    places = 0
    for model, names in tables_of_people():
        count = rows_about(model, names, person).count()
        if issubclass(model, PartRow):
            places += count
        else:
            found.append((str(model._meta.verbose_name_plural), count))
    found.append(("places in dossiers", places))
    found.append(("entries of the record", _history(person).count()))
    return [(words, count) for words, count in found if count]


def may_export(by: Actor, person: User) -> None:
    """Everybody their own; administrators anybody's, once they have shown that it is they."""
    if by.user_id != person.pk:
        require(by, Action.PEOPLE_MANAGE)
        require_proof(by)
    elif by.scopes is not None:
        require(by, Action.TOKEN_MANAGE_OWN)


@service
def export_person(*, by: Actor, person: User) -> dict[str, Any]:
    """All of it, as plain values for JSON; that it was handed out is recorded."""
    may_export(by, person)
    body = {
        "format": FORMAT,
        "made_at": clock.now(),
        "person": _row(person),
        "records": list(_records(person, by)),
        "named_in_dossiers": _named_in(person),
        "named_in_packs": list(packs_naming(person).values_list("ref", flat=True)),
        "named_in_records": [{"kind": kind, "count": count} for kind, count in records_naming(person)],
        "history": [_row(entry) for entry in _history(person)],
    }
    record(by=by, action=Actions.PERSON_EXPORTED, subject=f"person:{person.pk}")
    plain: dict[str, Any] = json.loads(json.dumps(body, cls=DjangoJSONEncoder))
    return plain


def _records(person: User, by: Actor) -> Iterator[dict[str, Any]]:
    for model, names in tables_of_people():
        about = rows_about(model, names, person)
        rows = _stances(about, by) if model is Stance else [_row(row) for row in about]
        if rows:
            yield {"kind": label_of(model), "by": list(names), "rows": rows}
    told = [_row(event) for event in Event.objects.filter(payload__email=person.email)]
    if told:
        yield {"kind": label_of(Event), "by": ["payload"], "rows": told}
    sent = [_row(attempt) for attempt in attempts_telling_of(person.email)]
    if sent:
        yield {"kind": label_of(Attempt), "by": ["sent", "received"], "rows": sent}


def attempts_telling_of(email: str) -> QuerySet[Attempt]:
    """What was sent to webhooks, or came back, with the address in it."""
    return Attempt.objects.filter(Q(sent__contains=email) | Q(received__contains=email)).order_by("pk")


def _stances(stances: "QuerySet[Stance]", by: Actor) -> list[dict[str, Any]]:
    """INVARIANT: what is sealed to the reader stays sealed here, for administrators as for everybody."""
    rows = list(stances.select_related("review", "user"))
    found = standings(list({row.review_id: row.review for row in rows}.values()))
    told = []
    for row in rows:
        seat = found[row.review_id].seat_of(by.email)
        is_own = by.email == row.user.email or (seat is not None and seat.email == row.user.email)
        plain = _row(row)
        if not is_own and not found[row.review_id].is_open_to(by.email, parts=bool(row.part)):
            plain = {name: value for name, value in plain.items() if name not in SAID} | {
                "withheld": "sealed"
            }
        told.append(plain)
    return told


def _row(row: Model) -> dict[str, Any]:
    options = row._meta
    withheld = SECRET | WITHHELD.get(options.label_lower, frozenset())
    return {field.name: _value(field, row) for field in options.concrete_fields if field.name not in withheld}


def _value(field: "Field[Any, Any]", row: Model) -> object:
    value = field.value_from_object(row)
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value if isinstance(value, _PLAIN) else field.value_to_string(row)


_PLAIN = (str, int, float, bool, list, dict, type(None), UUID)


def _named_in(person: User) -> list[dict[str, object]]:
    rows = documents_naming(person.email).order_by("initiative__key", "number")
    versions: dict[str, list[int]] = {}
    for key, number in rows.values_list("initiative__key", "number"):
        versions.setdefault(key, []).append(number)
    return [{"initiative": key, "versions": numbers} for key, numbers in versions.items()]


def _history(person: User) -> QuerySet[Entry]:
    return Entry.objects.filter(Q(actor_id=person.pk) | Q(subject=f"person:{person.pk}")).order_by("seq")
