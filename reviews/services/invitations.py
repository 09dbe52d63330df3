"""Putting the dates of a review into people's calendars, by e-mail."""

import hashlib

from django.conf import settings
from django.core.mail import EmailMessage

from alignment_portal import clock
from alignment_portal.accounts.models import User
from alignment_portal.audit.guard import service
from reviews.models import MailedInvitation, Review
from reviews.selectors.invitation import has_dates, invitation_to


def mail_invitations(review: Review) -> int:
    """Write to everybody whose calendar does not say what the review says now; answer how many were written to.

    Nobody is written to before the review is sent. A row is kept before its letter goes out, and put back when the
    letter cannot be handed over: a letter lost with the server is better than one sent twice.
    """
    if review.sent_at is None:
        return 0
    seats = review.participants.filter(left_at__isnull=True, user__is_active=True).select_related("user")
    invited = {seat.user_id: seat.user for seat in seats}
    mailed = MailedInvitation.objects.filter(review=review).select_related("person")
    known = {row.person_id: row for row in mailed}
    dates = _digest(review) if has_dates(review) and review.lapsed_at is None else ""
    sent = 0
    for person_id in sorted(invited.keys() | known.keys(), key=str):
        person = invited.get(person_id)
        wanted = dates if person is not None else ""
        before = known[person_id].dates if person_id in known else ""
        if wanted != before:
            sent += _mail(review, person or known[person_id].person, wanted, before)
    return sent


def _digest(review: Review) -> str:
    said = (review.pre_read_at, review.meeting_at, review.purpose, review.decision_sought)
    return hashlib.sha256(repr(said).encode()).hexdigest()


def _mail(review: Review, person: User, wanted: str, before: str) -> int:
    if not _keep(review=review, person=person, dates=wanted, before=before):
        return 0
    try:
        return _letter(review, person, taken_back=not wanted, is_new=not before).send()
    except OSError:
        _keep(review=review, person=person, dates=before, before=wanted)
        raise


@service
def _keep(*, review: Review, person: User, dates: str, before: str) -> bool:
    """Whether this process is the one that moves the row on from what it was."""
    row, is_new = MailedInvitation.objects.get_or_create(
        review=review, person=person, defaults={"dates": dates, "mailed_at": clock.now()}
    )
    if is_new:
        return True
    moved = MailedInvitation.objects.filter(pk=row.pk, dates=before)
    return bool(moved.update(dates=dates, mailed_at=clock.now()))


def _letter(review: Review, person: User, *, taken_back: bool, is_new: bool) -> EmailMessage:
    """The calendar file is attached, and says the same as the download on the page of the review."""
    if taken_back:
        subject, opening = "Taken out of your calendar", "does not need you any more"
    elif is_new:
        subject, opening = "Alignment review", "asks for your stances"
    else:
        subject, opening = "Changed", "has other dates or another purpose than before"
    lines = [f"{review.ref} {opening}.", "", review.purpose]
    if not taken_back:
        for what, moment in (("Pre-read until", review.pre_read_at), ("Meeting", review.meeting_at)):
            if moment is not None:
                lines.append(f"{what}: {moment:%-d %B %Y, %H:%M} UTC")
        lines += ["", f"{settings.PORTAL_URL}/reviews/{review.ref}/"]
    letter = EmailMessage(
        " ".join(f"{subject}: {review.purpose}".split())[:150], "\n".join(lines), to=[person.email]
    )
    method = "CANCEL" if taken_back else "REQUEST"
    letter.attach(
        f"{review.ref}.ics",
        invitation_to(review, taken_back=taken_back).decode(),
        f"text/calendar; method={method}",
    )
    return letter
