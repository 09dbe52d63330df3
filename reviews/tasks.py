"""Reactions: each takes ids, calls one service, and may run twice."""

from celery import shared_task

from reviews.models import Review
from reviews.services.invitations import mail_invitations as mail


@shared_task
def mail_invitations(review: str, **_: object) -> int:
    """Bring the calendars of those who take part up to date; answer how many letters went out."""
    found = Review.objects.filter(ref=review).select_related("opened_by").first()
    return 0 if found is None else mail(found)


@shared_task
def follow_person(email: str, **_: object) -> int:
    """Take what is still going on out of the calendar of somebody whose account closed, and put it back when it opens."""
    going = Review.objects.filter(
        participants__user__email=email,
        participants__left_at__isnull=True,
        concluded_at__isnull=True,
        lapsed_at__isnull=True,
    )
    return sum(mail(review) for review in going.select_related("opened_by").distinct())
