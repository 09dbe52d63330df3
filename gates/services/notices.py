"""Telling people: a row each for their next moves, once a deed, and one e-mail for what is new to them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import Q

from alignment_portal import clock
from alignment_portal.accounts.models import User
from alignment_portal.audit.guard import service
from gates.engine import NextMove, Policy
from gates.models import Notice, StatusMove
from initiatives.models import Initiative, Membership

QUIET = ("draft", "retired")  # a draft's author needs no letter about what is not written yet


@service
def tell_next_moves(*, initiative: Initiative, policy: Policy, moves: Sequence[NextMove]) -> None:
    """Open a notice for every deed that can be done now, and settle those nobody needs to do any more."""
    wanted = {} if initiative.status == "retired" else _deeds(initiative, moves)
    opened = Notice.objects.filter(initiative=initiative, kind=Notice.Kind.NEXT_MOVE, settled_at__isnull=True)
    known = {(notice.recipient_id, notice.key): notice.pk for notice in opened}
    done = [pk for deed, pk in known.items() if deed not in wanted]
    Notice.objects.filter(pk__in=done).update(settled_at=clock.now())
    _open(initiative, Notice.Kind.NEXT_MOVE, {deed: wanted[deed] for deed in wanted.keys() - known.keys()})


def _deeds(initiative: Initiative, moves: Sequence[NextMove]) -> dict[tuple[UUID, str], tuple[str, str]]:
    """(person, key of the deed): sentence and link, of deeds that wait for nothing else."""
    ready = [move for move in moves if not move.after and move.person and move.kind != "wait"]
    people = dict(
        User.objects.filter(email__in={move.person for move in ready}, is_active=True).values_list(
            "email", "pk"
        )
    )
    return {
        (people[move.person], move.key[:200]): (f"{initiative.key}: {move.deed}", move.place[:300])
        for move in ready
        if move.person in people
    }


def _open(initiative: Initiative, kind: str, deeds: "dict[tuple[UUID, str], tuple[str, str]]") -> None:
    Notice.objects.bulk_create(
        [
            Notice(
                recipient_id=person,
                kind=kind,
                key=key,
                initiative=initiative,
                sentence=sentence,
                link=link,
                at=clock.now(),
                mailed_at=clock.now()
                if initiative.status in QUIET and kind == Notice.Kind.NEXT_MOVE
                else None,
            )
            for (person, key), (sentence, link) in sorted(deeds.items(), key=lambda deed: deed[0][1])
        ]
    )


@service
def tell_of_move(*, move: StatusMove) -> None:
    """Those the initiative belongs to hear of every move that they did not make themselves."""
    initiative = move.initiative
    people = Membership.objects.filter(
        initiative=initiative, kind__in=["owner", "sponsor", "team"], user__is_active=True
    )
    ends = [
        str(StatusMove(to_status=status).get_to_status_display())
        for status in (move.from_status, move.to_status)
    ]
    sentence = f"{initiative.key} moved from {ends[0]} to {ends[1]}: {move.reason}"
    key = f"move:{move.number}"
    deeds = {
        (person, key): (sentence, f"/initiatives/{initiative.key}/")
        for person in people.values_list("user_id", flat=True)
        if person != move.by_id
    }
    _open(initiative, Notice.Kind.STATUS, deeds)


@service
def tell_of_expiry(
    *, initiative: Initiative, key: str, sentence: str, link: str, people: Iterable[str]
) -> int:
    """Tell these people once; answer how many had not been told."""
    ids = User.objects.filter(email__in=set(people), is_active=True).values_list("pk", flat=True)
    told = set(
        Notice.objects.filter(initiative=initiative, kind=Notice.Kind.EXPIRY, key=key).values_list(
            "recipient_id", flat=True
        )
    )
    new = {(person, key): (sentence, link) for person in ids if person not in told}
    _open(initiative, Notice.Kind.EXPIRY, new)
    return len(new)


@service
def settle_expiries(*, initiative: Initiative, keys: Sequence[str]) -> None:
    """What is no longer about to expire needs no notice."""
    standing = Notice.objects.filter(initiative=initiative, kind=Notice.Kind.EXPIRY, settled_at__isnull=True)
    standing.exclude(key__in=keys).update(settled_at=clock.now())


@service
def mark_read(*, user_id: UUID, notices: Sequence[int] | None = None) -> int:
    """One's own notices only; all of them when none is named."""
    mine = Notice.objects.filter(recipient=user_id, read_at__isnull=True)
    if notices is not None:
        mine = mine.filter(pk__in=notices)
    # A status notice has been heard once it was read; a deed stays open until it is done.
    mine.filter(kind=Notice.Kind.STATUS).update(settled_at=clock.now())
    return (
        Notice.objects.filter(recipient=user_id, read_at__isnull=True)
        .filter(Q() if notices is None else Q(pk__in=notices))
        .update(read_at=clock.now())
    )


def mail_due(*, limit: int = 500) -> int:
    """Send one e-mail to each person with everything they were not yet written about; answer how many were sent.

    A row is marked before its letter goes out: a letter lost with the server is better than one sent twice.
    """
    due = Notice.objects.filter(mailed_at__isnull=True, settled_at__isnull=True, recipient__is_active=True)
    by_person: defaultdict[str, list[Notice]] = defaultdict(list)
    for notice in due.select_related("recipient").order_by("id")[:limit]:
        by_person[notice.recipient.email].append(notice)
    sent = 0
    for email, notices in sorted(by_person.items()):
        if not _claim([notice.pk for notice in notices], at=clock.now()):
            continue
        try:
            sent += _letter(email, notices).send()
        except OSError:
            _release([notice.pk for notice in notices])
    return sent


@service
def _claim(ids: Sequence[int], *, at: datetime) -> int:
    return Notice.objects.filter(pk__in=ids, mailed_at__isnull=True).update(mailed_at=at)


@service
def _release(ids: Sequence[int]) -> int:
    return Notice.objects.filter(pk__in=ids).update(mailed_at=None)


def _letter(email: str, notices: Sequence[Notice]) -> EmailMessage:
    lines = [f"- {notice.sentence}\n  {settings.PORTAL_URL}{notice.link}" for notice in notices]
    first = notices[0].sentence
    subject = first if len(notices) == 1 else f"{len(notices)} things on the alignment portal wait for you"
    body = "\n".join(
        [
            "This is waiting for you on the alignment portal:",
            "",
            *lines,
            "",
            f"All of it: {settings.PORTAL_URL}/",
        ]
    )
    return EmailMessage(" ".join(subject.split())[:150], body, to=[email], connection=get_connection())
