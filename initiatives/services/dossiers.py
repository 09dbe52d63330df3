"""Saving dossiers: the whole document or one section of it, all or nothing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.models import User
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service
from alignment_portal.http.references import next_reference
from alignment_portal.outbox.events import announce
from alignment_portal.refusals import Conflict, Fault, Forbidden, Invalid, MatchRequired, NotFound, Stale
from initiatives.actions import Actions
from initiatives.dossier.differences import Difference, differences
from initiatives.dossier.document import SCHEMA, Dossier, decode
from initiatives.dossier.faults import DossierFaults
from initiatives.dossier.parsing import parse
from initiatives.dossier.paths import with_value
from initiatives.dossier.pointers import steps_of
from initiatives.models import RUNNING, Initiative, Status
from initiatives.selectors import Standing, require_on, standing
from initiatives.services.merging import refuse_stale, require_untouched
from initiatives.services.people import People, people_of
from initiatives.services.storing import store, written

HORIZONS = ("H1", "H2", "H3")


@dataclass(frozen=True)
class SavedDossier:
    """What a save did; ``changed`` is false when the document said nothing new."""

    initiative: Initiative
    version: int
    changed: bool
    created: bool


def parsed(document: bytes | str | Mapping[str, Any] | Dossier) -> Dossier:
    """The dossier, or an Invalid refusal with every fault and its pointer."""
    try:
        return parse(document)
    except DossierFaults as error:
        faults = [Fault(fault.pointer, fault.sentence, fault.code) for fault in error.faults]
        things = "one thing" if len(faults) == 1 else f"{len(faults)} things"
        raise Invalid(
            f"The dossier was not saved: {things} must be put right first.",
            faults=faults,
            code="dossier_invalid",
        ) from error


def held(key: str) -> Initiative | None:
    """The initiative, locked until the transaction ends."""
    return Initiative.objects.select_for_update(no_key=True).filter(key=key).first()


@service
def save_dossier(
    *,
    by: Actor,
    document: bytes | str | Mapping[str, Any] | Dossier,
    expected: str | None = None,
    create: bool = False,
    blindly: bool = True,
) -> SavedDossier:
    """Create or change an initiative by its whole document.

    ``expected`` is the fingerprint or the number of the version the caller changed; ``create`` allows no earlier one.
    Not ``blindly``: a change that names no version is refused.
    """
    dossier = parsed(document)
    initiative = held(dossier.initiative.key)
    if initiative is None:
        if expected is not None:
            raise Stale(f"There is no {dossier.initiative.key} yet, so there is no version of it to change.")
        return _created(by, dossier)
    if not Initiative.objects.visible_to(by).filter(pk=initiative.pk).exists():
        raise _taken_or_unseen(initiative.key, create=create)
    if create:
        raise Conflict(
            f"{initiative.key} exists already.", code="initiative_exists", pointer="/initiative/key"
        )
    return replace_dossier(
        by=by,
        initiative=initiative,
        dossier=dossier,
        expected=expected,
        action=Action.DOSSIER_IMPORT,
        blindly=blindly,
    )


@service
def save_dossiers(*, by: Actor, documents: Sequence[tuple[bytes, str | None]]) -> list[SavedDossier]:
    """Save all of them or none; each with the fingerprint it must have, where one is given.

    Raises Invalid with the faults of all documents, `/items/<place>/dossier/…`.
    """
    dossiers, faults = [], []
    for place, (raw, expected) in enumerate(documents):
        try:
            dossiers.append((parsed(raw), expected, place))
        except Invalid as refusal:
            faults += _faults_at(place, refusal)
    keys = Counter(dossier.initiative.key for dossier, _, _ in dossiers)
    faults += [
        Fault(f"/items/{place}/dossier/initiative/key", f"{dossier.initiative.key} stands twice.", "twice")
        for dossier, _, place in dossiers
        if keys[dossier.initiative.key] > 1
    ]
    if faults:
        raise Invalid("Nothing was saved: some of the documents are wrong.", faults=faults)
    saved: dict[int, SavedDossier] = {}
    # INVARIANT: rows are locked in the order of their keys, so that two such calls cannot wait for each other.
    for dossier, expected, place in sorted(dossiers, key=lambda row: row[0].initiative.key):
        try:
            saved[place] = save_dossier(by=by, document=dossier, expected=expected)
        except Invalid as refusal:
            raise Invalid(refusal.sentence, faults=_faults_at(place, refusal), code=refusal.code) from refusal
    return [saved[place] for place in sorted(saved)]


def _faults_at(place: int, refusal: Invalid) -> list[Fault]:
    return [
        Fault(f"/items/{place}/dossier{fault.pointer}", fault.sentence, fault.code)
        for fault in refusal.faults
    ]


def _taken_or_unseen(key: str, *, create: bool) -> Conflict | NotFound:
    if create:
        return Conflict(
            f"The key {key} is taken. Choose another.", code="initiative_exists", pointer="/initiative/key"
        )
    return NotFound(f"There is no initiative {key} that you may see.", code="initiative_not_found")


def _created(by: Actor, dossier: Dossier) -> SavedDossier:
    require(by, Action.INITIATIVE_CREATE)
    section = dossier.initiative
    if not by.is_system and by.email not in {section.owner, section.sponsor, *section.team}:
        raise Invalid(
            "You would not belong to this initiative. Name yourself as its owner or in its team.",
            pointer="/initiative/owner",
            code="not_a_member",
        )
    people = people_of(None, dossier)
    new = written(dossier)
    initiative = Initiative(key=section.key)
    store(by=by, initiative=initiative, before=None, new=new, people=people)
    record(
        by=by,
        action=Actions.REGISTERED,
        subject=section.key,
        initiative=section.key,
        after={"version": 1, "fingerprint": new.fingerprint},
    )
    announce("initiatives.dossier_changed", key=section.key)
    return SavedDossier(initiative, 1, changed=True, created=True)


def replace_dossier(
    *,
    by: Actor,
    initiative: Initiative,
    dossier: Dossier,
    expected: str | None,
    action: Action,
    blindly: bool = True,
) -> SavedDossier:
    """Change an initiative whose lock the calling service holds. Saving what is there already changes nothing."""
    stands = standing(by, initiative)
    require(by, action, own=stands.own, invited=stands.invited)
    current = initiative.versions.get(number=initiative.version)
    new = written(dossier)
    if new.fingerprint == current.fingerprint:
        return SavedDossier(initiative, initiative.version, changed=False, created=False)
    if expected is None and not blindly:
        raise MatchRequired(
            f"{initiative.key} exists. Say which version you change: send If-Match with its ETag."
        )
    if expected is not None and expected not in {current.fingerprint, str(current.number)}:
        refuse_stale(initiative, current, expected)
    before = decode(current.document)
    _require_sound_change(by, stands, initiative, before, dossier)
    people = people_of(before, dossier)
    starts_package = _starts_package(initiative, before, dossier)
    initiative.package += starts_package
    version = store(by=by, initiative=initiative, before=before, new=new, people=people)
    record(
        by=by,
        action=Actions.DOSSIER_SAVED,
        subject=initiative.key,
        initiative=initiative.key,
        before={"version": current.number, "fingerprint": current.fingerprint},
        after={"version": version.number, "fingerprint": new.fingerprint},
        changes=_recorded(differences(before, dossier), people),
    )
    if starts_package:
        record(
            by=by,
            action=Actions.PACKAGE_STARTED,
            subject=initiative.key,
            initiative=initiative.key,
            before={"horizon": before.initiative.horizon, "package": initiative.package - 1},
            after={"horizon": dossier.initiative.horizon, "package": initiative.package},
        )
    announce("initiatives.dossier_changed", key=initiative.key)
    return SavedDossier(initiative, version.number, changed=True, created=False)


def _recorded(found: tuple[Difference, ...], people: People) -> list[dict[str, Any]]:
    return [
        {
            "pointer": change.pointer,
            "before": _without_names(change.before, people),
            "after": _without_names(change.after, people),
        }
        for change in found
    ]


def _without_names(value: Any, people: People) -> Any:
    """The audit record cannot forget, so a person stands in it by id and not by e-mail."""
    if isinstance(value, str):
        return f"person:{people.ids[value]}" if value in people.ids else value
    if isinstance(value, Mapping):
        return {name: _without_names(item, people) for name, item in value.items()}
    return [_without_names(item, people) for item in value] if isinstance(value, list | tuple) else value


def _require_sound_change(
    by: Actor, stands: Standing, initiative: Initiative, before: Dossier, after: Dossier
) -> None:
    if initiative.status == Status.RETIRED:
        raise Conflict(f"{initiative.key} is retired: it stays as it was.", code="retired")
    if before.initiative.owner != after.initiative.owner and not _may_hand_over(by, before.initiative.owner):
        raise Forbidden(
            f"Only its owner, {before.initiative.owner}, may hand {initiative.key} to somebody else.",
            code="owner_only",
            pointer="/initiative/owner",
        )
    rises = HORIZONS.index(after.initiative.horizon) - HORIZONS.index(before.initiative.horizon)
    needs_pass = initiative.status in {*RUNNING, Status.SUSPENDED} and initiative.status != Status.SCALE_READY
    if rises > 0 and needs_pass:
        raise Conflict(
            f"{initiative.key} may move to {after.initiative.horizon} once it is scale-ready at {before.initiative.horizon}.",
            code="not_scale_ready",
            pointer="/initiative/horizon",
        )
    if rises > 1 and initiative.status == Status.SCALE_READY:
        raise Conflict(
            "One horizon is taken after the other.", code="horizon_skipped", pointer="/initiative/horizon"
        )


def _may_hand_over(by: Actor, owner: str) -> bool:
    """The owner hands over in person; where the owner has left, whoever may edit names a new one."""
    return by.is_system or by.email == owner or User.objects.filter(email=owner, is_active=False).exists()


def _starts_package(initiative: Initiative, before: Dossier, after: Dossier) -> bool:
    moved = before.initiative.horizon != after.initiative.horizon
    return moved and initiative.status in {Status.ALIGNED, Status.SCALE_READY}


@service
def change_section(
    *, by: Actor, initiative: Initiative, section: str, value: Any, expected_version: int | None
) -> SavedDossier:
    """Replace one section or field, named by its path (``outcome_chain``, ``initiative/scope``).

    When somebody else saved in between and left this place alone, both changes stand.
    """
    locked = held(initiative.key)
    if locked is None:
        raise NotFound(f"There is no initiative {initiative.key}.", code="initiative_not_found")
    require_on(by, Action.INITIATIVE_EDIT, locked)
    current = locked.versions.get(number=locked.version)
    pointer = f"/{section.strip('/')}"
    dossier = decode(current.document)
    if expected_version is not None and expected_version != current.number:
        require_untouched(locked, current, expected_version, pointer)
    return change_dossier(by=by, locked=locked, dossier=dossier, pointer=pointer, value=value)


def change_dossier(
    *,
    by: Actor,
    locked: Initiative,
    dossier: Dossier,
    pointer: str,
    value: Any,
    action: Action = Action.INITIATIVE_EDIT,
) -> SavedDossier:
    """Put a value into the current dossier of a locked initiative and save it."""
    try:
        changed = with_value(dossier, pointer, value)
    except LookupError as error:
        raise Invalid(f"A dossier has no part {pointer}.", pointer=pointer, code="unknown_section") from error
    if steps_of(pointer) == ("initiative", "key") or changed["initiative"].get("key") != locked.key:
        raise Invalid(
            "The key of an initiative never changes.", pointer="/initiative/key", code="key_is_fixed"
        )
    return replace_dossier(by=by, initiative=locked, dossier=parsed(changed), expected=None, action=action)


@service
def register_initiative(*, by: Actor, section: Mapping[str, Any]) -> SavedDossier:
    """Begin a dossier with its first answers; whoever registers it owns it unless they name another owner."""
    given = {"owner": by.email, **section, "key": section.get("key") or _free_key()}
    return save_dossier(by=by, document={"schema": SCHEMA, "initiative": given}, create=True)


def _free_key() -> str:
    key = next_reference("AI")
    while Initiative.objects.filter(key=key).exists():
        key = next_reference("AI")
    return key
