"""Writing about people: their accounts and their roles. Tokens are in tokens.py, signing in in sign_in.py."""

import zoneinfo
from collections.abc import Mapping

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import F

from alignment_portal import clock
from alignment_portal.accounts.actions import Actions
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.models import ApiToken, CalendarFeed, RoleGrant, Source, User
from alignment_portal.accounts.permissions import Action, require, require_proof
from alignment_portal.accounts.roles import Function, Role
from alignment_portal.accounts.sessions import end_every_session
from alignment_portal.accounts.signals import account_changed
from alignment_portal.actions import ActionWords
from alignment_portal.refusals import Conflict, Fault, Invalid, Stale
from alignment_portal.writing import service

CHANGEABLE = ("email", "name", "title", "function", "time_zone", "external_id")
LONGEST = {"email": 254, "name": 120, "title": 120, "external_id": 255}  # the width of the columns
THEMES = ("system", "light", "dark")
# Who runs the portal takes no decision in it, and who audits it changes nothing in it.
CONFLICTS: Mapping[str, frozenset[str]] = {
    Role.ADMINISTRATOR: frozenset({Role.EXECUTIVE, Role.ASSURER, Role.AUDITOR}),
    Role.AUDITOR: frozenset(set(Role.values) - {Role.AUDITOR}),
}


JUDGES = frozenset({Role.EXECUTIVE, Role.ASSURER})


def tell(
    *,
    by: Actor,
    action: ActionWords,
    person: User,
    before: object = None,
    after: object = None,
    **more: object,
) -> None:
    """Hand the change to the audit trail and the outbox, which stand above this storey."""
    account_changed.send(
        sender=User,
        by=by,
        action=action.value,
        subject=f"person:{person.pk}",
        email=person.email,
        before=before,
        after=after,
        **more,
    )


def _manage_people(by: Actor, under: Action = Action.PEOPLE_MANAGE) -> None:
    """`under` says which permission lets them: a directory that provisions accounts has a narrower one."""
    require(by, under)
    require_proof(by)


def locked(person: User) -> User:
    return User.objects.select_for_update().get(pk=person.pk)


def _lasting(person: User) -> User:
    """The row, locked, of somebody who was not erased: what was given up for good is not filled again."""
    person = locked(person)
    if person.erased_at is not None:
        raise Conflict("This person was erased: the account stays as it is, for good.", code="erased")
    return person


@service
def open_person(
    *,
    by: Actor,
    email: str,
    name: str,
    title: str = "",
    function: str = "",
    time_zone: str = "UTC",
    password: str | None = None,
    external_id: str = "",
    under: Action = Action.PEOPLE_MANAGE,
) -> User:
    """`external_id` is what a directory that provisions accounts calls the person."""
    _manage_people(by, under)
    person = User(
        email=email.strip().lower(),
        name=name.strip(),
        title=title.strip(),
        function=function,
        time_zone=time_zone,
        external_id=external_id,
        date_joined=clock.now(),
    )
    _check(person)
    _set_password(person, password)
    person.save(force_insert=True)
    tell(by=by, action=Actions.PERSON_OPENED, person=person, after={"function": function})
    return person


@service
def open_service_account(*, by: Actor, email: str, name: str) -> User:
    """An account for a program: it works by tokens, signs in nowhere and judges nothing."""
    _manage_people(by)
    account = User(
        email=email.strip().lower(),
        name=name.strip(),
        date_joined=clock.now(),
        time_zone="UTC",
        is_service=True,
    )
    _check(account)
    account.set_unusable_password()
    account.save(force_insert=True)
    tell(by=by, action=Actions.SERVICE_OPENED, person=account)
    return account


@service
def change_person(
    *,
    by: Actor,
    person: User,
    version: int | None = None,
    under: Action = Action.PEOPLE_MANAGE,
    **changes: str,
) -> User:
    """Change what is named in `changes`; with `version`, only when nobody else was faster."""
    _manage_people(by, under)
    person = _lasting(person)
    if version is not None and version != person.version:
        raise Stale(f"{person.name}’s account was changed meanwhile. Look at it again, then save.")
    unknown = sorted(set(changes) - set(CHANGEABLE))
    if unknown:
        faults = [Fault(f"/{field}", f"“{field}” cannot be changed here.", "unknown") for field in unknown]
        raise Invalid("Some of this cannot be changed.", faults=faults)
    changes = {field: value.strip() for field, value in changes.items()}
    if "email" in changes:
        changes["email"] = changes["email"].lower()
    changed = sorted(field for field, value in changes.items() if getattr(person, field) != value)
    if not changed:
        return person
    for field in changed:
        setattr(person, field, changes[field])
    _check(person)
    _save(person, *changed)
    tell(by=by, action=Actions.PERSON_CHANGED, person=person, fields=changed)
    return person


