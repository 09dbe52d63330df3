"""API tokens: issuing, revoking and recognising them. The secret is shown once and kept only as a digest."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DEFAULT_DB_ALIAS
from django.db.models import FilteredRelation, Q

from alignment_portal import clock
from alignment_portal.accounts.actions import Actions
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.models import ApiToken, RoleGrant, User
from alignment_portal.accounts.permissions import JUDGING, Action, held, require, require_proof
from alignment_portal.accounts.roles import Scope
from alignment_portal.accounts.services import tell
from alignment_portal.prepared import Prepared, Rows
from alignment_portal.refusals import Conflict, Fault, Invalid
from alignment_portal.writing import by_the_way, service

NAME_LENGTH = 80
USE_NOTED_EVERY = timedelta(minutes=1)
# How long a replaced token still works, so that the program using it can change over without a gap.
OVERLAP = timedelta(hours=24)


@dataclass(frozen=True)
class IssuedToken:
    token: ApiToken
    plain: str  # shown once; nobody can look it up again


def digest_of(plain: str) -> str:
    # The secret has 256 random bits, so a plain digest cannot be guessed back.
    return hashlib.sha256(plain.encode()).hexdigest()


@service
def issue_token(
    *,
    by: Actor,
    user: User,
    name: str,
    scopes: Sequence[str],
    expires_at: datetime | None = None,
    rate: int | None = None,
) -> IssuedToken:
    """`rate` is how many requests a minute it may make; the usual number when left out."""
    require(by, Action.TOKEN_MANAGE_OWN if by.user_id == user.pk else Action.TOKEN_MANAGE)
    # A token with the scope `endorse` decides without asking again: it must not be had from an open screen.
    require_proof(by)
    _check(by, user, name.strip(), scopes, expires_at)
    if user.is_service and expires_at is None:
        raise Invalid("The token of a service account has an end.", pointer="/expires_at", code="required")
    issued = _make(user, name.strip(), scopes, expires_at, rate)
    token = issued.token
    tell(by=by, action=Actions.TOKEN_ISSUED, person=user, token=token.prefix, after={"scopes": token.scopes})
    return issued


def _make(
    user: User, name: str, scopes: Sequence[str], expires_at: datetime | None, rate: int | None
) -> IssuedToken:
    prefix = secrets.token_hex(4)
    plain = f"ap_{prefix}_{secrets.token_urlsafe(32)}"
    token = ApiToken.objects.create(
        user=user,
        name=name,
        prefix=prefix,
        digest=digest_of(plain),
        scopes=sorted(set(scopes)),
        created_at=clock.now(),
        expires_at=expires_at,
        rate=rate,
    )
    return IssuedToken(token, plain)


@service
def rotate_token(*, by: Actor, token: ApiToken) -> IssuedToken:
    """A successor that may do the same for as long again; the former one ends in a day.

    Whoever lost the successor before they could keep it replaces the same token once more.
    """
    require(by, Action.TOKEN_MANAGE_OWN if by.user_id == token.user_id else Action.TOKEN_MANAGE)
    require_proof(by)
    token = ApiToken.objects.select_for_update(of=("self",)).select_related("user").get(pk=token.pk)
    now = clock.now()
    if not token.is_live():
        raise Conflict("This token has ended. Issue a new one.", code="token_ended")
    if token.replaced_at is None:  # else its end says nothing of how long it was meant to last
        token.lasts = None if token.expires_at is None else token.expires_at - token.created_at
        token.replaced_at = now
    expires_at = None if token.lasts is None else _after(now, token.lasts)
    _check(by, token.user, token.name, token.scopes, expires_at)
    issued = _make(token.user, token.name, token.scopes, expires_at, token.rate)
    token.expires_at = min(token.expires_at or now + OVERLAP, now + OVERLAP)
    token.save(update_fields=["expires_at", "replaced_at", "lasts"])
    tell(
        by=by,
        action=Actions.TOKEN_ROTATED,
        person=token.user,
        token=token.prefix,
        successor=issued.token.prefix,
    )
    return issued


def _after(now: datetime, lasts: timedelta) -> datetime:
    """So long from now, as far as there are years."""
    return now + min(lasts, datetime.max.replace(tzinfo=now.tzinfo) - now)


def _check(by: Actor, user: User, name: str, scopes: Sequence[str], expires_at: datetime | None) -> None:
    faults = []
    if not name or len(name) > NAME_LENGTH:
        faults.append(Fault("/name", "Say what the token is for, in at most 80 characters.", "required"))
    if not scopes:
        faults.append(Fault("/scopes", "Choose at least one scope.", "required"))
    unknown = sorted(set(scopes) - set(Scope.values))
    if unknown:
        sentence = f"There is no scope “{unknown[0]}”. Choose from: {', '.join(Scope.values)}."
        faults.append(Fault("/scopes", sentence))
    elif by.scopes is not None and not set(scopes) <= held(by.scopes):
        faults.append(Fault("/scopes", "A token cannot give more than it has itself.", "scope_missing"))
    elif (judging := sorted(JUDGING & set(scopes))) and not _is_theirs_to_give(by, user):
        sentence = f"With “{judging[0]}” a token judges in {user.name}’s name, so nobody else issues it: they do, under Settings, Tokens."
        faults.append(Fault("/scopes", sentence, "own_only"))
    if expires_at is not None and expires_at <= clock.now():
        faults.append(Fault("/expires_at", "The end of a token lies in the future."))
    if not user.is_active:
        faults.append(Fault("/user", "This account is deactivated.", "inactive"))
    if faults:
        raise Invalid("The token cannot be issued as asked.", faults=faults)


def _is_theirs_to_give(by: Actor, user: User) -> bool:
    """INVARIANT: who runs the portal decides nothing in it, also not by a token of somebody who does. A program judges nothing."""
    return by.is_system or user.is_service or by.user_id == user.pk


@service
def revoke_token(*, by: Actor, token: ApiToken) -> ApiToken:
    require(by, Action.TOKEN_MANAGE_OWN if by.user_id == token.user_id else Action.TOKEN_MANAGE)
    token = ApiToken.objects.select_for_update().select_related("user").get(pk=token.pk)
    if token.revoked_at is None:
        token.revoked_at = clock.now()
        token.save(update_fields=["revoked_at"])
        tell(by=by, action=Actions.TOKEN_REVOKED, person=token.user, token=token.prefix)
    return token


TOKEN_COLUMNS = (
    "id", "user_id", "name", "prefix", "digest", "scopes", "created_at", "expires_at", "rate", "last_used_at",
    "revoked_at",
)  # fmt: skip
# All but the hash of the password, which nobody needs who has a token.
USER_COLUMNS = tuple(field.attname for field in User._meta.concrete_fields if field.attname != "password")
_known = Prepared(
    lambda prefix: (
        ApiToken.objects.filter(prefix=prefix)
        # A new one each time: the query writes into it.
        .annotate(held=FilteredRelation("user__grants", condition=Q(user__grants__revoked_at__isnull=True)))
        .order_by()
        .values_list(
            *TOKEN_COLUMNS, *(f"user__{name}" for name in USER_COLUMNS), "held__role", "held__function"
        )
    )
)


def token_of(plain: str) -> ApiToken | None:
    """The live token of an active person behind what a caller sent, with the roles they hold, else None."""
    kind, _, rest = plain.partition("_")
    prefix = rest.partition("_")[0]
    if kind != "ap" or not prefix or "\x00" in prefix:
        return None
    rows = _known.rows(prefix)  # one for each role
    token = _token_from(rows) if rows else None
    if token is None or not hmac.compare_digest(token.digest, digest_of(plain)):
        return None
    return token if token.is_live() and token.user.is_active else None


def _token_from(rows: Rows) -> ApiToken:
    ours, theirs = len(TOKEN_COLUMNS), len(TOKEN_COLUMNS) + len(USER_COLUMNS)
    token = ApiToken.from_db(DEFAULT_DB_ALIAS, TOKEN_COLUMNS, rows[0][:ours])
    user = User.from_db(DEFAULT_DB_ALIAS, USER_COLUMNS, rows[0][ours:theirs])
    vars(user)["active_grants"] = [  # where current_grants() looks first
        RoleGrant(user=user, role=row[theirs], function=row[theirs + 1]) for row in rows if row[theirs]
    ]
    token.user = user
    return token


@service
def _note_use(token: ApiToken, at: datetime) -> None:
    ApiToken.objects.filter(pk=token.pk).update(last_used_at=at)


def note_use(token: ApiToken) -> None:
    """Remember the use, at most once a minute, so that reading does not turn into writing."""
    at = clock.wall()
    if token.last_used_at is None or at - token.last_used_at >= USE_NOTED_EVERY:
        with by_the_way():
            _note_use(token, at)