@service
def revise_person(
    *,
    by: Actor,
    person: User,
    version: int,
    changes: Mapping[str, str],
    active: bool | None,
    reason: str = "",
    under: Action = Action.PEOPLE_MANAGE,
) -> User:
    """Change fields and open or close the account, all of it or nothing."""
    person = change_person(by=by, person=person, version=version, under=under, **changes)
    if active is None:
        return person
    return (
        reactivate_person(by=by, person=person, under=under)
        if active
        else deactivate_person(by=by, person=person, reason=reason, under=under)
    )


@service
def change_profile(*, by: Actor, person: User, time_zone: str, theme: str) -> User:
    """What everybody may set for themselves; it says nothing about anybody, so it is not recorded."""
    if by.user_id != person.pk:
        _manage_people(by)
    person = locked(person)
    person.time_zone, person.theme = time_zone, theme
    _check(person)
    _save(person, "time_zone", "theme")
    return person


@service
def deactivate_person(*, by: Actor, person: User, reason: str, under: Action = Action.PEOPLE_MANAGE) -> User:
    """Close the account: no sign-in, no token. What the person did stays theirs."""
    _manage_people(by, under)
    person = locked(person)
    if not person.is_active:
        return person
    if not reason.strip():
        raise Invalid("Say why the account is deactivated.", pointer="/reason", code="required")
    _keep_an_administrator(person)
    person.is_active, person.deactivated_at = False, clock.now()
    _save(person, "is_active", "deactivated_at")
    ApiToken.objects.filter(user=person, revoked_at__isnull=True).update(revoked_at=clock.now())
    CalendarFeed.objects.filter(
        user=person
    ).delete()  # a key that was out there opens nothing when they are back
    end_every_session(person)
    tell(by=by, action=Actions.PERSON_DEACTIVATED, person=person, reason=reason.strip())
    return person


@service
def reactivate_person(*, by: Actor, person: User, under: Action = Action.PEOPLE_MANAGE) -> User:
    _manage_people(by, under)
    person = _lasting(person)
    if person.is_active:
        return person
    person.is_active, person.deactivated_at = True, None
    _save(person, "is_active", "deactivated_at")
    tell(by=by, action=Actions.PERSON_REACTIVATED, person=person)
    return person


@service
def set_password(*, by: Actor, person: User, password: str, keeping: int | None = None) -> User:
    """Every session ends with the old password, but the one in `keeping`."""
    if by.user_id != person.pk:
        _manage_people(by)
    person = _lasting(person)
    _set_password(person, password)
    _save(person, "password")
    end_every_session(person, keeping=keeping)
    tell(by=by, action=Actions.PASSWORD_SET, person=person)
    return person


@service
def grant_role(
    *,
    by: Actor,
    person: User,
    role: str,
    function: str = "",
    source: str = Source.HAND,
    under: Action = Action.PEOPLE_MANAGE,
) -> RoleGrant:
    """Give a role; one that is held already is a success that does nothing."""
    _manage_people(by, under)
    person = _lasting(person)
    _check_grant(person, role, function)
    active = RoleGrant.objects.filter(user=person, revoked_at__isnull=True)
    held = active.filter(role=role, function=function).first()
    if held is not None:
        return _kept_by_hand(held) if source == Source.HAND else held
    for other in active:
        if role in CONFLICTS.get(other.role, ()) or other.role in CONFLICTS.get(role, ()):
            raise Conflict(
                f"One person cannot be {_label(other.role)} and {_label(role)}. Take the one role away first.",
                code="roles_conflict",
                pointer="/role",
            )
    grant = RoleGrant.objects.create(
        user=person,
        role=role,
        function=function,
        source=source,
        granted_at=clock.now(),
        granted_by_id=by.user_id,
    )
    tell(by=by, action=Actions.ROLE_GRANTED, person=person, role=role, function=function)
    return grant


@service
def revoke_role(*, by: Actor, grant: RoleGrant, under: Action = Action.PEOPLE_MANAGE) -> RoleGrant:
    _manage_people(by, under)
    if grant.role == Role.ADMINISTRATOR:
        _hold_administrators()  # before the one row: whoever takes them in another order waits for somebody who waits
    grant = RoleGrant.objects.select_for_update(of=("self",)).select_related("user").get(pk=grant.pk)
    if grant.revoked_at is not None:
        return grant
    if grant.role == Role.ADMINISTRATOR:
        _keep_an_administrator(grant.user)
    # The clock may stand a little before the grant when history is loaded.
    grant.revoked_at = max(clock.now(), grant.granted_at)
    grant.save(update_fields=["revoked_at"])
    tell(by=by, action=Actions.ROLE_REVOKED, person=grant.user, role=grant.role, function=grant.function)
    return grant


def _kept_by_hand(grant: RoleGrant) -> RoleGrant:
    """What an administrator gives stays, also when the group that gave it before is gone."""
    if grant.source != Source.HAND:
        grant.source = Source.HAND
        grant.save(update_fields=["source"])
    return grant


def _label(role: str) -> str:
    return str(Role(role).label)


def _hold_administrators() -> None:
    """INVARIANT: who takes an administrator away holds these rows, so that two who take each other away do it in turn."""
    held = RoleGrant.objects.filter(role=Role.ADMINISTRATOR, revoked_at__isnull=True)
    list(held.select_for_update().order_by("pk").values_list("pk", flat=True))


def _keep_an_administrator(person: User) -> None:
    """A program that administers does not count: it cannot sign in when something is wrong."""
    _hold_administrators()
    administrators = RoleGrant.objects.filter(
        role=Role.ADMINISTRATOR, revoked_at__isnull=True, user__is_active=True, user__is_service=False
    )
    others = administrators.exclude(user=person)
    if administrators.filter(user=person).exists() and not others.exists():
        raise Conflict(
            "This is the last administrator. Make somebody else one first.", code="last_administrator"
        )


def _check_grant(person: User, role: str, function: str) -> None:
    faults = []
    if role not in Role.values:
        faults.append(Fault("/role", f"There is no role “{role}”. Choose one of: {', '.join(Role.values)}."))
    if function and function not in Function.values:
        faults.append(_unknown_function(function))
    if person.is_service and role in JUDGES:
        sentence = f"A judgement needs a person: a service account cannot be {_label(role)}."
        faults.append(Fault("/role", sentence, "people_only"))
    if role == Role.ASSURER and not (function or person.function):
        faults.append(Fault("/function", "An assurer assures for a function. Say which.", "required"))
    if faults:
        raise Invalid("This role cannot be given as asked.", faults=faults)


def _unknown_function(function: str) -> Fault:
    return Fault(
        "/function", f"There is no function “{function}”. Choose one of: {', '.join(Function.values)}."
    )


def _check(person: User) -> None:
    """Everything wrong with the account, at once."""
    faults = []
    if not person.name:
        faults.append(Fault("/name", "Write the person’s name.", "required"))
    if not _is_email(person.email):
        faults.append(Fault("/email", "Write an e-mail address, such as ann@example.org."))
    elif User.objects.filter(email=person.email).exclude(pk=person.pk).exists():
        faults.append(Fault("/email", f"There is already an account for {person.email}.", "taken"))
    if person.function and person.function not in Function.values:
        faults.append(_unknown_function(person.function))
    if person.time_zone not in zoneinfo.available_timezones():
        faults.append(Fault("/time_zone", "Choose a time zone such as Europe/London."))
    if person.theme not in THEMES:
        faults.append(Fault("/theme", f"Choose one of: {', '.join(THEMES)}."))
    faults += [
        Fault(f"/{field}", f"This is too long: {length} characters are kept.", "too_long")
        for field, length in LONGEST.items()
        if len(getattr(person, field)) > length
    ]
    if faults:
        raise Invalid("The account cannot be saved as it is.", faults=faults)


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _set_password(person: User, password: str | None) -> None:
    if password is None:
        person.set_unusable_password()
        return
    try:
        validate_password(password, user=person)
    except ValidationError as error:
        faults = [Fault("/password", sentence, "weak") for sentence in error.messages]
        raise Invalid("Choose a stronger password.", faults=faults) from error
    person.set_password(password)


def _save(person: User, *fields: str) -> None:
    person.version += 1
    person.save(update_fields=[*fields, "version"])


@service
def note_visit(*, person: User) -> None:
    """Remember when the person came, and when they had come before."""
    User.objects.filter(pk=person.pk).update(visited_before_at=F("visited_at"), visited_at=clock.now())
